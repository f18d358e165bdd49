"""Workshops on the shared calendar, as the API plans and counts them."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.partners.domain.terms import CredentialStatus, WorkshopStatus
from services.partners.loaders import Loaders
from services.partners.models import Accreditation, Location, OutboxEvent, Workshop
from services.partners.operations.workshop_changes import recheck
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import system_caller
from vereda.context import RequestContext
from vereda.ids import new_id

PLAN: Final = """mutation($input: PlanWorkshopInput!) { planWorkshop(input: $input) { __typename
  ... on WorkshopSaved { workshop { id overrideReason } }
  ... on WorkshopClashes { code clashes { kinds workshop { id host { id } } } freeDays freePlaces { id } }
  ... on InvalidInput { problems { field } } } }"""
_NOON: Final = datetime(2030, 3, 2, 20, tzinfo=UTC)  # 12:00 in California


class Planner:
    """Plans workshops of one host; every test has weeks, and a service, of its own."""

    def __init__(self, partners: Subgraph, host: UUID, weeks: int, term: str) -> None:
        self.partners, self.host, self.term = partners, host, term
        self.starts = _NOON + timedelta(weeks=weeks)

    async def plan(self, days: int = 0, by: UUID | None = None, **more: Any) -> Any:
        starts = self.starts + timedelta(days=days)
        given = {
            "idempotencyKey": str(new_id()),
            "title": "Citizenship day",
            "county": "06019",
            "terms": [self.term],
            "languages": ["eng", "spa"],
            "startsAt": starts.isoformat(),
            "endsAt": (starts + timedelta(hours=4)).isoformat(),
            "capacity": 40,
        }
        answer = await self.partners.data(caller_of(by or self.host), PLAN, input=given | more)
        return answer["planWorkshop"]


async def test_a_clash_is_named_with_days_and_places_that_are_free(
    partners: Subgraph, directory: Directory
) -> None:
    ours, theirs = await directory.organization("Ayuda"), await directory.organization("Puente")
    fresno, bakersfield = (
        await directory.location(ours.id, "93721"),
        await directory.location(theirs.id, "93301"),
    )
    planner = Planner(partners, ours.id, 0, "legal.immigration.naturalization")
    other = (await planner.plan(by=theirs.id, county="06019"))["workshop"]["id"]

    answer = await planner.plan(1, location=str(fresno.id))

    assert answer["__typename"] == "WorkshopClashes"
    assert answer["code"] == "WORKSHOP_CLASHES"
    assert answer["clashes"] == [
        {"kinds": ["SAME_AUDIENCE"], "workshop": {"id": other, "host": {"id": str(theirs.id)}}}
    ]
    assert answer["freeDays"] == ["2030-03-05", "2030-03-06", "2030-03-07"]
    assert str(fresno.id) not in [place["id"] for place in answer["freePlaces"]]
    places = [await _location(directory, place["id"]) for place in answer["freePlaces"]]
    assert places
    assert all(place.county_fips != "06019" for place in places)
    assert bakersfield.county_fips in {place.county_fips for place in places} or len(places) == 3


async def test_with_a_reason_it_is_planned_all_the_same_and_partners_read_why(
    partners: Subgraph, directory: Directory
) -> None:
    host = await directory.organization("Ayuda")
    planner = Planner(partners, host.id, 20, "legal.immigration.family")
    alone = await planner.plan(overrideReason="Nothing is in the way, so that this is not kept.")

    planned = await planner.plan(overrideReason="The other one is full.")
    blank = await planner.plan(overrideReason="  ")

    assert alone["workshop"]["overrideReason"] is None
    assert planned["workshop"]["overrideReason"] == "The other one is full."
    assert blank == {"__typename": "InvalidInput", "problems": [{"field": "overrideReason"}]}


async def test_what_was_called_off_is_in_nobodys_way(partners: Subgraph, directory: Directory) -> None:
    host = await directory.organization("Ayuda")
    planner = Planner(partners, host.id, 30, "legal.immigration.asylum")
    row = Workshop(
        organization_id=host.id,
        title="Off",
        county_fips="06019",
        term_codes=[planner.term],
        languages=[],
        starts_at=planner.starts,
        ends_at=planner.starts + timedelta(hours=2),
        capacity=9,
        practitioner_ids=[],
        status=WorkshopStatus.CANCELLED,
    )
    await directory.add(row)

    assert (await planner.plan())["__typename"] == "WorkshopSaved"


async def test_of_clashing_workshops_planned_at_one_time_one_is_planned(
    partners: Subgraph, directory: Directory
) -> None:
    hosts = [await directory.organization(f"Host {number}") for number in range(5)]
    planner = Planner(partners, hosts[0].id, 40, "legal.immigration.survivor")

    answers = await asyncio.gather(*(planner.plan(by=host.id) for host in hosts))

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["WorkshopClashes"] * 4 + ["WorkshopSaved"]


async def test_a_place_that_is_not_known_is_refused(partners: Subgraph, directory: Directory) -> None:
    host = await directory.organization("Ayuda")
    planner = Planner(partners, host.id, 50, "legal.housing")

    answer = await planner.plan(location=str(new_id()))

    assert answer == {"__typename": "InvalidInput", "problems": [{"field": "location"}]}


async def test_a_season_is_counted_by_county_against_its_targets(
    partners: Subgraph, directory: Directory
) -> None:
    host = await directory.organization("Ayuda")
    start = datetime(2040, 1, 1, 7, 30, tzinfo=UTC)  # still 2039 in California

    def workshop(day: int, county: str, status: WorkshopStatus, rural: bool) -> Workshop:
        return Workshop(
            organization_id=host.id,
            title="Day",
            county_fips=county,
            rural=rural,
            term_codes=["legal.housing"],
            languages=[],
            starts_at=start + timedelta(days=day),
            ends_at=start + timedelta(days=day, hours=3),
            capacity=9,
            practitioner_ids=[],
            status=status,
        )

    await directory.add(
        workshop(0, "06019", WorkshopStatus.HELD, True),  # of the year before
        workshop(1, "06019", WorkshopStatus.HELD, True),
        workshop(2, "06019", WorkshopStatus.PUBLISHED, False),
        workshop(3, "06019", WorkshopStatus.CANCELLED, True),
        workshop(4, "06107", WorkshopStatus.PLANNED, True),
    )
    ask = """query($county: ID) { workshopSeason(from: "2040-01-01", to: "2040-12-30", county: $county) {
      from to total { ...count } counties { county { name } count { ...count } } } }
      fragment count on WorkshopCount { planned published held cancelled counted rural ruralShare target shortOfTarget }"""

    region = (await partners.data(caller_of(host.id), ask))["workshopSeason"]
    tulare = (await partners.data(caller_of(host.id), ask, county="06107"))["workshopSeason"]

    assert region["total"] == {
        "planned": 1,
        "published": 1,
        "held": 1,
        "cancelled": 1,
        "counted": 3,
        "rural": 2,
        "ruralShare": 2 / 3,
        "target": 100,
        "shortOfTarget": 97,
    }
    by_county = {one["county"]["name"]: one["count"] for one in region["counties"]}
    assert len(by_county) == 8
    assert (by_county["Fresno"]["counted"], by_county["Fresno"]["shortOfTarget"]) == (2, 2)
    assert by_county["Kern"]["ruralShare"] is None
    assert [one["county"]["name"] for one in tulare["counties"]] == ["Tulare"]
    assert (tulare["total"]["counted"], tulare["total"]["target"]) == (1, 4)


async def test_a_season_that_ends_before_it_begins_is_refused(
    partners: Subgraph, directory: Directory
) -> None:
    host = await directory.organization("Ayuda")

    answer = await partners.answer(
        caller_of(host.id), '{ workshopSeason(from: "2030-02-01", to: "2030-01-01") { to } }'
    )

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def _location(directory: Directory, id_: str) -> Location:
    async with directory.database.transaction(system_caller(new_id())) as session:
        return await session.get_one(Location, UUID(id_))


CHANGES: Final = """mutation($input: %s!) { %s(input: $input) { __typename
  ... on WorkshopSaved { workshop { id version status task cancelReason startsAt } }
  ... on WorkshopClashes { clashes { workshop { id } } } ... on InvalidInput { problems { field } } } }"""


class Host:
    """Changes one workshop of its own, each time with the version that it has."""

    def __init__(self, partners: Subgraph, workshop: Workshop) -> None:
        self.partners, self.row, self.version = partners, workshop, workshop.version

    async def change(self, what: str, by: UUID | None = None, **more: Any) -> Any:
        document = CHANGES % (f"{what[0].upper()}{what[1:]}Input", what)
        given = {"idempotencyKey": str(new_id()), "id": str(self.row.id), "expectedVersion": self.version}
        caller = caller_of(by or self.row.organization_id)
        answer = (await self.partners.data(caller, document, input=given | more))[what]
        self.version = answer.get("workshop", {}).get("version", self.version)
        return answer

    async def move(self, days: int, **more: Any) -> Any:
        starts = self.row.starts_at + timedelta(days=days)
        when = {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=2)).isoformat()}
        return await self.change("moveWorkshop", county=self.row.county_fips, **(when | more))


async def hosting(
    partners: Subgraph, directory: Directory, starts_at: datetime, accredited_until: date
) -> Host:
    host = await directory.organization("Ayuda")
    await directory.recognised(host.id)
    someone = await directory.representative(host.id, accredited_until)
    row = Workshop(
        id=new_id(),
        organization_id=host.id,
        title="DACA day",
        county_fips="06031",
        term_codes=["legal.immigration.daca_initial"],
        languages=["spa"],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        capacity=9,
        practitioner_ids=[someone.id],
        status=WorkshopStatus.PUBLISHED,
        version=1,
    )
    await directory.add(row)
    return Host(partners, row)


async def test_moved_beyond_the_accreditation_it_is_announced_no_more_and_says_what_to_do(
    partners: Subgraph, directory: Directory
) -> None:
    day = datetime(2031, 3, 1, 20, tzinfo=UTC)
    workshop = await hosting(partners, directory, day, date(2031, 3, 10))

    within = (await workshop.move(9))["workshop"]
    beyond = (await workshop.move(10))["workshop"]
    back = (await workshop.move(9))["workshop"]
    again = (await workshop.change("publishWorkshop"))["workshop"]

    assert (within["status"], within["task"]) == ("PUBLISHED", None)
    assert beyond["status"] == "PLANNED"
    assert "authorised" in beyond["task"]
    assert back["status"] == "PLANNED"  # it is for its host to announce it again
    assert (again["status"], again["task"]) == ("PUBLISHED", None)


async def test_a_move_into_anothers_way_needs_a_reason_and_is_not_in_its_own(
    partners: Subgraph, directory: Directory
) -> None:
    far = date(2040, 1, 1)
    first = await hosting(partners, directory, datetime(2032, 3, 1, 20, tzinfo=UTC), far)
    second = await hosting(partners, directory, datetime(2032, 3, 9, 20, tzinfo=UTC), far)

    a_day_later = await first.move(1)
    clashing = await first.move(7)
    with_reason = await first.move(7, overrideReason="Both halls are small.")

    assert a_day_later["__typename"] == "WorkshopSaved"
    assert clashing["clashes"] == [{"workshop": {"id": str(second.row.id)}}]
    assert with_reason["workshop"]["startsAt"].startswith("2032-03-08")


async def test_a_workshop_that_was_called_off_says_why_and_changes_no_more(
    partners: Subgraph, directory: Directory
) -> None:
    workshop = await hosting(partners, directory, datetime(2033, 3, 1, 20, tzinfo=UTC), date(2040, 1, 1))

    blank = await workshop.change("cancelWorkshop", reason=" ")
    stranger = await workshop.change("cancelWorkshop", by=new_id(), reason="Not theirs to say.")
    cancelled = await workshop.change("cancelWorkshop", reason="The hall is flooded.")

    assert blank == {"__typename": "InvalidInput", "problems": [{"field": "reason"}]}
    assert stranger == {"__typename": "NotAllowed"}
    assert cancelled["workshop"]["status"] == "CANCELLED"
    assert cancelled["workshop"]["cancelReason"] == "The hall is flooded."
    assert await workshop.move(1) == {"__typename": "NotAllowed"}
    assert await workshop.change("publishWorkshop") == {"__typename": "NotAllowed"}
    assert await workshop.change("holdWorkshop") == {"__typename": "NotAllowed"}


async def test_a_workshop_is_held_once_it_has_begun(partners: Subgraph, directory: Directory) -> None:
    far, now = date(2040, 1, 1), datetime.now(UTC)
    begun = await hosting(partners, directory, now - timedelta(hours=1), far)
    ahead = await hosting(partners, directory, now + timedelta(hours=1), far)

    assert (await begun.change("holdWorkshop"))["workshop"]["status"] == "HELD"
    assert await ahead.change("holdWorkshop") == {"__typename": "NotAllowed"}


async def test_a_change_is_made_once_however_often_it_is_sent(
    partners: Subgraph, directory: Directory
) -> None:
    workshop = await hosting(partners, directory, datetime(2034, 3, 1, 20, tzinfo=UTC), date(2040, 1, 1))
    request = {"expectedVersion": 1, "idempotencyKey": str(new_id()), "reason": "The hall is flooded."}

    first = await workshop.change("cancelWorkshop", **request)
    second = await workshop.change("cancelWorkshop", **request)

    async with directory.database.transaction(caller_of(workshop.row.organization_id)) as session:
        told = await session.scalars(
            select(OutboxEvent.type).where(OutboxEvent.subject == str(workshop.row.id))
        )
    assert first == second
    assert list(told) == ["org.vereda.workshop.cancelled"]


async def test_the_pages_examples_run(partners: Subgraph, directory: Directory) -> None:
    page = (Path(__file__).parents[2] / "docs" / "workshops.md").read_text()
    examples = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)
    plan, move, shift, ask, unfilled, _close, _quarter, season = examples  # two are asked of referrals
    host = await directory.organization("Ayuda")
    starts = datetime(2036, 3, 1, 20, tzinfo=UTC)
    when = {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=4)).isoformat()}
    given = {"title": "Housing day", "county": "06019", "terms": ["legal.housing"], "capacity": 9, **when}

    async def planned() -> Any:
        request = given | {"idempotencyKey": str(new_id())}
        return (await partners.data(caller_of(host.id), plan, input=request))["planWorkshop"]

    saved, clashing = (await planned())["workshop"], await planned()
    moving = {
        "idempotencyKey": "m",
        "id": saved["id"],
        "expectedVersion": saved["version"],
        "county": "06019",
    }
    moved = await partners.data(caller_of(host.id), move, input=moving | when)
    counted = await partners.data(caller_of(host.id), season)
    wanted = {"idempotencyKey": "s", "workshop": saved["id"], "role": "INTERPRETER", "language": "mxb"}
    added = (await partners.data(caller_of(host.id), shift, input={**wanted, "wanted": 2}))[
        "addWorkshopShift"
    ]
    partner = await directory.organization("Puente")
    asking = {
        "idempotencyKey": "a",
        "shift": added["shift"]["id"],
        "partners": [str(partner.id)],
        "people": 2,
    }
    asked = (await partners.data(caller_of(host.id), ask, input=asking))["requestVolunteers"]
    open_ones = (await partners.data(caller_of(), unfilled))["unfilledShifts"]["nodes"]

    assert clashing["code"] == "WORKSHOP_CLASHES"
    assert moved["moveWorkshop"]["workshop"]["status"] == "PLANNED"
    assert [one["asked"]["name"] for one in asked["requests"]] == ["Puente"]
    assert [(one["role"], one["unfilled"]) for one in open_ones] == [("INTERPRETER", 2)]
    assert counted["workshopSeason"]["total"]["target"] == 100


async def test_an_announced_workshop_that_nobody_may_hold_any_more_is_only_planned_again(
    partners: Subgraph, directory: Directory
) -> None:
    start = datetime(2043, 3, 1, 20, tzinfo=UTC)
    kept = await hosting(partners, directory, start, date(2044, 1, 1))
    lost = await hosting(partners, directory, start, date(2044, 1, 1))
    async with directory.database.transaction(system_caller(new_id())) as session:
        held = await session.scalar(
            select(Accreditation).where(Accreditation.organization_id == lost.row.organization_id)
        )
        assert held is not None
        held.status, held.ended_on = CredentialStatus.TERMINATED, date(2026, 1, 1)

    async def made() -> int:
        context: RequestContext[Any] = RequestContext(
            system_caller(UUID(int=0), "round"), directory.database, partners.settings, Loaders
        )
        handled = await recheck(context)
        await context.end()
        return handled

    while await made():
        pass
    async with directory.database.transaction(system_caller(new_id())) as session:
        rows = [await session.get_one(Workshop, one.row.id) for one in (kept, lost)]
    assert [row.status for row in rows] == [WorkshopStatus.PUBLISHED, WorkshopStatus.PLANNED]
    assert "authorised" in (rows[1].task or "")
