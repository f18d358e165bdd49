"""Global ids: one subgraph says what they mean, others know what is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.federation.subgraph import Data

_TYPES = {"c": "Clinic", "d": "Doctor", "v": "Visit"}


def _node(id: str) -> dict[str, Any] | None:  # noqa: A002
    return {"__typename": _TYPES[id[0]], "id": id} if id[0] in _TYPES else None


def _nodes(ids: Sequence[str]) -> list[dict[str, Any] | None]:
    return [_node(id) for id in ids]  # noqa: A001


_DOCTOR: dict[str, Any] = {"id": "d1", "name": "Sami", "about": {"__typename": "Clinic", "id": "c1"}}
_CLINIC: dict[str, Any] = {"id": "c1", "name": "Riverside", "doctors": [_DOCTOR]}
_VISIT: dict[str, Any] = {"id": "v1", "day": "Monday", "doctor": {"id": "d1"}}

SUBGRAPHS = {
    "nodes": Data(fields={"Query.node": _node, "Query.nodes": _nodes}),
    "clinics": Data({"Clinic": (_CLINIC,), "Doctor": (_DOCTOR,)}, {"Query.clinic": _CLINIC}),
    "visits": Data({"Visit": (_VISIT,), "Doctor": ({"id": "d1", "visits": [_VISIT]},)}),
}
