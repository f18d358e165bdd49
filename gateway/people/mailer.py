"""Mails are kept until they are sent: sealed, in the gateway's database, and tried again by whichever gateway is there.

Each is sent at least once, and nearly always exactly once: only when a process dies between the mail server's word and
its own note of it is one sent twice, under the same Message-ID. Nobody waits for a mail, and no answer depends on it.
"""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import delete, select

from gateway.people.events import SERVER
from gateway.people.mail import Mail, MailPort, MailRefusedError
from gateway.store import Letter
from gateway.store.away import NO_DATABASE
from gateway.store.clearing import clear
from vereda.database import Database
from vereda.sealing import LocalKeyProvider, SealBrokenError
from vereda.telemetry import logger

_CONTEXT: Final = b"letter"
#: The wait before the second try; before each further one it is twice as long, up to the longest.
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
_LOOK_EVERY_S: Final = 15.0
_AT_ONCE: Final = 10
_log = logger("mail")


class Mailer:
    """Sends by `port`. `keys` seals what waits: who reads the database can use no link, and learns no address of it."""

    def __init__(
        self,
        database: Database,
        keys: LocalKeyProvider,
        port: MailPort | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._keys = keys
        self._port = port
        self._now = now

    @property
    def works(self) -> bool:
        """Whether there is anywhere to send mails by."""
        return self._port is not None

    async def send(self, mail: Mail, useful_for: timedelta) -> None:
        """Send it now; if that fails, again and again while it is of use."""
        if self._port is None:
            return
        now = self._now()
        async with self._database.transaction(SERVER) as session:
            session.add(
                Letter(
                    id=mail.id,
                    sealed=self._sealed(mail),
                    tries=1,
                    due_at=now + _wait(1),
                    expires_at=now + useful_for,
                )
            )
        await self._try(self._port, mail)

    async def send_due(self) -> int:
        """Try some of those again whose time has come; how many. Those that are of no use any more go.

        Several processes share the work: what one has taken is due for others only after its next wait.
        """
        if self._port is None:
            return 0
        now = self._now()
        async with self._database.transaction(SERVER) as session:
            # Indexes: ix_letters_expires_at, ix_letters_due_at.
            await clear(session, Letter.id, Letter.expires_at <= now)
            due = select(Letter).where(Letter.due_at <= now, Letter.expires_at > now).order_by(Letter.due_at)
            found = await session.scalars(due.limit(_AT_ONCE).with_for_update(skip_locked=True))
            letters = list(found)
            for letter in letters:
                letter.tries += 1
                letter.due_at = now + _wait(letter.tries)
        for letter in letters:
            try:
                mail = self._opened(letter)
            except SealBrokenError:
                _log.error("a mail cannot be read: it was sealed under another people-master-key")
                await self._forget(letter.id)
            else:
                await self._try(self._port, mail)
        return len(letters)

    @asynccontextmanager
    async def trying_again(self, every_s: float = _LOOK_EVERY_S) -> AsyncIterator[None]:
        """While this is entered, what waits is tried again."""
        task = asyncio.create_task(self._again_and_again(every_s))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _again_and_again(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                while await self.send_due() == _AT_ONCE:
                    pass
            except NO_DATABASE as error:
                _log.error("no database", kind=type(error).__name__)

    async def _try(self, port: MailPort, mail: Mail) -> None:
        # The kind of an error alone: what a mail server says may repeat the address (R34).
        try:
            await port.send(mail)
        except MailRefusedError:
            _log.error("a mail was refused for good")
        except (OSError, smtplib.SMTPException) as error:
            _log.error("a mail could not be sent, and is tried again", kind=type(error).__name__)
            return
        await self._forget(mail.id)

    async def _forget(self, letter: UUID) -> None:
        async with self._database.transaction(SERVER) as session:
            await session.execute(delete(Letter).where(Letter.id == letter))

    def _sealed(self, mail: Mail) -> bytes:
        return self._keys.wrap(orjson.dumps([mail.to, mail.subject, mail.text]), _CONTEXT + mail.id.bytes)

    def _opened(self, letter: Letter) -> Mail:
        """Raises: SealBrokenError."""
        to, subject, body = orjson.loads(self._keys.unwrap(letter.sealed, _CONTEXT + letter.id.bytes))
        return Mail(to, subject, body, letter.id)


def _wait(tries: int) -> timedelta:
    """Between try number `tries` and the next."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 20)), LONGEST_WAIT)
