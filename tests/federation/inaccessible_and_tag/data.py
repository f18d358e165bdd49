"""A clinic that hides how it numbers and weighs its patients, and uses both all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_ONE: dict[str, Any] = {"number": "n1", "chip": 11, "name": "Milo", "weight": 4, "ward": "EAST", "kin": None}
_TWO: dict[str, Any] = {
    "number": "n2",
    "chip": 22,
    "name": "Nala",
    "weight": 6,
    "ward": "CELLAR",
    "kin": [_ONE],
}
_PATIENTS = (_ONE, _TWO)


def _patients(ward: str, secret: str) -> list[dict[str, Any]]:
    assert secret == "none"
    return [_ONE] if ward == "EAST" else [_TWO]


def _count(filter: Mapping[str, Any] | None = None) -> int:  # noqa: A002
    return 0 if filter is None else filter["hidden"]


SUBGRAPHS = {
    "clinic": Data(
        {"Patient": _PATIENTS},
        {
            "Query.patients": _patients,
            "Query.audit": [],
            "Query.beds": [
                {"__typename": "Cot", "label": "c"},
                {"__typename": "Cot", "label": "d"},
            ],
            "Query.stay": {"__typename": "Bunk", "label": "b"},
            "Query.count": _count,
        },
    ),
    "pharmacy": Data(
        {"Patient": ({"number": "n1"}, {"number": "n2"})},
        {"Patient.dose": lambda patient: patient["weight"] / 2},
    ),
}
