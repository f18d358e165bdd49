"""The register of people: what administrators and operators do. Each act is written to the security events.

`by` is who does it: a person's or client's id, or `operator` for the command line. What takes a `store` does it in a
transaction of its own, or within the one that it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.people.events import SERVER, Event, record
from gateway.people.invitations import Purpose, end_invitations, invite
from gateway.people.languages import LANGUAGES
from gateway.people.sessions import end_all
from gateway.store import Membership, OrganizationName, Passkey, Person, RecoveryCode, Role, SignIn
from gateway.store.acting import Store, within
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id

#: The languages of pages and mails.
LOCALES: Final = tuple(LANGUAGES)
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,187}[A-Za-z0-9])?"
)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one organisation, as its administrators see them."""

    person_id: UUID
    email: str
    display_name: str
    role: Role
    has_password: bool
    has_second_factor: bool
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """What signing in needs of a person."""

    person_id: UUID
    email: str
    display_name: str
    password_hash: str | None
    has_totp: bool


@dataclass(frozen=True, slots=True)
class Invitee:
    """`token` belongs into a link; None when the person has a password already and needs none."""

    person_id: UUID
    token: str | None


async def add_person(
    store: Store,
    *,
    email: str,
    display_name: str,
    organization: UUID,
    role: Role,
    by: str,
    organization_name: str | None = None,
    locale: str = "en",
) -> Invitee:
    """Make somebody, known or new, a member of `organization` with `role`, and invite them to set a password.

    Raises: OperatorError when the address or language cannot be.
    """
    email = checked_email(email)
    if locale not in LOCALES:
        raise OperatorError(f"The pages speak {' and '.join(LOCALES)}, not {locale!r}.")
    if not display_name.strip():
        raise OperatorError("A person needs a name that others see.")
    async with within(store, SERVER) as session:
        # Index: uq_people_email.
        person = await session.scalar(
            select(Person).where(func.lower(Person.email) == email.lower()).with_for_update()
        )
        if person is None:
            person = Person(id=new_id(), email=email, display_name=display_name.strip(), locale=locale)
            session.add(person)
            await session.flush()
        if organization_name is not None:
            await name_organization(session, organization, organization_name)
        await give_role(session, person.id, organization, role, by=by)
        token = None
        if person.password_hash is None and person.external_subject is None:
            token = await invite(session, person.id, Purpose.JOIN)
            await record(session, Event.INVITED, person.id, by=by, organization=organization)
        return Invitee(person.id, token)


async def set_role(store: Store, person: UUID, organization: UUID, role: Role, *, by: str) -> None:
    """Change what a member is. Their sessions and tokens for the organisation end: they sign in anew with it.

    Raises: OperatorError when they are no member.
    """
    async with within(store, SERVER) as session:
        await _member(session, person, organization)
        await give_role(session, person, organization, role, by=by)


async def end_membership(store: Store, person: UUID, organization: UUID, *, by: str) -> None:
    """Let a person act for the organisation no more. Raises: OperatorError when they are no member."""
    async with within(store, SERVER) as session:
        member = await _member(session, person, organization)
        member.ended_at = datetime.now(UTC)
        await end_all(session, person, reason="membership_ended", organization=organization)
        await record(session, Event.MEMBERSHIP_ENDED, person, by=by, organization=organization)


async def disable(store: Store, person: UUID, *, by: str, by_network: bool = True) -> None:
    """Let a person in no more, anywhere; sessions, tokens and links end. `by_network`: not by an organisation's own
    administrator, who then may not undo it. Raises: OperatorError when there is no such person."""
    async with within(store, SERVER) as session:
        found = await _person(session, person)
        found.disabled_by_network |= by_network
        found.disabled_at = datetime.now(UTC)
        await end_all(session, person, reason="person_disabled")
        await end_invitations(session, person)
        await session.execute(delete(SignIn).where(SignIn.person_id == person))
        await record(session, Event.DISABLED, person, by=by)


async def enable(store: Store, person: UUID, *, by: str) -> None:
    """Let a disabled person sign in again. Raises: OperatorError when there is none."""
    async with within(store, SERVER) as session:
        found = await _person(session, person)
        found.disabled_at, found.disabled_by_network = None, False
        await record(session, Event.ENABLED, person, by=by)


async def end_sessions(store: Store, person: UUID, organization: UUID, *, by: str) -> None:
    """End a member's sessions for the organisation, and what applications hold in their name for it."""
    async with within(store, SERVER) as session:
        await end_all(session, person, reason="sessions_ended", organization=organization)
        await record(session, Event.SIGNED_OUT_EVERYWHERE, person, by=by, organization=organization)


async def reset(store: Store, person: UUID, *, by: str, factors: bool = False) -> str:
    """The token of a link by which a person sets a new password; the old one ends now, with all sessions.

    With `factors`, their second factors end, too: for who has lost everything, after somebody has made sure that it is
    them. Raises: OperatorError when there is no such person.
    """
    async with within(store, SERVER) as session:
        found = await _person(session, person)
        found.password_hash = None
        if factors:
            found.totp_secret = found.totp_confirmed_at = found.totp_last_step = None
            await session.execute(delete(Passkey).where(Passkey.person_id == person))
            await session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person))
            await record(session, Event.FACTORS_RESET, person, by=by)
        await end_all(session, person, reason="password_reset")
        await session.execute(delete(SignIn).where(SignIn.person_id == person))
        await record(session, Event.RESET_ASKED, person, by=by)
        return await invite(session, person, Purpose.RESET)


async def set_password(session: AsyncSession, person: UUID, password_hash: str, *, by: str) -> None:
    """In the caller's transaction. Links that the person was sent are good no more; what else ends, the caller says."""
    await session.execute(
        update(Person)
        .where(Person.id == person)
        .values(password_hash=password_hash, password_changed_at=datetime.now(UTC))
    )
    await end_invitations(session, person)
    await record(session, Event.PASSWORD_CHANGED, person, by=by)


async def members(database: Database, organization: UUID) -> list[Member]:
    """The people of an organisation, by name. Index: ix_memberships_organization_id_person_id."""
    async with database.transaction(SERVER, read_only=True) as session:
        rows = await session.execute(
            select(Person, Membership.role, exists().where(Passkey.person_id == Person.id))
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.organization_id == organization, Membership.ended_at.is_(None))
            .order_by(Person.display_name, Person.id)
        )
        return [
            Member(
                person_id=person.id,
                email=person.email,
                display_name=person.display_name,
                role=role,
                has_password=person.password_hash is not None,
                has_second_factor=person.totp_secret is not None or has_passkey,
                disabled_at=person.disabled_at,
            )
            for person, role, has_passkey in rows
        ]


async def find_person(database: Database, text: str) -> UUID | None:
    """The person with this id or e-mail address, disabled or not. Indexes: the primary key, uq_people_email."""
    try:
        condition = Person.id == UUID(text)
    except ValueError:
        condition = func.lower(Person.email) == text.strip().lower()[:254]
    async with database.transaction(SERVER, read_only=True) as session:
        return await session.scalar(select(Person.id).where(condition))


async def find_account(database: Database, email: str) -> Account | None:
    """The account that signs in with this address; none when it may not. Index: uq_people_email."""
    async with database.transaction(SERVER, read_only=True) as session:
        person = await session.scalar(
            select(Person).where(
                func.lower(Person.email) == email.strip().lower()[:254], Person.disabled_at.is_(None)
            )
        )
        return None if person is None else _account(person)


async def account(database: Database, person: UUID) -> Account | None:
    """Index: the primary key."""
    async with database.transaction(SERVER, read_only=True) as session:
        found = await session.get(Person, person)
        return None if found is None else _account(found)


async def set_locale(database: Database, person: UUID, locale: str) -> None:
    """The language of the pages and mails for this person: one of `LANGUAGES`, or nothing happens."""
    if locale in LANGUAGES:
        async with database.transaction(SERVER) as session:
            await session.execute(update(Person).where(Person.id == person).values(locale=locale))


async def name_organization(session: AsyncSession, organization: UUID, name: str) -> None:
    """What the pages call an organisation."""
    values = insert(OrganizationName).values(organization_id=organization, name=name[:200])
    await session.execute(
        values.on_conflict_do_update(index_elements=["organization_id"], set_={"name": name[:200]})
    )


def checked_email(email: str) -> str:
    """Raises: OperatorError when mail could not be sent there."""
    if not _EMAIL.fullmatch(email.strip()) or ".." in email:
        raise OperatorError("That is no e-mail address: write it as name@example.org.")
    return email.strip()


async def give_role(session: AsyncSession, person: UUID, organization: UUID, role: Role, *, by: str) -> None:
    """Make a person, member or not, what `role` says, in the caller's transaction."""
    member = await session.get(Membership, (person, organization), with_for_update=True)
    if member is None:
        session.add(Membership(person_id=person, organization_id=organization, role=role))
        await record(session, Event.MEMBERSHIP_STARTED, person, by=by, organization=organization)
    elif member.ended_at is not None:
        member.role, member.ended_at = role, None
        await record(session, Event.MEMBERSHIP_STARTED, person, by=by, organization=organization)
    elif member.role is not role:
        member.role = role
        await end_all(session, person, reason="role_changed", organization=organization)
        await record(session, Event.ROLE_CHANGED, person, by=by, organization=organization)


async def _member(session: AsyncSession, person: UUID, organization: UUID) -> Membership:
    member = await session.get(Membership, (person, organization), with_for_update=True)
    if member is None or member.ended_at is not None:
        raise OperatorError("That person is no member of that organisation.")
    return member


async def _person(session: AsyncSession, person: UUID) -> Person:
    found = await session.get(Person, person, with_for_update=True)
    if found is None:
        raise OperatorError("There is no such person.")
    return found


def _account(person: Person) -> Account:
    return Account(
        person.id,
        person.email,
        person.display_name,
        person.password_hash,
        has_totp=person.totp_secret is not None,
    )
