"""What one plan may cost: an operation that would take longer is refused with a clear error, and never hangs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: Steps between two looks at the clock.
_STEPS_BETWEEN_LOOKS: Final = 256


class PlanningError(Exception):
    """The operation cannot be planned over this supergraph; the message says which part."""


class ClashError(PlanningError):
    """Two fields of the operation cannot be told apart in the answer of one subgraph. The message is for the client."""


class BudgetExceededError(PlanningError):
    """To plan the operation would cost more than is allowed. The message is for the client."""


@dataclass(frozen=True, slots=True)
class PlanningLimits:
    """Far above what any operation of a person needs; what exceeds them is an attack or a bug."""

    selections: int = 50_000
    """Selections with all fragments written out."""
    fields: int = 10_000
    """Fields to answer; one of an interface may have to be asked of each implementation."""
    steps: int = 2_000_000
    """Moves between subgraphs that are looked at: the same for equal input, however fast the machine is."""
    time_s: float = 3.0


class Budget:
    """What is left of the limits while one operation is planned."""

    __slots__ = ("_clock", "_ends", "_fields", "_limits", "_selections", "_steps")

    def __init__(
        self, limits: PlanningLimits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits or PlanningLimits()
        self._selections = self._limits.selections
        self._fields = self._limits.fields
        self._steps = self._limits.steps
        self._clock = clock
        self._ends = clock() + self._limits.time_s

    def select(self) -> None:
        """One more selection is read."""
        self._selections -= 1
        if self._selections < 0:
            raise BudgetExceededError(
                f"The operation selects more than {self._limits.selections} fields when its fragments are written out:"
                " ask for less at once."
            )
        self._look(self._selections)

    def field(self) -> None:
        """One more field is laid out."""
        self._fields -= 1
        if self._fields < 0:
            raise BudgetExceededError(
                f"The operation asks for more than {self._limits.fields} fields, those of each implementation of an"
                " interface counted: ask for less at once."
            )
        self.step()

    def step(self) -> None:
        """One more way to a field is looked at."""
        self._steps -= 1
        if self._steps < 0:
            raise BudgetExceededError(
                "There are too many ways to answer this operation: ask for less at once."
            )
        self._look(self._steps)

    def _look(self, left: int) -> None:
        if left % _STEPS_BETWEEN_LOOKS == 0 and self._clock() > self._ends:
            raise BudgetExceededError("The operation takes too long to plan: ask for less at once.")
