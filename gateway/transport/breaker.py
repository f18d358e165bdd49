"""A circuit breaker: a subgraph that keeps failing is left alone for a while, so that clients do not wait for it."""

from __future__ import annotations


class Breaker:
    """Opens after `threshold` failures in a row; every `rest_s` seconds it then lets one request try.

    Times are seconds of any one monotonic clock.
    """

    __slots__ = ("_failures", "_opens_at", "_rest_s", "_threshold")

    def __init__(self, threshold: int, rest_s: float) -> None:
        self._threshold = threshold
        self._rest_s = rest_s
        self._failures = 0
        self._opens_at = 0.0

    @property
    def has_failures(self) -> bool:
        """Whether the last request failed; while it did not, there is nothing to ask or to tell."""
        return self._failures > 0

    def allows(self, now: float) -> bool:
        """Whether a request may be sent; a yes while the breaker is open makes that request the trial."""
        if self._failures < self._threshold:
            return True
        if now < self._opens_at:
            return False
        self._opens_at = now + self._rest_s
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, now: float) -> None:
        self._failures += 1
        if self._failures >= self._threshold:
            self._opens_at = now + self._rest_s
