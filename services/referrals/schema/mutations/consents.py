"""Recording, revoking and proving consents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.consent import DataClass, Grantor, Method, Purpose
from services.referrals.operations import consents
from services.referrals.refusals import (
    ConsentMissing,
)
from services.referrals.schema.consents import Consent
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound


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


RecordConsentPayload = Annotated[
    ConsentRecorded | InvalidInput | NotFound, strawberry.union("RecordConsentPayload")
]


RevokeConsentPayload = Annotated[ConsentRevoked | NotFound, strawberry.union("RevokeConsentPayload")]


ProveConsentPayload = Annotated[
    ConsentProven | NotFound | ConsentMissing | InvalidInput, strawberry.union("ProveConsentPayload")
]


@strawberry.type
class ConsentMutations:
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
