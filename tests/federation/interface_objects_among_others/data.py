"""A town's events: concerts and lectures, of which most subgraphs only know that they are events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_HALL, _ROOF = {"code": "hall"}, {"code": "roof"}
_JAZZ: dict[str, Any] = {"__typename": "Concert", "venue": _HALL, "slot": 1, "title": "Jazz", "band": "Tres"}
_TALK: dict[str, Any] = {"__typename": "Lecture", "venue": _HALL, "slot": 2, "title": "Talk", "topic": None}
_HOST: dict[str, Any] = {"__typename": "Host", "id": "h", "name": "Ola"}

_ONE: dict[str, Any] = {"venue": _HALL, "slot": 1, "free": 10, "host": {"id": "h"}}
_TWO: dict[str, Any] = {"venue": _HALL, "slot": 2, "free": 0, "next": _ONE, "host": None}
_ONE["next"] = _TWO
#: The seats know of an event of which the agenda has never heard.
_GHOST: dict[str, Any] = {"venue": _ROOF, "slot": 9, "free": 99, "next": None, "host": None}
_SLOTS = ({"venue": _HALL, "slot": 1}, {"venue": _HALL, "slot": 2})


def _said(event: Mapping[str, Any]) -> str:
    return f"{event['title']} ({event['free']})"


SUBGRAPHS = {
    "events": Data(
        {"Concert": (_JAZZ,), "Lecture": (_TALK,), "Host": (_HOST,)},
        {
            "Query.agenda": [_TALK, _JAZZ],
            "Query.found": [_HOST, _JAZZ, None, _TALK],
            "Query.concert": _JAZZ,
            "Query.host": _HOST,
        },
    ),
    "seats": Data(
        {"Event": (_ONE, _TWO, _GHOST), "Host": ({"id": "h", "events": [_ONE, _TWO]},)},
        {"Query.full": [_TWO, None, _GHOST]},
    ),
    "posters": Data({"Concert": _SLOTS[:1]}, {"Concert.poster": _said}),
    "ratings": Data({"Event": _SLOTS}, {"Event.hype": lambda event: f"{_said(event)}!"}),
}
