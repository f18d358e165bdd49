"""Asking the graph who can help: `matchServices`, what it goes by, and the needs that nothing answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy.exc import DBAPIError

from services.partners.domain.capacity import week_of
from services.partners.domain.terms import (
    AgeBand,
    CredentialStatus,
    LanguageVia,
    LocationType,
    OrganizationKind,
    OrganizationStatus,
    ServiceStatus,
    Urgency,
    Visibility,
    WorkshopStatus,
)
from services.partners.domain.unmet import month_of
from services.partners.models import (
    LanguageOffer,
    Organization,
    OutboxEvent,
    Recognition,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceStanding,
    UnmetNeed,
    Workshop,
)
from services.referrals.domain import clients, clocks
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database, count_statements
from vereda.ids import new_id
from vereda.settings import Settings
from vereda.statements import ServiceOffer, sign, verifier
from vereda.statements import ServiceStanding as Statement

MATCH: Final = """query($input: MatchInput!, $first: Int! = 50) { matchServices(input: $input) { considered countedAsUnmet
  matches(first: $first) { score distanceMiles askAge callFirst service { id name } location { id } ask { id text }
    reasons { factor points most text textEs } }
  whyNot(first: $first) { service { id } obstacles { filter text textEs } } } }"""
FILE: Final = """mutation($input: FileStandingsInput!) { fileStandings(input: $input) { __typename
  ... on StandingsFiled { services { id } } ... on InvalidInput { problems { field problem } } } }"""
RULES: Final = """mutation($input: SetEligibilityRulesInput!) { setEligibilityRules(input: $input) { __typename
  ... on EligibilityRulesSet { service { version eligibilityRules { id kind text minimum counties } } }
  ... on InvalidInput { problems { field problem } } } }"""
CAPACITY: Final = "query($id: ID!) { service(id: $id) { capacity { status available source } offer } }"
NEED: Final = "education.ged"


class Seeker:
    """Asks for what only the services of one test have: their term is one of their own."""

    def __init__(self, partners: Subgraph, directory: Directory) -> None:
        self.partners = partners
        self.directory = directory

    async def ask(self, *needs: str, caller: Caller | None = None, **more: Any) -> dict[str, Any]:
        given = {"needs": list(needs), "postalCode": "93721"} | more
        given = {name: value for name, value in given.items() if value is not None}
        answer = await self.partners.data(caller or caller_of(), MATCH, input=given)
        return dict(answer["matchServices"])

    async def refusal(self, **given: Any) -> str:
        answer = await self.partners.answer(caller_of(), MATCH, input=given)
        return str(answer["errors"][0]["message"])


@pytest.fixture
def seeker(partners: Subgraph, directory: Directory) -> Seeker:
    return Seeker(partners, directory)


async def recognised_provider(directory: Directory, until: date = date(2030, 1, 1)) -> Organization:
    """A recognised organisation with one partially accredited representative, who has 30 hours a week."""
    legal = await directory.organization("Ayuda", OrganizationKind.LEGAL)
    await directory.representative(legal.id, until)
    recognition = Recognition(
        organization_id=legal.id,
        granted_on=date(2024, 1, 1),
        expires_on=date(2030, 1, 1),
        status=CredentialStatus.ACTIVE,
    )
    await directory.add(recognition)
    return legal


def of(answer: Mapping[str, Any], *services: Service) -> list[dict[str, Any]]:
    """The matches of these services alone, in the order of the answer: other tests have made services as well."""
    wanted = {str(service.id) for service in services}
    return [match for match in answer["matches"] if match["service"]["id"] in wanted]


def obstacles(answer: Mapping[str, Any], service: Service) -> list[str]:
    found = [one for one in answer["whyNot"] if one["service"]["id"] == str(service.id)]
    return [obstacle["filter"] for one in found for obstacle in one["obstacles"]]


async def test_the_near_one_with_room_whose_staff_speak_the_language_comes_first(
    seeker: Seeker, directory: Directory
) -> None:
    owner = await directory.organization()
    near, far = await directory.location(owner.id), await directory.location(owner.id, "93301")
    fresh = {"terms": ("health.enrollment",), "verified_at": datetime.now(UTC)}
    best = await directory.service(owner.id, "best", at=near, languages=("spa",), available=5, **fresh)
    mute = await directory.service(owner.id, "mute", at=near, available=5, **fresh)
    distant = await directory.service(owner.id, "distant", at=far, available=5, **fresh)

    answer = await seeker.ask("health", language="spa")

    found = of(answer, best, mute, distant)
    assert [match["service"]["name"] for match in found] == ["best", "mute", "distant"]
    assert found[0]["location"]["id"] == str(near.id)
    assert found[0]["distanceMiles"] == 0
    for match in found:
        assert match["score"] == round(sum(reason["points"] for reason in match["reasons"]), 1)
        assert all(reason["text"] and reason["textEs"] for reason in match["reasons"])


async def test_who_cannot_help_is_named_with_what_stands_in_the_way(
    seeker: Seeker, directory: Directory
) -> None:
    owner, left = await directory.organization(), await directory.organization("Left")
    term = {"terms": ("legal.employment",)}
    closed = await directory.service(owner.id, "closed", status=ServiceStatus.TEMPORARILY_CLOSED, **term)
    elsewhere = await directory.service(owner.id, "elsewhere", **term)
    gone = await directory.service(left.id, "gone", **term)
    unauthorised = await directory.service(owner.id, "unauthorised", terms=("legal.immigration.family",))
    await directory.add(
        ServiceArea(organization_id=owner.id, service_id=elsewhere.id, county_fips="06107"),
    )
    async with directory.database.transaction(system_caller(left.id)) as session:
        (await session.get_one(Organization, left.id)).status = OrganizationStatus.LEFT

    answer = await seeker.ask("legal.employment", "legal.immigration.family")

    assert obstacles(answer, closed) == ["STATUS"]
    assert obstacles(answer, gone) == ["STATUS"]
    assert obstacles(answer, elsewhere) == ["SERVICE_AREA"]
    assert obstacles(answer, unauthorised) == ["PRACTICE"]
    assert of(answer, closed, elsewhere, gone, unauthorised) == []


async def test_practice_is_looked_at_on_the_day_on_which_help_is_wanted(
    seeker: Seeker, directory: Directory
) -> None:
    today = datetime.now(UTC).date()
    legal = await recognised_provider(directory, until=today + timedelta(days=30))
    service = await directory.service(legal.id, terms=("legal.immigration.naturalization",))

    soon = await seeker.ask("legal.immigration.naturalization")
    later = await seeker.ask("legal.immigration.naturalization", on=str(today + timedelta(days=60)))

    assert of(soon, service)
    assert obstacles(later, service) == ["PRACTICE"]


async def test_r17_a_confidential_place_is_told_to_its_owner_alone(
    seeker: Seeker, directory: Directory
) -> None:
    shelter = await directory.organization("Refugio")
    place = await directory.location(shelter.id, visibility=Visibility.OWNER)
    service = await directory.service(shelter.id, "beds", terms=("basic.shelter",), at=place)

    others = of(await seeker.ask("basic.shelter"), service)[0]
    own = of(await seeker.ask("basic.shelter", caller=caller_of(shelter.id)), service)[0]

    assert (others["location"], others["distanceMiles"], others["callFirst"]) == (None, None, True)
    assert (own["location"]["id"], own["callFirst"]) == (str(place.id), False)


async def test_an_interpreter_of_the_whole_organisation_and_help_at_a_distance_count(
    seeker: Seeker, directory: Directory
) -> None:
    owner = await directory.organization()
    online = await directory.location(owner.id)
    service = await directory.service(owner.id, "by telephone", terms=("language.interpreting",))
    async with directory.database.transaction(system_caller(owner.id)) as session:
        await session.merge(online)
        (await session.get_one(type(online), online.id)).location_type = LocationType.VIRTUAL
    await directory.add(
        ServiceAtLocation(organization_id=owner.id, service_id=service.id, location_id=online.id),
        LanguageOffer(organization_id=owner.id, code="mig", via=LanguageVia.INTERPRETER),
    )

    match = of(await seeker.ask("language", language="mixtec", travelMiles=1.0), service)[0]

    points = {reason["factor"]: reason["points"] for reason in match["reasons"]}
    assert points["LANGUAGE"] == 10.0  # another variant, through an interpreter
    assert points["DISTANCE"] == 15.0


async def test_r4_a_rule_is_asked_then_attested_and_the_answer_is_kept_nowhere(
    partners: Subgraph, seeker: Seeker, directory: Directory, database: Database
) -> None:
    school = await directory.organization()
    service = await directory.service(school.id, terms=("education.civics",))
    rules = [
        {"kind": "ATTESTATION", "text": "Lives with a family member who works in the fields"},
        {"kind": "AGE", "text": "Adults", "minimum": 18},
    ]
    made = await partners.data(
        caller_of(school.id),
        RULES,
        input={"idempotencyKey": "k", "service": str(service.id), "expectedVersion": 1, "rules": rules},
    )
    first, _second = made["setEligibilityRules"]["service"]["eligibilityRules"]
    asked = {"ageBand": "FROM_26_TO_40"}

    unknown = of(await seeker.ask("education.civics", **asked), service)[0]
    met = of(await seeker.ask("education.civics", attests=[first["id"]], **asked), service)[0]
    unmet = await seeker.ask("education.civics", attestsNot=[first["id"]], **asked)

    assert [rule["id"] for rule in unknown["ask"]] == [first["id"]]
    assert (met["ask"], met["askAge"]) == ([], False)
    assert obstacles(unmet, service) == ["ELIGIBILITY"]
    async with database.transaction(system_caller(new_id())) as session:
        tables = (
            await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        ).all()
        for table in set(tables) - {"eligibility_rules"}:
            rows = await session.scalar(
                text(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE :id'),
                {"id": f"%{first['id']}%"},
            )
            assert rows == 0, table


async def test_a_rule_that_stays_the_same_keeps_its_id_and_one_that_changes_is_asked_anew(
    partners: Subgraph, directory: Directory
) -> None:
    school = await directory.organization()
    service = await directory.service(school.id, terms=("education.civics",))
    adults, county = (
        {"kind": "AGE", "text": "Adults", "minimum": 18},
        {"kind": "COUNTY", "text": "Fresno", "counties": ["06019"]},
    )

    async def set_to(key: str, version: int, *rules: dict[str, Any]) -> dict[str, Any]:
        given = {"idempotencyKey": key, "service": str(service.id), "expectedVersion": version}
        return dict(
            (await partners.data(caller_of(school.id), RULES, input={**given, "rules": list(rules)}))[
                "setEligibilityRules"
            ]
        )

    before = (await set_to("a", 1, adults, county))["service"]
    after = (await set_to("b", before["version"], county, {**adults, "minimum": 21}))["service"]
    again = (await set_to("b", before["version"], county, {**adults, "minimum": 21}))["service"]

    ids = [[rule["id"] for rule in one["eligibilityRules"]] for one in (before, after)]
    assert ids[0][1] == ids[1][0]
    assert ids[0][0] not in ids[1]
    assert again == after
    assert (await set_to("c", 1))["__typename"] == "VersionConflict"
    for wrong in ({"kind": "AGE", "text": "x"}, {"kind": "COUNTY", "text": "x", "counties": ["48001"]}):
        assert (await set_to("d", after["version"], wrong))["__typename"] == "InvalidInput"
    assert (await set_to("e", after["version"], adults, adults))["__typename"] == "InvalidInput"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"needs": [], "county": "06019"}, "`needs`"),
        ({"needs": ["no.such.term"], "county": "06019"}, "`needs`"),
        ({"needs": [NEED]}, "Give a `postalCode`"),
        ({"needs": [NEED], "county": "48001"}, "`county`"),
        ({"needs": [NEED], "postalCode": "00000"}, "`postalCode`"),
        ({"needs": [NEED], "county": "06019", "language": "español"}, "`language`"),
        ({"needs": [NEED], "county": "06019", "travelMiles": 0}, "`travelMiles`"),
        ({"needs": [NEED], "county": "06019", "on": "2020-01-01"}, "`on`"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_its_name(
    seeker: Seeker, given: dict[str, Any], said: str
) -> None:
    assert said in await seeker.refusal(**given)


@pytest.mark.parametrize("first", [0, 51])
async def test_no_more_than_fifty_are_shown(partners: Subgraph, directory: Directory, first: int) -> None:
    await directory.service((await directory.organization()).id, terms=("basic.food",))
    given = {"needs": ["basic.food"], "county": "06019"}

    answer = await partners.answer(caller_of(), MATCH, input=given, first=first)

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"PAGE_TOO_LARGE"}


async def test_a_search_costs_the_same_statements_however_many_services_there_are(
    seeker: Seeker, directory: Directory, database: Database
) -> None:
    owner = await recognised_provider(directory)
    place = await directory.location(owner.id)
    statements = count_statements(database)

    async def cost() -> int:
        statements.clear()
        await seeker.ask("legal.immigration.consultation", language="spa")
        return len(statements)

    for number in range(2):
        await directory.service(
            owner.id, f"one {number}", ("legal.immigration.consultation",), ("spa",), place
        )
    few = await cost()
    for number in range(6):
        await directory.service(
            owner.id, f"more {number}", ("legal.immigration.consultation",), ("spa",), place
        )

    assert await cost() == few <= 25


# Capacity (DOMAIN 4.6)


async def capacity(partners: Subgraph, service: Service) -> dict[str, Any] | None:
    data = await partners.data(caller_of(), CAPACITY, id=str(service.id))
    found = data["service"]["capacity"]
    return dict(found) if found else None


async def test_room_is_worked_out_of_the_hours_of_those_who_are_accredited(
    partners: Subgraph, directory: Directory, settings: Settings
) -> None:
    legal = await recognised_provider(directory)
    service = await directory.service(legal.id)  # DACA renewals: 30 hours x 0.6 / 3 hours each
    offer = (await partners.data(caller_of(), CAPACITY, id=str(service.id)))["service"]["offer"]

    assert await capacity(partners, service) == {
        "status": "CAPACITY",
        "available": 6,
        "source": "DERIVED_FROM_HOURS",
    }
    statement = await verifier(ServiceOffer, settings).read(offer)
    assert (statement.capacity, statement.available) == ("CAPACITY", 6)
    assert (
        statement.reported_at == week_of(datetime.now(UTC))[0]
    )  # what was accepted since Monday is counted against it


async def test_hours_are_shared_by_an_organisations_services_and_taken_by_its_workshops(
    partners: Subgraph, directory: Directory
) -> None:
    legal = await recognised_provider(directory)
    service = await directory.service(legal.id)
    await directory.service(legal.id, "Asylum", terms=("legal.immigration.asylum",))
    assert (await capacity(partners, service) or {})["available"] == 3  # 15 of the 30 hours

    begin, _end = week_of(datetime.now(UTC))
    await directory.add(
        Workshop(
            organization_id=legal.id,
            title="DACA day",
            county_fips="06019",
            starts_at=begin + timedelta(hours=30),
            ends_at=begin + timedelta(hours=35),
            capacity=40,
            status=WorkshopStatus.PUBLISHED,
            practitioner_ids=[new_id(), new_id()],
        )
    )

    assert (await capacity(partners, service) or {})["available"] == 2  # ten hours less, two services


async def test_who_has_people_and_none_that_is_accredited_has_no_room(
    partners: Subgraph, directory: Directory
) -> None:
    legal = await recognised_provider(directory, until=date(2025, 1, 1))
    service = await directory.service(legal.id)

    assert await capacity(partners, service) == {
        "status": "NO_CAPACITY",
        "available": 0,
        "source": "DERIVED_FROM_HOURS",
    }


async def test_a_report_goes_before_the_hours_until_it_expires(
    partners: Subgraph, directory: Directory
) -> None:
    legal = await recognised_provider(directory)
    held = await directory.service(legal.id, available=1)
    expired = await directory.service(
        legal.id, available=1, reported_at=datetime.now(UTC) - timedelta(days=15)
    )

    assert (await capacity(partners, held) or {})["source"] == "REPORTED"
    assert (await capacity(partners, expired) or {})["source"] == "DERIVED_FROM_HOURS"


async def test_an_expired_report_with_nothing_else_known_is_no_yes(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    long_ago = datetime.now(UTC) - timedelta(days=15)
    expired = await directory.service(owner.id, terms=("basic.food",), available=9, reported_at=long_ago)
    never = await directory.service(owner.id, terms=("basic.food",))

    assert (await capacity(partners, expired) or {})["status"] == "UNKNOWN"
    assert await capacity(partners, never) is None


@pytest.mark.parametrize(("unit", "days"), [("CASE", 14), ("SEAT", 7), ("BED", 3)])
async def test_a_report_holds_by_what_it_counts(
    partners: Subgraph, directory: Directory, unit: str, days: int
) -> None:
    owner = await directory.organization()
    service = await directory.service(owner.id, terms=("basic.food",))
    document = """mutation($input: ReportCapacityInput!) { reportCapacity(input: $input) {
      ... on CapacityReported { capacity { unit reportedAt expiresAt } } } }"""
    given = {"idempotencyKey": "k", "service": str(service.id), "status": "CAPACITY", "unit": unit}

    told = (await partners.data(caller_of(owner.id), document, input=given))["reportCapacity"]["capacity"]

    lasted = datetime.fromisoformat(told["expiresAt"]) - datetime.fromisoformat(told["reportedAt"])
    assert (lasted, told["unit"]) == (timedelta(days=days), unit.lower())


# What referrals states


def standing(settings: Settings, service: Service, **more: Any) -> str:
    given: dict[str, Any] = {
        "service": service.id,
        "as_of": datetime.now(UTC),
        "accept_rate": None,
        "above_share": False,
        "declined_at": None,
    }
    return sign(settings, Statement(**(given | more)))


async def filed(
    partners: Subgraph, *tokens: str, key: str | None = None, by: Caller | None = None
) -> dict[str, Any]:
    given = {"idempotencyKey": key or str(new_id()), "standings": list(tokens)}
    return dict((await partners.data(by or caller_of(), FILE, input=given))["fileStandings"])


async def test_the_ranking_goes_by_what_was_filed_and_calls_nobody(
    partners: Subgraph, seeker: Seeker, directory: Directory, settings: Settings
) -> None:
    owner = await directory.organization()
    names = ("often", "seldom", "hoards", "new")
    services = {name: await directory.service(owner.id, name, terms=("education.esl",)) for name in names}
    said: dict[str, dict[str, Any]] = {
        "often": {"accept_rate": 1.0},
        "seldom": {"accept_rate": 0.1},
        "hoards": {"accept_rate": 1.0, "above_share": True},
    }

    await filed(partners, *(standing(settings, services[name], **more) for name, more in said.items()))
    found = of(await seeker.ask("education.esl"), *services.values())

    assert [match["service"]["name"] for match in found] == ["often", "new", "seldom", "hoards"]
    assert found[-1]["reasons"][-1]["factor"] == "SHARE"
    assert found[-1]["reasons"][-1]["points"] < 0


async def test_the_newest_statement_counts_whoever_brings_it_and_in_whatever_order(
    partners: Subgraph, directory: Directory, settings: Settings, database: Database
) -> None:
    service = await directory.service((await directory.organization()).id)
    now = datetime.now(UTC)
    new = standing(settings, service, accept_rate=0.2, as_of=now)
    old = standing(settings, service, accept_rate=0.9, as_of=now - timedelta(minutes=5))

    carrier = caller_of()
    first = await filed(partners, new, key="k", by=carrier)
    assert first["services"] == [{"id": str(service.id)}]
    assert (await filed(partners, old))["services"] == []
    assert await filed(partners, new, key="k", by=carrier) == first

    async with database.transaction(system_caller(new_id())) as session:
        kept = await session.get_one(ServiceStanding, service.id)
    assert kept.accept_rate == 0.2


async def test_nobody_can_say_it_but_referrals(
    partners: Subgraph, directory: Directory, settings: Settings, database: Database
) -> None:
    service = await directory.service((await directory.organization()).id)
    offer = (await partners.data(caller_of(), CAPACITY, id=str(service.id)))["service"]["offer"]
    genuine = standing(settings, service, accept_rate=0.1)
    changed = genuine[:-6] + ("AAAAAA" if not genuine.endswith("AAAAAA") else "BBBBBB")

    for forged in ("x", offer, changed):
        refused = await filed(partners, genuine, forged)
        assert refused["problems"] == [
            {
                "field": "standings",
                "problem": "number 2 is no statement of referrals that is in force",
            }
        ]
    assert (await filed(partners))["__typename"] == "InvalidInput"
    async with database.transaction(system_caller(new_id())) as session:
        assert await session.get(ServiceStanding, service.id) is None


async def test_who_declined_three_for_want_of_room_has_none_is_told_so_and_can_say_otherwise(
    partners: Subgraph, directory: Directory, settings: Settings, database: Database
) -> None:
    owner = await directory.organization()
    now = datetime.now(UTC)
    service = await directory.service(owner.id, available=4, reported_at=now - timedelta(days=2))

    await filed(partners, standing(settings, service, declined_at=now - timedelta(hours=1)))

    assert await capacity(partners, service) == {
        "status": "NO_CAPACITY",
        "available": None,
        "source": "INFERRED_FROM_DECLINES",
    }
    async with database.transaction(caller_of(owner.id)) as session:
        told = select(OutboxEvent.type).where(OutboxEvent.subject == str(service.id))
        assert (await session.scalars(told)).all() == ["org.vereda.capacity.inferred"]
    report = """mutation($input: ReportCapacityInput!) { reportCapacity(input: $input) { __typename } }"""
    given = {"idempotencyKey": "k", "service": str(service.id), "status": "CAPACITY", "available": 2}
    await partners.data(caller_of(owner.id), report, input=given)
    assert (await capacity(partners, service) or {})["source"] == "REPORTED"


async def test_an_old_statement_is_believed_no_more(
    partners: Subgraph, directory: Directory, settings: Settings
) -> None:
    service = await directory.service((await directory.organization()).id, terms=("basic.food",))
    now = datetime.now(UTC)
    token = standing(settings, service, as_of=now - timedelta(days=9), declined_at=now - timedelta(days=1))

    await filed(partners, token)

    assert await capacity(partners, service) is None


# Unmet need


async def counted(database: Database, kind: str, county: str = "06019") -> int:
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get(UnmetNeed, (month_of(datetime.now(UTC)), county, kind))
    return row.count if row is not None else 0


async def test_a_need_that_nothing_answers_is_counted_once_for_each_key(
    seeker: Seeker, database: Database
) -> None:
    clinic = caller_of()
    before = await counted(database, "education.vocational")

    answers = [
        await seeker.ask("education.vocational", caller=clinic, idempotencyKey=key)
        for key in ("a", "a", "b", None, None)
    ]

    assert [answer["matches"] for answer in answers] == [[]] * 5
    assert all(answer["countedAsUnmet"] for answer in answers)
    assert await counted(database, "education.vocational") == before + 3


async def test_what_was_found_is_not_counted_and_neither_is_a_place_outside_of_the_region(
    seeker: Seeker, directory: Directory, database: Database
) -> None:
    await directory.service((await directory.organization()).id, terms=("basic.transport",))
    before = await counted(database, "business.grants")

    found = await seeker.ask("basic.transport")
    elsewhere = await seeker.ask("business.grants", postalCode="10001")

    assert (found["countedAsUnmet"], elsewhere["countedAsUnmet"]) == (False, False)
    assert await counted(database, "business.grants") == before


async def test_r13_what_survivors_need_is_counted_as_its_domain(seeker: Seeker, database: Database) -> None:
    before = await counted(database, "legal", "06031")

    await seeker.ask("legal.immigration.survivor", county="06031", attestsNot=[], postalCode=None)

    assert await counted(database, "legal.immigration.survivor", "06031") == 0
    assert await counted(database, "legal", "06031") == before + 1


UNMET: Final = """query($m: String!) { unmetNeeds(month: $m) { tooLittle figures { county { fips } kind count shown } } }"""


async def test_r31_unmet_needs_are_shown_when_their_month_is_over_and_never_small(
    partners: Subgraph, database: Database
) -> None:
    month = "2021-03"
    rows = [("06019", "basic.food", 40), ("06019", "basic.rent", 7), ("06029", "basic.food", 25)]
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(delete(UnmetNeed).where(UnmetNeed.month == month))
        for county, kind, count in rows:
            row = {"month": month, "county_fips": county, "kind": kind, "count": count}
            await session.execute(insert(UnmetNeed).values(row))
    reader = caller_of(None, Scope.REPORT_READ)

    table = (await partners.data(reader, UNMET, m=month))["unmetNeeds"]
    now = await partners.answer(reader, UNMET, m=month_of(datetime.now(UTC)))

    figures = {((f["county"] or {}).get("fips"), f["kind"]): f for f in table["figures"]}
    assert figures["06019", "basic.rent"] == {**figures["06019", "basic.rent"], "count": None, "shown": "<11"}
    assert figures["06029", "basic.food"]["count"] == 25
    open_sum = [figures["06019", kind]["count"] for kind in (None, "basic.food")]
    assert None in open_sum  # or the small one would be their difference
    assert now["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_counts_of_unmet_need_hold_nothing_of_who_searched_and_nobody_reads_them(
    seeker: Seeker, database: Database
) -> None:
    clinic = caller_of()
    assert (await seeker.ask("business.licensing", caller=clinic))["countedAsUnmet"]

    assert set(UnmetNeed.__table__.columns.keys()) == {"month", "county_fips", "kind", "count"}
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction(clinic) as session:
            await session.execute(select(UnmetNeed))


def test_bands_of_age_and_urgency_are_those_of_referrals() -> None:
    assert {one.value for one in AgeBand} == {one.value for one in clients.AgeBand}
    assert {one.value for one in Urgency} == {one.value for one in clocks.Urgency}
