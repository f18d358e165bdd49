"""Everything that the pages work with, made once from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.people.passwords import PasswordHashing
from gateway.people.recovery import RecoveryCodes
from gateway.people.sessions import Sessions
from gateway.people.signing_in import SignIns
from gateway.people.totp import Totp
from vereda.database import Database
from vereda.sealing import LocalKeyProvider
from vereda.secrets import Secrets
from vereda.settings import Settings

#: The secret in `VEREDA_HOME/secrets` that seals authenticator apps' secrets and keys recovery codes' digests.
MASTER_KEY: Final = "people-master-key"


@dataclass(frozen=True, slots=True)
class People:
    settings: Settings
    database: Database
    sessions: Sessions
    sign_ins: SignIns
    hashing: PasswordHashing
    totp: Totp
    recovery: RecoveryCodes

    @classmethod
    def of(cls, settings: Settings, database: Database) -> People:
        """Raises: OperatorError when `VEREDA_HOME` cannot be used."""
        keys = LocalKeyProvider(Secrets(settings.home / "secrets"), MASTER_KEY)
        sessions = Sessions(settings, database)
        return cls(
            settings=settings,
            database=database,
            sessions=sessions,
            sign_ins=SignIns(database, sessions),
            hashing=PasswordHashing(),
            totp=Totp(database, keys),
            recovery=RecoveryCodes(database, keys),
        )
