"""Concerts, in a graph that was composed by Federation 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_EVA: dict[str, Any] = {"id": "1", "mail": "eva@x", "name": "Eva", "born": {"year": 1980}}
_CHOIR = {"__typename": "Choir", "name": "Larks", "voices": ["HIGH"]}
_CONCERT: dict[str, Any] = {
    "__typename": "Concert",
    "number": 5,
    "guest": {"mail": "eva@x", "name": "Eva (copy)"},
    "choir": {"name": "Larks"},
    "when": {"year": 2030},
}


def _ticket(person: Mapping[str, Any]) -> str:
    return f"{person['name']} {person['born'] and person['born']['year']}"


SUBGRAPHS = {
    "people": Data(
        {"Person": (_EVA,), "Choir": (_CHOIR,)},
        {
            "Query.me": _EVA,
            "Query.teams": [{"__typename": "Crew", "name": "Hands", "size": None}, _CHOIR],
            "Mutation.rename": lambda id, name: {**_EVA, "name": name},  # noqa: A006
        },
    ),
    "concerts": Data(
        {
            "Concert": (_CONCERT,),
            "Person": ({"mail": "eva@x", "concerts": [_CONCERT]},),
            "Choir": ({"name": "Larks", "rehearsals": 12},),
        },
        {
            "Query.concerts": [_CONCERT],
            "Query.next": _CONCERT,
            "Query.any": _CONCERT,
            "Person.ticket": _ticket,
        },
    ),
    "halls": Data(
        {"Concert": ({"number": 5, "hours": 3},)},
        {
            "Concert.fee": lambda concert: concert["when"]["year"] - 2000,
            "Mutation.book": lambda number: {"number": number},
        },
    ),
}
