"""Consents, as their capturer and those whom they name see them."""

from __future__ import annotations

from datetime import datetime

import orjson
import strawberry

from services.referrals import models
from services.referrals.domain import consent as rule
from services.referrals.domain import scripts
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import (
    DataClass,
    Grantor,
    Method,
    Presence,
    Purpose,
    RevokedHow,
    Withheld,
)
from services.referrals.operations.consents import as_rule
from services.referrals.operations.vault import vault
from services.referrals.schema.context import READING, Info
from services.referrals.schema.partners import Organization
from services.referrals.schema.receipts import ConsentReceipt
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.mapping import from_row


@strawberry.type(description="What is read to clients before they consent. It never changes.")
class ConsentScript:
    id: strawberry.ID | None = strawberry.field(
        description="Null for the network's own, which its version and language name."
    )
    version: str
    language: str = strawberry.field(description="ISO 639-3.")
    text: str
    text_hash: str = strawberry.field(description="SHA-256, in hexadecimal.")
    audio_reference: str | None = strawberry.field(
        description="Where a recording of it is kept, for languages that are not written."
    )

    @classmethod
    def of(cls, row: models.ConsentScript) -> ConsentScript:
        return from_row(cls, row)

    @classmethod
    def own(cls, script: scripts.Script) -> ConsentScript:
        """One of the network's own."""
        return cls(
            id=None,
            version=script.version,
            language=script.language,
            text=script.text,
            text_hash=script.hash,
            audio_reference=None,
        )


@strawberry.type(description="Somebody who was there when consent was given.")
class ConsentPresence:
    role: Presence
    name: str


@strawberry.type(description="Whether a recipient of a revoked consent confirmed that it keeps nothing (R9).")
class Destruction:
    recipient: Organization | None
    confirmed_at: datetime | None


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=one_of(*READING),
    description="What a client allowed, to whom, for what, until when.",
)
class Consent:
    id: strawberry.ID
    grantor: Grantor
    method: Method
    one_referral: bool = strawberry.field(description="Whether it serves one referral and no other (R6).")
    partial: bool = strawberry.field(
        description="Whether the client said yes to less than they were asked. What they refused is not kept."
    )
    valid_from: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_how: RevokedHow | None
    service_domains: list[str] = strawberry.field(
        description="For which kinds of help, such as `legal`; none named is any."
    )
    row: strawberry.Private[models.Consent]
    own: strawberry.Private[bool]

    @classmethod
    def of(cls, info: Info, row: models.Consent) -> Consent:
        info.context.caller.require(*READING)
        return from_row(cls, row, row=row, own=row.organization_id == info.context.caller.organization)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Consent | None:
        info.context.caller.require(*READING)
        row = await info.context.loaders.consent.load(parse_id(id, "id"))
        return cls.of(info, row) if row else None

    @strawberry.field
    def active(self, info: Info) -> bool:
        return as_rule(self.row).active(info.context.now)

    @strawberry.field(
        description="Who may receive: all of them for its capturer, yourself for a recipient. A survivor's are shown, of"
        " the capturer's staff, to who recorded it alone."
    )
    def recipients(self, info: Info) -> list[Organization | None]:
        caller = info.context.caller
        if not self.own:
            return [Organization.of(caller.organization)]
        survivor = DataClass.SURVIVOR.value in self.row.data_classes
        if survivor and self.row.captured_by != caller.subject:
            info.context.redact(info, DataClass.SERVICE_DETAIL.value, Withheld.GENERALISED.value)
            return []
        return [Organization.of(one) for one in self.row.recipients]

    @strawberry.field
    def purposes(self) -> list[Purpose]:
        return [Purpose(one) for one in self.row.purposes]

    @strawberry.field
    def data_classes(self) -> list[DataClass]:
        return [DataClass(one) for one in self.row.data_classes]

    @strawberry.field(description="The sentence that travels with what is disclosed (R11).")
    def scope_sentence(self) -> str:
        return rule.scope_sentence(as_rule(self.row))

    @strawberry.field(description="ISO 639-3: in which it was given; for who recorded it.")
    def language(self) -> str | None:
        return self.row.language if self.own else None

    @strawberry.field(description="For who recorded it.")
    def script_version(self) -> str | None:
        return self.row.script_version if self.own else None

    @strawberry.field(description="SHA-256 of what was read to the client; for who recorded it.")
    def script_hash(self) -> str | None:
        return self.row.script_hash if self.own else None

    @strawberry.field(description="SHA-256 of the receipt; for who recorded it.")
    def receipt_hash(self) -> str | None:
        return self.row.receipt_hash if self.own else None

    @strawberry.field(description="The receipt, to check by its hash and to print; for who recorded it.")
    def receipt(self, info: Info) -> ConsentReceipt | None:
        return ConsentReceipt.of(info, self.row) if self.own else None

    @strawberry.field(description="The one that it took the place of; for who recorded it.")
    async def supersedes(self, info: Info) -> Consent | None:
        if not self.own or self.row.supersedes is None:
            return None
        row = await info.context.loaders.consent.load(self.row.supersedes)
        return Consent.of(info, row) if row else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="Who else was there; for who recorded it."
    )
    async def present(self, info: Info) -> list[ConsentPresence] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        if not self.own:
            return None
        if self.row.presences_sealed is None:
            return []
        rows = await info.context.loaders.keys_of_client.load(self.row.client_id)
        key = next((one for one in rows if one.key_group is KeyGroup.IDENTITY), None)
        text = vault(info.context.settings).open(key, self.row.presences_sealed)
        if text is None:
            info.context.redact(info, DataClass.IDENTITY.value, Withheld.ERASED.value)
            return None
        return [ConsentPresence(role=Presence(one["role"]), name=one["name"]) for one in orjson.loads(text)]

    @strawberry.field(
        description="Of a revoked consent: which recipients confirmed that they keep nothing; a recipient sees itself."
    )
    async def destructions(self, info: Info) -> list[Destruction]:
        if self.row.revoked_at is None:
            return []
        rows = await info.context.loaders.destructions.load(self.row.id)
        confirmed = {row.organization_id: row.confirmed_at for row in rows}
        return [
            Destruction(recipient=one, confirmed_at=confirmed.get(parse_id(one.id, "id")))
            for one in self.recipients(info)
            if one is not None
        ]
