"""Recipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_SOUP: dict[str, Any] = {
    "__typename": "Recipe",
    "id": "r1",
    "name": "soup",
    "grams": 300,
    "author": {"id": "c1"},
}
_STEW: dict[str, Any] = {"__typename": "Recipe", "id": "r2", "name": "stew", "grams": 400, "author": None}
_MENTOR: dict[str, Any] = {"id": "c2", "name": "Moe", "mentor": None}
_COOK: dict[str, Any] = {"id": "c1", "name": "Cleo", "mentor": _MENTOR}


def _calories(recipe: Mapping[str, Any], per: int) -> int:
    return int(recipe["grams"]) * per


SUBGRAPHS = {
    "recipes": Data(
        {"Recipe": (_SOUP, _STEW), "Cook": ({"id": "c1"}, {"id": "c2"})},
        {
            "Query.recipes": [_SOUP, _STEW],
            "Query.recipe": lambda id: {"r1": _SOUP, "r2": _STEW}.get(id),  # noqa: A006
            "Query.menu": [{"__typename": "Bread", "flour": "rye"}, _SOUP],
        },
    ),
    "nutrition": Data(
        {"Recipe": ({"id": "r1", "vegan": True}, {"id": "r2", "vegan": False})},
        {"Query.tip": "Salt less.", "Recipe.calories": _calories},
    ),
    "people": Data(
        {
            "Cook": (_COOK, _MENTOR),
            "Recipe": ({"id": "r1", "fans": [_MENTOR]}, {"id": "r2", "fans": []}),
        }
    ),
}
