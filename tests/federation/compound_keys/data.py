"""Allotments: row 1 is in every garden, so neither half of the key means a plot by itself."""

from __future__ import annotations

from tests.federation.subgraph import Data

_PLOTS = (
    {"garden": "north", "row": 1, "deed": "d-1", "tenant": "Amina"},
    {"garden": "south", "row": 1, "deed": "d-2", "tenant": None},
    {"garden": "south", "row": 2, "deed": "d-3", "tenant": "Joaquín"},
)
_WATER = (
    {"garden": "north", "row": 1, "litres": 110},
    {"garden": "south", "row": 1, "litres": 210},
    {"garden": "south", "row": 2, "litres": 220},
)
_DUES = ({"deed": "d-1", "due": 1.5}, {"deed": "d-2", "due": 2.5}, {"deed": "d-3", "due": 0.0})
_COMPOST = (
    {"deed": "d-1", "garden": "north", "row": 1, "barrows": 1},
    {"deed": "d-2", "garden": "south", "row": 1, "barrows": 2},
    {"deed": "d-3", "garden": "south", "row": 2, "barrows": 3},
)

SUBGRAPHS = {
    "register": Data({"Plot": _PLOTS}, {"Query.plots": _PLOTS}),
    "water": Data({"Plot": _WATER}, {"Query.driest": _WATER[0]}),
    "dues": Data({"Plot": _DUES}, {"Query.owing": _DUES[:2]}),
    "compost": Data({"Plot": _COMPOST}),
}
