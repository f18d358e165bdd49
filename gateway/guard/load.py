"""How much is answered at the same time: the rest is turned away while turning away is still cheap.

There are two bounds. Of requests, because each holds memory. And of the event loop's lag, how long what is ready waits for its
turn: a gateway that has less of a processor than it was made for drowns with far fewer requests than another, and
those it has begun are answered in time only if it begins no more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Final

from gateway.identity import Identity


class OverloadedError(Exception):
    """Too many requests are being answered. `by_caller`: of this very caller."""

    def __init__(self, *, by_caller: bool) -> None:
        super().__init__()
        self.by_caller = by_caller


#: How often the lag is looked at, and of how many looks the shortest counts: a single long step is no overload.
_LOOK_S: Final = 0.1
_LOOKS: Final = 3
#: So few at the same time are no overload, whatever lags.
_FEW: Final = 20


class Load:
    """Requests that are being answered, all and by caller. `most_lag_s`: see the module."""

    def __init__(self, most: int, most_of_one: int, most_lag_s: float) -> None:
        self._most = most
        self._most_lag_s = most_lag_s
        self._lags = deque([0.0] * _LOOKS, maxlen=_LOOKS)
        self._most_of_one = most_of_one
        self._all = 0
        self._by_caller: dict[str, int] = {}

    @property
    def full(self) -> bool:
        return self._all >= self._most or (self._all >= _FEW and self.lag_s > self._most_lag_s)

    @property
    def lag_s(self) -> float:
        """How long what is ready has waited for its turn lately, at the least."""
        return min(self._lags)

    async def watch_lag(self) -> None:
        """Look at the lag of the running event loop, until this is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self.lagged(loop.time() - due)

    def lagged(self, seconds: float) -> None:
        self._lags.append(seconds)

    @property
    def now(self) -> int:
        return self._all

    def one_more(self, caller: Identity) -> _OneMore:
        """A request while it is being answered: a context, which raises OverloadedError when it is entered."""
        return _OneMore(self, caller.client_id)

    def begin(self, who: str | None) -> None:
        """Raises: OverloadedError; then nothing has begun."""
        if self.full:
            raise OverloadedError(by_caller=False)
        if who is not None:
            theirs = self._by_caller.get(who, 0)
            if theirs >= self._most_of_one:
                raise OverloadedError(by_caller=True)
            self._by_caller[who] = theirs + 1
        self._all += 1

    def end(self, who: str | None) -> None:
        self._all -= 1
        if who is not None:
            theirs = self._by_caller[who] - 1
            if theirs:
                self._by_caller[who] = theirs
            else:
                del self._by_caller[who]


class _OneMore:
    """One request: entered when its answering begins, left when it ends."""

    __slots__ = ("_load", "_who")

    def __init__(self, load: Load, who: str | None) -> None:
        self._load = load
        self._who = who

    def __enter__(self) -> None:
        self._load.begin(self._who)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._load.end(self._who)
