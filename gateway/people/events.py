"""What happens to people's accounts, told to the administrators and auditors of their organisations."""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store import Membership, SecurityEvent
from gateway.store.acting import server_caller

#: Who signs in is looked up before it is known whose they are: the sign-in acts for no organisation.
SERVER: Final = server_caller("sign-in")


class Event(StrEnum):
    """`security_events.type`: what happened to a person."""

    INVITED = "person.invited"
    JOINED = "person.joined"
    SIGNED_IN = "person.signed_in"
    SIGNED_OUT = "person.signed_out"
    SIGNED_OUT_EVERYWHERE = "person.signed_out_everywhere"
    SESSION_ENDED = "person.session_ended"
    PASSWORD_CHANGED = "person.password_changed"  # noqa: S105
    RESET_ASKED = "person.reset_asked"
    FACTOR_ADDED = "person.factor_added"
    FACTOR_REMOVED = "person.factor_removed"
    PASSKEY_COUNT_FELL = "person.passkey_count_fell"
    RECOVERY_CODES_MADE = "person.recovery_codes_made"
    RECOVERY_CODE_USED = "person.recovery_code_used"
    FACTORS_RESET = "person.factors_reset"
    EXTERNAL_LINKED = "person.external_linked"
    MEMBERSHIP_STARTED = "membership.started"
    ROLE_CHANGED = "membership.role_changed"
    MEMBERSHIP_ENDED = "membership.ended"
    DISABLED = "person.disabled"
    ENABLED = "person.enabled"


async def record(
    session: AsyncSession, event: Event, person: UUID, *, by: str, organization: UUID | None = None
) -> None:
    """Write `event` about `person`, done by `by` (a person's or client's id, or `operator`).

    Without an `organization`, every organisation that the person belongs to is told.
    """
    told = [organization] if organization is not None else await _organizations(session, person) or [None]
    for one in told:
        session.add(SecurityEvent(organization_id=one, type=event.value, actor=by, subject=str(person)))


async def _organizations(session: AsyncSession, person: UUID) -> list[UUID | None]:
    """Index: the primary key."""
    found = await session.scalars(
        select(Membership.organization_id).where(
            Membership.person_id == person, Membership.ended_at.is_(None)
        )
    )
    return list(found)
