"""Sending and working referrals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.clients import (
    ContactResult,
    ContactSystem,
)
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.lifecycle import MoveName, Outcome, Reason
from services.referrals.operations import closing, drafts, moves, sending
from services.referrals.refusals import (
    ConsentMissing,
    MoveNotAllowed,
    OfferRefused,
    SensitiveText,
    ServiceFull,
)
from services.referrals.schema.conflicts import ConflictSetInput
from services.referrals.schema.context import Info
from services.referrals.schema.offers import one_or_several
from services.referrals.schema.referrals import Referral
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound, VersionConflict


@strawberry.input
class SendReferralInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID
    consent: strawberry.ID
    offer: str | None = strawberry.field(
        default=None, description="`Service.offer` of the service to send to."
    )
    open_to: list[str] | None = strawberry.field(
        default=None, description="Or offers of several organisations, of which one may claim it."
    )
    needs: list[str] = strawberry.field(description="Taxonomy codes.")
    narrative: str | None = strawberry.field(
        default=None, description="What they need to begin. Sealed; screened."
    )
    urgency: Urgency = Urgency.ROUTINE
    placer_id: str | None = strawberry.field(default=None, description="Your own identifier.")
    conflict_set: ConflictSetInput | None = strawberry.field(
        default=None, description="For a legal service's conflict check."
    )
    despite_no_capacity: bool = False

    def parsed(self) -> sending.ReferralFields:
        return sending.ReferralFields(
            client=parse_id(self.client, "client"),
            consent=parse_id(self.consent, "consent"),
            offers=one_or_several(self.offer, self.open_to),
            needs=tuple(self.needs),
            narrative=self.narrative,
            urgency=self.urgency,
            placer_id=self.placer_id,
            conflict_set=self.conflict_set.parsed() if self.conflict_set else None,
            despite_no_capacity=self.despite_no_capacity,
        )


@strawberry.input
class MoveReferralInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    move: MoveName
    reason: Reason | None = None
    outcome: Outcome | None = None
    filler_id: str | None = strawberry.field(
        default=None, description="Your own identifier, as the recipient."
    )
    offer: str | None = strawberry.field(default=None, description="To redirect to, or with renewed room.")
    consent: strawberry.ID | None = strawberry.field(default=None, description="With AGREE_REDIRECT.")
    resume_on: date | None = strawberry.field(default=None, description="With HOLD.")
    reading_at: datetime | None = strawberry.field(
        default=None, description="With REQUEST_CONSENT: when the client will be asked."
    )
    interpreter_language: str | None = strawberry.field(
        default=None, description="With REQUEST_CONSENT: of the interpreter who is booked for it, ISO 639-3."
    )

    def parsed(self) -> moves.MoveFields:
        return moves.MoveFields(
            referral=parse_id(self.id, "id"),
            expected_version=self.expected_version,
            move=self.move,
            reason=self.reason,
            outcome=self.outcome,
            filler_id=self.filler_id,
            offer=self.offer,
            consent=parse_id(self.consent, "consent") if self.consent else None,
            resume_on=self.resume_on,
            reading_at=self.reading_at,
            interpreter_language=self.interpreter_language,
        )


@strawberry.input
class SaveDraftInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID | None = strawberry.field(
        default=None, description="Of the draft that this takes the place of; none for a new one."
    )
    expected_version: int | None = None
    client: strawberry.ID
    needs: list[str] = strawberry.field(description="Taxonomy codes.")
    narrative: str | None = strawberry.field(
        default=None, description="What they need to begin. Sealed; screened."
    )
    urgency: Urgency = Urgency.ROUTINE
    placer_id: str | None = strawberry.field(default=None, description="Your own identifier.")
    offer: str | None = strawberry.field(
        default=None, description="`Service.offer` of the service that it is meant for."
    )
    conflict_set: ConflictSetInput | None = strawberry.field(
        default=None, description="For a legal service's conflict check."
    )

    def parsed(self) -> drafts.DraftFields:
        return drafts.DraftFields(
            id=parse_id(self.id, "id") if self.id else None,
            expected_version=self.expected_version,
            client=parse_id(self.client, "client"),
            needs=tuple(self.needs),
            narrative=self.narrative,
            urgency=self.urgency,
            placer_id=self.placer_id,
            conflict_set=self.conflict_set.parsed() if self.conflict_set else None,
            offer=self.offer,
        )


@strawberry.input
class SendDraftInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    consent: strawberry.ID
    offer: str | None = strawberry.field(
        default=None, description="A fresh `Service.offer` of the service to send to."
    )
    open_to: list[str] | None = strawberry.field(
        default=None, description="Or offers of several organisations, of which one may claim it."
    )
    despite_no_capacity: bool = False

    def parsed(self) -> drafts.DraftToSend:
        return drafts.DraftToSend(
            id=parse_id(self.id, "id"),
            expected_version=self.expected_version,
            consent=parse_id(self.consent, "consent"),
            offers=one_or_several(self.offer, self.open_to),
            despite_no_capacity=self.despite_no_capacity,
        )


@strawberry.input
class SettleLoopInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    confirmed: bool = strawberry.field(description="False to dispute what was reported.")


@strawberry.input
class RecordContactAttemptInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    channel: ContactSystem
    result: ContactResult


@strawberry.input
class ProposeReopeningInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.type
class DraftSaved:
    referral: Referral


@strawberry.type
class ReopeningProposed:
    referral: Referral


@strawberry.type
class ReferralSent:
    referral: Referral


@strawberry.type
class ReferralMoved:
    referral: Referral


@strawberry.type
class ContactAttemptRecorded:
    referral: Referral


SendReferralPayload = Annotated[
    ReferralSent | ConsentMissing | ServiceFull | OfferRefused | SensitiveText | InvalidInput | NotFound,
    strawberry.union("SendReferralPayload"),
]


SaveDraftPayload = Annotated[
    DraftSaved | SensitiveText | OfferRefused | MoveNotAllowed | InvalidInput | NotFound | VersionConflict,
    strawberry.union("SaveDraftPayload"),
]


SendDraftPayload = Annotated[
    ReferralSent
    | ConsentMissing
    | ServiceFull
    | OfferRefused
    | SensitiveText
    | MoveNotAllowed
    | InvalidInput
    | NotFound
    | VersionConflict,
    strawberry.union("SendDraftPayload"),
]


ProposeReopeningPayload = Annotated[
    ReopeningProposed | MoveNotAllowed | NotFound, strawberry.union("ProposeReopeningPayload")
]


#: What comes of a move, also of one of many.
MoveAnswer = (
    ReferralMoved
    | MoveNotAllowed
    | ServiceFull
    | ConsentMissing
    | OfferRefused
    | SensitiveText
    | InvalidInput
    | NotFound
    | VersionConflict
)
MoveReferralPayload = Annotated[MoveAnswer, strawberry.union("MoveReferralPayload")]


SettleLoopPayload = Annotated[
    ReferralMoved | MoveNotAllowed | NotFound | VersionConflict, strawberry.union("SettleLoopPayload")
]


RecordContactAttemptPayload = Annotated[
    ContactAttemptRecorded | NotFound, strawberry.union("RecordContactAttemptPayload")
]


@strawberry.type
class ReferralMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Send a client to another organisation's service.",
    )
    async def send_referral(self, info: Info, input: SendReferralInput) -> SendReferralPayload | None:
        done = await sending.send_referral(info.context, input.parsed(), input.idempotency_key)
        return ReferralSent(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Keep a draft, or change one. Nobody but your organisation sees it.",
    )
    async def save_draft(self, info: Info, input: SaveDraftInput) -> SaveDraftPayload | None:
        done = await drafts.save_draft(info.context, input.parsed(), input.idempotency_key)
        return DraftSaved(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Send a draft, now that the client consented.",
    )
    async def send_draft(self, info: Info, input: SendDraftInput) -> SendDraftPayload | None:
        done = await drafts.send_draft(info.context, input.parsed(), input.idempotency_key)
        return ReferralSent(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Want what was completed taken up again: the sender agrees so, the recipient asks for it.",
    )
    async def propose_reopening(
        self, info: Info, input: ProposeReopeningInput
    ) -> ProposeReopeningPayload | None:
        done = await closing.propose_reopening(info.context, parse_id(input.id, "id"), input.idempotency_key)
        return (
            ReopeningProposed(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Do with a referral what `Referral.allowedMoves` names.",
    )
    async def move_referral(self, info: Info, input: MoveReferralInput) -> MoveReferralPayload | None:
        done = await moves.move_referral(info.context, input.parsed(), input.idempotency_key)
        return ReferralMoved(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Confirm or dispute, as the sender, what the recipient reported.",
    )
    async def settle_loop(self, info: Info, input: SettleLoopInput) -> SettleLoopPayload | None:
        done = await closing.settle_loop(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            confirmed=input.confirmed,
            key=input.idempotency_key,
        )
        return ReferralMoved(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE),
        description="Note a try to reach the client: the proof that giving up needs.",
    )
    async def record_contact_attempt(
        self, info: Info, input: RecordContactAttemptInput
    ) -> RecordContactAttemptPayload | None:
        done = await moves.record_attempt(
            info.context,
            parse_id(input.referral, "referral"),
            input.channel,
            input.result,
            input.idempotency_key,
        )
        return (
            ContactAttemptRecorded(referral=Referral.of(info, done))
            if isinstance(done, models.Referral)
            else done
        )
