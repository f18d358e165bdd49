"""What the directory owns and this service refers to, or adds its own part to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from services.referrals.operations.standings import Standing
from services.referrals.schema.context import READING, Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.pagination import Connection
from vereda.regional import COUNTY_DASHBOARD, COUNTY_SERIES
from vereda.statements import ServiceStanding, sign

if TYPE_CHECKING:
    from services.referrals.schema.appointments import Appointment
    from services.referrals.schema.closings import WorkshopClosing
    from services.referrals.schema.referrals import Referral
    from services.referrals.schema.region import RegionalDashboard
    from services.referrals.schema.reports import Figure

_Appointment = Annotated["Appointment", strawberry.lazy("services.referrals.schema.appointments")]
_Closing = Annotated["WorkshopClosing", strawberry.lazy("services.referrals.schema.closings")]
_Figure = Annotated["Figure", strawberry.lazy("services.referrals.schema.reports")]
_Dashboard = Annotated["RegionalDashboard", strawberry.lazy("services.referrals.schema.region")]
_Referral = Annotated["Referral", strawberry.lazy("services.referrals.schema.referrals")]


@strawberry.federation.type(keys=["fips"])
class County:
    fips: strawberry.ID

    @classmethod
    def of(cls, fips: str) -> County:
        return cls(fips=strawberry.ID(fips))

    @classmethod
    def resolve_reference(cls, fips: strawberry.ID) -> County:
        return cls(fips=fips)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REPORT_READ),
        description="What the network published of this county, once for each measure and period (R31).",
    )
    async def published_figures(self, info: Info, measure: str, period: str) -> list[_Figure] | None:
        from services.referrals.schema.reports import figures_of

        info.context.caller.require(Scope.REPORT_READ)
        row = await info.context.loaders.published.load((measure, period))
        return figures_of(row, self.fips) if row else None

    @strawberry.federation.field(
        shareable=True, requires_scopes=one_of(Scope.REPORT_READ), description=COUNTY_DASHBOARD
    )
    def dashboard(self, info: Info, period: str) -> _Dashboard | None:
        from services.referrals.schema.region import dashboard

        return dashboard(info, period, str(self.fips))

    @strawberry.federation.field(
        shareable=True, requires_scopes=one_of(Scope.REPORT_READ), description=COUNTY_SERIES
    )
    def dashboards(
        self, info: Info, from_: Annotated[str, strawberry.argument(name="from")], to: str
    ) -> list[_Dashboard] | None:
        from services.referrals.schema.region import dashboards

        return dashboards(info, from_, to, str(self.fips))


@strawberry.federation.type(keys=["id"])
class Organization:
    id: strawberry.ID

    @classmethod
    def of(cls, id_: UUID) -> Organization:
        return cls(id=strawberry.ID(str(id_)))

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Organization:
        return cls.of(parse_id(id, "id"))

    @strawberry.federation.field(
        requires_scopes=one_of(*READING),
        description="Referrals that your organisation received from this one, the newest first.",
    )
    async def referrals_to_you(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[_Referral] | None:
        from services.referrals.schema.referrals import Referral

        info.context.caller.require(*READING)
        return await listed_under(
            info.context.loaders.received_from, UUID(self.id), first, after, partial(Referral.of, info)
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*READING),
        description="Referrals that your organisation sent to this one, the newest first.",
    )
    async def referrals_from_you(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[_Referral] | None:
        from services.referrals.schema.referrals import Referral

        info.context.caller.require(*READING)
        return await listed_under(
            info.context.loaders.sent_to, UUID(self.id), first, after, partial(Referral.of, info)
        )


@strawberry.federation.type(keys=["id"])
class Service:
    id: strawberry.ID

    @classmethod
    def of(cls, id_: UUID) -> Service:
        return cls(id=strawberry.ID(str(id_)))

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Service:
        return cls.of(parse_id(id, "id"))

    @strawberry.federation.field(
        requires_scopes=one_of(*READING),
        description="Referrals to this service that you sent or received, the newest first.",
    )
    async def referrals(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[_Referral] | None:
        from services.referrals.schema.referrals import Referral

        info.context.caller.require(*READING)
        return await listed_under(
            info.context.loaders.referrals_of_service, UUID(self.id), first, after, partial(Referral.of, info)
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Which share of the referrals of the last half year it accepted, 0 to 1 in tenths, as of the last Monday."
        " Null where that would be of few.",
    )
    async def recent_accept_rate(self, info: Info) -> float | None:
        return (await self._standing(info)).accept_rate

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Days from a referral's sending to the first contact with the client, half of the time; of the last half"
        " year, as of the last Monday. Null where that would be of few.",
    )
    async def median_days_to_contact(self, info: Info) -> int | None:
        return (await self._standing(info)).median_days

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="A signed statement of how referrals to it were answered, valid for an hour. `fileStandings` takes it, so"
        " that the directory's ranking goes by it.",
    )
    async def standing(self, info: Info) -> str | None:
        found = await self._standing(info)
        statement = ServiceStanding(
            service=found.service_id,
            as_of=info.context.now,
            accept_rate=found.accept_rate,
            above_share=found.above_share,
            declined_at=found.declined_at,
        )
        return sign(info.context.settings, statement)

    async def _standing(self, info: Info) -> Standing:
        info.context.caller.require(Scope.DIRECTORY_READ)
        found = await info.context.loaders.standing.load(UUID(self.id))
        assert found is not None  # every service that is asked for has one
        return found


@strawberry.federation.type(keys=["id"])
class Workshop:
    id: strawberry.ID

    @classmethod
    def of(cls, id_: UUID) -> Workshop:
        return cls(id=strawberry.ID(str(id_)))

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Workshop:
        return cls.of(parse_id(id, "id"))

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="How many booked through referrals, as everybody may know it (R31): `0`, `<11`, or how many.",
    )
    async def booked_count(self, info: Info) -> str | None:
        info.context.caller.require(Scope.DIRECTORY_READ)
        row = await info.context.loaders.published_bookings.load(UUID(self.id))
        if row is None:
            return "0"
        return "<11" if row.taken is None else str(row.taken)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.BOOKING_WRITE, Scope.TALLY_SUBMIT),
        description="What came of it, once it was closed. Null to others than its host: counts of one workshop are small (R31).",
    )
    async def closing(self, info: Info) -> _Closing | None:
        from services.referrals.schema.closings import WorkshopClosing

        info.context.caller.require(Scope.BOOKING_WRITE, Scope.TALLY_SUBMIT)
        row = await info.context.loaders.closing.load(UUID(self.id))
        return WorkshopClosing.of(row) if row else None

    @strawberry.federation.field(
        requires_scopes=one_of(*READING),
        description="Seats that your organisation booked or gives, the earliest first.",
    )
    async def my_bookings(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[_Appointment] | None:
        from services.referrals.schema.appointments import Appointment

        info.context.caller.require(*READING)
        return await listed_under(
            info.context.loaders.bookings_of_workshop, UUID(self.id), first, after, Appointment.of
        )
