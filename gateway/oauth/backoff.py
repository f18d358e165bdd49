"""Slows guessing: who fails again and again must wait, twice as long each time.

Failures count per client id and network, so that whoever guesses at a partner's secret from elsewhere does not lock
the partner out. Kept in memory, of one process, for the newest few thousand only.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Key = tuple[str, str]

_FREE: Final = 5
_FIRST_S: Final = 1.0
_LONGEST_S: Final = 60.0
_FORGOTTEN_AFTER_S: Final = 900.0
_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Backoff:
    """Five failures are free, then one attempt after 1 s, 2 s, 4 s ... 60 s, until one succeeds or 15 min pass."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: OrderedDict[Key, _Failures] = OrderedDict()

    def wait_s(self, key: Key) -> float:
        """Seconds until `key` may try again; 0 when it may now."""
        failures = self._failures.get(key)
        if failures is None or failures.count < _FREE:
            return 0.0
        # The exponent is bounded, so that a counter that ran for months makes no number too large to be a float.
        pause = min(_FIRST_S * 2.0 ** min(failures.count - _FREE, 16), _LONGEST_S)
        return max(0.0, failures.last + pause - self._now())

    def failed(self, key: Key) -> None:
        now = self._now()
        failures = self._failures.get(key)
        if failures is None or now - failures.last > _FORGOTTEN_AFTER_S:
            failures = self._failures[key] = _Failures(0, now)
        failures.count += 1
        failures.last = now
        self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, key: Key) -> None:
        self._failures.pop(key, None)


def network_of(address: str) -> str:
    """The network that one party commands: an IPv4 address, an IPv6 /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
