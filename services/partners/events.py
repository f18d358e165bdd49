"""What the directory tells others: an event in the outbox, in the transaction that makes the change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.applications import RaMove
from services.partners.domain.credentials import CredentialKind
from services.partners.domain.volunteering import RequestState
from services.partners.models import OutboxEvent
from vereda.caller import Caller
from vereda.feed.catalogue import PREFIX, EventType, Shown, catalogue, coded, entry, family
from vereda.outbox import emit
from vereda.webhooks.keeping import WEBHOOK_EVENTS

_TOLD: Final = Shown.TOLD

#: Every type of event of this service. None is about a client.
EVENTS: Final = catalogue(
    family("organization", "organisation", _TOLD, registered="an organisation was let in", created="it came with an import", updated="it says something else of itself",
           trusts="it said whom it trusts with its places"),
    family("target", "organisation", _TOLD, set="it aims at another number"),
    family("service", "service", _TOLD, created="a service was added", updated="it says something else of itself"),
    family("location", "location", _TOLD, created="a place was added", updated="it says something else of itself"),
    family("proposal", "proposed change", _TOLD, made="a change of a record of another's is proposed",
           decided="its owner took or refused it, field by field", withdrawn="who proposed it took it back"),
    family("record", "organisation, service or place", _TOLD, verified="its owner looked it over",
           unverified="nobody has looked it over for so many days"),
    family("capacity", "service", _TOLD, reported="how much room there is was reported",
           inferred="who declined for want of room three times in ten days has none, until it reports otherwise"),
    family("ra_application", "application for recognition or accreditation", _TOLD, started="one was begun",
           checklist="an item of its checklist was answered", filed="it was filed"),
    coded("ra_application", "application for recognition or accreditation", _TOLD, RaMove, "the move {} was made"),
    family("workshop", "workshop", _TOLD, planned="a workshop is planned", published="it is announced", moved="it has another day or place",
           withdrawn="it is no more announced: nobody authorised is left for it", cancelled="it is cancelled", held="it took place"),
    family("workshop", "workshop", _TOLD, shift_added="a shift was added to it", shift_changed="a shift of it is another"),
    family("volunteers", "request, shift or workshop", _TOLD, asked="partners are asked for volunteers", offered="somebody offered to come",
           moved="the workshop has another day", left="somebody does not come after all"),
    coded("volunteers", "request for volunteers", _TOLD, RequestState, "the request is {}"),
    family("practitioner", "practitioner", _TOLD, added="somebody works there", changed="something else is said of them"),
    family("population", "organisation", _TOLD, set="another figure of immigrants is counted against"),
    *(family(kind.value.lower(), kind.value.lower(), _TOLD, recorded="one that there was already was entered",
             ended="it was ended before its term", confirmed="somebody else found it so") for kind in CredentialKind),
    tuple(
        EventType(f"{kind.value.lower()}.expiring", "it ends in so many months", kind.value.lower(), _TOLD)
        for kind in CredentialKind
    ),
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
