"""Slows guessing: who fails again and again must wait, twice as long each time.

Failures count per what was tried (a client, an account) and the network that it was tried from, so that whoever guesses
at somebody's secret from elsewhere does not lock them out. They are kept in the gateway's database, so that all replicas
count together, under a keyed digest: neither names nor addresses can be read from it (R5).
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store import SignInFailures
from gateway.store.acting import server_caller
from vereda.database import Database
from vereda.secrets import Secrets
from vereda.settings import Settings

_FREE: Final = 5
FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
_LEAST_S: Final = 0.1
FORGOTTEN_AFTER: Final = timedelta(minutes=15)
#: A longer row of failures waits no longer: the counter stops here.
_MOST_COUNTED: Final = 1_000
_CLEARED_AT_ONCE: Final = 20
_SERVER: Final = server_caller("backoff")


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that is about to be made. It may be made when `wait_s` is 0; then say how it went."""

    wait_s: float
    _failures_before: int
    _digest: bytes = field(repr=False)
    _backoff: Backoff = field(repr=False)

    async def failed(self) -> None:
        await self._backoff.count(self._digest)

    async def succeeded(self) -> None:
        """What failed before is forgotten. Costs nothing when nothing did."""
        if self._failures_before:
            await self._backoff.forget(self._digest)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A try that counts as failed until it succeeds. It may be made when `wait_s` is 0."""

    wait_s: float
    _digest: bytes = field(repr=False)
    _backoff: Backoff = field(repr=False)

    async def succeeded(self) -> None:
        """What failed before is forgotten, too."""
        await self._backoff.forget(self._digest)

    async def does_not_count(self) -> None:
        """It did not fail; what failed before stays."""
        await self._backoff.give_back(self._digest)


class Backoff:
    """Five failures are free, then one attempt after 1 s, 2 s, 4 s ... 60 s, until one succeeds or 15 min pass.

    `key` is the same for all replicas; `now` is the clock.
    """

    def __init__(self, database: Database, key: bytes, *, now: Callable[[], datetime] = wall_clock) -> None:
        self._database = database
        self._key = key
        self._now = now

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Backoff:
        """Raises: OperatorError when `VEREDA_HOME` cannot be used."""
        return cls(database, Secrets(settings.home / "secrets").get("backoff-key").encode())

    async def attempt(self, kind: str, *tried: str) -> Attempt:
        """What is about to be tried: its kind (`client`, `person`), whom it is about, the network it comes from.

        Index: the primary key.
        """
        digest = self._digest(kind, *tried)
        async with self._database.transaction(_SERVER) as session:
            row = await session.get(SignInFailures, digest)
        if row is None or self._now() - row.last_at > FORGOTTEN_AFTER:
            return Attempt(0.0, 0 if row is None else row.count, digest, self)
        return Attempt(self._wait_s(row), row.count, digest, self)

    async def reserve(self, kind: str, *tried: str, free: int = _FREE) -> Reservation:
        """As `attempt`, where many may come at once: it counts as failed until it is said to have succeeded, so that each
        sees those that are under way, on all replicas. `free`: how many may fail before anybody waits.

        Index: the primary key.
        """
        now, known, digest = self._now(), SignInFailures, self._digest(kind, *tried)
        forgotten = known.last_at < now - FORGOTTEN_AFTER
        pause_s = func.least(FIRST_S * func.power(2.0, func.least(known.count - free, 16)), LONGEST_S)
        waited = known.last_at + func.make_interval(0, 0, 0, 0, 0, 0, pause_s) <= now
        values = insert(known).values(digest=digest, count=1, last_at=now)
        async with self._database.transaction(_SERVER) as session:
            counted = await session.scalar(
                values.on_conflict_do_update(
                    index_elements=["digest"],
                    set_={
                        "count": case((forgotten, 1), else_=func.least(known.count + 1, _MOST_COUNTED)),
                        "last_at": now,
                    },
                    where=or_(forgotten, known.count < free, waited),
                ).returning(known.count)
            )
            if counted is not None:
                await _clear(session, now)
                return Reservation(0.0, digest, self)
            row = await session.get(known, digest)
        # What was not counted is not tried, though its time came while we looked.
        left_s = 0.0 if row is None else self._wait_s(row, free)
        return Reservation(max(left_s, _LEAST_S), digest, self)

    async def give_back(self, digest: bytes) -> None:
        """One failure less."""
        async with self._database.transaction(_SERVER) as session:
            await session.execute(
                update(SignInFailures)
                .where(SignInFailures.digest == digest, SignInFailures.count > 0)
                .values(count=SignInFailures.count - 1)
            )

    async def count(self, digest: bytes) -> None:
        """One more failure; a few old ones go."""
        now = self._now()
        known = SignInFailures
        values = insert(known).values(digest=digest, count=1, last_at=now)
        forgotten = known.last_at < now - FORGOTTEN_AFTER
        async with self._database.transaction(_SERVER) as session:
            await session.execute(
                values.on_conflict_do_update(
                    index_elements=["digest"],
                    set_={
                        "count": case((forgotten, 1), else_=func.least(known.count + 1, _MOST_COUNTED)),
                        "last_at": func.greatest(known.last_at, now),
                    },
                )
            )
            await _clear(session, now)

    async def forget(self, digest: bytes) -> None:
        async with self._database.transaction(_SERVER) as session:
            await session.execute(delete(SignInFailures).where(SignInFailures.digest == digest))

    def _wait_s(self, failures: SignInFailures, free: int = _FREE) -> float:
        if failures.count < free:
            return 0.0
        # The exponent is bounded, so that a long row makes no number too large to be a float.
        pause_s = min(FIRST_S * 2.0 ** min(failures.count - free, 16), LONGEST_S)
        return max(0.0, pause_s - (self._now() - failures.last_at).total_seconds())

    def _digest(self, *tried: str) -> bytes:
        # Each part with its length, so that no two rows of parts read the same.
        parts = (part.encode(errors="surrogatepass") for part in tried)
        return hmac.digest(self._key, b"".join(b"%d:%s" % (len(part), part) for part in parts), "sha256")


async def _clear(session: AsyncSession, now: datetime) -> None:
    """Index: ix_sign_in_failures_last_at."""
    forgotten = (
        select(SignInFailures.digest)
        .where(SignInFailures.last_at < now - FORGOTTEN_AFTER)
        .limit(_CLEARED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(SignInFailures).where(SignInFailures.digest.in_(forgotten)))


def network_of(address: str) -> str:
    """The network that one party commands: an IPv4 address, an IPv6 /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
