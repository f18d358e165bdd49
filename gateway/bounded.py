"""A store of what was made of texts, within bounds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

#: Values kept, and the characters that the texts which tell them apart have together.
MOST_KEPT: Final = 1_000
MOST_CHARACTERS: Final = 1_000_000

_T = TypeVar("_T")


class Bounded(Generic[_T]):
    """Values by a text and more; those that were not asked for the longest go first."""

    def __init__(self) -> None:
        self._values: OrderedDict[tuple[str, Hashable], tuple[_T, int]] = OrderedDict()
        self._characters = 0

    def get(self, text: str, more: Hashable = None) -> _T | None:
        found = self._values.get((text, more))
        if found is None:
            return None
        self._values.move_to_end((text, more))
        return found[0]

    def keep(self, text: str, more: Hashable, value: _T, held: int = 0) -> None:
        """`held`: characters of the value itself, where it is a text."""
        self._characters += len(text) + held - self._forgotten((text, more))
        self._values[text, more] = (value, len(text) + held)
        while len(self._values) > MOST_KEPT or self._characters > MOST_CHARACTERS:
            self._characters -= self._forgotten(next(iter(self._values)))

    def _forgotten(self, key: tuple[str, Hashable]) -> int:
        """The characters that are no longer held."""
        gone = self._values.pop(key, None)
        return 0 if gone is None else gone[1]
