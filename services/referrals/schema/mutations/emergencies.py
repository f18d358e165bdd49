"""Breaking the glass, and what it obliges to."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.emergencies import Danger
from services.referrals.operations import emergencies
from services.referrals.refusals import EmergencyUnavailable
from services.referrals.schema.context import Info
from services.referrals.schema.emergencies import EmergencyAccess
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound


@strawberry.input(description="Danger to somebody's life, and nothing less.")
class OpenInEmergencyInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the client.")
    danger: Danger
    statement: str = strawberry.field(
        description="Whose life is in danger, and how this helps. Sealed; reviewed."
    )

    def parsed(self) -> emergencies.EmergencyFields:
        return emergencies.EmergencyFields(
            client=parse_id(self.client, "client"), danger=self.danger, statement=self.statement.strip()
        )


@strawberry.input
class ReviewEmergencyInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    justified: bool


@strawberry.input
class RecordClientToldInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.type
class EmergencyOpened:
    access: EmergencyAccess


@strawberry.type
class EmergencyReviewed:
    access: EmergencyAccess


@strawberry.type
class ClientTold:
    access: EmergencyAccess


OpenInEmergencyPayload = Annotated[
    EmergencyOpened | EmergencyUnavailable | InvalidInput | NotFound,
    strawberry.union("OpenInEmergencyPayload"),
]
ReviewEmergencyPayload = Annotated[
    EmergencyReviewed | NotAllowed | NotFound, strawberry.union("ReviewEmergencyPayload")
]
RecordClientToldPayload = Annotated[ClientTold | NotFound, strawberry.union("RecordClientToldPayload")]


@strawberry.type
class EmergencyMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Break the glass: see for an hour who a client is and how to reach them, for danger to life alone."
        " A person may, who is signed in; both organisations review it, and the client is told (R29).",
    )
    async def open_in_emergency(
        self, info: Info, input: OpenInEmergencyInput
    ) -> OpenInEmergencyPayload | None:
        done = await emergencies.open_in_emergency(info.context, input.parsed(), input.idempotency_key)
        if isinstance(done, models.EmergencyAccess):
            return EmergencyOpened(access=EmergencyAccess.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.ADMIN_ORGANIZATION, Scope.AUDIT_VERIFY),
        description="Say, for one of the two organisations, whether an emergency access was justified.",
    )
    async def review_emergency(
        self, info: Info, input: ReviewEmergencyInput
    ) -> ReviewEmergencyPayload | None:
        done = await emergencies.review_emergency(
            info.context, parse_id(input.id, "id"), input.idempotency_key, justified=input.justified
        )
        if isinstance(done, models.EmergencyAccess):
            return EmergencyReviewed(access=EmergencyAccess.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Note that a client of yours was told of an emergency access to them.",
    )
    async def record_client_told(
        self, info: Info, input: RecordClientToldInput
    ) -> RecordClientToldPayload | None:
        done = await emergencies.record_client_told(
            info.context, parse_id(input.id, "id"), input.idempotency_key
        )
        return (
            ClientTold(access=EmergencyAccess.of(done)) if isinstance(done, models.EmergencyAccess) else done
        )
