"""A library with old books that have no number, and books that the reviewers have never heard of."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_NEW = {"title": "New", "isbn": "9", "stamp": {"office": "Hull", "number": 3}}
_OLD = {"title": "Old", "isbn": None, "stamp": {"office": "Hull", "number": None}}
_ODD = {"title": "Odd", "isbn": "404", "stamp": None}
_BLANK = {"title": "Blank", "isbn": None, "stamp": {"office": None, "number": None}}
_BARE: dict[str, Any] = {"title": "Bare", "isbn": None, "stamp": None}

SUBGRAPHS = {
    "library": Data(
        {"Book": (_NEW, _OLD, _ODD, _BARE, _BLANK)},
        {
            "Query.shelf": [_NEW, _OLD, None, _ODD, _BARE],
            "Query.desk": {"open": [_NEW, _ODD], "next": _OLD},
            "Query.blank": _BLANK,
        },
    ),
    "reviews": Data(
        {
            "Book": (
                {
                    "isbn": "9",
                    "stars": 4,
                    "blurb": "Fresh.",
                    "readers": [{"card": "a"}, {"card": None}, {"card": "gone"}],
                },
            )
        },
        {"Book.motto": lambda book: f"{book['title']}!"},
    ),
    "customs": Data(
        {
            "Book": (
                {"stamp": {"office": "Hull", "number": 3}, "duty": 12},
                {"stamp": {"office": "Hull", "number": None}, "duty": 7},
            )
        }
    ),
    "people": Data({"Reader": ({"card": "a", "name": "Ada"},)}),
}
