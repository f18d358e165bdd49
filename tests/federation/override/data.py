"""A club that moves its members' data from an old service to newer ones. The old one has its values still."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_OLD: tuple[dict[str, Any], ...] = (
    {"id": "m1", "name": "Yara", "email": "old@1", "phone": "old 1", "desk": {"floor": -1, "number": -1}},
    {"id": "m2", "name": "Zeno", "email": "old@2", "phone": "old 2", "desk": None},
)
_NEW: tuple[dict[str, Any], ...] = (
    {"id": "m1", "email": "new@1", "desk": {"floor": 3, "number": 7}},
    {"id": "m2", "email": None, "desk": None},
)

SUBGRAPHS = {
    "old": Data(
        {"Member": _OLD}, {"Query.members": _OLD, "Query.notice": "old notice", "Query.rules": ["be kind"]}
    ),
    "new": Data({"Member": _NEW}, {"Query.notice": "new notice", "Query.guests": [_NEW[1]]}),
    "newest": Data({"Member": ({"id": "m1", "phone": "newest 1"}, {"id": "m2", "phone": None})}),
}
