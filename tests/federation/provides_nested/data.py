"""A gallery that has its own copies of what its leaflets say; copies are told from originals by a star."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_COPY: dict[str, Any] = {
    "id": "a1",
    "name": "Rosa*",
    "home": {"city": "Cuenca*", "country": {"code": "EC"}},
}
_HOMELESS: dict[str, Any] = {"id": "a2", "name": "Emil*", "home": None}
_BOWL = {"id": "p1", "title": "Bowl*", "artist": _COPY}
_KITE = {"id": "p2", "title": "Kite*", "artist": _HOMELESS}
_SHOW = {"id": "s", "pieces": [_BOWL, _KITE]}

SUBGRAPHS = {
    "gallery": Data(
        {
            "Show": (_SHOW,),
            "Piece": (_BOWL, _KITE),
            "Artist": (_COPY, _HOMELESS),
            "Country": ({"code": "EC"},),
        },
        {"Query.shows": [_SHOW], "Query.opening": _SHOW, "Query.latest": _BOWL, "Query.plain": _SHOW},
    ),
    "artists": Data(
        {
            "Piece": ({"id": "p1", "title": "Bowl"}, {"id": "p2", "title": "Kite"}),
            "Artist": (
                {
                    "id": "a1",
                    "name": "Rosa",
                    "home": {"city": "Cuenca", "street": "Larga", "country": {"code": "EC"}},
                },
                {"id": "a2", "name": "Emil", "home": None},
            ),
            "Country": ({"code": "EC", "flag": "yellow"},),
        }
    ),
}
