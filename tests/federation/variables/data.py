"""A search that tells what it was asked with: exactly, so that absence and null are told apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data


def _find(**arguments: Any) -> list[dict[str, Any]]:
    return [{"id": "h", "asked": json.dumps(arguments, sort_keys=True)}]


def _line(hit: Mapping[str, Any], **arguments: Any) -> str:
    return json.dumps(arguments, sort_keys=True)


SUBGRAPHS = {
    "search": Data(
        {"Hit": ({"id": "h", "asked": ""},)},
        {"Query.find": _find, "Query.echo": lambda **arguments: json.dumps(arguments)},
    ),
    "detail": Data(
        {"Hit": ({"id": "h"},)},
        {"Hit.line": _line, "Hit.list": _line, "Query.idle": lambda **arguments: json.dumps(arguments)},
    ),
}
