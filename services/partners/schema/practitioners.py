"""Writing who works at an organisation, and by what credential."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from services.partners import models
from services.partners.domain.credentials import CredentialKind
from services.partners.domain.terms import AccreditationLevel, CredentialStatus, PractitionerRole
from services.partners.operations import practitioners
from services.partners.operations.credentials import held_of
from services.partners.schema.applications import CredentialEnd
from services.partners.schema.context import Info
from services.partners.schema.parts import Practitioner
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input(description="The whole of what is said of somebody: what is left out is emptied.")
class PractitionerInput:
    role: PractitionerRole
    weekly_hours: int = strawberry.field(description="0 to 60.")
    languages: list[str] = strawberry.field(
        default_factory=list, description="ISO 639-3, or groups such as `mixtec`."
    )
    public_name: str | None = strawberry.field(
        default=None, description="Only where they wish to be known to the network by it."
    )
    started_on: date | None = None
    ended_on: date | None = strawberry.field(default=None, description="Their last day there.")

    def parsed(self) -> practitioners.PractitionerFields:
        return practitioners.PractitionerFields(
            role=self.role,
            weekly_hours=self.weekly_hours,
            languages=tuple(self.languages),
            public_name=self.public_name,
            started_on=self.started_on,
            ended_on=self.ended_on,
        )


@strawberry.input
class AddPractitionerInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    practitioner: PractitionerInput


@strawberry.input
class ChangePractitionerInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    practitioner: PractitionerInput


@strawberry.input(description="A recognition of your organisation, or an accreditation of somebody of it.")
class RecordCredentialInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    granted_on: date
    expires_on: date
    practitioner: strawberry.ID | None = strawberry.field(
        default=None, description="Of an accreditation, with its `level`."
    )
    level: AccreditationLevel | None = None


@strawberry.input
class EndCredentialInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    kind: CredentialKind
    id: strawberry.ID
    status: CredentialStatus = strawberry.field(description="How it ended: not ACTIVE.")
    ended_on: date


@strawberry.input
class ConfirmCredentialInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    kind: CredentialKind
    id: strawberry.ID


@strawberry.type
class PractitionerSaved:
    practitioner: Practitioner


@strawberry.type
class CredentialSaved:
    credential: CredentialEnd


_Refused = InvalidInput | NotFound | NotAllowed | VersionConflict
PractitionerPayload = Annotated[PractitionerSaved | _Refused, strawberry.union("PractitionerPayload")]
CredentialPayload = Annotated[CredentialSaved | _Refused, strawberry.union("CredentialPayload")]


def _person(done: models.Practitioner | _Refused) -> PractitionerSaved | _Refused:
    if isinstance(done, models.Practitioner):
        return PractitionerSaved(practitioner=Practitioner.of(done))
    return done


def _credential(done: models.Recognition | models.Accreditation | _Refused) -> CredentialSaved | _Refused:
    if isinstance(done, models.Recognition | models.Accreditation):
        kind = (
            CredentialKind.RECOGNITION
            if isinstance(done, models.Recognition)
            else CredentialKind.ACCREDITATION
        )
        return CredentialSaved(credential=CredentialEnd.of(held_of(kind, done)))
    return done


@strawberry.type
class PractitionerMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Enter somebody who works at your organisation.",
    )
    async def add_practitioner(self, info: Info, input: AddPractitionerInput) -> PractitionerPayload | None:
        done = await practitioners.add_practitioner(
            info.context, input.practitioner.parsed(), input.idempotency_key
        )
        return _person(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say other hours or languages of somebody, or, with `endedOn`, that they leave.",
    )
    async def change_practitioner(
        self, info: Info, input: ChangePractitionerInput
    ) -> PractitionerPayload | None:
        done = await practitioners.change_practitioner(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.practitioner.parsed(),
            input.idempotency_key,
        )
        return _person(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Enter a recognition that your organisation has already, or an accreditation of somebody of it. What is applied"
        " for here comes of `recordDecision`.",
    )
    async def record_credential(self, info: Info, input: RecordCredentialInput) -> CredentialPayload | None:
        given = practitioners.CredentialFields(
            practitioner=parse_id(input.practitioner, "practitioner") if input.practitioner else None,
            level=input.level,
            granted_on=input.granted_on,
            expires_on=input.expires_on,
        )
        return _credential(await practitioners.record_credential(info.context, given, input.idempotency_key))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say that a credential of your organisation was ended before its term.",
    )
    async def end_credential(self, info: Info, input: EndCredentialInput) -> CredentialPayload | None:
        done = await practitioners.end_credential(
            info.context,
            input.kind,
            parse_id(input.id, "id"),
            input.status,
            input.ended_on,
            input.idempotency_key,
        )
        return _credential(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.ADMIN_NETWORK),
        description="As the network's coordinator: you looked at the Department's roster, and it is so. Of your own organisation"
        " somebody else confirms it.",
    )
    async def confirm_credential(self, info: Info, input: ConfirmCredentialInput) -> CredentialPayload | None:
        done = await practitioners.confirm_credential(
            info.context, input.kind, parse_id(input.id, "id"), input.idempotency_key
        )
        return _credential(done)
