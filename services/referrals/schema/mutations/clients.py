"""Recording people."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.clients import (
    AgeBand,
    ContactMode,
    ContactSystem,
    Modality,
)
from services.referrals.operations import clients
from services.referrals.refusals import (
    SensitiveText,
)
from services.referrals.schema.clients import Client
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.refusals import InvalidInput


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


@strawberry.type
class ClientRecorded:
    client: Client


RecordClientPayload = Annotated[
    ClientRecorded | InvalidInput | SensitiveText, strawberry.union("RecordClientPayload")
]


@strawberry.type
class ClientMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Record a person whom your organisation helps.",
    )
    async def record_client(self, info: Info, input: RecordClientInput) -> RecordClientPayload | None:
        done = await clients.record_client(info.context, input.parsed(), input.idempotency_key)
        return ClientRecorded(client=Client.of(info, done)) if isinstance(done, models.Client) else done
