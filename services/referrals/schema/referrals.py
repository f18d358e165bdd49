"""Hand-offs, as either side sees them."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

import strawberry

from services.referrals import models
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.disclosure import Rung
from services.referrals.domain.lifecycle import (
    FHIR_STATUS,
    TERMINAL,
    Loop,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    SubState,
    bser_status,
    shown_reason,
    shown_state,
)
from services.referrals.operations.moves import party_of
from services.referrals.schema.allowed import AllowedMove, allowed_moves
from services.referrals.schema.appointments import Appointment
from services.referrals.schema.attachments import ReferralAttachments
from services.referrals.schema.clients import Client
from services.referrals.schema.conflicts import ReferralConflicts
from services.referrals.schema.consents import Consent
from services.referrals.schema.context import READING, Info
from services.referrals.schema.disclosure import (
    authored,
    opened,
    outcome_shown,
    reached,
    reference,
    shown,
    status_returned,
    status_shown,
)
from services.referrals.schema.offers import SentOffer
from services.referrals.schema.partners import Organization, Service
from services.referrals.schema.thread import ReferralThread
from services.referrals.schema.working import ReferralWork
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.mapping import from_row


@strawberry.enum(description="All that a sender learns where the client did not consent to more (R7).")
class ReferralStatus(Enum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


@strawberry.type(description="What happened to a referral.")
class ReferralEvent:
    sequence: int
    move: MoveName | None
    from_state: State | None
    to_state: State
    party: Party
    reason: Reason | None
    occurred_at: datetime
    row: strawberry.Private[models.ReferralEvent]
    referral: strawberry.Private[models.Referral]

    @strawberry.field
    async def outcome(self, info: Info) -> Outcome | None:
        if self.row.outcome is None or not await outcome_shown(info, self.referral):
            return None
        return self.row.outcome

    @strawberry.field(description="Null for the client's own acts: through whom they spoke is their affair.")
    def actor(self, info: Info) -> Organization | None:
        if self.party in (Party.CLIENT, Party.SYSTEM):
            return None
        if self.row.actor_organization_id == self.referral.recipient_id and not authored(info, self.referral):
            return None
        return Organization.of(self.row.actor_organization_id)


def _event(referral: models.Referral, row: models.ReferralEvent, reader: Party) -> ReferralEvent:
    reviewed = row.from_state not in (State.SENT, State.CONFLICT_CHECK)
    return from_row(
        ReferralEvent,
        row,
        row=row,
        referral=referral,
        from_state=shown_state(row.from_state, reader) if row.from_state else None,
        reason=shown_reason(row.reason, reader, reviewed=reviewed),
    )


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=one_of(*READING),
    description="A client handed from one organisation to another.",
)
class Referral(ReferralThread, ReferralAttachments, ReferralWork, ReferralConflicts):
    id: strawberry.ID
    urgency: Urgency
    sent_at: datetime | None
    version: int
    row: strawberry.Private[models.Referral]

    @classmethod
    def of(cls, info: Info, row: models.Referral) -> Referral:
        info.context.caller.require(*READING)
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Referral | None:
        info.context.caller.require(*READING)
        row = await info.context.loaders.referral.load(parse_id(id, "id"))
        return cls.of(info, row) if row else None

    @strawberry.field(
        description="When something last happened to it that you were told of: an older one can be passed over by `inbox` and"
        " `outbox` with `changedSince`."
    )
    def changed_at(self, info: Info) -> datetime:
        if self._party(info) is Party.SENDER:
            return self.row.told_at or self.row.created_at
        return self.row.updated_at

    @strawberry.field
    def sender(self) -> Organization | None:
        return Organization.of(self.row.sender_id)

    @strawberry.field(description="Of a survivor's, for who wrote it and who receives it alone (R13).")
    def recipient(self, info: Info) -> Organization | None:
        if self.row.recipient_id is None or not authored(info, self.row):
            return None
        return Organization.of(self.row.recipient_id)

    @strawberry.field(
        description="For who wrote it and who receives it; for others see `serviceDomain` (R13)."
    )
    def service(self, info: Info) -> Service | None:
        if self.row.service_id is None or not reached(info, self.row, Rung.EXACT):
            return None
        return Service.of(self.row.service_id)

    @strawberry.field(
        description="The kind of help, one step above the service, such as `legal.immigration`."
    )
    def service_category(self, info: Info) -> str | None:
        return self.row.category if reached(info, self.row, Rung.CATEGORY) else None

    @strawberry.field(description="The kind of help at its broadest, such as `legal`.")
    def service_domain(self, info: Info) -> str | None:
        return self.row.domain if reached(info, self.row, Rung.DOMAIN) else None

    @strawberry.field
    async def client(self, info: Info) -> Client | None:
        row = await info.context.loaders.client.load(self.row.client_id)
        return Client.of(info, row) if row else None

    @strawberry.field
    async def consent(self, info: Info) -> Consent | None:
        if self.row.consent_id is None:
            return None
        row = await info.context.loaders.consent.load(self.row.consent_id)
        return Consent.of(info, row) if row else None

    @strawberry.field(description="When the client is expected, the earliest first.")
    async def appointments(self, info: Info) -> list[Appointment]:
        if not await status_shown(info, self.row):
            return []
        return [Appointment.of(row) for row in await info.context.loaders.appointments.load(self.row.id)]

    @strawberry.field(description="Referrals that you sent on from this one, to others.")
    async def children(self, info: Info) -> list[Referral]:
        rows = await info.context.loaders.children.load(self.row.id)
        return [Referral.of(info, row) for row in rows]

    @strawberry.field(description="To whom an open offer of it went; for its sender.")
    async def offers(self, info: Info) -> list[SentOffer]:
        if self._party(info) is not Party.SENDER:
            return []
        rows = await info.context.loaders.offers.load(self.row.id)
        return [SentOffer.of(self.row, row) for row in rows]

    @strawberry.field(
        description="Of a draft: where it is meant to go. Later: where the recipient suggests that the client goes."
    )
    async def suggested_service(self, info: Info) -> Service | None:
        if self.row.suggested_service_id is None or not await self._suggestion_shown(info):
            return None
        return Service.of(self.row.suggested_service_id)

    @strawberry.field(description="Whose the suggested service is.")
    async def suggested_organization(self, info: Info) -> Organization | None:
        if self.row.suggested_organization_id is None or not await self._suggestion_shown(info):
            return None
        return Organization.of(self.row.suggested_organization_id)

    @strawberry.field(description="When the client will be asked for consent; for the sender.")
    def consent_reading_at(self, info: Info) -> datetime | None:
        return self.row.consent_reading_at if self._party(info) is Party.SENDER else None

    @strawberry.field(description="Language of the interpreter booked for that, ISO 639-3; for the sender.")
    def interpreter_language(self, info: Info) -> str | None:
        return self.row.interpreter_language if self._party(info) is Party.SENDER else None

    @strawberry.field(description="The referral that this one continues.")
    async def parent(self, info: Info) -> Referral | None:
        row = await info.context.loaders.referral.load(self.row.parent_id) if self.row.parent_id else None
        return Referral.of(info, row) if row else None

    @strawberry.field
    def status(self) -> ReferralStatus:
        return ReferralStatus.CLOSED if self.row.state in TERMINAL else ReferralStatus.OPEN

    @strawberry.field(description="Where it stands; for the sender, if the client consented to that (R7).")
    async def state(self, info: Info) -> State | None:
        return shown_state(self.row.state, self._party(info)) if await status_shown(info, self.row) else None

    @strawberry.field(
        description="The sender's own identifier; for the recipient, if the client consented to STATUS_BACK."
    )
    async def placer_id(self, info: Info) -> str | None:
        if self._party(info) is Party.RECIPIENT and not await status_returned(info, self.row):
            return None
        return await reference(info, self.row, self.row.placer_id_sealed)

    @strawberry.field(
        description="The recipient's own identifier; for the sender, if the client consented to STATUS_BACK."
    )
    async def filler_id(self, info: Info) -> str | None:
        if not await status_shown(info, self.row):
            return None
        return await reference(info, self.row, self.row.filler_id_sealed)

    @strawberry.field(description="Status of an HL7 FHIR Task.")
    async def fhir_status(self, info: Info) -> str | None:
        return FHIR_STATUS[self.row.state] if await status_shown(info, self.row) else None

    @strawberry.field(description="BSeR Task.businessStatus (HL7 BSeR, IHE 360X), where there is one.")
    async def bser_status(self, info: Info) -> str | None:
        if not await status_shown(info, self.row):
            return None
        return bser_status(self.row.state, self.row.sub_state)

    @strawberry.field(description="Within SCHEDULED: what became of the newest appointment.")
    async def sub_state(self, info: Info) -> SubState | None:
        return self.row.sub_state if await status_shown(info, self.row) else None

    @strawberry.field(description="Its place among those who wait for the service, 1 for the next.")
    async def waiting_place(self, info: Info) -> int | None:
        waits = self.row.state is State.WAITLISTED
        return self.row.waiting_place if waits and await status_shown(info, self.row) else None

    @strawberry.field(description="Until when a pause is planned.")
    async def resume_on(self, info: Info) -> date | None:
        return self.row.resume_on if await status_shown(info, self.row) else None

    @strawberry.field(description="When the recipient first reached the client.")
    async def first_contact_at(self, info: Info) -> datetime | None:
        return self.row.first_contact_at if await status_shown(info, self.row) else None

    @strawberry.field
    async def loop(self, info: Info) -> Loop | None:
        return self.row.loop if await status_shown(info, self.row) else None

    @strawberry.field
    async def reason(self, info: Info) -> Reason | None:
        if self.row.reason is None or not await status_shown(info, self.row):
            return None
        return shown_reason(self.row.reason, self._party(info), reviewed=await self._reviewed(info))

    @strawberry.field
    async def outcome(self, info: Info) -> Outcome | None:
        if self.row.outcome is None or not await outcome_shown(info, self.row):
            return None
        return self.row.outcome

    @strawberry.field(description="By when the next step is due.")
    async def due_at(self, info: Info) -> datetime | None:
        return self.row.due_at if await status_shown(info, self.row) else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Taxonomy codes of what is needed; the domain alone where the redactions say GENERALISED (R13).",
    )
    async def needs(self, info: Info) -> list[str] | None:
        client = await info.context.loaders.client.load(self.row.client_id)
        if client is None or not await shown(info, client, self.row):
            return None
        if reached(info, self.row, Rung.EXACT):
            return self.row.needs
        return [self.row.domain] if self.row.domain else []

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="What the sender wrote."
    )
    async def narrative(self, info: Info) -> str | None:
        client = await info.context.loaders.client.load(self.row.client_id)
        sealed = self.row.narrative_sealed
        if client is None or not reached(info, self.row, Rung.EXACT):
            return None
        return await opened(info, client, KeyGroup.NARRATIVE, sealed, self.row)

    @strawberry.field(description="What happened so far; for the sender, as far as they may know.")
    async def timeline(self, info: Info) -> list[ReferralEvent]:
        rows = await info.context.loaders.events.load(self.row.id)
        party = self._party(info)
        if not await status_shown(info, self.row):
            rows = [row for row in rows if row.party is party]
        return [
            _event(self.row, row, party) for row in rows if row.to_state is shown_state(row.to_state, party)
        ]

    @strawberry.field(description="What you can do with it now, what each takes, and what is against it.")
    async def allowed_moves(self, info: Info) -> list[AllowedMove]:
        if not await status_shown(info, self.row):
            return []
        return await allowed_moves(info, self.row, self._party(info))

    async def _suggestion_shown(self, info: Info) -> bool:
        return await status_shown(info, self.row) and reached(info, self.row, Rung.EXACT)

    async def _reviewed(self, info: Info) -> bool:
        """Whether it was ever reviewed by the recipient."""
        rows = await info.context.loaders.events.load(self.row.id)
        return any(row.to_state is State.IN_REVIEW for row in rows)

    def _party(self, info: Info) -> Party:
        return party_of(self.row, info.context.caller.organization)
