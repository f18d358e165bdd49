"""A press that gave its films away; its old values are told from the new ones by "old"."""

from __future__ import annotations

from tests.federation.subgraph import Data

_BY = {"id": "a", "name": "old name"}
_TEXT = {"__typename": "Text", "id": "t", "title": "Tides", "by": _BY, "words": 900}
_FILM = {"__typename": "Film", "id": "f", "title": "old title", "by": _BY, "minutes": -1}
_NEW_FILM = {"__typename": "Film", "id": "f", "title": "Fjord", "minutes": 88}

SUBGRAPHS = {
    "press": Data(
        {"Text": (_TEXT,), "Film": (_FILM,), "Author": (_BY,)},
        {"Query.feed": [_TEXT, _FILM, _TEXT], "Query.front": _FILM},
    ),
    "studio": Data(
        {"Film": (_NEW_FILM,), "Author": ({"id": "a", "name": "Anouk"},)}, {"Query.cut": _NEW_FILM}
    ),
}
