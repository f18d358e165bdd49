"""A bakery, whose orders only name what they order, and whose press writes of titles."""

from __future__ import annotations

from tests.federation.subgraph import Data

_RYE = {"sku": "l1", "title": "Dark rye", "crust": "thick"}
_PITA = {"sku": "l2", "title": "Pita", "crust": "none"}
_STARS = ({"title": "Dark rye", "stars": 5}, {"title": "Pita", "stars": None})

SUBGRAPHS = {
    "orders": Data(
        fields={
            "Query.orders": [
                {"number": 1, "loaf": {"sku": "l1"}, "also": [{"sku": "l2"}, None]},
                {"number": 2, "loaf": {"sku": "l2"}, "also": None},
            ]
        }
    ),
    "bakery": Data(
        {"Loaf": (_RYE, _PITA)},
        {"Query.loaf": lambda sku: {"l1": _RYE, "l2": _PITA}.get(sku)},
    ),
    "press": Data({"Loaf": _STARS}, {"Query.praised": _STARS}),
    "labels": Data({"Loaf": ({"title": "Dark rye", "sku": "l1"}, {"title": "Pita", "sku": "l2"})}),
}
