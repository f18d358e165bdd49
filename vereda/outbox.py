"""The transactional outbox: each change of state writes its event in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vereda.audit.trail import happened
from vereda.caller import Caller
from vereda.models import OutboxColumns


def emit(
    session: AsyncSession,
    events: type[OutboxColumns],
    caller: Caller,
    type_: str,
    subject: UUID | str,
    audience: Iterable[UUID],
    data: dict[str, Any],
    *,
    besides_us: bool = True,
) -> None:
    """Write one event, and an entry of the audit. `type_` is a CloudEvents 1.0 type such as `org.vereda.referral.accept`.

    Told are `audience` and, `besides_us`, the caller's own organisation. `data` holds ids and codes only: whoever is told fetches the rest, and is checked again then (R33).
    """
    happened(session, type_, subject)
    session.add(
        events(
            organization_id=caller.organization,
            type=type_,
            subject=str(subject),
            audience=sorted({*audience, *([caller.organization] if besides_us else ())}),
            data=data,
            request_id=caller.request_id,
        )  # type: ignore[call-arg]
    )
