"""What programmes and money tells others: an event in the outbox, in the transaction that makes the change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import ApplicationMoveName
from services.grants.domain.cohorts import ParticipantStatus
from services.grants.domain.reviewing import ReviewState
from services.grants.domain.selection import SelectionState
from services.grants.domain.sources import DeliverableMoveName
from services.grants.models import OutboxEvent
from vereda.caller import Caller
from vereda.feed.catalogue import PREFIX, Shown, catalogue, coded, entry, family
from vereda.outbox import emit
from vereda.webhooks.keeping import WEBHOOK_EVENTS

_MAKER, _TOLD, _ROW = Shown.MAKER, Shown.TOLD, Shown.ROW

#: Every type of event of this service. Whether a client's consent holds now is referrals' to say, and not asked here: who did
#: not do it themselves learns that something changed, and asks.
EVENTS: Final = catalogue(
    family("training_program", "training program", _MAKER, created="a course was set up"),
    family("cohort", "cohort", _MAKER, opened="a cohort takes people", scheduled="its sessions are planned", rubric_published="how applicants are judged is published", running="it has begun", finished="it is over", cancelled="it does not take place"),
    family("session", "session", _MAKER, rescheduled="it has another time", cancelled="it does not take place"),
    family("attendance", "session", _MAKER, recorded="who came was said"),
    family("participant", "participant", _ROW, rolled_over="they wait for the next season's cohort", changed="something changed"),
    coded("participant", "participant", _ROW, ParticipantStatus, "they are {}"),
    coded("cohort_application", "cohort application", _ROW, SelectionState, "it is {}"),
    family("cohort_application", "cohort application", _ROW, reviewed="somebody judged it", changed="something changed"),
    family("assistance", "contact", _MAKER, logged="somebody was helped"),
    family("milestone", "milestone", _MAKER, recorded="a step was made"),
    family("venture", "venture", _MAKER, set="a business was described"),
    family("follow_up", "follow-up", _ROW, due="it is time to ask how they are", answered="they answered", changed="something changed"),
    family("funding_program", "funding program", _MAKER, created="a program was set up", eligibility="who may apply is said anew"),
    family("funding_round", "funding round", _MAKER, opened="a round takes applications"),
    family("grant_application", "grant application", _ROW, draft="a draft was begun", changed="something changed"),
    coded("grant_application", "grant application", _ROW, ApplicationMoveName, "the move {} was made"),
    family("grant_document", "document", _MAKER, started="a document was announced", part="a part of it arrived", ready="it can be read", refused="its content was refused"),
    coded("grant_review", "review", _MAKER, ReviewState, "it is {}"),
    family("receipt", "receipt", _ROW, recorded="money was accounted for", accepted="the account is accepted", refused="it is not", changed="something changed"),
    family("award", "award", _ROW, returned="money came back", changed="something changed"),
    family("funding_source", "funding source", _MAKER, created="money was promised", drawn="money was drawn"),
    family("sub_award", "sub-award", _TOLD, recorded="money was passed on", amended="its terms are others"),
    coded("deliverable", "deliverable", _TOLD, DeliverableMoveName, "the move {} was made"),
    WEBHOOK_EVENTS,
)  # fmt: skip


def tell(
    session: AsyncSession,
    caller: Caller,
    what: str,
    subject: UUID,
    audience: Iterable[UUID] = (),
    **data: str,
) -> None:
    """Tell `audience`, besides the caller's own organisation, that `what` (`referral.accept`) happened to `subject`.

    `data` holds ids and codes only (R33).
    """
    emit(session, OutboxEvent, caller, PREFIX + entry(EVENTS, what).name, subject, audience, data)
