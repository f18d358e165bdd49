"""A museum: no two of its subgraphs at the ends of the chain know a common key."""

from __future__ import annotations

from tests.federation.subgraph import Data

_MUSEUM = (
    {"label": "vase", "room": "east"},
    {"label": "mask", "room": "west"},
    {"label": "coin", "room": "west"},
)
#: The coin has no inventory number, and the registry has never heard of the mask.
_REGISTRY = ({"label": "vase", "inventoryNumber": 10}, {"label": "coin", "inventoryNumber": None})
_DEPOT = ({"inventoryNumber": 10, "crate": {"code": "c", "shelf": 4}},)
_CLIMATE = ({"crate": {"code": "c", "shelf": 4}, "humidity": 0.61},)

SUBGRAPHS = {
    "museum": Data({"Exhibit": _MUSEUM}, {"Query.exhibits": _MUSEUM}),
    "registry": Data({"Exhibit": _REGISTRY}),
    "depot": Data({"Exhibit": _DEPOT}),
    "climate": Data({"Exhibit": _CLIMATE}, {"Query.dampest": _CLIMATE[0]}),
    "insurance": Data(
        {
            "Exhibit": (
                {"label": "vase", "inventoryNumber": 10, "value": 900},
                {"label": "mask", "inventoryNumber": 20, "value": 50},
                {"label": "coin", "inventoryNumber": None, "value": 7},
            )
        }
    ),
}
