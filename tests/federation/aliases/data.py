"""Plants, under the client's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_FIG: dict[str, Any] = {"id": "1", "latin": {"genus": "Ficus", "species": "carica"}, "spot": {"x": 3, "y": 4}}
_IVY: dict[str, Any] = {"id": "2", "latin": {"genus": "Hedera", "species": "helix"}, "spot": None}
_FIG["spot"]["near"] = _IVY


def _name(plant: Mapping[str, Any], lang: str | None = None) -> str:
    return f"{plant['id']} in {lang}"


def _water(plant: Mapping[str, Any], season: str | None = None) -> int:
    return len(plant["latin"]["genus"]) * (1 if season is None else len(season))


def _shade(plant: Mapping[str, Any]) -> int | None:
    return plant["spot"] and plant["spot"]["x"] * 10 + plant["spot"]["y"]


SUBGRAPHS = {
    "plants": Data(
        {"Plant": (_FIG, _IVY)},
        {
            "Query.plants": [_FIG, _IVY],
            "Query.plant": lambda id: {"1": _FIG, "2": _IVY}.get(id),  # noqa: A006
            "Query.root": "deep",
            "Plant.name": _name,
        },
    ),
    "care": Data(
        {"Plant": ({"latin": _FIG["latin"]}, {"latin": _IVY["latin"]})},
        {"Query.thirsty": {"latin": _IVY["latin"]}, "Plant.water": _water, "Plant.shade": _shade},
    ),
}
