"""Recording, revoking and proving consents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.consent import DataClass, Grantor, Method, Presence, Purpose, RevokedHow
from services.referrals.operations import consenting, consents, destruction, scripts
from services.referrals.refusals import (
    ConsentMissing,
    SensitiveText,
)
from services.referrals.schema.consents import Consent, ConsentScript
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound


@strawberry.input(description="Somebody who was there. Their name is kept sealed.")
class PresentInput:
    role: Presence
    name: str


@strawberry.input(description="What the client said yes to. What they said no to is not recorded.")
class RecordConsentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the client.")
    recipients: list[strawberry.ID] = strawberry.field(description="Organisations by name: never everybody.")
    purposes: list[Purpose]
    data_classes: list[DataClass]
    method: Method
    grantor: Grantor = Grantor.SELF
    language: str = strawberry.field(description="ISO 639-3: in which it was given.")
    script: strawberry.ID | None = strawberry.field(
        default=None, description="The published script that was read."
    )
    script_version: str = strawberry.field(
        default="",
        description="Without `script`: of the text that was read, or of the network's own, `network-1`.",
    )
    script_text: str | None = strawberry.field(
        default=None,
        description="What was read to the client, where it is no published script; its hash is kept.",
    )
    present: list[PresentInput] = strawberry.field(
        default_factory=list, description="Witness and interpreter, guardian and representative (R8)."
    )
    service_domains: list[str] = strawberry.field(
        default_factory=list, description="Kinds of help, such as `legal`; none named is any."
    )
    standing: bool = strawberry.field(
        default=False, description="For more than one referral, if the client was asked for that (R6)."
    )
    partial: bool = strawberry.field(
        default=False, description="The client said yes to less than they were asked."
    )
    supersedes: strawberry.ID | None = strawberry.field(
        default=None, description="An earlier consent of the client, whose place this one takes."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="At most 12 months from now.")

    def parsed(self) -> consenting.ConsentFields:
        return consenting.ConsentFields(
            client=parse_id(self.client, "client"),
            recipients=tuple(parse_id(one, "recipients") for one in self.recipients),
            purposes=tuple(self.purposes),
            data_classes=tuple(self.data_classes),
            method=self.method,
            grantor=self.grantor,
            language=self.language,
            script_version=self.script_version,
            script_text=self.script_text,
            script=parse_id(self.script, "script") if self.script else None,
            present=tuple(consenting.Present(one.role, one.name.strip()) for one in self.present),
            service_domains=tuple(self.service_domains),
            standing=self.standing,
            partial=self.partial,
            supersedes=parse_id(self.supersedes, "supersedes") if self.supersedes else None,
            expires_at=self.expires_at,
        )


@strawberry.input
class RevokeConsentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    how: RevokedHow = strawberry.field(default=RevokedHow.IN_PERSON, description="How the client said so.")


@strawberry.input
class ConfirmDestructionInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    consent: strawberry.ID


@strawberry.input
class PublishConsentScriptInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    version: str
    language: str = strawberry.field(description="ISO 639-3.")
    text: str = strawberry.field(description="What is read; of a recording, what it says.")
    audio_reference: str | None = strawberry.field(
        default=None, description="Where a recording is kept; it is not kept here."
    )

    def parsed(self) -> scripts.ScriptFields:
        return scripts.ScriptFields(
            version=self.version.strip(),
            language=self.language,
            text=self.text,
            audio_reference=self.audio_reference,
        )


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
    ConsentRecorded | InvalidInput | SensitiveText | NotFound, strawberry.union("RecordConsentPayload")
]


RevokeConsentPayload = Annotated[
    ConsentRevoked | InvalidInput | NotFound, strawberry.union("RevokeConsentPayload")
]


@strawberry.type
class DestructionConfirmed:
    consent: Consent


ConfirmDestructionPayload = Annotated[
    DestructionConfirmed | InvalidInput | NotFound, strawberry.union("ConfirmDestructionPayload")
]


@strawberry.type
class ConsentScriptPublished:
    script: ConsentScript


PublishConsentScriptPayload = Annotated[
    ConsentScriptPublished | InvalidInput, strawberry.union("PublishConsentScriptPayload")
]


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
        done = await consenting.record_consent(info.context, input.parsed(), input.idempotency_key)
        return ConsentRecorded(consent=Consent.of(info, done)) if isinstance(done, models.Consent) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Take a consent back at the client's word: at once, and never refused (R9).",
    )
    async def revoke_consent(self, info: Info, input: RevokeConsentInput) -> RevokeConsentPayload | None:
        done = await consents.revoke_consent(
            info.context, parse_id(input.id, "id"), input.how, input.idempotency_key
        )
        return ConsentRevoked(consent=Consent.of(info, done)) if isinstance(done, models.Consent) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Say, as a recipient, that you keep nothing more of what a revoked consent let you see (R9).",
    )
    async def confirm_destruction(
        self, info: Info, input: ConfirmDestructionInput
    ) -> ConfirmDestructionPayload | None:
        done = await destruction.confirm_destruction(
            info.context, parse_id(input.consent, "consent"), input.idempotency_key
        )
        if isinstance(done, models.Consent):
            return DestructionConfirmed(consent=Consent.of(info, done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Publish what is read to clients, for every member to use, in any language (R8).",
    )
    async def publish_consent_script(
        self, info: Info, input: PublishConsentScriptInput
    ) -> PublishConsentScriptPayload | None:
        done = await scripts.publish_script(info.context, input.parsed(), input.idempotency_key)
        if isinstance(done, models.ConsentScript):
            return ConsentScriptPublished(script=ConsentScript.of(done))
        return done

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
