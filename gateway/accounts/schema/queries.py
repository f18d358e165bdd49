"""The roots of accounts."""

from __future__ import annotations

from uuid import UUID

import strawberry

from gateway.accounts.operations import members, reading
from gateway.accounts.schema.context import ADMINISTRATORS, AUDITORS, Info
from gateway.accounts.schema.types import ApiClient, Member, SecurityEvent, Viewer
from vereda.ids import parse_id
from vereda.pagination import Connection, connection


def organization_of(given: strawberry.ID | None) -> UUID | None:
    """Raises: ClientError BAD_USER_INPUT when it is no id."""
    return None if given is None else parse_id(given, "organization")


@strawberry.type
class Query:
    @strawberry.federation.field(authenticated=True, description="Who you are, and what you may.")
    def viewer(self, info: Info) -> Viewer | None:
        return Viewer.of(info.context.caller)

    @strawberry.federation.field(
        requires_scopes=ADMINISTRATORS,
        description="People of your organisation; of any, for a network coordinator.",
    )
    async def members(
        self,
        info: Info,
        organization: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Member] | None:
        page = await members.members(info.context, organization_of(organization), first, after)
        return connection(page, Member.of)

    @strawberry.federation.field(
        requires_scopes=ADMINISTRATORS,
        description="Systems of your organisation; of any, for a network coordinator.",
    )
    async def api_clients(
        self,
        info: Info,
        organization: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[ApiClient] | None:
        page = await reading.api_clients(info.context, organization_of(organization), first, after)
        return connection(page, ApiClient.of)

    @strawberry.federation.field(
        requires_scopes=ADMINISTRATORS,
        description="A system of your organisation; of any, for a network coordinator.",
    )
    async def api_client(
        self, info: Info, client_id: strawberry.ID, organization: strawberry.ID | None = None
    ) -> ApiClient | None:
        found = await reading.api_client(info.context, organization_of(organization), client_id)
        return None if found is None else ApiClient.of(found)

    @strawberry.federation.field(
        requires_scopes=AUDITORS,
        description="What happened to your organisation's accounts, the newest first; to one of them, by `subject`.",
    )
    async def security_events(
        self,
        info: Info,
        organization: strawberry.ID | None = None,
        subject: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[SecurityEvent] | None:
        page = await reading.security_events(
            info.context, organization_of(organization), subject, first, after
        )
        return connection(page, SecurityEvent.of)
