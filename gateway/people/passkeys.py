"""Passkeys (Web Authentication Level 3): discoverable, and with the person verified by their device, so that one passkey
is two factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gateway.people.cookies import digest
from gateway.people.events import SERVER, Event, record
from gateway.people.origins import page_url, relying_party_id
from gateway.store import Passkey, PasskeyChallenge, Person
from vereda.database import Database
from vereda.settings import Settings
from vereda.telemetry import logger

_NAME: Final = "Vereda"
_LASTS: Final = timedelta(minutes=5)
_TIMEOUT_MS: Final = 300_000
#: A person has a phone, a computer, a key or two; more is somebody filling the table.
MOST: Final = 20
_LONGEST_NAME: Final = 100
_MOST_TRANSPORTS: Final = 8
_CLEARED_AT_ONCE: Final = 100
_log = logger("passkeys")


@dataclass(frozen=True, slots=True)
class KnownPasskey:
    """A passkey as its person sees it in their list."""

    credential_id: bytes
    name: str
    created_at: datetime
    last_used_at: datetime | None


class Passkeys:
    """The passkeys of people, for the host of the pages. `browser` is the value of the cookie that a challenge is bound
    to: who answers it is who was asked, and once."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._rp_id = relying_party_id(settings)
        self._origin = page_url(settings)
        self._now = now

    async def registration_options(self, browser: str, person: UUID, email: str, name: str) -> str:
        """Options for `navigator.credentials.create` (JSON). The user handle is the person's id, which says nothing."""
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=_NAME,
            user_id=person.bytes,
            user_name=email,
            user_display_name=name,
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(await self._ids(person)),
        )
        await self._ask(browser, options.challenge)
        return options_to_json(options)

    async def register(self, browser: str, person: UUID, credential: str, label: str) -> bool:
        """Add the passkey that `credential` (JSON) tells of, called `label`; whether it was one for us."""
        challenge = await self._asked(browser)
        if challenge is None:
            return False
        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
            transports = [str(one) for one in orjson.loads(credential)["response"].get("transports") or ()]
        except Exception as error:  # whatever the library trips over in what a browser sent, the answer is no
            _log.info("a passkey was refused", kind=type(error).__name__)
            return False
        async with self._database.transaction(SERVER) as session:
            count = await session.scalar(
                select(func.count()).select_from(Passkey).where(Passkey.person_id == person)
            )
            if (count or 0) >= MOST:
                return False
            # A credential that somebody has already is nobody else's (§7.1, step 26).
            added = await session.scalar(
                insert(Passkey)
                .values(
                    credential_id=verified.credential_id,
                    person_id=person,
                    public_key=verified.credential_public_key,
                    sign_count=verified.sign_count,
                    transports=[one[:20] for one in transports[:_MOST_TRANSPORTS]],
                    name=label.strip()[:_LONGEST_NAME] or _NAME,
                )
                .on_conflict_do_nothing()
                .returning(Passkey.credential_id)
            )
            if added is None:
                return False
            await record(session, Event.FACTOR_ADDED, person, by=str(person))
        return True

    async def sign_in_options(self, browser: str, person: UUID | None = None) -> str:
        """Options for `navigator.credentials.get` (JSON): any passkey of ours, or those of `person`."""
        options = generate_authentication_options(
            rp_id=self._rp_id,
            timeout=_TIMEOUT_MS,
            allow_credentials=_descriptors(await self._ids(person)) if person else None,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        await self._ask(browser, options.challenge)
        return options_to_json(options)

    async def whose(self, browser: str, credential: str) -> UUID | None:
        """The person whose passkey answered the challenge of this browser."""
        challenge = await self._asked(browser)
        if challenge is None:
            return None
        try:
            said = orjson.loads(credential)
            credential_id = base64url_to_bytes(said["rawId"])
            handle = said["response"].get("userHandle")
            user = UUID(bytes=base64url_to_bytes(handle)) if handle else None
        except Exception as error:
            _log.info("a passkey was refused", kind=type(error).__name__)
            return None
        async with self._database.transaction(SERVER) as session:
            known = await session.scalar(
                select(Passkey)
                .join(Person, Person.id == Passkey.person_id)
                .where(Passkey.credential_id == credential_id, Person.disabled_at.is_(None))
                .with_for_update(of=Passkey)
            )
            if known is None or user not in (None, known.person_id):
                return None
            try:
                verified = verify_authentication_response(
                    credential=credential,
                    expected_challenge=challenge,
                    expected_rp_id=self._rp_id,
                    expected_origin=self._origin,
                    credential_public_key=known.public_key,
                    credential_current_sign_count=0,  # compared below, so that it is noticed and not only refused
                    require_user_verification=True,
                )
            except Exception as error:
                _log.info("a passkey was refused", kind=type(error).__name__)
                return None
            count = verified.new_sign_count
            if (count or known.sign_count) and count <= known.sign_count:
                # Two devices hold the key (§6.1.1): whichever this is, it is let in no more.
                await record(session, Event.PASSKEY_COUNT_FELL, known.person_id, by=str(known.person_id))
                return None
            known.sign_count, known.last_used_at = count, self._now()
            return known.person_id

    async def list_of(self, person: UUID) -> list[KnownPasskey]:
        """Index: ix_passkeys_person_id."""
        async with self._database.transaction(SERVER, read_only=True) as session:
            rows = await session.scalars(
                select(Passkey).where(Passkey.person_id == person).order_by(Passkey.created_at)
            )
            return [
                KnownPasskey(row.credential_id, row.name, row.created_at, row.last_used_at) for row in rows
            ]

    async def remove(self, session: AsyncSession, person: UUID, credential_id: bytes) -> bool:
        """Whether the passkey was there, and the person's."""
        gone: Any = await session.execute(
            delete(Passkey).where(Passkey.credential_id == credential_id, Passkey.person_id == person)
        )
        return bool(gone.rowcount)

    async def _ids(self, person: UUID) -> Sequence[bytes]:
        async with self._database.transaction(SERVER, read_only=True) as session:
            return (
                await session.scalars(select(Passkey.credential_id).where(Passkey.person_id == person))
            ).all()

    async def _ask(self, browser: str, challenge: bytes) -> None:
        """Remember what this browser has to answer; what it was asked before counts no more."""
        now = self._now()
        values = {"challenge": challenge, "expires_at": now + _LASTS}
        over = (
            select(PasskeyChallenge.digest)
            .where(PasskeyChallenge.expires_at < now)
            .limit(_CLEARED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        async with self._database.transaction(SERVER) as session:
            await session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.digest.in_(over)))
            await session.execute(
                insert(PasskeyChallenge)
                .values(digest=digest(browser), **values)
                .on_conflict_do_update(index_elements=["digest"], set_=values)
            )

    async def _asked(self, browser: str) -> bytes | None:
        """The challenge that this browser has to answer; it is used up now, whatever comes of it."""
        async with self._database.transaction(SERVER) as session:
            return await session.scalar(
                delete(PasskeyChallenge)
                .where(PasskeyChallenge.digest == digest(browser), PasskeyChallenge.expires_at > self._now())
                .returning(PasskeyChallenge.challenge)
            )


def _descriptors(ids: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in ids]
