"""Harbours, whose fields were taken over from subgraphs that never had them, or are gone."""

from __future__ import annotations

from tests.federation.subgraph import Data

_TIDES = ({"name": "Arica", "depth": 11}, {"name": "Callao", "depth": 16})
_BERTHS = ({"name": "Arica", "berths": 5}, {"name": "Callao", "berths": 22})

SUBGRAPHS = {
    "tides": Data(
        {"Harbour": _TIDES},
        {
            "Query.harbour": lambda name: next((h for h in _TIDES if h["name"] == name), None),
            "Query.forecast": "calm",
        },
    ),
    "berths": Data({"Harbour": _BERTHS}, {"Query.free": [_BERTHS[1]]}),
}
