"""Who administers, and in whose name the database is asked for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.accounts.domain.authority import Administrator, Kind, reach_of
from gateway.people.roles import scopes_of
from gateway.people.sessions import RECENTLY
from gateway.store import Membership, OAuthClient, Person
from gateway.store.acting import server_caller
from vereda.caller import Caller, Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.errors import ClientError, ErrorCode
from vereda.idempotency import mark_recorded

#: Administration reaches beyond what one organisation sees: it is done as the server, after it was allowed.
SERVER: Final = server_caller("administration")


_Row = TypeVar("_Row", Membership, OAuthClient)


@dataclass(frozen=True, slots=True)
class Acting:
    """One act under way: no other is, until its transaction ends."""

    context: RequestContext[Any]
    session: AsyncSession
    who: Administrator
    organization: UUID

    async def member(self, person: UUID) -> Membership | None:
        """The membership in the organisation, in force or ended, as far as the administrator may see it."""
        return await self._seen(Membership, (person, self.organization))

    async def client(self, client_id: str) -> OAuthClient | None:
        """The client of the organisation, as far as the administrator may see it."""
        return await self._seen(OAuthClient, client_id)

    async def _seen(self, kind: type[_Row], key: object) -> _Row | None:
        """Row-level security decides: what the administrator may not see, is not there. No other act changes it now."""
        administrator = acting_for(self.context, self.organization)
        async with self.context.database.as_another(self.session, administrator, back=SERVER):
            return await self.session.get(kind, key, populate_existing=True)

    def done(self) -> None:
        """Keep what was done; without this word, nothing is."""
        mark_recorded(self.session)


def administered(context: RequestContext[Any], organization: UUID | None, *others: Scope) -> UUID:
    """The organisation that is asked about: the caller's own where none is named.

    Raises: ClientError FORBIDDEN, when the caller's token carries neither an administrator's scope nor one of `others`, or
    not that for organisations of others.
    """
    context.caller.require(Scope.ADMIN_ORGANIZATION, Scope.ADMIN_NETWORK, *others)
    if organization not in (None, context.caller.organization):
        context.caller.require(Scope.ADMIN_NETWORK)
    return organization or context.caller.organization


def acting_for(context: RequestContext[Any], organization: UUID) -> Caller:
    """The caller as the database gets to know them: with their own rights, for the organisation that they administer."""
    return replace(context.caller, organization=organization)


@asynccontextmanager
async def acting(context: RequestContext[Any], organization: UUID) -> AsyncIterator[Acting]:
    """A transaction for one act on `organization`, committed when it was `done`.

    It is the server's own. Acts take turns, all over the network: rules such as that of the last administrator look at more than one row, and a
    person may belong to several organisations. They are rare enough.

    Raises: ClientError FORBIDDEN when the caller's right has ended since the token was given out.
    """
    async with context.write(SERVER) as session:
        await take_turns(session, "administration")
        who = await _administrator(session, context)
        yield Acting(context, session, who, organization)


async def _administrator(session: AsyncSession, context: RequestContext[Any]) -> Administrator:
    """Who acts, by what the register says of them at this moment; a token lives longer than a right that was taken."""
    caller = context.caller
    kind, scopes = await _standing(session, caller)
    reach = reach_of(caller.scopes & scopes)
    if reach is None:
        raise ClientError(ErrorCode.FORBIDDEN, "Your right to administer has ended: sign in again.")
    proven = kind is Kind.API_CLIENT or (
        caller.authenticated_at is not None and context.now - caller.authenticated_at <= RECENTLY
    )
    return Administrator(caller.subject, kind, reach, caller.organization, proven)


async def _standing(session: AsyncSession, caller: Caller) -> tuple[Kind, frozenset[str]]:
    """What the caller is, and the scopes that they have now. Indexes: the primary keys."""
    person = person_id(caller.subject)
    if person is not None:
        role = await session.scalar(
            select(Membership.role)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.person_id == person,
                Membership.organization_id == caller.organization,
                Membership.ended_at.is_(None),
                Person.disabled_at.is_(None),
            )
        )
        return Kind.PERSON, scopes_of(role) if role is not None else frozenset()
    scopes = await session.scalar(
        select(OAuthClient.scopes).where(
            OAuthClient.client_id == caller.subject,
            OAuthClient.organization_id == caller.organization,
            OAuthClient.disabled_at.is_(None),
        )
    )
    return Kind.API_CLIENT, frozenset(scopes or ())


def person_id(subject: str) -> UUID | None:
    """The person's id that `subject` is; None for a system's, which never looks like one."""
    try:
        person = UUID(subject)
    except ValueError:
        return None
    return person if str(person) == subject else None
