"""An inn, whose two subgraphs do not quite agree on what there is to ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

#: The filters that reached a resolver.
FILTERS: list[Any] = []


def _rooms(filter: Mapping[str, Any] | None = None, order: str = "") -> list[dict[str, Any]]:  # noqa: A002
    FILTERS.append(("bookings", filter, order))
    return [{"id": "r1", "kind": "SINGLE", "view": "SEA"}]


def _cheapest(filter: Mapping[str, Any] | None = None, order: str | None = None) -> dict[str, Any]:  # noqa: A002
    FILTERS.append(("prices", filter, order))
    return {"id": "r1"}


def _find(range: Mapping[str, Any] | None = None) -> list[int]:  # noqa: A002
    return [] if range is None else [range["from"], range["to"]]


SUBGRAPHS = {
    "bookings": Data(
        {"Room": ({"id": "r1", "kind": "SINGLE", "view": "SEA"},)},
        {
            "Query.rooms": _rooms,
            "Query.find": _find,
            "Room.view": lambda room, season=None: "SEA" if season == "SUMMER" else None,
        },
    ),
    "prices": Data(
        {"Room": ({"id": "r1"},)},
        {
            "Query.cheapest": _cheapest,
            "Query.find": _find,
            "Room.kinds": lambda room: ["SUITE", None, "DOUBLE"],
            "Room.price": lambda room, order, season: len(order) * 10 + len(season),
        },
    ),
}
