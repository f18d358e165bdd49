"""What is read about accounts, besides the lists of people and systems."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from gateway.accounts.operations.acting import acting_for, administered
from gateway.store import SecurityEvent
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.pagination import Order, Page, page_request, paginate

#: Index: ix_security_events_organization_id_occurred_at.
EVENT_ORDER: Final = (
    Order(SecurityEvent.occurred_at, descending=True),
    Order(SecurityEvent.id, descending=True),
)


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
