"""How many requests are answered at the same time: the rest is turned away while turning away is still cheap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.identity import Identity


class OverloadedError(Exception):
    """Too many requests are being answered. `by_caller`: of this very caller."""

    def __init__(self, *, by_caller: bool) -> None:
        super().__init__()
        self.by_caller = by_caller


class Load:
    """Requests that are being answered, all and by caller."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._all = 0
        self._by_caller: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        return self._all >= self._most

    @property
    def now(self) -> int:
        return self._all

    @contextmanager
    def one_more(self, caller: Identity) -> Iterator[None]:
        """A request while it is being answered. Raises: OverloadedError."""
        if self.full:
            raise OverloadedError(by_caller=False)
        who = caller.client_id
        if who is not None:
            if self._by_caller[who] >= self._most_of_one:
                raise OverloadedError(by_caller=True)
            self._by_caller[who] += 1
        self._all += 1
        try:
            yield
        finally:
            self._all -= 1
            if who is not None:
                self._by_caller[who] -= 1
                if not self._by_caller[who]:
                    del self._by_caller[who]
