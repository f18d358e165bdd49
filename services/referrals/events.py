"""What people and hand-offs tells others: an event in the outbox, in the transaction that makes the change."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.models import OutboxEvent
from vereda.caller import Caller
from vereda.outbox import emit


def tell(
    session: AsyncSession,
    caller: Caller,
    what: str,
    subject: UUID,
    audience: Iterable[UUID | None] = (),
    **data: str,
) -> None:
    """Tell `audience`, besides the caller's own organisation, that `what` (`referral.accept`) happened to `subject`.

    `data` holds ids and codes only (R33). None in `audience` is a recipient that there is not yet.
    """
    emit(session, OutboxEvent, caller, f"org.vereda.{what}", subject, [one for one in audience if one], data)
