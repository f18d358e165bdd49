"""A cinema that knows titles where it prints them. Its copies say so: they are told from the originals."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_FILMS = (
    {"imdb": "t1", "title": "Salt", "year": 1999, "length": 90},
    {"imdb": "t2", "title": "Silt", "year": None, "length": 120},
)
_SALT: dict[str, Any] = {"imdb": "t1", "title": "Salt (copy)", "year": -1999, "seats": 40}
_SILT: dict[str, Any] = {"imdb": "t2", "title": "Silt (copy)", "year": None, "seats": 60}
_SCREENINGS = (
    {"id": "s1", "hour": 20, "film": _SALT, "bonus": _SILT},
    {"id": "s2", "hour": 22, "film": _SILT, "bonus": None},
)

SUBGRAPHS = {
    "cinema": Data(
        {"Screening": _SCREENINGS, "Film": (_SALT, _SILT)},
        {
            "Query.screenings": _SCREENINGS,
            "Query.tonight": _SCREENINGS[0],
            "Query.premiere": _SILT,
            "Query.reruns": lambda decade=None: [_SALT, None] if decade == 1990 else [],
        },
    ),
    "films": Data({"Film": _FILMS}),
    "tickets": Data(
        {"Screening": ({"id": "s1", "price": 7}, {"id": "s2", "price": 9})},
        {"Query.soldOut": [{"id": "s2"}]},
    ),
}
