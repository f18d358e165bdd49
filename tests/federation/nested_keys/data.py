"""A ferry line: a booking is a seat on a ship's voyage, a convoy is its trucks."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_HERON, _TERN = {"imo": "9001", "name": "Heron"}, {"imo": "9002", "name": "Tern"}


def _seat(ship: str, day: str, seat: str, **more: Any) -> dict[str, Any]:
    return {"voyage": {"ship": {"imo": ship}, "day": day}, "seat": seat, **more}


_BOOKINGS = (
    _seat("9001", "Mon", "A1", code="b1", passenger="Ruth"),
    _seat("9002", "Mon", "A1", code="b2", passenger="Omar"),
    _seat("9001", "Tue", "A1", code="b3", passenger="Lin"),
)
_MEALS = (
    _seat("9001", "Mon", "A1", meal="soup"),
    _seat("9002", "Mon", "A1", meal=None),
    _seat("9001", "Tue", "A1", meal="rice"),
)
_GATES = (
    {"code": "b1", "voyage": {"ship": {"berth": 7}}, "gate": "7-b1"},
    {"code": "b2", "voyage": {"ship": {"berth": 8}}, "gate": "8-b2"},
    {"code": "b3", "voyage": {"ship": {"berth": 7}}, "gate": "7-b3"},
)
_TRUCKS = (
    {"plate": "T1", "driver": "Ana"},
    {"plate": "T2", "driver": "Bo"},
    {"plate": "T3", "driver": "Cy"},
)
_CONVOYS = {
    1: {"number": 1, "trucks": [_TRUCKS[0], _TRUCKS[1]]},
    2: {"number": 2, "trucks": [_TRUCKS[2]]},
    3: {"number": 3, "trucks": []},
}

SUBGRAPHS = {
    "bookings": Data(
        {
            "Booking": _BOOKINGS,
            "Ship": (_HERON, _TERN),
            "Convoy": tuple(_CONVOYS.values()),
            "Truck": _TRUCKS,
        },
        {"Query.bookings": _BOOKINGS, "Query.convoy": lambda number: _CONVOYS.get(number)},
    ),
    "catering": Data(
        {"Booking": _MEALS, "Ship": ({"imo": "9001", "galley": "aft"}, {"imo": "9002", "galley": "bow"})},
        {"Query.firstMeal": _MEALS[0]},
    ),
    "tolls": Data(
        {
            "Convoy": (
                {"trucks": [{"plate": "T1"}, {"plate": "T2"}], "toll": 40},
                {"trucks": [{"plate": "T3"}], "toll": 15},
                {"trucks": [], "toll": 0},
            ),
            "Truck": (
                {"plate": "T1", "axles": 3},
                {"plate": "T2", "axles": 4},
                {"plate": "T3", "axles": 2},
            ),
        }
    ),
    "port": Data({"Booking": _GATES}),
    "harbour": Data({"Ship": ({"imo": "9001", "berth": 7}, {"imo": "9002", "berth": 8})}),
}
