"""People with incomes, offices that everybody may find, and a shelter whose very being is for few."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_ANA = {"id": "p1", "name": "Ana", "phone": "555-1", "income": 900, "worker": {"id": "p2"}}
_BEN = {"id": "p2", "name": "Ben", "phone": "555-2", "income": None, "worker": None}
_OFFICE = {"__typename": "Office", "id": "o1", "name": "East", "phone": "555-3"}
_SHELTER = {"__typename": "Shelter", "id": "s1", "name": "Harbor", "phone": "555-4"}
_LISTED = [{"__typename": "Person", **_ANA}, _OFFICE, _SHELTER]

#: Whom the mutations were for, in order.
ERASED: list[str] = []


def _erase(id: str) -> bool:  # noqa: A002 (the argument's name)
    ERASED.append(id)
    return True


def _grant(person: dict[str, Any]) -> int | None:
    return None if person["income"] is None else 1000 - int(person["income"])


SUBGRAPHS = {
    "people": Data(
        {"Person": (_ANA, _BEN), "Office": (_OFFICE,), "Shelter": (_SHELTER,)},
        {
            "Query.person": lambda **said: {"p1": _ANA, "p2": _BEN}.get(said["id"]),
            "Query.people": lambda order=None: [_ANA, _BEN],
            "Query.listed": _LISTED,
            "Query.found": [_OFFICE, _SHELTER],
            "Mutation.rename": lambda **said: {**_ANA, **said},
            "Mutation.erase": _erase,
        },
    ),
    "aid": Data(
        {
            "Person": ({"id": "p1", "visits": 3}, {"id": "p2", "visits": 0}),
            "Office": ({"id": "o1", "places": 7},),
            "Shelter": ({"id": "s1", "places": 2},),
        },
        {"Person.grant": _grant},
    ),
}
