"""Signing in as a small machine: what is proven so far says what is asked next.

A sign-in under way lives in the table `sign_ins`, by the digest of the browser's visit cookie. It opens nothing: only
`SignIns.finish` opens a session, and only when `next_step` says that nothing is left to prove.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from gateway.people.cookies import SESSION, VISIT, digest, new_value, value_of
from gateway.people.events import SERVER, Event, record
from gateway.people.sessions import Sessions
from gateway.store import Membership, OrganizationName, Passkey, Person, SignIn
from vereda.database import Database

LASTS: Final = timedelta(minutes=10)
_CLEARED_AT_ONCE: Final = 100


class Proof(StrEnum):
    """What a person has shown in this sign-in."""

    PASSWORD = "password"  # noqa: S105
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    """With the person verified by their device: two factors in one."""
    EXTERNAL = "external"
    """An external provider vouches for them."""
    EXTERNAL_MULTI = "external_multi"
    """An external provider vouches for several factors."""


class Step(StrEnum):
    """What is asked next."""

    IDENTIFY = "identify"
    SECOND_FACTOR = "second_factor"
    ENROL = "enrol"
    ORGANIZATION = "organization"
    OPEN = "open"
    NOWHERE = "nowhere"
    """Everything is proven, but no organisation has this person any more."""


_FIRST: Final = frozenset({Proof.PASSWORD, Proof.EXTERNAL})
_SECOND: Final = frozenset({Proof.TOTP, Proof.RECOVERY_CODE})
_BOTH: Final = frozenset({Proof.PASSKEY, Proof.EXTERNAL_MULTI})

#: RFC 8176: what is written to the session, and from there to tokens.
_AMR: Final[Mapping[Proof, tuple[str, ...]]] = {
    Proof.PASSWORD: ("pwd",),
    Proof.TOTP: ("otp", "mfa"),
    Proof.RECOVERY_CODE: ("otp", "mfa"),
    Proof.PASSKEY: ("pop", "user", "mfa"),
    Proof.EXTERNAL: (),
    Proof.EXTERNAL_MULTI: ("mfa",),
}


def is_proven(proofs: frozenset[Proof]) -> bool:
    """Whether two different factors were shown."""
    return bool(proofs & _BOTH) or bool(proofs & _FIRST and proofs & _SECOND)


def next_step(proofs: frozenset[Proof], *, has_factor: bool, organizations: int) -> Step:
    """The machine. `has_factor`: whether the person has a second factor at all; a first sign-in must add one."""
    if is_proven(proofs):
        return {0: Step.NOWHERE, 1: Step.OPEN}.get(organizations, Step.ORGANIZATION)
    if proofs & _FIRST:
        return Step.SECOND_FACTOR if has_factor else Step.ENROL
    return Step.IDENTIFY


def methods_of(proofs: frozenset[Proof]) -> list[str]:
    """RFC 8176 `amr` of a sign-in by these proofs."""
    return sorted({method for proof in proofs for method in _AMR[proof]})


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organisation that a person may sign in for, by the name that the pages use."""

    organization: UUID
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A sign-in of somebody who has proven something."""

    cookie: str
    person_id: UUID
    email: str
    display_name: str
    locale: str
    proofs: frozenset[Proof]
    has_totp: bool
    has_passkey: bool
    workplaces: tuple[Workplace, ...]
    next_path: str

    @property
    def step(self) -> Step:
        return next_step(
            self.proofs, has_factor=self.has_totp or self.has_passkey, organizations=len(self.workplaces)
        )


class SignIns:
    """The sign-ins under way. Each ends ten minutes after it began."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._now = now

    async def begin(self, person: UUID, proof: Proof, next_path: str, *, replacing: str | None) -> str:
        """A new sign-in of somebody who has shown `proof`; the value of its cookie, never that of before."""
        return await self._start(
            SignIn(person_id=person, proofs=[proof.value], next_path=next_path), replacing
        )

    async def leave(self, external: Mapping[str, str], next_path: str, *, replacing: str | None) -> str:
        """Somebody goes to an external provider, whose answer has to fit `external`; the value of the new cookie."""
        return await self._start(SignIn(proofs=[], external=dict(external), next_path=next_path), replacing)

    async def _start(self, sign_in: SignIn, replacing: str | None) -> str:
        """Keep a sign-in in place of the one of the cookie `replacing`; its own cookie's value."""
        now = self._now()
        value = new_value()
        sign_in.digest, sign_in.expires_at = digest(value), now + LASTS
        async with self._database.transaction(SERVER) as session:
            if replacing is not None:
                await session.execute(delete(SignIn).where(SignIn.digest == digest(replacing)))
            session.add(sign_in)
            await self._clear(session, now)
        return value

    async def come_back(self, cookie: str) -> tuple[dict[str, str], str] | None:
        """What the provider's answer has to fit, and where to go on then: told once."""
        async with self._database.transaction(SERVER) as session:
            found = (
                await session.execute(
                    delete(SignIn)
                    .where(
                        SignIn.digest == digest(cookie),
                        SignIn.external.is_not(None),
                        SignIn.expires_at > self._now(),
                    )
                    .returning(SignIn.external, SignIn.next_path)
                )
            ).one_or_none()
        return None if found is None else (found[0], found[1])

    async def of(self, request: Request) -> UnderWay | None:
        """The sign-in that this browser has begun."""
        value = value_of(request, VISIT)
        return None if value is None else await self.of_cookie(value)

    async def of_cookie(self, value: str) -> UnderWay | None:
        """Indexes: primary keys, ix_passkeys_person_id."""
        async with self._database.transaction(SERVER, read_only=True) as session:
            found = (
                await session.execute(
                    select(SignIn, Person, exists().where(Passkey.person_id == Person.id))
                    .join(Person, Person.id == SignIn.person_id)
                    .where(
                        SignIn.digest == digest(value),
                        SignIn.expires_at > self._now(),
                        Person.disabled_at.is_(None),
                    )
                )
            ).one_or_none()
            if found is None:
                return None
            sign_in, person, has_passkey = found
            return UnderWay(
                cookie=value,
                person_id=person.id,
                email=person.email,
                display_name=person.display_name,
                locale=person.locale,
                proofs=frozenset(Proof(proof) for proof in sign_in.proofs),
                has_totp=person.totp_secret is not None,
                has_passkey=has_passkey,
                workplaces=await workplaces_of(session, person.id),
                next_path=sign_in.next_path,
            )

    async def add(self, under_way: UnderWay, proof: Proof) -> None:
        """What has been shown besides. Nothing happens when the sign-in has ended meanwhile."""
        proofs = sorted({*under_way.proofs, proof})
        async with self._database.transaction(SERVER) as session:
            await session.execute(
                update(SignIn).where(SignIn.digest == digest(under_way.cookie)).values(proofs=proofs)
            )

    async def finish(
        self, request: Request, under_way: UnderWay, organization: UUID, browser: str
    ) -> str | None:
        """Open the session; its cookie's value. None when something is left to prove, when the organisation is not the
        person's, or when the sign-in was finished before: it opens one session only."""
        steps = {Step.OPEN, Step.ORGANIZATION}
        if under_way.step not in steps or organization not in {
            one.organization for one in under_way.workplaces
        }:
            return None
        async with self._database.transaction(SERVER) as session:
            gone = await session.scalar(
                delete(SignIn)
                .where(SignIn.digest == digest(under_way.cookie), SignIn.expires_at > self._now())
                .returning(SignIn.person_id)
            )
            if gone != under_way.person_id:
                return None
            await record(
                session,
                Event.SIGNED_IN,
                under_way.person_id,
                by=str(under_way.person_id),
                organization=organization,
            )
            return await self._sessions.open(
                session,
                under_way.person_id,
                organization,
                factors=methods_of(under_way.proofs),
                browser=browser,
                replacing=value_of(request, SESSION),
            )

    async def give_up(self, cookie: str) -> None:
        async with self._database.transaction(SERVER) as session:
            await session.execute(delete(SignIn).where(SignIn.digest == digest(cookie)))

    async def _clear(self, session: AsyncSession, now: datetime) -> None:
        """Index: ix_sign_ins_expires_at."""
        over = (
            select(SignIn.digest)
            .where(SignIn.expires_at < now)
            .limit(_CLEARED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        await session.execute(delete(SignIn).where(SignIn.digest.in_(over)))


async def workplaces_of(session: AsyncSession, person: UUID) -> tuple[Workplace, ...]:
    """The organisations that the person belongs to, by name. Index: the primary keys."""
    rows: Any = await session.execute(
        select(Membership.organization_id, Membership.role, OrganizationName.name)
        .outerjoin(OrganizationName, OrganizationName.organization_id == Membership.organization_id)
        .where(Membership.person_id == person, Membership.ended_at.is_(None))
        .order_by(OrganizationName.name, Membership.organization_id)
    )
    return tuple(
        Workplace(organization, name or str(organization), role.value) for organization, role, name in rows
    )
