"""Whether a caller may go on, by what its requests cost.

An operation's estimated cost is taken before it runs, and what it did not cost is given back afterwards. One that costs more
than half of what a minute allows is counted as that half before it runs, so that it can run at all, and as what it did
cost afterwards.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from gateway.guard.rates.buckets import Bucket
from gateway.identity import Identity

WINDOW_S: Final = 60
#: What a request costs at least, and what one costs that is refused for what it asks.
LEAST: Final = 1.0
REFUSED: Final = 10.0
_MOST_BUCKETS: Final = 20_000


class Policy(NamedTuple):
    """One allowance, and whose: `per_minute` units for all requests that have the same `key`."""

    name: str
    key: str
    per_minute: int


class Quota(NamedTuple):
    """What is left of an allowance, and the seconds until it is whole again (or, after a refusal, until it is enough)."""

    policy: Policy
    left: int
    reset_s: int


class TooManyRequestsError(Exception):
    """The caller has used up an allowance."""

    def __init__(self, quota: Quota) -> None:
        super().__init__()
        self.quota = quota


class Buckets(Protocol):
    """Where units are counted."""

    def take_at_once(self, policy: Policy, units: float) -> bool:
        """Take units where nobody need be asked whether they are there. False: nothing was taken, ask `take`."""
        ...

    async def take(self, policy: Policy, units: float) -> float:
        """0 when they were taken; else nothing was, and it is told in how many seconds they may be there."""
        ...

    def settle(self, policy: Policy, units: float) -> None:
        """Give back (or take, where negative)."""
        ...

    def left(self, policy: Policy) -> float: ...


class LocalBuckets:
    """Counted by this process alone. Those that were not asked for the longest are forgotten, which fills them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take_at_once(self, policy: Policy, units: float) -> bool:
        return not self.of(policy).take(units, self._clock())

    async def take(self, policy: Policy, units: float) -> float:
        return self.of(policy).take(units, self._clock())

    def settle(self, policy: Policy, units: float) -> None:
        self.of(policy).settle(units, self._clock())

    def left(self, policy: Policy) -> float:
        return self.of(policy).left(self._clock())

    def of(self, policy: Policy) -> Bucket:
        bucket = self._buckets.get(policy.key)
        if bucket is None or bucket.capacity != policy.per_minute:
            bucket = Bucket(policy.per_minute, policy.per_minute / WINDOW_S, self._clock())
            self._buckets[policy.key] = bucket
            while len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(policy.key)
        return bucket


@dataclass(frozen=True, slots=True)
class Charge:
    """What was taken for one operation, by allowance."""

    taken: tuple[tuple[Policy, float], ...]


_NOTHING: Final = Charge(())
#: Who has the same allowances: client, organisation, and the number that is the client's own.
_Whose: TypeAlias = tuple[str, UUID | None, int | None]


class RateLimits:
    """The allowances of clients and organisations."""

    def __init__(self, buckets: Buckets, *, client_per_minute: int, organization_per_minute: int) -> None:
        """A client whose own policy says another number has that one."""
        self._buckets = buckets
        self._client_per_minute = client_per_minute
        self._organization_per_minute = organization_per_minute
        self._known: OrderedDict[_Whose, tuple[Policy, ...]] = OrderedDict()

    async def admit(self, caller: Identity, cost: float) -> Charge:
        """Take what an operation is estimated to cost. Raises: TooManyRequestsError; nothing is taken then."""
        taken: list[tuple[Policy, float]] = []
        for policy in self._policies(caller):
            units = min(max(cost, LEAST), policy.per_minute / 2)
            wait_s = 0.0
            if not self._buckets.take_at_once(policy, units):
                wait_s = await self._buckets.take(policy, units)
            if wait_s:
                self.settle(Charge(tuple(taken)), 0)
                left = max(0, int(self._buckets.left(policy)))
                raise TooManyRequestsError(Quota(policy, left, math.ceil(wait_s)))
            taken.append((policy, units))
        return Charge(tuple(taken)) if taken else _NOTHING

    def settle(self, charge: Charge, actual: float) -> None:
        """The operation is over, and did cost so much."""
        for policy, units in charge.taken:
            if units != actual:
                self._buckets.settle(policy, units - actual)

    def quotas(self, caller: Identity) -> Sequence[Quota]:
        """What is left to the caller."""
        found = []
        for policy in self._policies(caller):
            left = self._buckets.left(policy)
            whole_s = (policy.per_minute - left) * WINDOW_S / policy.per_minute
            found.append(Quota(policy, int(left) if left > 0 else 0, math.ceil(whole_s)))
        return found

    def _policies(self, caller: Identity) -> tuple[Policy, ...]:
        """Nobody in particular has none: a gateway without authentication is for loopback."""
        if caller.client_id is None:
            return ()
        whose = (caller.client_id, caller.organization, caller.cost_per_minute)
        policies = self._known.get(whose)
        if policies is None:
            policies = self._known[whose] = self._policies_of(caller)
            if len(self._known) > _MOST_BUCKETS:
                self._known.popitem(last=False)
        return policies

    def _policies_of(self, caller: Identity) -> tuple[Policy, ...]:
        own = Policy(
            "client", f"client {caller.client_id}", caller.cost_per_minute or self._client_per_minute
        )
        if caller.organization is None:
            return (own,)
        key = f"organization {caller.organization}"
        return (own, Policy("organization", key, self._organization_per_minute))
