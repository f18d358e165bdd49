"""A media shop: only the catalogue knows which of its media are books and which are films."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_ATLAS: dict[str, Any] = {"__typename": "Book", "id": "b1", "title": "Atlas", "price": 20, "pages": 300}
_DUNES: dict[str, Any] = {
    "__typename": "Film",
    "id": "f1",
    "title": "Dunes",
    "price": None,
    "minutes": 95,
    "sequel": _ATLAS,
}
_MEDIA = (_ATLAS, _DUNES)


def _verdict(media: Mapping[str, Any]) -> str:
    return f"{media['stars']} stars for {media['price']}"


_B1: dict[str, Any] = {"id": "b1", "stars": 4.5, "reviews": []}
_F1: dict[str, Any] = {"id": "f1", "stars": None, "reviews": [{"text": "long", "about": {"id": "f1"}}]}

SUBGRAPHS = {
    "catalogue": Data(
        {"Book": (_ATLAS,), "Film": (_DUNES,)},
        {
            "Query.media": _MEDIA,
            "Query.medium": lambda id: next((m for m in _MEDIA if m["id"] == id), None),  # noqa: A006
            "Query.films": [_DUNES],
        },
    ),
    "reviews": Data({"Media": (_B1, _F1)}, {"Query.top": [_F1, _B1, _F1], "Query.pick": _B1}),
    "discounts": Data(
        {"Media": ({"id": "b1"}, {"id": "f1"})},
        {"Media.cheap": lambda media: media["price"] and media["price"] // 2, "Media.verdict": _verdict},
    ),
    "carts": Data(fields={"Query.cart": {"first": {"id": "f1"}, "all": [{"id": "b1"}, {"id": "f1"}]}}),
    "stores": Data({"Book": ({"id": "b1", "shelf": "A"},)}, {"Query.bestseller": {"id": "b1", "shelf": "A"}}),
}
