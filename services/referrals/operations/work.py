"""What is still to be done, and what was not answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from services.referrals.domain.clocks import ANSWERING
from services.referrals.models import Escalation, Referral, Task
from services.referrals.operations.consents import status_returning
from vereda.context import RequestContext
from vereda.pagination import Order

OLDEST_TASK_FIRST = (Order(Task.id),)
LONGEST_WAITING_FIRST = (Order(Referral.id),)
OLDEST_ESCALATION_FIRST = (Order(Escalation.id),)


def open_tasks(context: RequestContext[Any]) -> Select[Task]:
    """The work list of the caller's organisation: served by (organization_id, id)."""
    return select(Task).where(Task.organization_id == context.caller.organization, Task.closed_at.is_(None))


def black_hole(context: RequestContext[Any]) -> Select[Referral]:
    """What the caller's organisation sent, and nothing was heard of in time: served by (sender_id, id).

    Of those alone whose status the client lets it know (R7): otherwise being in this list would tell it.
    """
    return select(Referral).where(
        Referral.sender_id == context.caller.organization,
        Referral.state.in_(ANSWERING),
        Referral.due_at < context.now,
        status_returning(context.now),
    )


def network_black_hole() -> Select[Escalation]:
    """Who in the network does not answer, for its coordinator: served by the partial index of open escalations."""
    return select(Escalation).where(Escalation.closed_at.is_(None))
