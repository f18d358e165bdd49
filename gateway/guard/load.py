"""How many requests are answered at the same time: the rest is turned away while turning away is still cheap."""

from __future__ import annotations

from types import TracebackType

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
        self._by_caller: dict[str, int] = {}

    @property
    def full(self) -> bool:
        return self._all >= self._most

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
