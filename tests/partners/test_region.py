"""How the directory stands, the calendar, unmet need and targets, as the region reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
import pytest_asyncio

from services.partners.app import SERVICE
from services.partners.domain.targets import TARGETS, Target, share_of_year
from services.partners.domain.terms import OrganizationKind, WorkshopStatus
from services.partners.models import RegionSnapshot, UnmetNeed, Workshop
from services.partners.operations.measures import MEASURES
from services.partners.operations.region import snapshot
from tests.support.databases import Databases
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.periods import PeriodKind, holding
from vereda.rounds import Round, make
from vereda.settings import Settings

READER: Final = caller_of(None, Scope.REPORT_READ)
COORDINATOR: Final = caller_of(None, Scope.REPORT_READ, Scope.ADMIN_NETWORK)
FIGURE: Final = "{ value mark final of { dimension value } }"
QUERY: Final = f"""query($p: String!) {{ regionalDashboard(period: $p) {{
  capacity {{ representatives {FIGURE} fullTimeEquivalents {FIGURE} representativesPer100k {FIGURE} raPipeline {FIGURE}
    partners {FIGURE} partnersVerified {FIGURE} }}
  services {{ workshops {FIGURE} workshopsHeld {FIGURE} workshopsRuralShare {FIGURE} unmetNeed {FIGURE}
    unmetNeedByKind {FIGURE} }}
  quality {{ servicesStale {FIGURE} capacityUnknown {FIGURE} workshopsUnclosed {FIGURE} }}
  targets {{ measure value yearly atMost version }} }} }}"""
SET: Final = """mutation($input: SetTargetInput!) { setTarget(input: $input) { __typename
  ... on TargetSet { target { measure year value version county { fips } } }
  ... on InvalidInput { problems { field } } ... on VersionConflict { currentVersion } } }"""
NOW: Final = datetime.now(UTC)
THIS_MONTH: Final = holding(NOW, PeriodKind.MONTH)
LAST_MONTH: Final = THIS_MONTH.before(1)
#: When the round finds the month over.
SOON: Final = THIS_MONTH.begin + timedelta(hours=1)
ROUND: Final = Round("keep the month", 3600, snapshot)


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: everything in it is counted."""
    return await databases.migrated("partners", SERVICE.folder)


@pytest_asyncio.fixture
async def graph(database: Database, settings: Settings) -> Subgraph:
    return Subgraph(SERVICE, database, settings)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def directory(database: Database, settings: Settings) -> None:
    """A legal provider with a full-time representative, another partner that nobody looked over, workshops, unmet needs."""
    made = Directory(database)
    legal = await made.organization("Puente", OrganizationKind.LEGAL, counties=["06019"], verified_at=NOW)
    await made.organization("Sol", counties=["06019", "06107"], verified_at=NOW - timedelta(days=400))
    await made.recognised(legal.id)
    await made.representative(legal.id, date(2045, 1, 1))
    await made.service(legal.id, available=3, verified_at=NOW)
    await made.service(legal.id)
    await made.add(
        *(
            Workshop(
                organization_id=legal.id,
                title="Citizenship day",
                county_fips=fips,
                rural=rural,
                starts_at=starts,
                ends_at=starts + timedelta(hours=4),
                capacity=40,
                status=status,
            )
            for fips, rural, starts, status in (
                ("06019", False, datetime(2024, 2, 3, 18, tzinfo=UTC), WorkshopStatus.HELD),
                ("06107", True, datetime(2024, 3, 2, 18, tzinfo=UTC), WorkshopStatus.HELD),
                ("06107", True, datetime(2024, 3, 9, 18, tzinfo=UTC), WorkshopStatus.PUBLISHED),
                ("06107", False, datetime(2024, 3, 16, 18, tzinfo=UTC), WorkshopStatus.CANCELLED),
            )
        ),
        *(
            UnmetNeed(month=LAST_MONTH.name, county_fips=fips, kind=kind, count=number)
            for fips, kind, number in (
                ("06019", "basic.rent", 40),
                ("06029", "basic.rent", 30),
                ("06107", "legal.immigration.asylum", 4),
                ("06029", "legal.immigration.asylum", 25),
            )
        ),
    )
    await make(ROUND, database, settings, lambda: SOON)


async def ask(graph: Subgraph, period: str, by: Caller = READER) -> dict[str, Any]:
    return dict((await graph.data(by, QUERY, p=period))["regionalDashboard"])


async def test_how_the_directory_stands_is_counted_now_and_kept_at_a_months_end(graph: Subgraph) -> None:
    now, then = await ask(graph, THIS_MONTH.name), await ask(graph, LAST_MONTH.name)

    for found, kept in ((now, False), (then, True)):
        capacity, quality = found["capacity"], found["quality"]
        assert capacity["partners"]["value"] == 2
        assert capacity["partnersVerified"]["value"] == 1
        assert capacity["representatives"]["value"] == 1
        assert capacity["representativesPer100k"]["value"] == round(100_000 / 890_335, 2)
        assert (quality["servicesStale"]["value"], quality["capacityUnknown"]["value"]) == (1, 1)
        assert capacity["partners"]["final"] is kept


async def test_how_it_stood_before_anything_was_kept_is_not_made_up(graph: Subgraph) -> None:
    long_ago, ahead = await ask(graph, "2020-05"), await ask(graph, "2099")

    assert long_ago["capacity"]["partners"]["mark"] == "NOT_KEPT"
    assert ahead["capacity"]["partners"]["mark"] == "NOT_YET"
    assert long_ago["services"]["unmetNeed"]["mark"] == "NOT_PUBLISHED"


async def test_a_month_is_kept_once(database: Database, settings: Settings) -> None:
    async with database.transaction(system_caller(new_id())) as session:
        before = await session.get_one(RegionSnapshot, LAST_MONTH.name)

    again = await make(ROUND, database, settings, lambda: SOON + timedelta(hours=1))

    async with database.transaction(system_caller(new_id())) as session:
        after = await session.get_one(RegionSnapshot, LAST_MONTH.name)
    assert again == 0
    assert after.taken_at == before.taken_at


async def test_what_was_missed_is_not_made_up_nor_how_nobody_stood(
    databases: Databases, database: Database, settings: Settings
) -> None:
    empty = await databases.migrated("partners", SERVICE.folder)

    missed = await make(ROUND, database, settings, lambda: THIS_MONTH.before(-1).begin + timedelta(days=3))
    nobody = await make(ROUND, empty, settings, lambda: SOON)

    assert (missed, nobody) == (0, 0)


async def test_the_calendar_is_counted_exactly_and_a_rural_share_is_of_what_was_not_called_off(
    graph: Subgraph,
) -> None:
    found = await ask(graph, "2024-Q1")
    none = await ask(graph, "2024-Q2")

    assert found["services"]["workshops"]["value"] == 3
    assert found["services"]["workshopsHeld"]["value"] == 2
    assert found["services"]["workshopsRuralShare"]["value"] == 0.667
    assert found["quality"]["workshopsUnclosed"]["value"] == 1
    assert none["services"]["workshopsRuralShare"]["mark"] == "NOTHING_TO_SHARE"


async def test_a_county_has_its_own_workshops_partners_and_targets(graph: Subgraph) -> None:
    query = """{ county(fips: "06107") { dashboard(period: "2024-Q1") { services { workshops { value } }
      capacity { partners { mark } } quality { servicesStale { mark } } targets { measure value } } } }"""

    found = (await graph.data(READER, query))["county"]["dashboard"]

    assert found["services"]["workshops"]["value"] == 2
    assert found["targets"] == [{"measure": "services.workshops", "value": 1}]


async def test_r31_unmet_need_is_published_with_its_month_and_a_quarter_that_has_a_hidden_one_hides_it(
    graph: Subgraph,
) -> None:
    month = await ask(graph, LAST_MONTH.name)

    kinds = {
        one["of"][0]["value"]: one["value"] or one["mark"] for one in month["services"]["unmetNeedByKind"]
    }
    assert month["services"]["unmetNeed"]["value"] == 99
    assert kinds == {"basic.rent": 70, "legal.immigration.asylum": 29}
    [county] = await graph.entities(
        READER,
        f'... on County {{ dashboard(period: "{LAST_MONTH.name}") {{ services {{ unmetNeed {{ mark }} unmetNeedByKind {{ mark }} }} }} }}',
        {"__typename": "County", "fips": "06107"},
    )
    assert county["dashboard"]["services"]["unmetNeed"]["mark"] == "SMALL"
    assert {"mark": "SMALL"} in county["dashboard"]["services"]["unmetNeedByKind"]


async def test_the_pipeline_of_applications_is_for_the_coordinator(graph: Subgraph) -> None:
    theirs = (await ask(graph, THIS_MONTH.name))["capacity"]["raPipeline"]
    ours = (await ask(graph, THIS_MONTH.name, COORDINATOR))["capacity"]["raPipeline"]
    past = (await ask(graph, LAST_MONTH.name, COORDINATOR))["capacity"]["raPipeline"]

    assert [one["mark"] for one in theirs] == ["RESTRICTED"]
    assert [one["value"] for one in ours] == [0] * 7
    assert [one["mark"] for one in past] == ["NOT_KEPT"]


async def set_(graph: Subgraph, by: Caller = COORDINATOR, **given: Any) -> dict[str, Any]:
    key = given.pop("key", str(new_id()))
    year = NOW.year
    full = {"idempotencyKey": key, "measure": "services.workshops", "year": year, "value": 120.0, **given}
    return dict((await graph.data(by, SET, input=full))["setTarget"])


async def test_a_target_is_a_default_until_the_coordinator_sets_one(graph: Subgraph) -> None:
    year, key = str(NOW.year), str(new_id())
    before = {one["measure"]: one for one in (await ask(graph, year))["targets"]}

    first, repeated = [await set_(graph, key=key) for _ in range(2)]
    blind = await set_(graph, value=90.0)
    second = await set_(graph, value=150.0, expectedVersion=first["target"]["version"])

    after = {one["measure"]: one for one in (await ask(graph, year))["targets"]}
    quarter = {one["measure"]: one for one in (await ask(graph, f"{year}-Q1"))["targets"]}
    assert (before["services.workshops"]["value"], before["services.workshops"]["version"]) == (100, None)
    assert repeated == first
    assert blind == {"__typename": "VersionConflict", "currentVersion": 1}
    assert (second["target"]["value"], second["target"]["version"]) == (150, 2)
    assert after["services.workshops"]["value"] == 150
    assert quarter["services.workshops"] == {
        "measure": "services.workshops",
        "value": 37,
        "yearly": 150,
        "atMost": False,
        "version": 2,
    }
    assert set(after) == set(TARGETS)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"measure": "services.heads"}, "measure"),
        ({"value": -1.0}, "value"),
        ({"value": 1e9}, "value"),
        ({"year": 1999}, "year"),
        ({"county": "06037"}, "county"),
        ({"measure": "services.helped_share", "value": 0.5, "county": "06019"}, "county"),
    ],
)
async def test_a_target_that_makes_no_sense_is_refused_with_the_field(
    graph: Subgraph, wrong: dict[str, Any], field: str
) -> None:
    done = await set_(graph, **wrong)

    assert [one["field"] for one in done["problems"]] == [field]


def test_a_year_s_target_is_shared_among_its_days_and_others_are_not() -> None:
    assert share_of_year(Target(100, 1000, of_year=True), 100, 365) == 100
    assert share_of_year(Target(100, 1000, of_year=True), 100, 1) == 1
    assert share_of_year(Target(0.5, 1), 0.5, 1) == 0.5


def test_every_figure_is_defined_once_in_both_languages() -> None:
    assert len({one.id for one in MEASURES}) == len(MEASURES)
    assert all(one.name and one.name_es and one.definition and one.definition_es for one in MEASURES)
