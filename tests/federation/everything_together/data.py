"""A food bank: what is in stock, what is in it, where it lies, who works there, and who drives it about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_FARM = {"__typename": "Farm", "id": "f1", "name": "Alder Farm", "certificate": "bio-7"}
_KALE: dict[str, Any] = {
    "__typename": "Fresh",
    "sku": "kale",
    "name": "Kale",
    "unit": "KILO",
    "expires": "May",
    "origin": _FARM,
}
_EGGS: dict[str, Any] = {
    "__typename": "Fresh",
    "sku": "eggs",
    "name": "Eggs",
    "unit": "PIECE",
    "expires": "June",
    "origin": None,
}
_CORN = {"__typename": "Canned", "sku": "corn", "name": "Corn", "unit": "PIECE", "grams": 400}
_BOX: dict[str, Any] = {
    "__typename": "Kit",
    "sku": "box",
    "name": "Box",
    "unit": "PIECE",
    "contents": [_CORN, _KALE],
}
_ITEMS = (_KALE, _EGGS, _CORN, _BOX)


def _items(unit: str | None = None) -> list[dict[str, Any]]:
    return [item for item in _ITEMS if unit in (None, item["unit"])]


def _search(text: str) -> list[dict[str, Any] | None]:
    return [_FARM, None, *[item for item in _ITEMS if text in item["name"].lower()]]


_CODES = {"p1": {"region": "coast", "number": 1}, "p2": {"region": "hills", "number": 1}}
_PANTRIES: tuple[dict[str, Any], ...] = (
    {
        "id": "p1",
        "code": _CODES["p1"],
        "open": True,
        "shelf": [
            {"item": {"sku": "corn"}, "amount": 9},
            {"item": {"sku": "kale"}, "amount": None},
        ],
        "manager": {"id": "u1"},
    },
    {"id": "p2", "code": _CODES["p2"], "open": False, "shelf": [], "manager": None},
)
_STOCKED = tuple(
    {"sku": item["sku"], "stockedIn": [_PANTRIES[0]] if item["sku"] in ("corn", "kale") else []}
    for item in _ITEMS
)

_URI: dict[str, Any] = {"__typename": "Person", "id": "u1", "badge": 11, "name": "Uri", "phone": "555"}
_VAL: dict[str, Any] = {"__typename": "Person", "id": "u2", "badge": 22, "name": "Val", "phone": None}
_WIM: dict[str, Any] = {
    "__typename": "Volunteer",
    "id": "w1",
    "phone": "777",
    "shifts": [{"day": "Mon", "pantry": {"id": "p2"}}, {"day": "Tue", "pantry": None}],
}
_CONTACTS = {person["id"]: person for person in (_URI, _VAL, _WIM)}


def _team(pantry: Mapping[str, Any], role: str | None = None) -> list[dict[str, Any]]:
    if pantry["id"] == "p2":
        return []
    return [_VAL] if role == "DRIVER" else [_URI, _WIM, _VAL]


_ROUTE: dict[str, Any] = {
    "id": "r1",
    "cargo": [
        {"__typename": "Fresh", "sku": "kale"},
        {"__typename": "Pallet", "weight": 90, "origin": "Alder Farm"},
        {"__typename": "Canned", "sku": "corn"},
        {"__typename": "Fresh", "sku": "eggs"},
    ],
    "driver": {"badge": 22, "name": "Val"},
    "gone": False,
}
_ROUTED: tuple[dict[str, Any], ...] = (
    {"code": _CODES["p1"], "stops": [{"pantry": {"code": _CODES["p2"]}, "minutes": 12}]},
    {"code": _CODES["p2"], "stops": []},
)


def _distance(pantry: Mapping[str, Any], origin: str) -> int:
    return len(pantry["code"]["region"]) * len(origin)


def _chill(fresh: Mapping[str, Any]) -> int | None:
    return None if fresh["origin"] is None else len(fresh["expires"] + fresh["origin"]["name"])


SUBGRAPHS = {
    "stock": Data(
        {"Fresh": (_KALE, _EGGS), "Canned": (_CORN,), "Kit": (_BOX,), "Farm": (_FARM,)},
        {
            "Query.items": _items,
            "Query.item": lambda sku: next((item for item in _ITEMS if item["sku"] == sku), None),
            "Query.search": _search,
        },
    ),
    "nutrition": Data(
        {"Item": tuple({"sku": item["sku"]} for item in _ITEMS), "Farm": ({"id": "f1"},)},
        {
            "Item.calories": lambda item, per: None if item["sku"] == "box" else per * len(item["sku"]),
            "Item.label": lambda item: f"<{item['name']}>",
            "Farm.organic": lambda farm: farm["certificate"].startswith("bio"),
        },
    ),
    "pantries": Data(
        {"Pantry": _PANTRIES, "Item": _STOCKED, "Person": ({"id": "u1"}, {"id": "u2"})},
        {"Query.pantries": _PANTRIES, "Query.nearest": _PANTRIES[0]},
    ),
    "people": Data(
        {"Person": (_URI, _VAL), "Volunteer": (_WIM,), "Pantry": ({"id": "p1"}, {"id": "p2"})},
        {"Query.contact": lambda id: _CONTACTS.get(id), "Query.me": _WIM, "Pantry.team": _team},  # noqa: A006
    ),
    "routes": Data(
        {
            "Pantry": _ROUTED,
            "Person": ({"badge": 11, "route": None}, {"badge": 22, "route": _ROUTE}),
            "Route": (_ROUTE,),
            "Fresh": ({"sku": "kale"}, {"sku": "eggs"}),
            "Canned": ({"sku": "corn"},),
            "Farm": ({"id": "f1"},),
        },
        {
            "Query.nearest": _ROUTED[0],
            "Query.route": lambda id: _ROUTE if id == "r1" else None,  # noqa: A006
            "Mutation.depart": lambda id: {**_ROUTE, "gone": True},  # noqa: A006
            "Pantry.distance": lambda pantry, **arguments: _distance(pantry, arguments["from"]),
            "Person.manifest": lambda person: f"{person['name']} {person['phone']}",
            "Fresh.chill": _chill,
            "Canned.stack": lambda canned: canned["grams"] // 100,
        },
    ),
}
