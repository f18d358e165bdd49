"""A town, whose root fields several offices answer."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data


def _parks(name: str) -> dict[str, Any]:
    return {"name": name, "parks": [f"{name} green"]}


def _streets(name: str) -> dict[str, Any]:
    return {"name": name, "lanes": len(name)}


_WOOD = ({"plaque": "p1", "wood": "oak"}, {"plaque": "p2", "wood": "pine"}, {"plaque": "p3", "wood": "elm"})
_STREET = (
    {"plaque": "p3", "street": "Hill"},
    {"plaque": "p1", "street": "Mill"},
    {"plaque": "p2", "street": "Till"},
)

SUBGRAPHS = {
    "parks": Data(
        {"Person": ({"badge": "m", "walks": 3},), "Bench": _WOOD},
        {
            "Query.town": _parks,
            "Query.mayor": {"badge": "m", "walks": 3},
            "Query.benches": _WOOD,
            "Query.trees": 77,
            "Query.motto": "green",
        },
    ),
    "streets": Data(
        {"Person": ({"badge": "m", "drives": True},), "Bench": _STREET},
        {
            "Query.town": _streets,
            "Query.mayor": {"badge": "m", "drives": True},
            "Query.benches": _STREET,
            "Query.lamps": 12,
            "Query.motto": "green",
        },
    ),
    "archive": Data(fields={"Query.motto": "green", "Query.founded": 1807}),
}
