"""Recording clients and consents, sending and working referrals."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.clients import (
    AgeBand,
    ContactMode,
    ContactResult,
    ContactSystem,
    Modality,
)
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.consent import DataClass, Grantor, Method, Purpose
from services.referrals.domain.lifecycle import MoveName, Outcome, Reason
from services.referrals.operations import clients, consents, moves, sending
from services.referrals.refusals import (
    ConsentMissing,
    MoveNotAllowed,
    OfferRefused,
    SensitiveText,
    ServiceFull,
)
from services.referrals.schema.context import Info
from services.referrals.schema.types import Client, Consent, Referral
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound, VersionConflict


@strawberry.input
class ContactInput:
    system: ContactSystem
    value: str


@strawberry.input(description="The little that is recorded of a person. Nothing of their status, ever.")
class RecordClientInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    display_name: str = strawberry.field(description="May be an alias.")
    contacts: list[ContactInput] = strawberry.field(default_factory=list)
    contact_mode: ContactMode = ContactMode.ANY
    safe_hours: str | None = None
    language: str = strawberry.field(description="ISO 639-3.")
    language_modality: Modality = Modality.SPOKEN
    age_band: AgeBand | None = None
    county: strawberry.ID | None = strawberry.field(default=None, description="FIPS code.")
    zip3: str | None = None

    def parsed(self) -> clients.ClientFields:
        return clients.ClientFields(
            display_name=self.display_name,
            contacts=tuple(clients.Contact(one.system, one.value) for one in self.contacts),
            contact_mode=self.contact_mode,
            safe_hours=self.safe_hours,
            language=self.language,
            modality=self.language_modality,
            age_band=self.age_band,
            county=self.county,
            zip3=self.zip3,
        )


@strawberry.input
class RecordConsentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the client.")
    recipients: list[strawberry.ID] = strawberry.field(description="Organisations by name: never everybody.")
    purposes: list[Purpose]
    data_classes: list[DataClass]
    method: Method
    grantor: Grantor = Grantor.SELF
    language: str = strawberry.field(description="ISO 639-3: in which it was given.")
    script_version: str
    script_text: str = strawberry.field(description="What was read to the client; its hash is kept.")
    expires_at: datetime | None = strawberry.field(default=None, description="At most 12 months from now.")

    def parsed(self) -> consents.ConsentFields:
        return consents.ConsentFields(
            client=parse_id(self.client, "client"),
            recipients=tuple(parse_id(one, "recipients") for one in self.recipients),
            purposes=tuple(self.purposes),
            data_classes=tuple(self.data_classes),
            method=self.method,
            grantor=self.grantor,
            language=self.language,
            script_version=self.script_version,
            script_text=self.script_text,
            expires_at=self.expires_at,
        )


@strawberry.input
class RevokeConsentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.input
class ProveConsentInput:
    client: strawberry.ID
    consent: strawberry.ID
    purpose: Purpose
    recipient: strawberry.ID


@strawberry.input
class SendReferralInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID
    consent: strawberry.ID
    offer: str = strawberry.field(description="`Service.offer` of the service to send to.")
    needs: list[str] = strawberry.field(description="Taxonomy codes.")
    narrative: str | None = strawberry.field(
        default=None, description="What they need to begin. Sealed; screened."
    )
    urgency: Urgency = Urgency.ROUTINE
    placer_id: str | None = strawberry.field(default=None, description="Your own identifier.")
    despite_no_capacity: bool = False

    def parsed(self) -> sending.ReferralFields:
        return sending.ReferralFields(
            client=parse_id(self.client, "client"),
            consent=parse_id(self.consent, "consent"),
            offer=self.offer,
            needs=tuple(self.needs),
            narrative=self.narrative,
            urgency=self.urgency,
            placer_id=self.placer_id,
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


@strawberry.type
class ClientRecorded:
    client: Client


@strawberry.type
class ConsentRecorded:
    consent: Consent


@strawberry.type
class ConsentRevoked:
    consent: Consent


@strawberry.type
class ConsentProven:
    proof: str = strawberry.field(
        description="Signed; valid for a minute; for the mutation of another service."
    )


@strawberry.type
class ReferralSent:
    referral: Referral


@strawberry.type
class ReferralMoved:
    referral: Referral


@strawberry.type
class ContactAttemptRecorded:
    referral: Referral


RecordClientPayload = Annotated[
    ClientRecorded | InvalidInput | SensitiveText, strawberry.union("RecordClientPayload")
]
RecordConsentPayload = Annotated[
    ConsentRecorded | InvalidInput | NotFound, strawberry.union("RecordConsentPayload")
]
RevokeConsentPayload = Annotated[ConsentRevoked | NotFound, strawberry.union("RevokeConsentPayload")]
ProveConsentPayload = Annotated[
    ConsentProven | NotFound | ConsentMissing | InvalidInput, strawberry.union("ProveConsentPayload")
]
SendReferralPayload = Annotated[
    ReferralSent | ConsentMissing | ServiceFull | OfferRefused | SensitiveText | InvalidInput | NotFound,
    strawberry.union("SendReferralPayload"),
]
MoveReferralPayload = Annotated[
    ReferralMoved
    | MoveNotAllowed
    | ServiceFull
    | ConsentMissing
    | OfferRefused
    | SensitiveText
    | InvalidInput
    | NotFound
    | VersionConflict,
    strawberry.union("MoveReferralPayload"),
]
SettleLoopPayload = Annotated[
    ReferralMoved | MoveNotAllowed | NotFound | VersionConflict, strawberry.union("SettleLoopPayload")
]
RecordContactAttemptPayload = Annotated[
    ContactAttemptRecorded | NotFound, strawberry.union("RecordContactAttemptPayload")
]


@strawberry.type
class Mutation:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Record a person whom your organisation helps.",
    )
    async def record_client(self, info: Info, input: RecordClientInput) -> RecordClientPayload | None:
        done = await clients.record_client(info.context, input.parsed(), input.idempotency_key)
        return ClientRecorded(client=Client.of(info, done)) if isinstance(done, models.Client) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Record what a client allowed, as they allowed it.",
    )
    async def record_consent(self, info: Info, input: RecordConsentInput) -> RecordConsentPayload | None:
        done = await consents.record_consent(info.context, input.parsed(), input.idempotency_key)
        return ConsentRecorded(consent=Consent.of(info, done)) if isinstance(done, models.Consent) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Take a consent back at the client's word: at once, and never refused (R9).",
    )
    async def revoke_consent(self, info: Info, input: RevokeConsentInput) -> RevokeConsentPayload | None:
        done = await consents.revoke_consent(info.context, parse_id(input.id, "id"), input.idempotency_key)
        return ConsentRevoked(consent=Consent.of(info, done)) if isinstance(done, models.Consent) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="A signed statement of a consent, for a mutation of another service.",
    )
    async def prove_consent(self, info: Info, input: ProveConsentInput) -> ProveConsentPayload | None:
        done = await consents.prove_consent(
            info.context,
            parse_id(input.client, "client"),
            parse_id(input.consent, "consent"),
            input.purpose,
            parse_id(input.recipient, "recipient"),
        )
        return ConsentProven(proof=done) if isinstance(done, str) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Send a client to another organisation's service.",
    )
    async def send_referral(self, info: Info, input: SendReferralInput) -> SendReferralPayload | None:
        done = await sending.send_referral(info.context, input.parsed(), input.idempotency_key)
        return ReferralSent(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done

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
        done = await moves.settle_loop(
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
