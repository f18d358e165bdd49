"""Whether this process is about to end: balancers are told by the readiness probe, and connections end with their answers.

Of the whole process, as signals are. Begun once, never taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class Draining:
    begun: bool = False


DRAINING: Final = Draining()
