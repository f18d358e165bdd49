"""A shop whose goods can be rented and repaired, of which it knows nothing itself."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_CHAIR = {"__typename": "Chair", "sku": "c", "legs": 4}
_LAMP = {"__typename": "Lamp", "sku": "l", "watts": 9}
_NAIL = {"__typename": "Nail", "sku": "n", "length": 3}
_RENTED: dict[str, Any] = {
    "__typename": "Chair",
    "sku": "c",
    "daily": 2,
    "terms": {"__typename": "Long", "months": 3},
}
_TENT = {"__typename": "Tent", "sku": "t", "daily": 8, "persons": 2}

SUBGRAPHS = {
    "shop": Data(
        {"Chair": (_CHAIR,), "Lamp": (_LAMP,)},
        {"Query.goods": [_CHAIR, _LAMP, _NAIL], "Query.chair": _CHAIR},
    ),
    "rental": Data({"Chair": (_RENTED,), "Tent": (_TENT,)}, {"Query.rentals": [_RENTED, _TENT]}),
    "repair": Data({"Lamp": ({"sku": "l", "broken": True},), "Tent": ({"sku": "t", "broken": None},)}),
}
