"""A token bucket. Times are seconds of any one monotonic clock, told by whoever asks."""

from __future__ import annotations


class Bucket:
    """Holds at most `capacity` units, and gets `per_s` of them back each second."""

    __slots__ = ("_at", "_left", "capacity", "per_s")

    def __init__(self, capacity: float, per_s: float, now: float, left: float | None = None) -> None:
        """Full, unless `left` says otherwise."""
        self.capacity = capacity
        self.per_s = per_s
        self._left = capacity if left is None else left
        self._at = now

    def left(self, now: float) -> float:
        """Units that are in it; less than none while a debt is paid back."""
        if now > self._at:
            left = self._left + (now - self._at) * self.per_s
            self._left = left if left < self.capacity else self.capacity
            self._at = now
        return self._left

    def take(self, units: float, now: float) -> float:
        """Take `units` if they are there: 0; else nothing is taken, and it is told in how many seconds they will be.

        More than the bucket holds is never there.
        """
        missing = units - self.left(now)
        if missing > 0:
            return missing / self.per_s
        self._left -= units
        return 0

    def settle(self, units: float, now: float) -> None:
        """Give units back (or take them, where they are negative, even those that are not there)."""
        self._left = min(self.capacity, self.left(now) + units)
