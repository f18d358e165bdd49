"""Shifts of workshops and their volunteers in the graph."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from services.partners import models
from services.partners.domain.volunteering import RequestAnswer, RequestState, ShiftRole, VolunteerState
from services.partners.operations import volunteering
from services.partners.operations.volunteering import Sending
from services.partners.refusals import ShiftFull
from services.partners.schema.context import Info, may_read
from services.partners.schema.parts import Practitioner
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.mapping import from_row
from vereda.pagination import Connection, Order
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict

if TYPE_CHECKING:
    from services.partners.schema.types import Organization, Workshop

_Organization = Annotated["Organization", strawberry.lazy("services.partners.schema.types")]
_Workshop = Annotated["Workshop", strawberry.lazy("services.partners.schema.types")]
_BY_START: Final = (Order(models.WorkshopShift.starts_at), Order(models.WorkshopShift.id))
_NEWEST: Final = (Order(models.VolunteerRequest.id, descending=True),)


@strawberry.type(description="Somebody whom a partner sends to a shift.")
class Volunteer:
    id: strawberry.ID
    state: VolunteerState
    version: int
    row: strawberry.Private[models.Volunteer]

    @classmethod
    def of(cls, row: models.Volunteer) -> Volunteer:
        return from_row(cls, row, row=row)

    @strawberry.field(description="The partner that sends them.")
    async def organization(self, info: Info) -> _Organization | None:
        return await _organization(info, self.row.organization_id)

    @strawberry.field(description="Who they are at their own organisation; null where it named nobody.")
    async def practitioner(self, info: Info) -> Practitioner | None:
        id_ = self.row.practitioner_id
        row = await info.context.loaders.practitioner.load(id_) if id_ else None
        return Practitioner.of(row) if row else None


@strawberry.type(description="A role at a workshop, for a time, and how many are wanted in it.")
class WorkshopShift:
    id: strawberry.ID
    role: ShiftRole
    language: str | None = strawberry.field(
        description="ISO 639-3, or a group of languages such as `mixtec`, that they are to speak."
    )
    starts_at: datetime
    ends_at: datetime
    wanted: int
    filled: int
    version: int
    row: strawberry.Private[models.WorkshopShift]

    @classmethod
    def of(cls, row: models.WorkshopShift) -> WorkshopShift:
        return from_row(cls, row, row=row)

    @strawberry.field(description="How many are still wanted.")
    def unfilled(self) -> int:
        return self.wanted - self.filled

    @strawberry.field
    async def workshop(self, info: Info) -> _Workshop | None:
        from services.partners.schema.types import Workshop

        row = await info.context.loaders.workshop.load(self.row.workshop_id)
        return Workshop.of(row) if row else None

    @strawberry.field(description="Those who come, and those who were to.")
    async def volunteers(self, info: Info) -> list[Volunteer]:
        return [Volunteer.of(row) for row in await info.context.loaders.volunteers_of_shift.load(self.row.id)]


@strawberry.type(description="That a host asks a partner for people. Known to the two of them.")
class VolunteerRequest:
    id: strawberry.ID
    people: int
    state: RequestState
    version: int
    row: strawberry.Private[models.VolunteerRequest]

    @classmethod
    def of(cls, row: models.VolunteerRequest) -> VolunteerRequest:
        return from_row(cls, row, row=row)

    @strawberry.field
    async def shift(self, info: Info) -> WorkshopShift | None:
        row = await info.context.loaders.shift.load(self.row.shift_id)
        return WorkshopShift.of(row) if row else None

    @strawberry.field
    async def host(self, info: Info) -> _Organization | None:
        return await _organization(info, self.row.organization_id)

    @strawberry.field
    async def asked(self, info: Info) -> _Organization | None:
        return await _organization(info, self.row.asked_id)


async def _organization(info: Info, id_: object) -> _Organization | None:
    from services.partners.schema.types import Organization

    row = await info.context.loaders.organization.load(id_)
    return Organization.of(row) if row else None


@strawberry.input
class AddWorkshopShiftInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    workshop: strawberry.ID
    role: ShiftRole
    wanted: int
    language: str | None = strawberry.field(
        default=None, description="ISO 639-3, or a group such as `mixtec`; needed of an interpreter."
    )
    starts_at: datetime | None = strawberry.field(default=None, description="Left out: with the workshop.")
    ends_at: datetime | None = None

    def parsed(self) -> volunteering.ShiftFields:
        return volunteering.ShiftFields(
            workshop=parse_id(self.workshop, "workshop"),
            role=self.role,
            language=self.language,
            wanted=self.wanted,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )


@strawberry.input
class ChangeWorkshopShiftInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    wanted: int


@strawberry.input
class RequestVolunteersInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    shift: strawberry.ID
    partners: list[strawberry.ID]
    people: int = strawberry.field(default=1, description="How many each of them is asked for.")


@strawberry.input
class AnswerVolunteerRequestInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    answer: RequestAnswer
    practitioners: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Of ACCEPT: who comes, of your own; needed in the legal roles."
    )
    people: int | None = strawberry.field(
        default=None, description="Of ACCEPT: how many come in all; left out, those that are named."
    )


@strawberry.input
class OfferVolunteersInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    shift: strawberry.ID
    practitioners: list[strawberry.ID] = strawberry.field(default_factory=list)
    people: int | None = None


@strawberry.input
class WithdrawVolunteerInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int


@strawberry.type
class ShiftSaved:
    shift: WorkshopShift


@strawberry.type
class VolunteersRequested:
    requests: list[VolunteerRequest]


@strawberry.type
class VolunteerRequestSaved:
    request: VolunteerRequest


_Refused = InvalidInput | NotFound | NotAllowed | VersionConflict | ShiftFull
ShiftPayload = Annotated[ShiftSaved | _Refused, strawberry.union("ShiftPayload")]
VolunteersPayload = Annotated[
    VolunteersRequested | InvalidInput | NotFound | NotAllowed, strawberry.union("VolunteersPayload")
]
VolunteerRequestPayload = Annotated[
    VolunteerRequestSaved | _Refused, strawberry.union("VolunteerRequestPayload")
]


def _shift(done: models.WorkshopShift | _Refused) -> ShiftSaved | _Refused:
    return ShiftSaved(shift=WorkshopShift.of(done)) if isinstance(done, models.WorkshopShift) else done


def _sending(practitioners: list[strawberry.ID], people: int | None) -> Sending:
    named = tuple(parse_id(one, "practitioners") for one in practitioners)
    return Sending(named, len(named) if people is None else people)


@strawberry.input(description="All that is given must hold; of several values, any.")
class WorkshopShiftFilter:
    county: strawberry.ID | None = strawberry.field(default=None, description="FIPS code.")
    roles: list[ShiftRole] | None = None


@strawberry.input(description="All that is given must hold; of several values, any.")
class VolunteerRequestFilter:
    states: list[RequestState] | None = None


@strawberry.type
class VolunteeringQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Shifts that still want somebody, on these days, both included, the earliest first.",
    )
    async def unfilled_shifts(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        filter: WorkshopShiftFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[WorkshopShift] | None:
        may_read(info)
        given = filter or WorkshopShiftFilter()
        statement = volunteering.unfilled(from_, to, given.county, given.roles or ())
        return await listed(info.context, statement, _BY_START, first, after, WorkshopShift.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Requests for volunteers that your organisation made or was asked, the newest first.",
    )
    async def volunteer_requests(
        self,
        info: Info,
        filter: VolunteerRequestFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[VolunteerRequest] | None:
        info.context.caller.require(Scope.WORKSHOP_PLAN)
        statement = volunteering.requests((filter and filter.states) or ())
        return await listed(info.context, statement, _NEWEST, first, after, VolunteerRequest.of)


@strawberry.type
class VolunteeringMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Say that a workshop of yours wants people in a role.",
    )
    async def add_workshop_shift(self, info: Info, input: AddWorkshopShiftInput) -> ShiftPayload | None:
        return _shift(await volunteering.add_shift(info.context, input.parsed(), input.idempotency_key))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Say that a shift wants more or fewer; not fewer than come.",
    )
    async def change_workshop_shift(self, info: Info, input: ChangeWorkshopShiftInput) -> ShiftPayload | None:
        id_ = parse_id(input.id, "id")
        done = await volunteering.change_shift(
            info.context, id_, input.expected_version, input.wanted, input.idempotency_key
        )
        return _shift(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Ask partners for people for a shift of yours. Whom you have asked already is not asked twice.",
    )
    async def request_volunteers(self, info: Info, input: RequestVolunteersInput) -> VolunteersPayload | None:
        done = await volunteering.request_volunteers(
            info.context,
            parse_id(input.shift, "shift"),
            [parse_id(one, "partners") for one in input.partners],
            input.people,
            input.idempotency_key,
        )
        if isinstance(done, list):
            return VolunteersRequested(requests=[VolunteerRequest.of(row) for row in done])
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Accept a request and say who comes, decline it, or, as its host, withdraw it.",
    )
    async def answer_volunteer_request(
        self, info: Info, input: AnswerVolunteerRequestInput
    ) -> VolunteerRequestPayload | None:
        done = await volunteering.answer_request(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.answer,
            _sending(input.practitioners, input.people),
            input.idempotency_key,
        )
        if isinstance(done, models.VolunteerRequest):
            return VolunteerRequestSaved(request=VolunteerRequest.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Send people of yours to a shift that wants some, without having been asked.",
    )
    async def offer_volunteers(self, info: Info, input: OfferVolunteersInput) -> ShiftPayload | None:
        done = await volunteering.offer_volunteers(
            info.context,
            parse_id(input.shift, "shift"),
            _sending(input.practitioners, input.people),
            input.idempotency_key,
        )
        return _shift(done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Say that somebody whom you send does not come. Their place is free again.",
    )
    async def withdraw_volunteer(self, info: Info, input: WithdrawVolunteerInput) -> ShiftPayload | None:
        id_ = parse_id(input.id, "id")
        done = await volunteering.withdraw_volunteer(
            info.context, id_, input.expected_version, input.idempotency_key
        )
        return _shift(done)
