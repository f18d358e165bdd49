"""Workshops on the shared calendar, as the API plans and counts them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.partners.domain.terms import WorkshopStatus
from services.partners.models import Location, Workshop
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import system_caller
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
