"""Organisations with people and systems to administer, what the tests do with them, and what they look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from gateway.accounts.post import Letters, Mailer
from gateway.oauth import clients
from gateway.people import register
from gateway.people.events import SERVER
from gateway.people.roles import scopes_of
from gateway.store import (
    AccessToken,
    Membership,
    OAuthClient,
    Person,
    Role,
    SecurityEvent,
    Session,
)
from tests.support.subgraph import Subgraph
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.ids import new_id

MEMBER = "member { personId email displayName role status hasSecondFactor }"
INVITED = f"... on MemberInvited {{ byMail {MEMBER} }}"
CHANGED_MEMBER = f"... on MemberChanged {{ {MEMBER} }}"
RESET = f"... on SignInReset {{ byMail {MEMBER} }}"
CLIENT = (
    "client { clientId name authentication keyIds jwksUri grants redirectUris scopes roles purpose firstParty"
    " dpopRequired trustedDocumentsOnly costPerMinute disabledAt organization { id } }"
)
REGISTERED = f"... on ApiClientRegistered {{ secret {CLIENT} }}"
CHANGED_CLIENT = f"... on ApiClientChanged {{ {CLIENT} }}"
ROTATED = f"... on ApiClientSecretRotated {{ secret {CLIENT} }}"

#: Acts on somebody who is there, with what they need besides whom.
ON_PEOPLE: dict[str, dict[str, Any]] = {
    "changeMemberRole": {"role": "SUPERVISOR"},
    "endMembership": {},
    "endMemberSessions": {},
    "disablePerson": {},
    "enablePerson": {},
    "resetSignIn": {},
}
#: Acts on a system that is there, with what they need besides its id.
ON_CLIENTS: dict[str, dict[str, Any]] = {
    "changeApiClient": {"name": "Other"},
    "rotateApiClientSecret": {},
    "replaceApiClientKeys": {"jwksUri": "https://clinic.example.org/jwks.json"},
    "disableApiClient": {},
    "enableApiClient": {},
    "revokeApiClientTokens": {},
    "registerTrustedDocuments": {"documents": ["{ counties { name } }"]},
}


def invitation(**changes: Any) -> dict[str, Any]:
    """Input of `inviteMember`."""
    values = {
        "email": f"new-{new_id()}@clinic.example.org",
        "displayName": "Inés Robledo",
        "role": "CASE_WORKER",
    }
    return {**values, **changes}


def registration(**changes: Any) -> dict[str, Any]:
    """Input of `registerApiClient`."""
    values = {
        "clientId": f"records-{new_id()}",
        "name": "Records",
        "scopes": ["DIRECTORY_READ", "CLIENT_READ"],
    }
    return {**values, **changes}


@dataclass
class Mailbox(Letters, Mailer):
    """Keeps what was written to whom."""

    works: bool = True
    letters: list[tuple[str, UUID, str]] = field(default_factory=list)

    @property
    def mailer(self) -> Mailer:
        return self

    async def join(self, person: UUID, token: str) -> None:
        self.letters.append(("join", person, token))

    async def new_password(self, person: UUID, token: str) -> None:
        self.letters.append(("new_password", person, token))


@dataclass(frozen=True)
class Worker:
    """A person in one organisation."""

    id: UUID
    email: str
    organization: UUID
    role: Role

    def caller(self, *scopes: Scope, proven: timedelta | None = timedelta(minutes=1)) -> Caller:
        """Them at the graph. `proven`: how long ago they showed who they are; `scopes`: all of their role's by default."""
        return Caller(
            str(self.id),
            self.organization,
            frozenset(scope.value for scope in scopes) or scopes_of(self.role),
            frozenset({self.role.value}),
            authenticated_at=None if proven is None else datetime.now(UTC) - proven,
        )


@dataclass
class Accounts:
    """What the tests do, and what they look at."""

    graph: Subgraph
    mailbox: Mailbox

    @property
    def database(self) -> Database:
        return self.graph.database

    async def worker(
        self,
        role: Role = Role.CASE_WORKER,
        organization: UUID | None = None,
        *,
        email: str | None = None,
        joined: bool = True,
    ) -> Worker:
        """Somebody, known or new, with a password unless they have not `joined`."""
        organization = organization or new_id()
        email = email or f"worker-{new_id()}@clinic.example.org"
        invitee = await register.add_person(
            self.database,
            email=email,
            display_name="Marisol Quintero",
            organization=organization,
            role=role,
            by="operator",
        )
        if joined:
            async with self.database.transaction(SERVER) as session:
                await register.set_password(session, invitee.person_id, "not a hash", by="operator")
        return Worker(invitee.person_id, email, organization, role)

    async def administrator(self, organization: UUID | None = None) -> Worker:
        return await self.worker(Role.ORGANIZATION_ADMINISTRATOR, organization)

    async def coordinator(self) -> Worker:
        return await self.worker(Role.NETWORK_COORDINATOR)

    async def role(self, worker: Worker, organization: UUID | None = None) -> Role | None:
        """What somebody is now in an organisation; None when they are no member."""
        async with self.database.transaction(SERVER) as session:
            row = await session.get(Membership, (worker.id, organization or worker.organization))
        return None if row is None or row.ended_at is not None else row.role

    async def do(self, caller: Caller, mutation: str, selection: str = "", **given: Any) -> dict[str, Any]:
        """The payload of a mutation; fails the test when there is an error instead."""
        declared = self.graph.service.schema._schema.mutation_type
        assert declared is not None
        type_ = declared.fields[mutation].args["input"].type
        document = (
            f"mutation($input: {type_}) {{ {mutation}(input: $input) {{"
            f" __typename ... on Refusal {{ code message }} {selection} }} }}"
        )
        return dict((await self.graph.data(caller, document, input=given))[mutation])

    async def events(self, subject: UUID | str) -> list[tuple[str, str]]:
        """What the security events say of a person or system: what happened, by whom."""
        async with self.database.transaction(SERVER) as session:
            rows = await session.execute(
                select(SecurityEvent.type, SecurityEvent.actor)
                .where(SecurityEvent.subject == str(subject))
                .order_by(SecurityEvent.id)
            )
            return [(type_, actor) for type_, actor in rows]

    async def give_session(self, worker: Worker) -> None:
        async with self.database.transaction(SERVER) as session:
            session.add(
                Session(
                    digest=new_id().bytes,
                    person_id=worker.id,
                    organization_id=worker.organization,
                    factors=[],
                    browser="Firefox",
                    authenticated_at=func.now(),
                    last_seen_at=func.now(),
                    expires_at=func.now() + timedelta(hours=1),
                )
            )

    async def open_sessions(self, worker: Worker) -> int:
        async with self.database.transaction(SERVER) as session:
            return len(
                list(
                    await session.scalars(
                        select(Session.id).where(
                            Session.person_id == worker.id,
                            Session.organization_id == worker.organization,
                            Session.ended_at.is_(None),
                        )
                    )
                )
            )

    async def give_totp(self, worker: Worker) -> None:
        async with self.database.transaction(SERVER) as session:
            (await session.get_one(Person, worker.id)).totp_secret = b"sealed"

    async def system(self, owner: Worker, *scopes: Scope, **more: Any) -> Caller:
        """A system of `owner`'s organisation, as a caller with all that it may."""
        client_id, granted = f"system-{new_id()}", scopes or (Scope.CLIENT_READ,)
        await clients.register(
            self.database,
            clients.Registration(
                client_id=client_id,
                organization=owner.organization,
                name="A system",
                scopes=granted,
                secret=clients.new_secret(),
                **more,
            ),
        )
        return Caller(client_id, owner.organization, frozenset(scope.value for scope in granted))

    async def stored(self, client_id: str) -> OAuthClient | None:
        async with self.database.transaction(SERVER) as session:
            return await session.get(OAuthClient, client_id)

    async def give_token(self, worker: Worker, client_id: str) -> None:
        async with self.database.transaction(SERVER) as session:
            row = await session.get_one(OAuthClient, client_id)
            session.add(
                AccessToken(
                    jti=new_id(),
                    client_id=client_id,
                    organization_id=worker.organization,
                    issued_at=row.created_at,
                    expires_at=row.created_at + timedelta(minutes=10),
                )
            )

    async def live_tokens(self, client_id: str) -> int:
        async with self.database.transaction(SERVER) as session:
            found = await session.scalars(
                select(AccessToken.jti).where(
                    AccessToken.client_id == client_id, AccessToken.revoked_at.is_(None)
                )
            )
            return len(list(found))
