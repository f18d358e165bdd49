"""A farm, whose cows, tractors and fields have fields of the same names, and of different types."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_COW: dict[str, Any] = {
    "__typename": "Cow",
    "id": "c1",
    "name": "Lola",
    "weight": 600,
    "size": None,
    "parts": [{"label": "horn"}],
    "kin": None,
}
_TRACTOR: dict[str, Any] = {
    "__typename": "Tractor",
    "id": 7,
    "name": None,
    "weight": None,
    "size": 2.5,
    "parts": {"label": "wheel"},
    "kin": [],
}
_FIELD: dict[str, Any] = {
    "__typename": "Field",
    "id": {"plot": "north"},
    "size": "LARGE",
    "weight": [1, None],
    "kin": "meadow",
}

SUBGRAPHS = {
    "farm": Data(
        {"Cow": (_COW,), "Tractor": (_TRACTOR,), "Field": (_FIELD,)},
        {
            "Query.stock": [_COW, _TRACTOR, _FIELD],
            "Query.one": _TRACTOR,
            "Query.named": [_TRACTOR, _COW],
        },
    ),
    "scales": Data(
        {
            "Cow": ({"id": "c1", "weight": 600, "value": 900},),
            "Tractor": ({"id": 7, "weight": None, "value": "a lot"},),
            "Field": ({"id": {"plot": "north"}, "value": [1.5, None]},),
        }
    ),
}
