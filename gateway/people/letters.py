"""The three mails that people get: a link to join, a link to set a new password, and that something was changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, func, select

from gateway.people.events import SERVER, Event, record
from gateway.people.invitations import LASTS, Purpose, invite, link_of
from gateway.people.languages import sentence
from gateway.people.mail import Mail, mail_port
from gateway.people.mailer import Mailer
from gateway.people.origins import page_url
from gateway.people.paths import ACCOUNT
from gateway.store import Invitation, Person
from vereda.database import Database
from vereda.sealing import LocalKeyProvider
from vereda.secrets import Secrets
from vereda.settings import Settings

#: Nobody's mailbox is filled by asking again and again.
AGAIN_AFTER: Final = timedelta(minutes=5)


#: The secret in `VEREDA_HOME/secrets` that seals authenticator apps' secrets and waiting mails, and keys recovery codes'
#: digests.
MASTER_KEY: Final = "people-master-key"
#: For so long it is worth telling that something was changed.
_NEWS: Final = timedelta(days=1)


class Letters:
    def __init__(self, settings: Settings, database: Database, mailer: Mailer) -> None:
        self._settings = settings
        self._database = database
        self.mailer = mailer

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Letters:
        """Raises: OperatorError when a setting makes no sense or `VEREDA_HOME` cannot be used."""
        keys = LocalKeyProvider(Secrets(settings.home / "secrets"), MASTER_KEY)
        return cls(settings, database, Mailer(database, keys, mail_port(settings)))

    async def join(self, person: UUID, token: str) -> None:
        """Send somebody their invitation."""
        await self._send(person, "mail.join", LASTS[Purpose.JOIN], link_of(self._settings, token))

    async def new_password(self, person: UUID, token: str) -> None:
        """Send somebody a link to set a new password."""
        await self._send(person, "mail.reset", LASTS[Purpose.RESET], link_of(self._settings, token))

    async def changed(self, person: UUID) -> None:
        """Tell somebody that what they sign in with was changed (OWASP ASVS 5 §6.3.7); what, they see on the pages."""
        await self._send(person, "mail.changed", _NEWS, f"{page_url(self._settings)}{ACCOUNT}")

    async def reset(self, email: str) -> None:
        """Send a link for a new password to whoever has this address here and signs in with a password, at most once in
        five minutes. Run it after the answer: it takes longer for an address that is known."""
        newest = datetime.now(UTC) + LASTS[Purpose.RESET] - AGAIN_AFTER
        async with self._database.transaction(SERVER) as session:
            person = await session.scalar(
                select(Person)
                .where(
                    func.lower(Person.email) == email.strip().lower()[:254],
                    Person.disabled_at.is_(None),
                    Person.external_subject.is_(None) | Person.password_hash.is_not(None),
                    ~exists().where(
                        Invitation.person_id == Person.id,
                        Invitation.purpose == Purpose.RESET.value,
                        Invitation.expires_at > newest,
                    ),
                )
                .with_for_update()
            )
            if person is None:
                return
            token = await invite(session, person.id, Purpose.RESET)
            await record(session, Event.RESET_ASKED, person.id, by=str(person.id))
        await self.new_password(person.id, token)

    async def _send(self, person: UUID, key: str, useful_for: timedelta, link: str) -> None:
        async with self._database.transaction(SERVER, read_only=True) as session:
            found = await session.get(Person, person)
        if found is not None:
            subject = sentence(found.locale, f"{key}.subject")
            mail = Mail(found.email, subject, sentence(found.locale, f"{key}.text", link=link))
            await self.mailer.send(mail, useful_for)
