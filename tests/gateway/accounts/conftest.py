"""The subgraph of accounts over a real database, and organisations with people and systems to administer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from gateway.accounts.app import service
from gateway.accounts.post import Letters
from gateway.people import register
from gateway.people.events import SERVER
from gateway.people.roles import scopes_of
from gateway.store import FOLDER, Membership, Role
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings


@pytest_asyncio.fixture(scope="session")
async def database(databases: Databases) -> Database:
    return await databases.of("gateway", FOLDER)


@dataclass
class Mailbox(Letters):
    """Keeps what was written to whom."""

    go_out: bool = True
    letters: list[tuple[str, UUID, str]] = field(default_factory=list)

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


@pytest_asyncio.fixture
async def accounts(database: Database, settings: Settings) -> Accounts:
    mailbox = Mailbox()
    return Accounts(Subgraph(service(mailbox), database, settings), mailbox)
