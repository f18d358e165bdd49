"""Houses: what the roofers and the notary only borrow from those who know the houses."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_OWNER = {"id": "o1", "name": "Noor"}
_HOUSES: tuple[dict[str, Any], ...] = (
    {
        "plot": "h1",
        "storeys": 2,
        "owner": _OWNER,
        "roof": {"kind": "slate", "area": 80},
        "rooms": [{"name": "hall", "area": 9}],
    },
    {"plot": "h2", "storeys": 1, "owner": _OWNER, "roof": {"kind": "straw", "area": 30}, "rooms": []},
)
_DEEDS = (
    {"plot": "h1", "owner": {"id": "o1"}, "signed": "1999"},
    {"plot": "h2", "owner": {"id": "o1"}, "signed": "2004"},
)

SUBGRAPHS = {
    "houses": Data({"House": _HOUSES, "Owner": (_OWNER,)}, {"Query.houses": _HOUSES}),
    "solar": Data(
        {"House": ({"plot": "h1"}, {"plot": "h2"})},
        {
            "Query.sunniest": {"plot": "h1"},
            "Query.surveyed": [{"plot": "h1", "storeys": 2, "roof": {"area": 80}}],
            "House.panels": lambda house: house["roof"]["area"] // 2,
            "House.height": lambda house: house["storeys"] * 3,
        },
    ),
    "deeds": Data({"House": _DEEDS}, {"Query.deed": _DEEDS[0]}),
}
