"""A parcel service, whose tariff looks at what is inside, and at who sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_FOOD = {"__typename": "Food", "grams": 700, "keeps": 3}
_GLASS = {"__typename": "Glass", "grams": 250.5, "value": {"cents": 900}}
_CHEAP: dict[str, Any] = {"__typename": "Glass", "grams": None, "value": None}
_LETTER = {"__typename": "Letter", "pages": 2}
_ANN = {"__typename": "Person", "ssn": "1", "name": "Ann"}
_ACME = {"__typename": "Company", "vat": "C9", "name": "Ayllu"}
_PARCELS: tuple[dict[str, Any], ...] = (
    {"id": "p1", "contents": _FOOD, "layers": [_GLASS, _LETTER, _FOOD], "sender": _ANN},
    {"id": "p2", "contents": _GLASS, "layers": [], "sender": _ACME},
    {"id": "p3", "contents": _CHEAP, "layers": [_CHEAP], "sender": _ANN},
    {"id": "p4", "contents": _LETTER, "layers": [_LETTER, _LETTER], "sender": _ACME},
    {"id": "p5", "contents": None, "layers": [_FOOD], "sender": _ANN},
)


def _fee(parcel: Mapping[str, Any]) -> float:
    inside = parcel["contents"]
    if inside is None or inside["__typename"] == "Letter":
        return 1.0
    worth = inside.get("value")
    return (inside["grams"] or 0) / 100 + (worth["cents"] if worth else 0)


def _wrapping(parcel: Mapping[str, Any]) -> str:
    found = []
    for layer in parcel["layers"]:
        if layer["__typename"] == "Glass":
            found.append(f"glass of {layer['value'] and layer['value']['cents']}")
        elif layer["__typename"] == "Letter":
            found.append(f"{layer['pages']} pages")
        else:
            found.append("food")
    return ", ".join(found)


def _stamp(parcel: Mapping[str, Any]) -> str:
    sender = parcel["sender"]
    return f"{sender['name']} {sender['vat'] if sender['__typename'] == 'Company' else sender['ssn']}"


def _deposit(parcel: Mapping[str, Any]) -> int:
    sender = parcel["sender"]
    return int(sender["owes"] if sender["__typename"] == "Person" else sender["limit"] or -1)


def _kind(parcel: Mapping[str, Any]) -> str:
    return "nothing" if parcel["contents"] is None else str(parcel["contents"]["__typename"])


_TARIFF = tuple({"id": f"p{number}"} for number in range(1, 6))

SUBGRAPHS = {
    "parcels": Data(
        {"Parcel": _PARCELS, "Person": (_ANN,), "Company": (_ACME,)},
        {
            "Query.parcels": _PARCELS,
            "Query.parcel": lambda id: next(p for p in _PARCELS if p["id"] == id),  # noqa: A006
        },
    ),
    "credit": Data({"Person": ({"ssn": "1", "owes": 30},), "Company": ({"vat": "C9", "limit": None},)}),
    "tariff": Data(
        {"Parcel": _TARIFF},
        {
            "Parcel.fee": _fee,
            "Parcel.wrapping": _wrapping,
            "Parcel.stamp": _stamp,
            "Parcel.deposit": _deposit,
            "Parcel.kind": _kind,
        },
    ),
}
