"""Farms: land and herd each know another half of the barns, which have no key of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_LAND: tuple[dict[str, Any], ...] = (
    {
        "id": "f1",
        "acres": 40,
        "barn": {
            "height": 9,
            "stalls": [
                {"number": 1, "width": 3, "gate": {"colour": "red"}},
                {"number": 2, "width": 4, "gate": None},
            ],
        },
    },
    {"id": "f2", "acres": 12, "barn": None},
    {"id": "f3", "acres": 7, "barn": {"height": 5, "stalls": []}},
)
_HERD: tuple[dict[str, Any], ...] = (
    {
        "id": "f1",
        "barn": {
            "heads": 2,
            "stalls": [
                {"number": 1, "animal": {"tag": "a1", "name": "Bella"}, "gate": {"locked": True}},
                {"number": 2, "animal": None, "gate": None},
            ],
        },
    },
    {"id": "f2", "barn": None},
    {"id": "f3", "barn": {"heads": 0, "stalls": []}},
)


def _soil(farm: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {"soil": f"{farm['id']}'s {name} clay"}


def _grazing(farm: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {"grazing": name == "far"}


_VET = ({"tag": "a1", "healthy": False, "home": {"id": "f1"}},)

SUBGRAPHS = {
    "land": Data(
        {"Farm": _LAND},
        {
            "Query.farms": _LAND,
            "Query.farm": lambda id: next((farm for farm in _LAND if farm["id"] == id), None),  # noqa: A006
            "Farm.field": _soil,
        },
    ),
    "herd": Data({"Farm": _HERD, "Animal": ({"tag": "a1", "name": "Bella"},)}, {"Farm.field": _grazing}),
    "vet": Data({"Animal": _VET}, {"Query.patient": _VET[0]}),
}
