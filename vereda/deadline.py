"""How long a request may take: the gateway says so in a header, in milliseconds, and work ends when it is over.

The time that is left bounds each transaction in Postgres (`statement_timeout`) and the request as a whole here.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Final

HEADER: Final = "X-Request-Deadline"
#: Nobody asks for longer: the header's bound, an hour in milliseconds.
_LONGEST_MS: Final = 3_600_000
_NUMBER: Final = re.compile(r"[0-9]{1,12}")

PASSED: Final = "It took longer than it may, and nothing was acknowledged: ask for less, or send it again with the same key."


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, in seconds."""

    at: float

    @classmethod
    def read(cls, header: str | None) -> Deadline | None:
        """The deadline that a header with the milliseconds that are left speaks of; None where it speaks of none."""
        if header is None or not _NUMBER.fullmatch(header):
            return None
        return cls(time.monotonic() + min(int(header), _LONGEST_MS) / 1000)

    @property
    def left_s(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self.at - time.monotonic())
