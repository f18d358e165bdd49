"""Buckets that replicas of the gateway share, in Postgres.

A replica takes a share of a bucket at once, a lease, and counts requests against that by itself: the database is asked once
for many requests. What a lease holds is nobody else's meanwhile, so that all replicas together never give out more than the
bucket has; what a replica does not use comes back with the bucket's own rate.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from sqlalchemy import Double, Interval, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gateway.guard.rates.limiting import WINDOW_S, LocalBuckets, Policy
from gateway.store import RateBucket
from gateway.store.acting import server_caller
from gateway.store.clearing import clear
from vereda.caller import Caller
from vereda.database import Database
from vereda.telemetry import logger, report

_log = logger("rates")
#: The part of a bucket that one lease takes.
_SHARE: Final = 0.05
#: A bucket that was not touched for so long is full, whatever it says.
_FULL_AFTER_S: Final = 10 * WINDOW_S
_MOST_LEASES: Final = 20_000
_COUNTER: Final[Caller] = server_caller("gateway")


class _Lease:
    """Units that this replica may give out; `beyond`: what was left to all after that; `nothing_until`: when to ask again."""

    __slots__ = ("beyond", "left", "lock", "nothing_until")

    def __init__(self, beyond: float) -> None:
        self.left = 0.0
        self.beyond = beyond
        self.nothing_until = 0.0
        self.lock = asyncio.Lock()


class LeasedBuckets:
    """Counted by all replicas together. While the database cannot be asked, each counts by itself."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._alone = LocalBuckets(clock)
        self._leases: OrderedDict[str, _Lease] = OrderedDict()

    def take_at_once(self, policy: Policy, units: float) -> bool:
        """See `Buckets.take_at_once`: out of the lease that this replica has."""
        lease = self._of(policy)
        if lease.left < units:
            return False
        lease.left -= units
        return True

    async def take(self, policy: Policy, units: float) -> float:
        """See `Buckets.take`."""
        if self.take_at_once(policy, units):
            return 0
        lease = self._of(policy)
        async with lease.lock:  # who waited here may find what he needs
            missing = units - lease.left
            if missing > 0:
                if self._clock() < lease.nothing_until:
                    return lease.nothing_until - self._clock()
                try:
                    available, granted = await self._lease(policy, missing)
                except (DBAPIError, PoolTimeoutError, OSError) as error:
                    report(_log, error)
                    return await self._alone.take(policy, units)
                lease.left += granted
                lease.beyond = available - granted
                if not granted:
                    wait_s = (missing - available) * WINDOW_S / policy.per_minute
                    lease.nothing_until = self._clock() + wait_s
                    return wait_s
            lease.left -= units
            return 0

    def settle(self, policy: Policy, units: float) -> None:
        """See `Buckets.settle`. A debt is paid from this replica's next leases."""
        lease = self._of(policy)
        lease.left = min(policy.per_minute, lease.left + units)

    def left(self, policy: Policy) -> float:
        """What this replica last knew to be left."""
        lease = self._of(policy)
        return lease.left + lease.beyond

    def _of(self, policy: Policy) -> _Lease:
        lease = self._leases.get(policy.key)
        if lease is None:
            lease = self._leases[policy.key] = _Lease(policy.per_minute)
            while len(self._leases) > _MOST_LEASES:
                self._leases.popitem(last=False)
        self._leases.move_to_end(policy.key)
        return lease

    async def _lease(self, policy: Policy, missing: float) -> tuple[float, float]:
        """What there is in the shared bucket, and what was taken of it: what is missing and a share more, or nothing."""
        capacity, per_s = float(policy.per_minute), policy.per_minute / WINDOW_S
        async with self._database.transaction(_COUNTER) as session:
            # Index: the primary key. The row is made full where there is none, then locked until the lease is taken.
            await session.execute(
                insert(RateBucket).values(key=policy.key, left=capacity).on_conflict_do_nothing()
            )
            age_s = func.extract("epoch", func.clock_timestamp() - RateBucket.updated_at)
            there = func.least(capacity, RateBucket.left + cast(age_s, Double) * per_s)
            found = await session.scalar(select(there).where(RateBucket.key == policy.key).with_for_update())
            available = float(found or 0)
            granted = min(available, missing + capacity * _SHARE) if available >= missing else 0.0
            await session.execute(
                update(RateBucket)
                .where(RateBucket.key == policy.key)
                .values(left=available - granted, updated_at=func.clock_timestamp())
            )
            # Index: updated_at.
            old = func.clock_timestamp() - cast(literal(f"{_FULL_AFTER_S} seconds"), Interval)
            await clear(session, RateBucket.key, RateBucket.updated_at < old)
        return available, granted
