"""What people and hand-offs tells others: an event in the outbox, in the transaction that makes the change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clocks import Notice
from services.referrals.domain.lifecycle import Loop, MoveName
from services.referrals.models import OutboxEvent
from vereda.caller import Caller
from vereda.feed.catalogue import PREFIX, Shown, catalogue, coded, entry, family
from vereda.outbox import emit
from vereda.webhooks.keeping import WEBHOOK_EVENTS

_MAKER: Final = Shown.MAKER

#: Every type of event of this service.
EVENTS: Final = catalogue(
    family("referral", "referral", Shown.CLOSED, closed="it is over; how, its sender may not know",
           revoke="the client took the consent back: what was told is to be destroyed"),
    family("referral", "offer", Shown.CANDIDATE, offered="a referral is offered, and may be claimed before others do"),
    family("referral", "referral", Shown.SIDES,
           contact_attempted="its recipient tried to reach the client",
           next_in_line="there is room, and this one has waited longest",
           reopening_proposed="the other side wants it opened again", split="parts of it went to others"),
    family("referral", "referral", _MAKER, assigned="whose work it is inside of the organisation was said",
           draft_saved="a draft was kept"),
    coded("referral", "referral", Shown.SIDES, MoveName, "the move {} was made"),
    coded("referral", "referral", Shown.SIDES, (Loop.REPORTED, Loop.CONFIRMED, Loop.DISPUTED), "what is reported as done is {}"),
    coded("referral", "referral (a candidate: offer)", Shown.SIDES, Notice, "its clock rang: {}"),
    family("offer", "offer", _MAKER, passed="an offer is left to others", withdrawn="an offer was another's already"),
    family("appointment", "appointment", Shown.SIDES, proposed="a time is proposed, or booked", confirm="it is confirmed",
           move="it has another time", cancel="it is cancelled", check_in="the client came", no_show="the client did not come"),
    family("appointment", "appointment", Shown.SIDES, called_off="the workshop was called off: the seat is given back",
           moved="the workshop is at another time or place: tell the client", unsure="the workshop is announced no more: it may not be"),
    family("workshop", "workshop", _MAKER, closed="its host said what came of it"),
    family("message", "message", Shown.SIDES, posted="somebody wrote"),
    family("messages", "referral", _MAKER, read="messages of the other side were read"),
    family("attachment", "attachment", Shown.SIDES, ready="a document can be read"),
    family("attachment", "attachment", _MAKER, started="a document was announced", part="a part of it arrived", refused="its content was refused"),
    family("hand_off", "hand-off", Shown.SIDES, arranged="a hand-off in person is arranged", joined="the other side named its worker",
           done="it took place", not_done="it did not"),
    family("consent", "consent", Shown.TOLD, revoked="the client took it back: destroy what it told you, and confirm that",
           superseded="a newer one took its place", destroyed="a recipient confirmed that it destroyed what it was told"),
    family("consent", "consent", _MAKER, recorded="a consent was recorded"),
    family("consent_script", "consent script", _MAKER, published="a text to be read to clients was published"),
    family("client", "client handle", _MAKER, recorded="a client was recorded", linked="two records are of one person",
           unlinked="they are not", household="who comes with the client was said"),
    family("client", "client handle", Shown.TOLD, erased="a client's data are gone for good"),
    family("account", "client handle", Shown.TOLD, requested="a client asked another organisation who saw their data"),
    family("emergency", "emergency access", Shown.TOLD, opened="a client's contact was opened in danger to life (R29)",
           reviewed="that was reviewed", told="the client was told", review_overdue="nobody reviewed it in time"),
    family("conflict_check", "referral", _MAKER, compared="a legal provider compared names"),
    family("conflict_names", "organisation", _MAKER, set="how names are compared was set"),
    family("limits", "organisation", _MAKER, set="response limits were set"),
    family("holidays", "organisation", _MAKER, set="holidays were set"),
    family("legal_hold", "legal hold", _MAKER, proposed="a hold was proposed", placed="it is in force", lift_proposed="its lifting was proposed", lifted="it is lifted"),
    family("legal_demand", "legal demand", _MAKER, recorded="a demand was recorded", received="it is not decided",
           half_approved="one of two approved it", approved="both did", refused="it was refused", exported="what was approved was exported"),
    family("compartment_key", "organisation", _MAKER, registered="a key for privileged notes was registered"),
    family("privileged_note", "privileged note", _MAKER, written="a privileged note was kept"),
    family("slip", "slip", _MAKER, issued="a slip was printed", claimed="a referral was found by its slip"),
    family("slip", "organisation", _MAKER, missed="a code was tried that leads nowhere"),
    family("tally", "tally", _MAKER, submitted="counts for a funder's form were given"),
    WEBHOOK_EVENTS,
)  # fmt: skip


def tell(
    session: AsyncSession,
    caller: Caller,
    what: str,
    subject: UUID,
    audience: Iterable[UUID | None] = (),
    **data: str,
) -> None:
    """Tell `audience`, and the caller's own organisation, that `what` (`referral.accept`) happened to `subject`.

    `data` holds ids and codes only (R33). None in `audience` is a recipient that there is not yet.
    """
    type_ = PREFIX + entry(EVENTS, what).name
    emit(session, OutboxEvent, caller, type_, subject, [one for one in audience if one], data)


def tell_only(
    session: AsyncSession, caller: Caller, what: str, subject: UUID, audience: Iterable[UUID], **data: str
) -> None:
    """As `tell`, but nobody else: of what each is told in an event of its own, so that none learns of the others."""
    type_ = PREFIX + entry(EVENTS, what).name
    emit(session, OutboxEvent, caller, type_, subject, audience, data, besides_us=False)
