"""Draws in words. The first choice is the plain one, to which hypothesis shrinks its examples."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice:
    """Decisions of one example. `number`: a whole number between two, both included."""

    def __init__(self, number: Callable[[int, int], int]) -> None:
        self._number = number

    @classmethod
    def of(cls, draw: st.DrawFn) -> Dice:
        """Hypothesis decides."""
        return cls(lambda least, most: draw(st.integers(least, most)))

    @classmethod
    def seeded(cls, seed: int) -> Dice:
        """The same decisions whenever the seed is the same. Unlike hypothesis's, two examples have nothing in common."""
        return cls(random.Random(seed).randint)

    def number(self, least: int, most: int) -> int:
        return self._number(least, most) if least < most else least

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.number(0, 99) >= 100 - percent

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(0, len(options) - 1)]

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        """Different options, in their own order."""
        count = self.number(min(least, len(options)), min(most, len(options)))
        left = list(range(len(options)))
        chosen = sorted(left.pop(self.number(0, len(left) - 1)) for _ in range(count))
        return [options[index] for index in chosen]
