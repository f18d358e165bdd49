"""A sailing club with subgraphs of both generations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_MEMBERS: tuple[dict[str, Any], ...] = (
    {"card": "m1", "name": "Ida", "address": {"street": "Quay", "city": "Vigo"}},
    {"card": "m2", "name": "Raf", "address": None},
)
_OWNED: tuple[dict[str, Any], ...] = (
    {"sail": 7, "owner": {"card": "m1"}, "dock": {"street": "Pier 1", "city": "Vigo"}},
    {"sail": 8, "owner": {"card": "m1"}, "dock": None},
    {"sail": 9, "owner": {"card": "m2"}, "dock": None},
)


def _greeting(member: Mapping[str, Any]) -> str:
    city = member["address"]["city"] if member["address"] else "the sea"
    return f"Ahoy {member['name']} of {city}"


_WINS = ({"sail": 7, "wins": 3}, {"sail": 8, "wins": 0}, {"sail": 9, "wins": 1})

SUBGRAPHS = {
    "people": Data(
        {"Member": _MEMBERS},
        {"Query.member": lambda card: next((m for m in _MEMBERS if m["card"] == card), None)},
    ),
    "boats": Data(
        {
            "Boat": _OWNED,
            "Member": ({"card": "m1", "boats": _OWNED[:2]}, {"card": "m2", "boats": _OWNED[2:]}),
        },
        {
            "Query.boats": _OWNED,
            "Query.flagship": {**_OWNED[0], "owner": {"card": "m1", "name": "Ida"}},
            "Member.greeting": _greeting,
        },
    ),
    "regatta": Data(
        {
            "Boat": _WINS,
            "Member": ({"card": "m1", "crew": [{"card": "m2"}]}, {"card": "m2", "crew": None}),
        },
        {"Query.winners": [_WINS[0], None, _WINS[2]]},
    ),
    "insurance": Data(
        {"Boat": ({"sail": 7}, {"sail": 8}, {"sail": 9})}, {"Boat.premium": lambda boat: 100 - boat["wins"]}
    ),
}
