"""Codes of an authenticator app: time-based one-time passwords (RFC 6238) of six digits and thirty seconds.

Secrets are sealed in the database; a code is good once, one step early or late.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pyotp
import segno
from sqlalchemy import or_, select, update

from gateway.people.events import SERVER
from gateway.store import Person
from vereda.database import Database
from vereda.sealing import LocalKeyProvider, SealBrokenError

_STEP_S: Final = 30
_DIGITS: Final = 6
_STEPS_OFF: Final = (0, -1, 1)
_ISSUER: Final = "Vereda"
_CONTEXT: Final = b"totp"
_OFFERED: Final = b"totp-offered"


class Totp:
    """The authenticator apps of people. `keys` seals their secrets."""

    def __init__(
        self, database: Database, keys: LocalKeyProvider, *, now: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._keys = keys
        self._now = now

    def offer(self, person: UUID) -> str:
        """A new secret, sealed for `person`, for the form that will confirm it: nothing is stored before."""
        return self._keys.wrap(pyotp.random_base32().encode(), _OFFERED + person.bytes).hex()

    def offered_secret(self, person: UUID, offer: str) -> str | None:
        """The secret (base32) of an offer that was made to this person."""
        try:
            return self._keys.unwrap(bytes.fromhex(offer), _OFFERED + person.bytes).decode()
        except (ValueError, SealBrokenError):
            return None

    async def install(self, person: UUID) -> str:
        """Give `person` a secret that their app need not confirm, for the demo's people; the secret (base32)."""
        secret = pyotp.random_base32()
        await self._store(person, secret, None)
        return secret

    async def confirm(self, person: UUID, secret: str, code: str) -> bool:
        """Make `secret` the person's, if `code` shows that their app has it. It replaces one that was there."""
        step = self._step(secret, code)
        if step is None:
            return False
        await self._store(person, secret, step)
        return True

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
