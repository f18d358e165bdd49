"""What is shown of accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from gateway.accounts.domain.authority import Kind
from gateway.accounts.operations import members
from gateway.accounts.operations.acting import person_id
from gateway.accounts.operations.members import MemberStatus
from gateway.accounts.schema.context import Info
from gateway.oauth.client import AuthMethod, Client, GrantType
from gateway.store import Role
from gateway.store import SecurityEvent as EventRow
from vereda.caller import Caller, Scope
from vereda.mapping import from_row

_ID: Final = Key(fields=FieldSet("id"), resolvable=False)
_SCOPES: Final = {scope.value: scope for scope in Scope}


def scopes_of(values: frozenset[str] | list[str]) -> list[Scope]:
    """Scopes by name, in the order of their names."""
    return [_SCOPES[value] for value in sorted(values) if value in _SCOPES]


@strawberry.federation.type(keys=[_ID])
class Organization:
    id: strawberry.ID

    @classmethod
    def of(cls, id_: UUID) -> Organization:
        return cls(id=strawberry.ID(str(id_)))


@strawberry.type(description="Who you are, as your token says.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="A person's id, or a system's client id.")
    kind: Kind
    scopes: list[Scope]
    roles: list[str]
    purpose: str | None = strawberry.field(description="What a system's token is for.")
    authenticated_at: datetime | None = strawberry.field(
        description="When you last proved who you are; null for systems."
    )
    caller: strawberry.Private[Caller]

    @classmethod
    def of(cls, caller: Caller) -> Viewer:
        return cls(
            id=strawberry.ID(caller.subject),
            kind=Kind.API_CLIENT if person_id(caller.subject) is None else Kind.PERSON,
            scopes=scopes_of(caller.scopes),
            roles=sorted(caller.roles),
            purpose=caller.purpose,
            authenticated_at=caller.authenticated_at,
            caller=caller,
        )

    @strawberry.field(description="What you are called.")
    async def name(self, info: Info) -> str | None:
        return await info.context.loaders.names.load((self.caller.organization, self.caller.subject))

    @strawberry.field(description="The organisation that you act for.")
    def organization(self) -> Organization | None:
        return Organization.of(self.caller.organization)


@strawberry.type(description="A person in an organisation.")
class Member:
    person_id: strawberry.ID
    email: str
    display_name: str
    role: Role
    status: MemberStatus
    has_second_factor: bool
    since: datetime = strawberry.field(description="When they became a member.")
    organization_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, member: members.Member) -> Member:
        return from_row(cls, member, organization_id=member.organization)

    @strawberry.field
    def organization(self) -> Organization | None:
        return Organization.of(self.organization_id)


@strawberry.type(
    description="A system that signs in for an organisation, or that people sign in through (OAuth client)."
)
class ApiClient:
    client_id: strawberry.ID
    name: str
    authentication: AuthMethod
    key_ids: list[str] = strawberry.field(description="Of the keys that are registered by value.")
    jwks_uri: str | None = strawberry.field(description="Where it publishes its keys.")
    grants: list[GrantType]
    redirect_uris: list[str]
    scopes: list[Scope]
    roles: list[str]
    purpose: str | None
    first_party: bool = strawberry.field(
        description="The network's own: people are not asked whether it may act for them."
    )
    dpop_required: bool
    trusted_documents_only: bool
    cost_per_minute: int | None = strawberry.field(description="Null: what is usual.")
    created_at: datetime
    disabled_at: datetime | None
    organization_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, client: Client) -> ApiClient:
        keys = client.jwks["keys"] if client.jwks is not None else ()
        return from_row(
            cls,
            client,
            authentication=client.auth_method,
            key_ids=[str(key["kid"]) for key in keys if "kid" in key],
            grants=[GrantType(grant) for grant in sorted(client.grant_types)],
            redirect_uris=list(client.redirect_uris),
            scopes=scopes_of(client.scopes),
            roles=sorted(client.roles),
            organization_id=client.organization,
        )

    @strawberry.field
    def organization(self) -> Organization | None:
        return Organization.of(self.organization_id)


@strawberry.type(description="Something that happened to an account, and who did it.")
class SecurityEvent:
    id: strawberry.ID
    type: str = strawberry.field(description="Such as `person.signed_in` or `client.secret_changed`.")
    actor: str = strawberry.field(description="Who did it: a person's id, a client id, or `operator`.")
    subject: str = strawberry.field(description="Whom it was done to: a person's id, or a client id.")
    occurred_at: datetime
    organization_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: EventRow) -> SecurityEvent:
        return from_row(cls, row, organization_id=row.organization_id)

    @strawberry.field(description="What the actor is called, where it is one of the organisation's.")
    async def actor_name(self, info: Info) -> str | None:
        return await info.context.loaders.names.load((self.organization_id, self.actor))

    @strawberry.field(description="What the subject is called, where it is one of the organisation's.")
    async def subject_name(self, info: Info) -> str | None:
        return await info.context.loaders.names.load((self.organization_id, self.subject))

    @strawberry.field
    def organization(self) -> Organization | None:
        return Organization.of(self.organization_id)
