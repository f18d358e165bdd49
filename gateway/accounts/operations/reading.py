"""What is read about systems, and about what happened."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from gateway.accounts.operations.acting import acting_for, administered
from gateway.oauth.client import Client
from gateway.store import OAuthClient, SecurityEvent
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.pagination import Order, Page, page_request, paginate

#: Index: ix_security_events_organization_id_occurred_at.
EVENT_ORDER: Final = (
    Order(SecurityEvent.occurred_at, descending=True),
    Order(SecurityEvent.id, descending=True),
)
#: Index: ix_oauth_clients_organization_id_client_id.
CLIENT_ORDER: Final = (Order(OAuthClient.client_id),)


async def api_clients(
    context: RequestContext[Any], organization: UUID | None, first: int | None, after: str | None
) -> Page[Client]:
    """One page of an organisation's systems, in the order of their ids.

    Raises: ClientError FORBIDDEN, PAGE_TOO_LARGE, BAD_CURSOR.
    """
    chosen = administered(context, organization)
    statement = select(OAuthClient).where(OAuthClient.organization_id == chosen)
    async with context.read_as(acting_for(context, chosen)) as session:
        page = await paginate(session, statement, CLIENT_ORDER, page_request(first, after))
    return Page(tuple(map(Client.of, page.rows)), page.cursors, page.has_next, page.has_previous)


async def api_client(
    context: RequestContext[Any], organization: UUID | None, client_id: str
) -> Client | None:
    """A system of the organisation. Raises: ClientError FORBIDDEN."""
    chosen = administered(context, organization)
    async with context.read_as(acting_for(context, chosen)) as session:
        row = await session.get(OAuthClient, client_id)
    return None if row is None else Client.of(row)


async def security_events(
    context: RequestContext[Any],
    organization: UUID | None,
    subject: str | None,
    first: int | None,
    after: str | None,
) -> Page[SecurityEvent]:
    """One page of what happened to an organisation's accounts, the newest first; to one of them, where `subject` is told.

    Raises: ClientError FORBIDDEN, PAGE_TOO_LARGE, BAD_CURSOR.
    """
    chosen = administered(context, organization, Scope.AUDIT_VERIFY)
    statement = select(SecurityEvent).where(SecurityEvent.organization_id == chosen)
    if subject is not None:
        statement = statement.where(SecurityEvent.subject == subject)
    async with context.read_as(acting_for(context, chosen)) as session:
        return await paginate(session, statement, EVENT_ORDER, page_request(first, after))
