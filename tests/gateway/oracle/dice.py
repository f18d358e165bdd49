"""Draws in words, over hypothesis's integers: the first choice is the plain one, to which examples shrink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice:
    """Decisions of one example."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most)) if least < most else least

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
