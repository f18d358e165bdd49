"""How long the request that is being answered may still take; each subgraph request carries it on (`vereda.deadline`)."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

from vereda.deadline import Deadline

#: Of the request that is being answered here; None where it may take as long as it takes.
DEADLINE: Final[ContextVar[Deadline | None]] = ContextVar("vereda_gateway_deadline", default=None)


def left_ms() -> int | None:
    """Milliseconds that are left, as the header has them; None without a deadline."""
    deadline = DEADLINE.get()
    return None if deadline is None else int(deadline.left_s * 1000)
