"""Codes of an authenticator app: time-based one-time passwords (RFC 6238) of six digits and thirty seconds.

Secrets are sealed in the database; a code is good once, one step early or late.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pyotp
import segno
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.people.events import SERVER, Event, record
from gateway.store import Person
from vereda.database import Database
from vereda.sealing import LocalKeyProvider, SealBrokenError

_STEP_S: Final = 30
_DIGITS: Final = 6
_STEPS_OFF: Final = (0, -1, 1)
_ISSUER: Final = "Vereda"
_CONTEXT: Final = b"totp"
_OFFERED: Final = b"totp-offered"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page shows of a secret that is not stored yet. `sealed` goes through the form, and back."""

    sealed: str
    secret: str
    qr: str


class Totp:
    """The authenticator apps of people. `keys` seals their secrets."""

    def __init__(
        self, database: Database, keys: LocalKeyProvider, *, now: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._keys = keys
        self._now = now

    def offer(self, person: UUID, account: str, *, again: str = "") -> Offer:
        """A new secret for the person's app, called `account` there; or, where the code of an offer was mistyped, that one
        `again`: the app has its secret by now. Nothing is stored before it is confirmed."""
        secret = self._offered(person, again)
        if secret is None:
            secret = pyotp.random_base32()
            again = self._keys.wrap(secret.encode(), _OFFERED + person.bytes).hex()
        return Offer(again, secret, qr_code(secret, account))

    def _offered(self, person: UUID, sealed: str) -> str | None:
        """The secret of an offer that was made to this person."""
        try:
            return self._keys.unwrap(bytes.fromhex(sealed), _OFFERED + person.bytes).decode()
        except (ValueError, SealBrokenError):
            return None

    async def install(self, person: UUID, secret: str) -> None:
        """Give `person` a secret (base32) that their app need not confirm: for the demo's people."""
        await self._store(person, secret, None)

    async def confirm(self, person: UUID, offer: str, code: str) -> bool:
        """Make the secret of an offer the person's, if `code` shows that their app has it. It replaces one that was
        there."""
        secret = self._offered(person, offer)
        step = None if secret is None else self._step(secret, code)
        if secret is None or step is None:
            return False
        await self._store(person, secret, step)
        async with self._database.transaction(SERVER) as session:
            await record(session, Event.FACTOR_ADDED, person, by=str(person))
        return True

    async def remove(self, session: AsyncSession, person: UUID) -> None:
        """In the caller's transaction, who sees to it that another factor is left."""
        await session.execute(
            update(Person)
            .where(Person.id == person)
            .values(totp_secret=None, totp_confirmed_at=None, totp_last_step=None)
        )

    async def accept(self, person: UUID, code: str) -> bool:
        """Whether `code` is the person's now, and of no step that was used before (RFC 6238 §5.2)."""
        async with self._database.transaction(SERVER) as session:
            sealed = await session.scalar(select(Person.totp_secret).where(Person.id == person))
            if sealed is None:
                return False
            secret = self._keys.unwrap(sealed, _CONTEXT + person.bytes).decode()
            step = self._step(secret, code)
            if step is None:
                return False
            # Two that come with the same code at the same time: the database lets one of them.
            used: Any = await session.execute(
                update(Person)
                .where(Person.id == person)
                .where(or_(Person.totp_last_step.is_(None), Person.totp_last_step < step))
                .values(totp_last_step=step)
            )
            return bool(used.rowcount)

    async def _store(self, person: UUID, secret: str, last_step: int | None) -> None:
        async with self._database.transaction(SERVER) as session:
            await session.execute(
                update(Person)
                .where(Person.id == person)
                .values(
                    totp_secret=self._keys.wrap(secret.encode(), _CONTEXT + person.bytes),
                    totp_confirmed_at=datetime.fromtimestamp(self._now(), UTC),
                    totp_last_step=last_step,
                )
            )

    def _step(self, secret: str, code: str) -> int | None:
        """The time step whose code this is, of the three that are allowed."""
        given = "".join(code.split()).encode()
        if len(given) != _DIGITS or not given.isdigit():
            return None
        totp, current = pyotp.TOTP(secret, digits=_DIGITS, interval=_STEP_S), int(self._now()) // _STEP_S
        for off in _STEPS_OFF:
            if hmac.compare_digest(totp.generate_otp(current + off).encode(), given):
                return current + off
        return None


def qr_code(secret: str, account: str) -> str:
    """The QR code for an authenticator app, as inline SVG: no image is fetched, no style is inline."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=_ISSUER)
    return segno.make(uri, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff", dark="#000")


def current_code(secret: str) -> str:
    """The code of this moment, for the demo's people."""
    return pyotp.TOTP(secret, digits=_DIGITS, interval=_STEP_S).now()
