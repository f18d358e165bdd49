"""What happens to clients and to what they hold, told to the administrators and auditors of their organisations."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store import SecurityEvent


class Event(StrEnum):
    """`security_events.type`. `subject` is the client's id; of what a person allowed, the person is the `actor`."""

    REGISTERED = "client.registered"
    CHANGED = "client.changed"
    SECRET_CHANGED = "client.secret_changed"  # noqa: S105
    KEYS_CHANGED = "client.keys_changed"
    DISABLED = "client.disabled"
    ENABLED = "client.enabled"
    TOKENS_REVOKED = "client.tokens_revoked"
    DOCUMENTS = "client.documents_registered"
    ALLOWED = "client.allowed"
    FAMILY_REVOKED = "token.family_revoked"
    """A code or refresh token was used twice: somebody else may have it."""


def record(session: AsyncSession, event: Event, client_id: str, *, by: str, organization: UUID) -> None:
    """Write `event` about a client, done by `by` (a person's or client's id, or `operator`)."""
    session.add(SecurityEvent(organization_id=organization, type=event.value, actor=by, subject=client_id))
