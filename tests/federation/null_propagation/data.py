"""A school with a room whose lock nobody knows (13), and courses of which little is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from tests.federation.subgraph import Data

_ART = {"id": "art", "title": "Art", "code": "A"}
_LAW = {"id": "law", "title": None, "code": "L"}
_NEW = {"id": "new", "title": "New", "code": "N"}
_COURSES = (_ART, _LAW, _NEW)

_GOOD: dict[str, Any] = {"number": 1, "label": "one", "mates": []}
_ODD: dict[str, Any] = {"number": 13, "label": "odd", "mates": [_GOOD]}
_LOST: dict[str, Any] = {"number": 99, "label": "lost", "mates": []}
_GOOD["mates"] = [_ODD]
#: The rooms have never heard of the newest course.
_PLACED = (
    {"id": "art", "room": _GOOD, "mainRoom": _GOOD, "rooms": [_GOOD, _GOOD], "seats": [1, 2], "hint": "east"},
    {"id": "law", "room": _ODD, "mainRoom": _ODD, "rooms": [_GOOD, _ODD, _LOST], "seats": [], "hint": None},
)


def _lock(room: Mapping[str, Any]) -> str:
    if room["number"] == 13:
        raise GraphQLError("Nobody knows.", extensions={"code": "FORBIDDEN"})
    return f"lock {room['number']}"


SUBGRAPHS = {
    "course": Data(
        {"Course": _COURSES},
        {
            "Query.course": _LAW,
            "Query.courses": [_ART, _LAW, None, _NEW],
            "Query.must": _LAW,
            "Query.musts": [_ART, _NEW],
            "Query.grid": [[_ART, _LAW], None, [], [_ART], [_NEW]],
            "Query.maybe": {"weeks": [{"course": _ART, "spare": _LAW}, {"course": _LAW, "spare": None}]},
        },
    ),
    "rooms": Data({"Course": _PLACED, "Room": (_GOOD, _ODD, _LOST)}),
    "keys": Data(
        {
            "Room": (
                {"number": 1, "spare": "s1", "holder": {"__typename": "Guard", "name": "Gil", "shift": None}},
                {"number": 13, "spare": "s13", "holder": None},
            )
        },
        {"Room.lock": _lock, "Room.sign": lambda room: f"[{room['label']}]"},
    ),
}
