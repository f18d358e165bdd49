"""Cohorts, licences, grants and their money, as the region reads them: nothing small, and nothing to subtract (R31)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from services.grants.app import SERVICE
from services.grants.domain.cohorts import CohortStatus, Season
from services.grants.domain.counties import REGION
from services.grants.models import Cohort, PublishedFunnel, PublishedGrants, TrainingProgram
from services.grants.operations.measures import MEASURES
from services.grants.operations.numbers import HOW_FAR, OUTCOMES, safe_money, shown
from services.partners.domain.geography import COUNTIES as PARTNERS_COUNTIES
from services.referrals.domain.reports import COUNTIES as REFERRALS_COUNTIES
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from tests.support.trying import examples
from vereda.caller import Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings
from vereda.suppression import THRESHOLD

READER: Final = caller_of(None, Scope.REPORT_READ)
FIGURE: Final = "{ value amount mark final of { dimension value } }"
QUERY: Final = f"""query($p: String!) {{ regionalDashboard(period: $p) {{ economic {{
  cohorts {FIGURE} seats {FIGURE} seatsTaken {FIGURE} seatsPerCohort {FIGURE} graduated {FIGURE} licensed {FIGURE}
  licensedShare {FIGURE} applications {FIGURE} approved {FIGURE} promised {FIGURE} promisedByTier {FIGURE} paid {FIGURE}
  receipted {FIGURE} daysToDecision {FIGURE} ventures {FIGURE} }} }} }}"""


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: everything in it is counted."""
    return await databases.migrated("grants", SERVICE.folder)


@pytest_asyncio.fixture
async def graph(database: Database, settings: Settings) -> Subgraph:
    return Subgraph(SERVICE, database, settings)


def _paid(full: int, part: int, nothing: int, denied: int) -> list[Any]:
    approved = {"tier": "5000.00 USD", "outcome": "APPROVED"}
    return [
        (approved | {"paid": "ALL", "receipted": "ALL"}, full),
        (approved | {"paid": "PART", "receipted": "PART"}, part),
        (approved | {"paid": "NOTHING", "receipted": "NOTHING"}, nothing),
        ({"tier": "5000.00 USD", "outcome": "NOT_APPROVED"}, denied),
    ]


@pytest_asyncio.fixture(scope="module", autouse=True)
async def year(database: Database) -> None:
    """Two cohorts of 40 that ended in 2024, one of which hides its licences; grants of two years."""
    host, at = new_id(), datetime(2025, 4, 2, tzinfo=UTC)
    program = TrainingProgram(id=new_id(), organization_id=host, name="Entrepreneurs")
    cohorts = [
        Cohort(
            id=new_id(),
            organization_id=host,
            program_id=program.id,
            season=Season.SPRING_SUMMER,
            year=2024,
            capacity=40,
            admitted=40,
            starts_on=date(2024, month, 1),
            ends_on=date(2024, month, 1) + timedelta(days=89),
            status=CohortStatus.FINISHED,
        )
        for month in (1, 4)
    ]
    funnels: list[dict[str, int | str]] = [
        {"ADMITTED": 0, "ATTENDING": 0, "COMPLETED": 12, "PLAN": 0, "APPLIED": 0, "LICENSED": 28},
        {"ADMITTED": 0, "ATTENDING": 0, "COMPLETED": "withheld", "PLAN": 0, "APPLIED": 0, "LICENSED": "<11"},
    ]
    years = ((2024, _paid(40, 0, 0, 15)), (2023, _paid(40, 12, 3, 15)))
    money = {"paid": 20_000_000, "receipted": 18_000_000}
    rows = [
        PublishedGrants(
            year=of,
            figures=shown(people),
            money=safe_money(shown(people), people, money),
            currency="USD",
            ventures=[[[], 30], [[["county", "06019"]], 18], [[["county", "06107"]], "withheld"]],
            median_days_to_decision=21,
            published_at=at,
        )
        for of, people in years
    ]
    async with database.transaction(system_caller(new_id())) as session:
        session.add(program)
        await session.flush()
        session.add_all(cohorts)
        await session.flush()
        session.add_all(
            PublishedFunnel(cohort_id=one.id, organization_id=host, figures=figures, published_at=at)
            for one, figures in zip(cohorts, funnels, strict=True)
        )
        session.add_all(rows)


async def ask(graph: Subgraph, period: str) -> dict[str, Any]:
    return dict((await graph.data(READER, QUERY, p=period))["regionalDashboard"]["economic"])


async def test_seats_are_exact_and_licences_are_those_that_were_published(graph: Subgraph) -> None:
    first = await ask(graph, "2024-Q1")

    assert [first[name]["value"] for name in ("cohorts", "seats", "seatsTaken", "seatsPerCohort")] == [
        1,
        40,
        40,
        40,
    ]
    assert (first["graduated"]["value"], first["licensed"]["value"]) == (40, 28)
    assert first["licensedShare"]["value"] == 0.7
    assert first["licensed"]["final"]


async def test_r31_a_cohort_that_hides_its_licences_hides_those_of_every_period_that_it_is_in(
    graph: Subgraph,
) -> None:
    second, whole = await ask(graph, "2024-Q2"), await ask(graph, "2024")

    for found in (second, whole):
        assert (found["licensed"]["value"], found["licensed"]["mark"]) == (None, "PART_HIDDEN")
        assert found["licensedShare"]["mark"] == "PART_HIDDEN"


async def test_a_years_grants_are_read_with_their_money(graph: Subgraph) -> None:
    found = await ask(graph, "2024")

    assert (found["applications"]["value"], found["approved"]["value"]) == (55, 40)
    assert found["promised"]["amount"] == "200000.00 USD"
    assert [one["amount"] for one in found["promisedByTier"]] == ["200000.00 USD"]
    assert (found["paid"]["amount"], found["receipted"]["amount"]) == ("200000.00 USD", "180000.00 USD")
    assert found["daysToDecision"]["value"] == 21
    assert found["ventures"]["value"] == 30


async def test_r31_money_paid_is_hidden_where_it_would_tell_how_few_are_still_owed(graph: Subgraph) -> None:
    """Three are owed everything: what was promised less what was paid would be their money."""
    found = await ask(graph, "2023")

    assert (found["paid"]["amount"], found["paid"]["mark"]) == (None, "PART_HIDDEN")
    assert (found["receipted"]["amount"], found["receipted"]["mark"]) == (None, "PART_HIDDEN")


async def test_grants_are_of_years_and_ventures_of_counties_too(graph: Subgraph) -> None:
    query = """query($p: String!, $c: ID!) { county(fips: $c) { dashboard(period: $p) {
      economic { ventures { value mark } approved { mark } cohorts { mark } } } } }"""

    async def county(fips: str) -> dict[str, Any]:
        return dict((await graph.data(READER, query, p="2024", c=fips))["county"]["dashboard"]["economic"])

    assert (await ask(graph, "2024-Q1"))["approved"]["mark"] == "OTHER_PERIODS"
    assert (await ask(graph, "2022"))["approved"]["mark"] == "NOT_PUBLISHED"
    assert (await ask(graph, "2099"))["approved"]["mark"] == "NOT_YET"
    assert (await county("06019"))["ventures"] == {"value": 18, "mark": None}
    assert (await county("06107"))["ventures"] == {"value": None, "mark": "WITHHELD"}
    assert (
        (await county("06019"))["approved"]["mark"]
        == (await county("06019"))["cohorts"]["mark"]
        == "NOT_BY_COUNTY"
    )


_PEOPLE: Final = st.dictionaries(
    st.tuples(
        st.sampled_from(("5000.00 USD", "10000.00 USD")),
        st.sampled_from([far for far in HOW_FAR if far != "NO_AWARD"]),
        st.sampled_from([far for far in HOW_FAR if far != "NO_AWARD"]),
    ),
    st.integers(0, 40),
)


@examples(60)
@given(_PEOPLE, st.integers(0, 40))
def test_r31_no_sum_of_money_tells_a_count_that_is_hidden(
    awarded: dict[tuple[str, str, str], int], denied: int
) -> None:
    """Whoever reads the sums and the counts solves for how many of each tier were paid nothing, a part, or all: where a
    sum is shown, none of these is 1 to 10."""
    people = [
        ({"tier": tier, "outcome": "APPROVED", "paid": paid, "receipted": receipted}, number)
        for (tier, paid, receipted), number in awarded.items()
    ]
    figures = shown([*people, ({"tier": "5000.00 USD", "outcome": OUTCOMES[1]}, denied)])

    money = safe_money(figures, people, {"paid": 1, "receipted": 1})

    for axis in money:
        true: Counter[tuple[str, str]] = Counter()
        for values, number in people:
            true[values["tier"], values[axis]] += number
        assert all(number == 0 or number >= THRESHOLD for number in true.values())


def test_r31_a_system_of_equations_finds_no_few_of_a_tier() -> None:
    """23 were paid half: 20 of one tier and 3 of the other. The sum paid would tell the 3, and is hidden."""
    people: list[Any] = [
        ({"tier": tier, "outcome": "APPROVED", "paid": paid, "receipted": paid}, number)
        for tier, paid, number in (
            ("5000.00 USD", "ALL", 40),
            ("5000.00 USD", "PART", 20),
            ("10000.00 USD", "ALL", 30),
            ("10000.00 USD", "PART", 3),
        )
    ]
    figures = shown(people)

    assert [count for cell, count in figures if cell == [["paid", "PART"]]] == [23]
    assert safe_money(figures, people, {"paid": 57_500_000}) == {}


def test_all_services_tell_the_same_counties() -> None:
    assert tuple(one.fips for one in PARTNERS_COUNTIES) == REFERRALS_COUNTIES == REGION


def test_every_figure_is_defined_once_in_both_languages() -> None:
    assert len({one.id for one in MEASURES}) == len(MEASURES)
    assert all(one.name and one.name_es and one.definition and one.definition_es for one in MEASURES)
