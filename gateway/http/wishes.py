"""What a caller wishes beside an answer, said in headers of its request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from vereda.deadline import HEADER as DEADLINE_HEADER

#: RFC 7240 §4.3: whole seconds.
_WAIT: Final = re.compile(rb'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,6})"?\s*(?=$|[,;])', re.IGNORECASE)
_MILLISECONDS: Final = re.compile(rb"[0-9]{1,9}")
_COST: Final = b"graphql-cost"
_PREFER: Final = b"prefer"
_DEADLINE: Final = DEADLINE_HEADER.lower().encode()
_READ: Final = frozenset({_COST, _PREFER, _DEADLINE})


class Wishes(NamedTuple):
    """`wait_s`: for how long the caller waits, by `Prefer: wait=<seconds>` (RFC 7240 §4.3) or `X-Request-Deadline:
    <milliseconds>`, as our own services are told; the least that is said. None: it does not say."""

    report_cost: bool = False
    wait_s: float | None = None


_NONE: Final = Wishes()


def read_wishes(headers: Iterable[tuple[bytes, bytes]]) -> Wishes:
    """From an ASGI scope's headers, whose names are in lower case. What makes no sense is no wish (RFC 7240 §2)."""
    said = [(name, value) for name, value in headers if name in _READ]
    if not said:
        return _NONE
    waits = []
    for name, value in said:
        if name == _PREFER and (found := _WAIT.search(value)):
            waits.append(float(found[1]))
        elif name == _DEADLINE and _MILLISECONDS.fullmatch(value):
            waits.append(int(value) / 1000)
    return Wishes(any(name == _COST for name, _ in said), min(waits, default=None))
