"""A hospital, small enough to be described whole."""

from __future__ import annotations

from tests.federation.subgraph import Data

_WARD = {"id": "w1", "level": "LOW", "since": "2001-01-01"}

SUBGRAPHS = {
    "wards": Data(
        {"Ward": (_WARD,)}, {"Query.wards": [_WARD], "Query.old": "old", "Query.find": lambda by: _WARD}
    ),
    "staff": Data(
        {"Ward": ({"id": "w1", "nurses": 4},)}, {"Mutation.call": lambda ward: {"id": ward, "nurses": 4}}
    ),
}
