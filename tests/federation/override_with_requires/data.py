"""Spare parts: prices took over from the stock, whose old values are negative."""

from __future__ import annotations

from tests.federation.subgraph import Data

_STOCK = (
    {"id": "nut", "cost": 4, "weight": -1, "margin": -1, "code": "old-nut"},
    {"id": "cog", "cost": 40, "weight": -1, "margin": -1, "code": "old-cog"},
)

SUBGRAPHS = {
    "stock": Data({"Part": _STOCK}, {"Query.parts": _STOCK}),
    "prices": Data(
        {"Part": ({"id": "nut", "weight": 5}, {"id": "cog", "weight": 50})},
        {"Part.margin": lambda part: part["cost"] * 2},
    ),
    "labels": Data(
        {"Part": ({"id": "nut", "code": "n"}, {"id": "cog", "code": "c"})},
        {"Part.label": lambda part: f"{part['margin']} for {part['weight']} g"},
    ),
    "orders": Data(
        {"Part": ({"code": "n", "ordered": 3}, {"code": "c", "ordered": 0})},
        {"Query.order": {"number": 1, "part": {"code": "c"}}},
    ),
}
