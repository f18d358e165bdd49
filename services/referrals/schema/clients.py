"""What of a person is shown, and to whom."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
import strawberry

from services.referrals import models
from services.referrals.domain.clients import AgeBand, ContactMode, ContactSystem, KeyGroup, Modality
from services.referrals.domain.erasing import KeyState
from services.referrals.operations.clients import handle_of
from services.referrals.operations.consents import as_rule
from services.referrals.schema.accounting import ClientDisclosures
from services.referrals.schema.consents import Consent
from services.referrals.schema.context import KNOWING, Info
from services.referrals.schema.disclosure import opened, shown
from services.referrals.schema.household import ClientHousehold
from services.referrals.schema.partners import County
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.pagination import Connection
from vereda.statements import ConsentsInForce, sign

if TYPE_CHECKING:
    from services.referrals.schema.referrals import Referral

_Referral = Annotated["Referral", strawberry.lazy("services.referrals.schema.referrals")]


@strawberry.type(description="A way to reach a client.")
class ClientContact:
    system: ContactSystem
    value: str


@strawberry.federation.type(
    keys=["handle"],
    description="A person who is helped, under the handle that is your organisation's own (R19).",
)
class Client(ClientHousehold, ClientDisclosures):
    handle: strawberry.ID
    version: int
    row: strawberry.Private[models.Client]

    @classmethod
    def of(cls, info: Info, row: models.Client) -> Client:
        handle = strawberry.ID(str(handle_of(info.context, row)))
        return cls(handle=handle, version=row.version, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, handle: strawberry.ID) -> Client | None:
        info.context.caller.require(*KNOWING)
        row = await info.context.loaders.client_by_handle.load(parse_id(handle, "handle"))
        return cls.of(info, row) if row else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def display_name(self, info: Info) -> str | None:
        return await opened(info, self.row, KeyGroup.IDENTITY, self.row.display_name_sealed)

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def contacts(self, info: Info) -> list[ClientContact] | None:
        sealed = self.row.contacts_sealed
        if sealed is None and await shown(info, self.row):
            return []
        text = await opened(info, self.row, KeyGroup.CONTACT, sealed) if sealed else None
        if text is None:
            return None
        return [
            ClientContact(system=ContactSystem(c["system"]), value=c["value"]) for c in orjson.loads(text)
        ]

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def contact_mode(self, info: Info) -> ContactMode | None:
        return self.row.contact_mode if await shown(info, self.row) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def safe_hours(self, info: Info) -> str | None:
        sealed = self.row.safe_hours_sealed
        if sealed is None:
            await shown(info, self.row)
            return None
        return await opened(info, self.row, KeyGroup.CONTACT, sealed)

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ), description="ISO 639-3.")
    async def language(self, info: Info) -> str | None:
        return self.row.language if await shown(info, self.row) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def language_modality(self, info: Info) -> Modality | None:
        return self.row.modality if await shown(info, self.row) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def age_band(self, info: Info) -> AgeBand | None:
        return self.row.age_band if await shown(info, self.row) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def county(self, info: Info) -> County | None:
        if self.row.county_fips is None or not await shown(info, self.row):
            return None
        return County.of(self.row.county_fips)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="First three digits of the ZIP code."
    )
    async def zip3(self, info: Info) -> str | None:
        return self.row.zip3 if await shown(info, self.row) else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Whether what was recorded of them can still be read.",
    )
    async def key_state(self, info: Info) -> KeyState:
        info.context.caller.require(Scope.CLIENT_READ)
        return KeyState.ACTIVE if self.row.erased_at is None else KeyState.ERASED

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
    ) -> Connection[_Referral]:
        from services.referrals.schema.referrals import Referral

        return await listed_under(
            info.context.loaders.referrals_of_client, self.row.id, first, after, partial(Referral.of, info)
        )
