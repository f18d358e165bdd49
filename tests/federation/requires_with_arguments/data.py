"""A shop, whose prices depend on what one asks in, and whose carrier asks in two currencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.federation.subgraph import Data

_RATES = {"EUR": 1, "PEN": 4, "USD": 2}
_ITEMS = ({"id": "cup", "euros": 10}, {"id": "pot", "euros": 25})


def _price(item: Mapping[str, Any], currency: str | None = None, net: bool | None = None) -> int:
    return int(item["euros"]) * _RATES[currency or "EUR"] - (1 if net else 0)


def _stock(
    item: Mapping[str, Any], places: Sequence[str] | None = None, near: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    assert near in (None, {"x": 1.5, "y": None}, {"x": 2.0})
    return [{"place": place, "whole": len(place) + item["euros"]} for place in places or ["Quito"]]


def _count(stock: Mapping[str, Any], reserved: bool) -> int:
    return 0 if reserved else int(stock["whole"])


def _days(item: Mapping[str, Any], express: bool | None = None) -> int:
    return sum(stock["count"] for stock in item["stock"]) * (1 if express else 10)


SUBGRAPHS = {
    "shop": Data(
        {"Item": _ITEMS},
        {
            "Query.items": _ITEMS,
            "Query.item": lambda id: next((i for i in _ITEMS if i["id"] == id), None),  # noqa: A006
            "Item.price": _price,
            "Item.stock": _stock,
            "Stock.count": _count,
            "Item.goesWith": lambda item: _ITEMS[1] | {"__typename": "Item"} if item["id"] == "cup" else None,
            "Item.text": lambda item, style=None: f"{item['id']} in {style}",
        },
    ),
    "delivery": Data(
        {"Item": ({"id": "cup"}, {"id": "pot"})},
        {
            "Item.tollInSoles": lambda item: item["price"],
            "Item.tollInDollars": lambda item: item["price"],
            "Item.tollAgain": lambda item: item["price"],
            "Item.toll": lambda item: item["price"],
            "Item.days": _days,
            "Item.tollTogetherInSoles": lambda item: item["goesWith"] and item["goesWith"]["price"],
            "Item.tollTogether": lambda item: item["goesWith"] and item["goesWith"]["price"],
            "Item.motto": lambda item: item["text"],
        },
    ),
}
