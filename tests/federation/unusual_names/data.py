"""A house of which everything is called something unfortunate."""

from __future__ import annotations

import json
from typing import Any

from tests.federation.subgraph import Data

_TYPES: tuple[dict[str, Any], ...] = (
    {
        "get": 'a "quoted" key\n☃ \\',
        "representations": -1,
        "type": "Type",
        "query": {"errors": "none"},
        "subscription": {"self": 0.1},
    },
    {"get": "", "representations": 0, "type": "", "query": None, "subscription": {"self": -0.0}},
)

SUBGRAPHS = {
    "1st-floor": Data(
        {"Type": _TYPES},
        {
            "Query.list": _TYPES,
            "Query.data": lambda **arguments: json.dumps(arguments, sort_keys=True),
            "Query.a": lambda **arguments: json.dumps(arguments, sort_keys=True),
        },
    ),
    "2nd.floor_b": Data(
        {
            "Type": (
                {"representations": -1, "type": "Type", "extensions": "some"},
                {"representations": 0, "type": "", "extensions": None},
            ),
            "type": ({"self": 0.1, "None": True}, {"self": 0.0, "None": False}),
        },
        {"Type.path": lambda thing: thing["get"]},
    ),
}
