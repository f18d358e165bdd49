"""Recovery codes: ten that are good once each, for the day when the second factor is lost (NIST SP 800-63B-4 §3.1.2)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.people.events import SERVER, Event, record
from gateway.store import RecoveryCode
from vereda.database import Database
from vereda.sealing import LocalKeyProvider

HOW_MANY: Final = 10
#: Crockford's base 32: no I, L, O or U, which are misread.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_HALF: Final = 6


class RecoveryCodes:
    """The codes of people. Their digests are keyed by `keys`: the database alone does not tell them, at any price."""

    def __init__(
        self,
        database: Database,
        keys: LocalKeyProvider,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._keys = keys
        self._now = now

    async def renew(self, session: AsyncSession, person: UUID) -> list[str]:
        """Ten new codes (60 bits each) in place of all older ones; the only time that they can be read."""
        codes = [_new_code() for _ in range(HOW_MANY)]
        await session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person))
        session.add_all(RecoveryCode(person_id=person, digest=self._digest(person, code)) for code in codes)
        await record(session, Event.RECOVERY_CODES_MADE, person, by=str(person))
        return codes

    async def use(self, person: UUID, code: str) -> bool:
        """Whether `code` is the person's and not used before; from now on it is. Index: the primary key."""
        async with self._database.transaction(SERVER) as session:
            used: Any = await session.execute(
                update(RecoveryCode)
                .where(
                    RecoveryCode.person_id == person,
                    RecoveryCode.digest == self._digest(person, code),
                    RecoveryCode.used_at.is_(None),
                )
                .values(used_at=self._now())
            )
            if not used.rowcount:
                return False
            await record(session, Event.RECOVERY_CODE_USED, person, by=str(person))
            return True

    async def left(self, person: UUID) -> int:
        async with self._database.transaction(SERVER, read_only=True) as session:
            left = await session.scalar(
                select(func.count())
                .select_from(RecoveryCode)
                .where(RecoveryCode.person_id == person, RecoveryCode.used_at.is_(None))
            )
            return left or 0

    def _digest(self, person: UUID, code: str) -> bytes:
        plain = "".join(character for character in code.lower() if character.isalnum())
        return bytes.fromhex(self._keys.blind_index(person, plain))


def _new_code() -> str:
    halves = ("".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2))
    return "-".join(halves)
