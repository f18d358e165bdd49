"""Everything that the pages work with, made once from the settings."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from gateway.backoff import Backoff
from gateway.people import register
from gateway.people.events import SERVER
from gateway.people.external import External, external_of
from gateway.people.guessing import Guessing
from gateway.people.letters import MASTER_KEY, Letters
from gateway.people.passkeys import Passkeys
from gateway.people.passwords import PasswordHashing, Weakness, weakness
from gateway.people.recovery import RecoveryCodes
from gateway.people.sessions import Sessions
from gateway.people.signing_in import SignIns, workplaces_of
from gateway.people.totp import Totp
from vereda.database import Database
from vereda.sealing import LocalKeyProvider
from vereda.secrets import Secrets
from vereda.settings import Settings


@dataclass(frozen=True, slots=True)
class People:
    settings: Settings
    database: Database
    sessions: Sessions
    sign_ins: SignIns
    hashing: PasswordHashing
    totp: Totp
    passkeys: Passkeys
    recovery: RecoveryCodes
    letters: Letters
    guessing: Guessing
    external: External | None
    """The provider that people may sign in through, if there is one."""

    @classmethod
    def of(cls, settings: Settings, database: Database) -> People:
        """Raises: OperatorError when a setting makes no sense or `VEREDA_HOME` cannot be used."""
        keys = LocalKeyProvider(Secrets(settings.home / "secrets"), MASTER_KEY)
        sessions = Sessions(settings, database)
        return cls(
            settings=settings,
            database=database,
            sessions=sessions,
            sign_ins=SignIns(database, sessions),
            hashing=PasswordHashing(),
            totp=Totp(database, keys),
            passkeys=Passkeys(settings, database),
            recovery=RecoveryCodes(database, keys),
            letters=Letters.of(settings, database),
            guessing=Guessing(Backoff.of(settings, database)),
            external=external_of(settings, database),
        )

    async def hashed_if_good(self, person: UUID, password: str) -> str | Weakness:
        """The hash of a new password of the person's; or what is wrong with it."""
        account = await register.account(self.database, person)
        async with self.database.transaction(SERVER, read_only=True) as session:
            workplaces = await workplaces_of(session, person)
        personal = [one.name for one in workplaces]
        if account is not None:
            personal += [account.email, account.display_name]
        weak = await asyncio.to_thread(weakness, password, personal)
        return weak or await self.hashing.hash(password)
