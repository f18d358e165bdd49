"""Recognition and accreditation in the graph: applications with their checklists, and the calendar of what ends."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import strawberry

from services.partners import models
from services.partners.domain.applications import PAPERS, RaForm, RaItem, RaMove, RaPurpose, RaStage
from services.partners.domain.credentials import CredentialKind, Held, reminder_days
from services.partners.operations import applications, credentials, decisions
from services.partners.operations.applications import READING, business_day
from services.partners.refusals import (
    ApplicationIncomplete,
    ApplicationUnderWay,
    CredentialMissing,
    RaMoveNotAllowed,
)
from services.partners.schema.context import Info
from services.partners.schema.parts import Practitioner
from services.partners.schema.types import Location, Organization
from vereda.caller import Scope
from vereda.errors import ClientError, ErrorCode
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.mapping import from_row
from vereda.pagination import Connection, Order
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict

_MOST_MONTHS: Final = 120
_ORDER: Final = (Order(models.RaApplication.id, descending=True),)
strawberry.enum(RaForm, description="EOIR-31: recognition. EOIR-31A: accreditation of a representative.")
strawberry.enum(RaPurpose, description="What a form is filed for.")
strawberry.enum(CredentialKind, description="Of an organisation, or of a representative with it.")


@strawberry.type(description="One thing that a form needs.")
class RaChecklistItem:
    item: RaItem
    done_on: date | None = strawberry.field(description="Null while it is open.")


@strawberry.type(
    description="An application for DOJ recognition or accreditation. The organisation itself and the network's coordinator"
    " see it, nobody else. Its checklist is to prepare by, and no legal advice."
)
class RaApplication:
    id: strawberry.ID
    version: int
    form: RaForm
    purpose: RaPurpose
    stage: RaStage
    filed_on: date | None
    served_uscis_on: date | None
    decided_on: date | None
    row: strawberry.Private[models.RaApplication]

    @classmethod
    def of(cls, row: models.RaApplication) -> RaApplication:
        return from_row(cls, row, row=row)

    @strawberry.field(description="In the form's order; READY needs all of it.")
    async def checklist(self, info: Info) -> list[RaChecklistItem]:
        rows = await info.context.loaders.checklist.load(self.row.id)
        done = {row.item: row.done_on for row in rows}
        return [RaChecklistItem(item=item, done_on=done.get(item)) for item in PAPERS[self.purpose].items]

    @strawberry.field
    async def organization(self, info: Info) -> Organization | None:
        row = await info.context.loaders.organization.load(self.row.organization_id)
        return Organization.of(row) if row else None

    @strawberry.field(description="Of EOIR-31A: the representative.")
    async def practitioner(self, info: Info) -> Practitioner | None:
        id_ = self.row.practitioner_id
        row = await info.context.loaders.practitioner.load(id_) if id_ else None
        return Practitioner.of(row) if row else None

    @strawberry.field(description="Of an extension: the office.")
    async def location(self, info: Info) -> Location | None:
        row = await info.context.loaders.location.load(self.row.location_id) if self.row.location_id else None
        return Location.of(row) if row else None


@strawberry.type(description="The end of a recognition or an accreditation.")
class CredentialEnd:
    kind: CredentialKind
    id: strawberry.ID = strawberry.field(description="Of the recognition or accreditation.")
    expires_on: date
    pending_renewal: bool = strawberry.field(
        description="Its renewal was filed before it ended: it holds until that is decided."
    )
    held: strawberry.Private[Held]

    @classmethod
    def of(cls, held: Held) -> CredentialEnd:
        return cls(
            kind=held.kind,
            id=strawberry.ID(str(held.id)),
            expires_on=held.term.expires_on,
            pending_renewal=held.term.pending_renewal,
            held=held,
        )

    @strawberry.field
    async def organization(self, info: Info) -> Organization | None:
        row = await info.context.loaders.organization.load(self.held.organization)
        return Organization.of(row) if row else None

    @strawberry.field(description="Null for a recognition.")
    async def practitioner(self, info: Info) -> Practitioner | None:
        id_ = self.held.practitioner
        row = await info.context.loaders.practitioner.load(id_) if id_ else None
        return Practitioner.of(row) if row else None


@strawberry.type(description="What has to be filed until when.")
class RaDeadline:
    credential: CredentialEnd
    reminders: list[date] = strawberry.field(description="12, 6, 3 months and one before the end.")
    renewal: RaApplication | None = strawberry.field(description="The renewal under way, whatever its stage.")
    days_left: int = strawberry.field(description="Until the last day to file; negative once it has passed.")
    lapses: bool = strawberry.field(
        description="Whether it ends as things stand: no renewal of it was filed in time."
    )

    @classmethod
    def of(cls, deadline: credentials.Deadline, today: date) -> RaDeadline:
        term = deadline.held.term
        return cls(
            credential=CredentialEnd.of(deadline.held),
            reminders=list(reminder_days(term.expires_on)),
            renewal=RaApplication.of(deadline.renewal) if deadline.renewal else None,
            days_left=(term.expires_on - today).days,
            lapses=not term.pending_renewal,
        )


@strawberry.input
class StartRaApplicationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    purpose: RaPurpose
    practitioner: strawberry.ID | None = strawberry.field(
        default=None, description="Of EOIR-31A: a practitioner of your organisation."
    )
    location: strawberry.ID | None = strawberry.field(
        default=None, description="Of an extension: a location of your organisation."
    )


@strawberry.input
class SetChecklistItemInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    item: RaItem
    done_on: date | None = strawberry.field(default=None, description="Left out: it is open again.")


@strawberry.input
class FileApplicationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    filed_on: date
    served_uscis_on: date


@strawberry.input
class RecordDecisionInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    decision: RaMove = strawberry.field(description="ACKNOWLEDGE, APPROVE, DENY or WITHDRAW.")
    decided_on: date
    expires_on: date | None = strawberry.field(
        default=None, description="Of an approval that names its end; else the usual term."
    )


@strawberry.type
class RaApplicationSaved:
    application: RaApplication


_Refused = (
    InvalidInput
    | NotFound
    | NotAllowed
    | VersionConflict
    | ApplicationIncomplete
    | ApplicationUnderWay
    | CredentialMissing
    | RaMoveNotAllowed
)
RaApplicationPayload = Annotated[RaApplicationSaved | _Refused, strawberry.union("RaApplicationPayload")]


def _saved(done: models.RaApplication | _Refused) -> RaApplicationSaved | _Refused:
    if isinstance(done, models.RaApplication):
        return RaApplicationSaved(application=RaApplication.of(done))
    return done


def months_of(given: int) -> int:
    """Raises: ClientError BAD_USER_INPUT."""
    if not 1 <= given <= _MOST_MONTHS:
        raise ClientError(ErrorCode.BAD_USER_INPUT, "`withinMonths` must be from 1 to 120.")
    return given


@strawberry.input(description="All that is given must hold; of several values, any.")
class RaApplicationFilter:
    stages: list[RaStage] | None = None


@strawberry.type
class ApplicationQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*READING),
        description="Applications for recognition and accreditation, the newest first: your organisation's, and for the"
        " network's coordinator everybody's.",
    )
    async def ra_applications(
        self,
        info: Info,
        organization: strawberry.ID | None = None,
        filter: RaApplicationFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[RaApplication] | None:
        info.context.caller.require(*READING)
        owner = parse_id(organization, "organization") if organization else None
        statement = applications.applications(tuple((filter and filter.stages) or ()), owner)
        return await listed(info.context, statement, _ORDER, first, after, RaApplication.of)

    @strawberry.federation.field(
        requires_scopes=one_of(*READING),
        description="What ends within so many months (at most 200 of it), with the renewals under way: your organisation's,"
        " and for the network's coordinator everybody's.",
    )
    async def ra_calendar(self, info: Info, within_months: int = 12) -> list[RaDeadline] | None:
        today = business_day(info.context.now)
        ends = await credentials.calendar(info.context, months_of(within_months))
        return [RaDeadline.of(one, today) for one in ends]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Recognitions and accreditations of the network that end within so many months (at most 200 of them)"
        " and of which no renewal was filed.",
    )
    async def credentials_expiring(self, info: Info, within_months: int = 6) -> list[CredentialEnd] | None:
        return [
            CredentialEnd.of(one)
            for one in await credentials.expiring(info.context, months_of(within_months))
        ]


@strawberry.type
class ApplicationMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Begin to prepare an application of your organisation.",
    )
    async def start_ra_application(
        self, info: Info, input: StartRaApplicationInput
    ) -> RaApplicationPayload | None:
        done = await applications.start_application(
            info.context,
            input.purpose,
            parse_id(input.practitioner, "practitioner") if input.practitioner else None,
            parse_id(input.location, "location") if input.location else None,
            input.idempotency_key,
        )
        return _saved(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say since when an item of a checklist is ready, or that it is open again. With the last one the"
        " application is READY.",
    )
    async def set_checklist_item(
        self, info: Info, input: SetChecklistItemInput
    ) -> RaApplicationPayload | None:
        done = await applications.set_checklist_item(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.item,
            input.done_on,
            input.idempotency_key,
        )
        return _saved(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say that a READY application was filed, and served on USCIS. A renewal that is filed before the end of"
        " what it renews keeps that in force until it is decided (verify 8 CFR 1292.16).",
    )
    async def file_application(self, info: Info, input: FileApplicationInput) -> RaApplicationPayload | None:
        done = await applications.file_application(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.filed_on,
            input.served_uscis_on,
            input.idempotency_key,
        )
        return _saved(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say what was decided. An approval makes or renews the recognition or accreditation, for all to see.",
    )
    async def record_decision(self, info: Info, input: RecordDecisionInput) -> RaApplicationPayload | None:
        done = await decisions.record_decision(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.decision,
            input.decided_on,
            input.expires_on,
            input.idempotency_key,
        )
        return _saved(done)
