"""A tool library: the inventory knows tools by serial number and by barcode, loans by one, repairs by the other."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_TOOLS = (
    {"serial": "dr-1", "barcode": 501, "name": "drill"},
    {"serial": "sw-2", "barcode": 502, "name": "saw"},
    {"serial": "ld-3", "barcode": 503, "name": "ladder"},
)
_LENT = (
    {"serial": "dr-1", "borrower": "Ines"},
    {"serial": "sw-2", "borrower": None},
    {"serial": "ld-3", "borrower": "Tomás"},
)
_REPAIRS: tuple[dict[str, Any], ...] = (
    {"barcode": 501, "condition": "WORN", "replacedBy": {"barcode": 503}},
    {"barcode": 502, "condition": "BROKEN", "replacedBy": {"barcode": 501}},
    {"barcode": 503, "condition": "SOUND", "replacedBy": None},
)


def _tool(serial: str) -> dict[str, Any] | None:
    return next((tool for tool in _TOOLS if tool["serial"] == serial), None)


def _times_lent(tool: dict[str, Any], year: int | None = None) -> int:
    return {"dr-1": 9, "sw-2": 4, "ld-3": 1}[tool["serial"]] * (1 if year is None else year % 10)


SUBGRAPHS = {
    "inventory": Data({"Tool": _TOOLS}, {"Query.tools": _TOOLS, "Query.tool": _tool}),
    "loans": Data(
        {"Tool": _LENT},
        {
            "Query.lent": [_LENT[0], None, _LENT[2], _LENT[0]],
            "Query.shelves": [[_LENT[0], _LENT[1]], [], [_LENT[1]]],
            "Tool.timesLent": _times_lent,
        },
    ),
    "repairs": Data({"Tool": _REPAIRS}, {"Query.broken": [_REPAIRS[1]]}),
}
