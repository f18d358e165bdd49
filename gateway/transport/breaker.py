"""A circuit breaker: a subgraph that keeps failing is left alone for a while, so that clients do not wait for it, and it is
not asked while it comes to itself. And a budget for asking again, so that trouble is not made worse by asking twice.

Times are seconds of any one monotonic clock, told by whoever asks.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

#: Outcomes are counted for so long, from the first failure on.
WINDOW_S: Final = 10.0
#: So many outcomes, of which half are failures, open the breaker though successes stand between them.
LEAST_OUTCOMES: Final = 20


class State(StrEnum):
    CLOSED = "closed"
    """Requests go through."""
    OPEN = "open"
    """None does."""
    TRYING = "trying"
    """One went through to see whether the subgraph is back; the others wait for what comes of it."""


class Breaker:
    """Opens after `threshold` failures in a row, or when half of many requests fail; `rest_s` later it lets one try.

    While nothing fails there is nothing to ask or to tell, and it costs nothing.
    """

    __slots__ = (
        "_failures",
        "_in_a_row",
        "_opens_at",
        "_rest_s",
        "_since",
        "_successes",
        "_threshold",
        "openings",
        "state",
    )

    def __init__(self, threshold: int, rest_s: float) -> None:
        self._threshold = threshold
        self._rest_s = rest_s
        self._opens_at = self._since = 0.0
        self.state = State.CLOSED
        self.openings = 0
        """How often it opened, once for each time of trouble."""
        self._forget()

    @property
    def has_failures(self) -> bool:
        """Whether something failed not long ago: then it must be asked, and told of each outcome."""
        return self._failures > 0

    def allows(self, now: float) -> bool:
        """Whether a request may be sent; a yes while the breaker is not closed makes that request the trial.

        A trial of which nothing is heard is followed by another after `rest_s`.
        """
        if self.state is State.CLOSED:
            return True
        if now < self._opens_at:
            return False
        self.state = State.TRYING
        self._opens_at = now + self._rest_s
        return True

    def succeeded(self, now: float) -> None:
        if self.state is State.TRYING:
            self.state = State.CLOSED
            self._forget()
        elif self.state is State.CLOSED and self.has_failures:
            self._in_a_row = 0
            self._successes += 1
            if now - self._since > WINDOW_S:
                self._forget()

    def failed(self, now: float) -> None:
        if self.state is State.OPEN:  # of a request that was sent before
            return
        if self.state is State.CLOSED and (not self.has_failures or now - self._since > WINDOW_S):
            in_a_row = self._in_a_row
            self._forget()
            self._in_a_row, self._since = in_a_row, now
        self._failures += 1
        self._in_a_row += 1
        if self.state is State.TRYING or self._is_too_much():
            self.openings += self.state is State.CLOSED
            self.state = State.OPEN
            self._opens_at = now + self._rest_s

    def _is_too_much(self) -> bool:
        outcomes = self._failures + self._successes
        return self._in_a_row >= self._threshold or (
            outcomes >= LEAST_OUTCOMES and self._failures * 2 >= outcomes
        )

    def _forget(self) -> None:
        self._failures = self._successes = self._in_a_row = 0
        self._since = 0.0


class RetryBudget:
    """Asking again is allowed for a share of all requests, and a few besides.

    Without it a subgraph in trouble gets twice the requests it has trouble with.
    """

    __slots__ = ("_left", "_seen", "_share", "spent")

    #: Allowed at once, whatever was sent before; and the most that quiet times save up.
    RESERVE: Final = 10.0

    def __init__(self, share: float) -> None:
        """`share`: of all requests, such as 0.1."""
        self._share = share
        self._left = self.RESERVE if share else 0.0
        self._seen = 0
        self.spent = 0

    def spend(self, sent: int) -> bool:
        """Whether one more request may be asked again; `sent`: how many were sent so far."""
        self._left = min(self.RESERVE, self._left + (sent - self._seen) * self._share)
        self._seen = sent
        if self._left < 1:
            return False
        self._left -= 1
        self.spent += 1
        return True
