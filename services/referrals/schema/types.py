"""What of people and hand-offs is shown, and to whom."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from functools import partial
from uuid import UUID

import orjson
import strawberry

from services.referrals import models
from services.referrals.domain import consent as rule
from services.referrals.domain.clients import AgeBand, ContactMode, ContactSystem, KeyGroup, Modality
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.consent import DataClass, Grantor, Method, Purpose, Withheld
from services.referrals.domain.lifecycle import (
    FHIR_STATUS,
    TERMINAL,
    Loop,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    allowed,
    shown_reason,
    shown_state,
)
from services.referrals.operations.clients import handle_of
from services.referrals.operations.consents import as_rule, status_returns
from services.referrals.operations.moves import party_of
from services.referrals.schema.context import KNOWING, READING, Info
from services.referrals.schema.disclosure import may_show, opened
from services.referrals.schema.partners import County, Organization, Service
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.mapping import from_row
from vereda.pagination import Connection
from vereda.statements import ConsentsInForce, sign


@strawberry.enum(description="All that a sender learns where the client did not consent to more (R7).")
class ReferralStatus(Enum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


@strawberry.type(description="A way to reach a client.")
class ClientContact:
    system: ContactSystem
    value: str


@strawberry.federation.type(
    keys=["handle"],
    description="A person who is helped, under the handle that is your organisation's own (R19).",
)
class Client:
    handle: strawberry.ID
    row: strawberry.Private[models.Client]

    @classmethod
    def of(cls, info: Info, row: models.Client) -> Client:
        return cls(handle=strawberry.ID(str(handle_of(info.context, row))), row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, handle: strawberry.ID) -> Client | None:
        info.context.caller.require(*KNOWING)
        row = await info.context.loaders.client_by_handle.load(parse_id(handle, "handle"))
        return cls.of(info, row) if row else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def display_name(self, info: Info) -> str | None:
        sealed = self.row.display_name_sealed
        return await opened(info, self.row, DataClass.IDENTITY, KeyGroup.IDENTITY, sealed, conflict_set=True)

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def contacts(self, info: Info) -> list[ClientContact] | None:
        sealed = self.row.contacts_sealed
        if sealed is None and await may_show(info, self.row, DataClass.CONTACT):
            return []
        text = await opened(info, self.row, DataClass.CONTACT, KeyGroup.CONTACT, sealed) if sealed else None
        if text is None:
            return None
        return [
            ClientContact(system=ContactSystem(c["system"]), value=c["value"]) for c in orjson.loads(text)
        ]

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def contact_mode(self, info: Info) -> ContactMode | None:
        return self.row.contact_mode if await may_show(info, self.row, DataClass.CONTACT) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def safe_hours(self, info: Info) -> str | None:
        return self.row.safe_hours if await may_show(info, self.row, DataClass.CONTACT) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ), description="ISO 639-3.")
    async def language(self, info: Info) -> str | None:
        return self.row.language if await may_show(info, self.row, DataClass.LANGUAGE) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def language_modality(self, info: Info) -> Modality | None:
        return self.row.modality if await may_show(info, self.row, DataClass.LANGUAGE) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def age_band(self, info: Info) -> AgeBand | None:
        return self.row.age_band if await may_show(info, self.row, DataClass.IDENTITY) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def county(self, info: Info) -> County | None:
        if self.row.county_fips is None or not await may_show(info, self.row, DataClass.IDENTITY):
            return None
        return County(fips=strawberry.ID(self.row.county_fips))

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="First three digits of the ZIP code."
    )
    async def zip3(self, info: Info) -> str | None:
        return self.row.zip3 if await may_show(info, self.row, DataClass.IDENTITY) else None

    @strawberry.federation.field(
        inaccessible=True,
        description="Signed, for the services that keep something under a consent: which hold now.",
    )
    async def assurance(self, info: Info) -> str | None:
        rows = await info.context.loaders.consents_of_client.load(self.row.id)
        holding = [str(row.id) for row in rows if as_rule(row).active(info.context.now)]
        reader = info.context.caller.organization
        statement = ConsentsInForce(reader=reader, handle=UUID(self.handle), consents=holding)
        return sign(info.context.settings, statement)

    @strawberry.field(description="Consents that name your organisation, or that it recorded.")
    async def consents(self, info: Info) -> list[Consent]:
        rows = await info.context.loaders.consents_of_client.load(self.row.id)
        return [Consent.of(info, row) for row in rows]

    @strawberry.field(description="Their referrals that you sent or received, the newest first.")
    async def referrals(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Referral]:
        return await listed_under(
            info.context.loaders.referrals_of_client, self.row.id, first, after, partial(Referral.of, info)
        )


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=one_of(*READING),
    description="What a client allowed, to whom, for what, until when.",
)
class Consent:
    id: strawberry.ID
    grantor: Grantor
    method: Method
    language: str
    script_version: str
    script_hash: str = strawberry.field(description="SHA-256 of what was read to the client.")
    receipt_hash: str | None = strawberry.field(description="SHA-256 of the receipt; for who recorded it.")
    valid_from: datetime
    expires_at: datetime
    revoked_at: datetime | None
    row: strawberry.Private[models.Consent]

    @classmethod
    def of(cls, info: Info, row: models.Consent) -> Consent:
        info.context.caller.require(*READING)
        own = row.organization_id == info.context.caller.organization
        return from_row(cls, row, row=row, receipt_hash=row.receipt_hash if own else None)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Consent | None:
        info.context.caller.require(*READING)
        row = await info.context.loaders.consent.load(parse_id(id, "id"))
        return cls.of(info, row) if row else None

    @strawberry.field
    def active(self, info: Info) -> bool:
        return as_rule(self.row).active(info.context.now)

    @strawberry.field(description="Who may receive: all of them for its capturer, yourself for a recipient.")
    def recipients(self, info: Info) -> list[Organization | None]:
        own = info.context.caller.organization
        shown = self.row.recipients if self.row.organization_id == own else [own]
        return [Organization.of(one) for one in shown]

    @strawberry.field
    def purposes(self) -> list[Purpose]:
        return [Purpose(one) for one in self.row.purposes]

    @strawberry.field
    def data_classes(self) -> list[DataClass]:
        return [DataClass(one) for one in self.row.data_classes]

    @strawberry.field(description="The sentence that travels with what is disclosed (R11).")
    def scope_sentence(self) -> str:
        return rule.scope_sentence(as_rule(self.row))


@strawberry.type(description="What happened to a referral.")
class ReferralEvent:
    sequence: int
    move: MoveName | None
    from_state: State | None
    to_state: State
    party: Party
    reason: Reason | None
    outcome: Outcome | None
    occurred_at: datetime
    actor_organization_id: strawberry.Private[UUID]

    @strawberry.field(description="Null for the client's own acts: through whom they spoke is their affair.")
    def actor(self) -> Organization | None:
        if self.party in (Party.CLIENT, Party.SYSTEM):
            return None
        return Organization.of(self.actor_organization_id)


def _event(row: models.ReferralEvent, reader: Party) -> ReferralEvent:
    reviewed = row.from_state not in (State.SENT, State.CONFLICT_CHECK)
    return from_row(
        ReferralEvent,
        row,
        from_state=shown_state(row.from_state, reader) if row.from_state else None,
        reason=shown_reason(row.reason, reader, reviewed=reviewed),
    )


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=one_of(*READING),
    description="A client handed from one organisation to another.",
)
class Referral:
    id: strawberry.ID
    urgency: Urgency
    placer_id: str | None = strawberry.field(description="The sender's own identifier.")
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

    @strawberry.field
    def sender(self) -> Organization | None:
        return Organization.of(self.row.sender_id)

    @strawberry.field
    def recipient(self) -> Organization | None:
        return Organization.of(self.row.recipient_id)

    @strawberry.field
    def service(self) -> Service | None:
        return Service.of(self.row.service_id)

    @strawberry.field
    async def client(self, info: Info) -> Client | None:
        row = await info.context.loaders.client.load(self.row.client_id)
        return Client.of(info, row) if row else None

    @strawberry.field
    async def consent(self, info: Info) -> Consent | None:
        row = await info.context.loaders.consent.load(self.row.consent_id)
        return Consent.of(info, row) if row else None

    @strawberry.field(description="The referral that this one continues.")
    async def parent(self, info: Info) -> Referral | None:
        row = await info.context.loaders.referral.load(self.row.parent_id) if self.row.parent_id else None
        return Referral.of(info, row) if row else None

    @strawberry.field
    def status(self) -> ReferralStatus:
        return ReferralStatus.CLOSED if self.row.state in TERMINAL else ReferralStatus.OPEN

    @strawberry.field(description="Where it stands; for the sender, if the client consented to that (R7).")
    async def state(self, info: Info) -> State | None:
        return shown_state(self.row.state, self._party(info)) if await self._status_shown(info) else None

    @strawberry.field(description="The recipient's own identifier.")
    async def filler_id(self, info: Info) -> str | None:
        return self.row.filler_id if await self._status_shown(info) else None

    @strawberry.field(description="Status of an HL7 FHIR Task.")
    async def fhir_status(self, info: Info) -> str | None:
        return FHIR_STATUS[self.row.state] if await self._status_shown(info) else None

    @strawberry.field
    async def loop(self, info: Info) -> Loop | None:
        return self.row.loop if await self._status_shown(info) else None

    @strawberry.field
    async def reason(self, info: Info) -> Reason | None:
        if self.row.reason is None or not await self._status_shown(info):
            return None
        return shown_reason(self.row.reason, self._party(info), reviewed=await self._reviewed(info))

    @strawberry.field
    async def outcome(self, info: Info) -> Outcome | None:
        if self.row.outcome is None or not await self._status_shown(info):
            return None
        consent = await info.context.loaders.consent.load(self.row.consent_id)
        if self._party(info) is Party.SENDER and DataClass.OUTCOME.value not in consent.data_classes:
            info.context.redact(info, DataClass.OUTCOME.value, Withheld.NO_CONSENT.value)
            return None
        return self.row.outcome

    @strawberry.field(description="By when the next step is due.")
    async def due_at(self, info: Info) -> datetime | None:
        return self.row.due_at if await self._status_shown(info) else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="Taxonomy codes of what is needed."
    )
    async def needs(self, info: Info) -> list[str] | None:
        client = await info.context.loaders.client.load(self.row.client_id)
        return self.row.needs if client and await may_show(info, client, DataClass.NEED, self.row) else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="What the sender wrote."
    )
    async def narrative(self, info: Info) -> str | None:
        client = await info.context.loaders.client.load(self.row.client_id)
        sealed = self.row.narrative_sealed
        if client is None:
            return None
        return await opened(info, client, DataClass.NEED, KeyGroup.NARRATIVE, sealed, self.row)

    @strawberry.field(description="What happened so far; for the sender, as far as they may know.")
    async def timeline(self, info: Info) -> list[ReferralEvent]:
        rows = await info.context.loaders.events.load(self.row.id)
        party = self._party(info)
        if not await self._status_shown(info):
            rows = [row for row in rows if row.party is party]
        return [_event(row, party) for row in rows if row.to_state is shown_state(row.to_state, party)]

    @strawberry.field(description="What you can do with it now, before its data is looked at.")
    async def allowed_moves(self, info: Info) -> list[MoveName]:
        if not await self._status_shown(info):
            return []
        return [m.name for m in allowed(self.row.state, self._party(info), legal=self.row.legal)]

    async def _reviewed(self, info: Info) -> bool:
        """Whether it was ever reviewed by the recipient."""
        rows = await info.context.loaders.events.load(self.row.id)
        return any(row.to_state is State.IN_REVIEW for row in rows)

    def _party(self, info: Info) -> Party:
        return party_of(self.row, info.context.caller.organization)

    async def _status_shown(self, info: Info) -> bool:
        if self._party(info) is Party.RECIPIENT:
            return True
        consent = await info.context.loaders.consent.load(self.row.consent_id)
        if consent is not None and status_returns(consent, info.context.now):
            return True
        info.context.redact(info, DataClass.OUTCOME.value, Withheld.NO_CONSENT.value)
        return False
