"""Vehicles: what is a vehicle, and what one can ask of it, is said by three subgraphs together."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_BIKE: dict[str, Any] = {"__typename": "Bike", "id": "v1", "wheels": 2, "owner": {"id": "o"}}
_BUS: dict[str, Any] = {"__typename": "Bus", "id": "v2", "wheels": 6, "owner": None}
_BOAT: dict[str, Any] = {
    "__typename": "Boat",
    "id": "v3",
    "speed": 12,
    "wheels": None,
    "owner": {"id": "o"},
    "sails": 3,
}
_FERRY_BUS = {"__typename": "Bus", "id": "v2", "speed": 80}

SUBGRAPHS = {
    "core": Data(
        {"Bike": (_BIKE,), "Bus": (_BUS,)},
        {"Query.vehicles": [_BIKE, _BUS, _BIKE], "Query.fastest": _BUS},
    ),
    "speeds": Data({"Bike": ({"id": "v1", "speed": 25},), "Bus": ({"id": "v2", "speed": 80},)}),
    "water": Data(
        {"Boat": (_BOAT,), "Bus": (_FERRY_BUS,), "Owner": ({"id": "o", "name": "Port"},)},
        {"Query.fleet": [_BOAT, _FERRY_BUS], "Query.anything": [_BOAT, None, _FERRY_BUS]},
    ),
}
