"""A firm, in which everybody leads back to everybody."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_ADA: dict[str, Any] = {"id": "ada", "name": "Ada", "boss": None}
_BEN: dict[str, Any] = {"id": "ben", "name": "Ben", "boss": _ADA, "reports": []}
_CAI: dict[str, Any] = {"id": "cai", "name": "Cai", "boss": _ADA, "reports": []}
_ADA["reports"] = [_BEN, _CAI]
_STAFF = (_ADA, _BEN, _CAI)

_ROBOT: dict[str, Any] = {"__typename": "Robot", "serial": "r1"}
_CREW: dict[str, Any] = {"__typename": "Crew", "robots": [_ROBOT], "owner": None}
_ROBOT["owner"] = _CREW
_TEAM: dict[str, Any] = {
    "id": "red",
    "lead": {"id": "ada"},
    "members": [{"__typename": "Person", "id": "ben"}, _ROBOT, {"__typename": "Person", "id": "ada"}],
}
_TEAMED: tuple[dict[str, Any], ...] = (
    {"id": "ada", "team": _TEAM, "deputy": _ROBOT},
    {"id": "ben", "team": _TEAM, "deputy": {"__typename": "Person", "id": "ada"}},
    {"id": "cai", "team": None, "deputy": None},
)

SUBGRAPHS = {
    "staff": Data(
        {"Person": _STAFF},
        {"Query.person": lambda id: next((p for p in _STAFF if p["id"] == id), None)},  # noqa: A006
    ),
    "teams": Data(
        {"Person": _TEAMED, "Team": (_TEAM,), "Robot": (_ROBOT,)},
        {"Query.team": lambda id: _TEAM if id == "red" else None},  # noqa: A006
    ),
    "depot": Data(
        {
            "Robot": ({"serial": "r1", "volts": 48, "user": {"id": "cai"}},),
            "Person": (
                {"id": "ada", "robots": [{"serial": "r1"}]},
                {"id": "ben", "robots": []},
                {"id": "cai", "robots": [{"serial": "r1"}]},
            ),
        }
    ),
}
