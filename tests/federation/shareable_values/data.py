"""Billing and freight both speak of money and of periods, each of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data


def _shown(money: Mapping[str, Any], locale: str | None = None, rounded: bool | None = None) -> str:
    return f"{money['cents']} {money['currency']} {locale} {rounded}"


_EUR, _PEN = {"cents": 500, "currency": "EUR"}, {"cents": 9, "currency": "PEN"}
_INVOICE = {
    "number": 1,
    "total": _EUR,
    "due": {"from": "May", "to": None},
    "notes": [{"__typename": "Plain", "text": "paid"}],
}

SUBGRAPHS = {
    "billing": Data(
        {"Invoice": (_INVOICE,)},
        {"Query.invoice": lambda number: _INVOICE if number == 1 else None, "Money.shown": _shown},
    ),
    "freight": Data(
        {"Invoice": ({"number": 1, "carriage": {"cents": None, "currency": "PEN"}},)},
        {
            "Query.shipment": {
                "fee": _PEN,
                "fees": [_PEN, None, {"cents": None, "currency": "USD"}],
                "window": {"from": "June", "to": "July"},
                "invoice": {"number": 1},
                "note": {"text": "fragile"},
            },
            "Money.shown": _shown,
        },
    ),
}
