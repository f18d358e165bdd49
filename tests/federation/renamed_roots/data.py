"""A shop and its store, each of which calls its roots as it likes."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_ITEMS = ({"id": "1", "price": 10}, {"id": "2", "price": 20})
_SOLD: list[str] = []


def _sell(id: str) -> dict[str, Any]:  # noqa: A002
    _SOLD.append(id)
    return {"item": {"id": id}, "after": {}}


SUBGRAPHS = {
    "shop": Data(
        {"Item": _ITEMS},
        {"Shop.items": _ITEMS, "Shop.shared": "same", "ShopChanges.sell": _sell},
    ),
    "store": Data(
        {"Item": ({"id": "1", "stock": 3}, {"id": "2", "stock": None})},
        {"Store.shelves": [{"items": [{"id": "2"}, None]}], "Store.shared": "same"},
    ),
}
