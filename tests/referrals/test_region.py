"""What this service says of the region: what it published, sums of that, and nothing that they would give away (R31)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import pytest_asyncio

from services.referrals.app import SERVICE
from services.referrals.domain.lifecycle import State
from services.referrals.domain.reports import Answer, Came
from services.referrals.models import Client, PublishedReport, Referral
from services.referrals.operations import reports
from services.referrals.operations.measures import MEASURES
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.periods import PeriodKind, settled
from vereda.settings import Settings

READER: Final = caller_of(None, Scope.REPORT_READ)
FIGURE: Final = (
    "{ value mark final why source measure { id unit definition definitionEs } of { dimension value } }"
)
SERVICES: Final = f"""services {{ referred {FIGURE} accepted {FIGURE} helped {FIGURE} helpedShare {FIGURE}
  daysToFirstContactP50 {FIGURE} daysToFirstContactP90 {FIGURE} referredByDomain {FIGURE} }}"""
REST: Final = f"outreach {{ reached {FIGURE} reachedByLanguage {FIGURE} filings {FIGURE} }} quality {{ unanswered {FIGURE} }}"
DASHBOARD: Final = f"query($p: String!) {{ regionalDashboard(period: $p) {{ period {{ name from to }} {SERVICES} {REST} }} }}"
COUNTY: Final = (
    f"query($p: String!, $c: ID!) {{ county(fips: $c) {{ dashboard(period: $p) {{ {SERVICES} }} }} }}"
)
FORM: Final = """query($f: String!, $p: String!, $own: Boolean!) { filledForm(form: $f, period: $p, own: $own) {
  own form { code } lines { value mark of { dimension value } } } }"""
#: Long past: settled whenever this runs.
YEAR: Final = "2025"
QUARTERS: Final = [f"2025-Q{number}" for number in (1, 2, 3, 4)]


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: what is published is never changed."""
    return await databases.migrated("referrals", SERVICE.folder)


@pytest_asyncio.fixture
async def graph(database: Database, settings: Settings) -> Subgraph:
    return Subgraph(SERVICE, database, settings)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def year(database: Database) -> None:
    """Three quarters that show what they count, and one that hides a small one."""
    for quarter in QUARTERS:
        small = quarter == "2025-Q4"
        table: dict[tuple[tuple[str, str], ...], int | str] = {
            (): 100,
            (("domain", "legal"),): 60,
            (("domain", "health"),): 40,
            (("county", "06019"),): 70,
            (("county", "06019"), ("outcome", "HELPED")): 50,
            (("outcome", "HELPED"),): "withheld" if small else 64,
            (("answer", "ACCEPTED"),): 80,
            (("answer", "NO_ANSWER"),): "<11" if small else 20,
        }
        await put(
            database,
            PublishedReport(
                measure="NEEDS",
                period=quarter,
                figures=[[list(map(list, cell)), one] for cell, one in table.items()],
                waits={"": {"p50": 4}, "06019": {"p50": 3}},
                published_at=datetime(2026, 1, 16, tzinfo=UTC),
            ),
        )
        lines = {"REACHED_SPANISH": 400, "REACHED_HMONG": "<11" if small else 30}
        await put(
            database,
            PublishedReport(
                measure="OUTREACH",
                period=quarter,
                figures=[
                    [[["line", f"REACHED_{group}"]], lines.get(f"REACHED_{group}", 0)]
                    for group in ("SPANISH", "ENGLISH", "INDIGENOUS_MEXICAN", "HMONG", "PUNJABI", "OTHER")
                ],
                published_at=datetime(2026, 2, 16, tzinfo=UTC),
            ),
        )


async def put(database: Database, *rows: Any) -> None:
    async with database.transaction(system_caller(new_id())) as session:
        session.add_all(rows)


async def ask(graph: Subgraph, period: str) -> dict[str, Any]:
    return dict((await graph.data(READER, DASHBOARD, p=period))["regionalDashboard"])


async def test_a_quarter_is_read_as_it_was_published(graph: Subgraph) -> None:
    found = await ask(graph, "2025-Q1")

    services = found["services"]
    assert found["period"] == {"name": "2025-Q1", "from": "2025-01-01", "to": "2025-03-31"}
    assert [services[name]["value"] for name in ("referred", "accepted", "helped")] == [100, 80, 64]
    assert services["helpedShare"]["value"] == 0.64
    assert services["daysToFirstContactP50"]["value"] == 4
    assert (services["daysToFirstContactP90"]["value"], services["daysToFirstContactP90"]["mark"]) == (
        None,
        "TOO_FEW",
    )
    assert [(one["of"][0]["value"], one["value"]) for one in services["referredByDomain"]] == [
        ("legal", 60),
        ("health", 40),
    ]
    assert found["outreach"]["reached"]["value"] == 430
    assert found["quality"]["unanswered"]["value"] == 20
    assert services["referred"]["final"]
    assert services["referred"]["source"] == "referrals"


async def test_r31_what_a_quarter_hides_its_share_and_its_year_hide_too(graph: Subgraph) -> None:
    fourth, year = await ask(graph, "2025-Q4"), await ask(graph, YEAR)

    assert fourth["services"]["helped"]["mark"] == "WITHHELD"
    assert fourth["quality"]["unanswered"]["mark"] == "SMALL"
    assert fourth["services"]["helpedShare"]["mark"] == "PART_HIDDEN"
    assert fourth["outreach"]["reached"]["mark"] == "PART_HIDDEN"
    assert year["services"]["referred"]["value"] == 400, "the sum of what was shown"
    for hidden in (year["services"]["helped"], year["quality"]["unanswered"], year["outreach"]["reached"]):
        assert (hidden["value"], hidden["mark"]) == (None, "PART_HIDDEN"), (
            "three quarters would give the fourth away"
        )


async def test_r31_no_figure_beside_a_mark_has_a_value_and_each_says_what_it_is(graph: Subgraph) -> None:
    for period in (*QUARTERS, YEAR, "2025-05", "2099-Q1"):
        found = await ask(graph, period)
        figures = [
            figure
            for section in ("services", "outreach", "quality")
            for one in found[section].values()
            for figure in (one if isinstance(one, list) else [one])
        ]
        assert figures
        for figure in figures:
            assert (figure["value"] is None) == (figure["mark"] is not None) == (figure["why"] is not None)
            assert figure["measure"]["definition"]
            assert figure["measure"]["definitionEs"]


@pytest.mark.parametrize(
    ("period", "mark"),
    [("2025-05", "OTHER_PERIODS"), ("2024-Q4", "NOT_PUBLISHED"), ("2099-Q1", "NOT_YET"), ("2099", "NOT_YET")],
)
async def test_what_there_is_no_figure_of_says_why_and_is_no_zero(
    graph: Subgraph, period: str, mark: str
) -> None:
    referred = (await ask(graph, period))["services"]["referred"]

    assert (referred["value"], referred["mark"]) == (None, mark)


async def test_a_county_reads_its_own_cells_and_what_is_not_counted_by_county_says_so(
    graph: Subgraph,
) -> None:
    answer = await graph.data(READER, COUNTY, p="2025-Q1", c="06019")
    services = answer["county"]["dashboard"]["services"]

    assert (services["referred"]["value"], services["helped"]["value"]) == (70, 50)
    assert services["daysToFirstContactP50"]["value"] == 3
    assert services["accepted"]["mark"] == "NOT_BY_COUNTY"
    assert services["referred"]["of"] == [{"dimension": "county", "value": "06019"}]
    assert (await graph.data(READER, COUNTY, p="2025-Q1", c="06037"))["county"] is None


async def test_a_series_is_a_dashboard_for_each_period_read_by_one_statement(graph: Subgraph) -> None:
    query = """{ regionalSeries(from: "2025-Q1", to: "2025-Q4") { period { name } services { referred { value }
      helped { value mark } } } }"""

    found = (await graph.data(READER, query))["regionalSeries"]

    assert [one["period"]["name"] for one in found] == QUARTERS
    assert [one["services"]["helped"]["value"] for one in found] == [64, 64, 64, None]


@pytest.mark.parametrize("period", ["2026-Q5", "soon", "2026-1"])
async def test_what_is_no_period_is_refused(graph: Subgraph, period: str) -> None:
    answer = await graph.answer(READER, DASHBOARD, p=period)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_form_is_filled_with_ones_own_counts_for_its_organisation_alone(graph: Subgraph) -> None:
    [quarter] = [next(settled(datetime.now(UTC) + timedelta(days=92), PeriodKind.QUARTER, timedelta(0)))]
    submit = """mutation($input: SubmitTallyInput!) { submitTally(input: $input) { __typename } }"""
    given = {
        "idempotencyKey": str(new_id()),
        "form": "CDSS_DACA",
        "period": quarter.name,
        "lines": [
            {"line": "FEE_HELP", "county": "06019", "count": 3},
            {"line": "FEE_HELP", "county": None, "count": 2},
        ],
    }
    ours, theirs = caller_of(), caller_of()
    done = await graph.data(ours, submit, input=given)
    assert done["submitTally"]["__typename"] == "TallySubmitted"

    async def line(by: Any, own: bool) -> dict[tuple[str, ...], Any]:
        form = (await graph.data(by, FORM, f="CDSS_DACA", p=quarter.name, own=own))["filledForm"]
        return {
            tuple(pair["value"] for pair in one["of"]): one["mark"] or one["value"] for one in form["lines"]
        }

    mine = await line(ours, own=True)
    assert mine["CDSS_DACA", "FEE_HELP"] == 5
    assert mine["06019", "CDSS_DACA", "FEE_HELP"] == 3
    assert mine["ELSEWHERE", "CDSS_DACA", "FEE_HELP"] == 2
    assert mine["CDSS_DACA", "INITIAL_WORKSHOP"] == 0
    assert set((await line(theirs, own=True)).values()) == {"NOT_PUBLISHED"}
    assert set((await line(theirs, own=False)).values()) == {"NOT_YET"}, (
        "small counts of one are not the network's"
    )


async def test_a_form_of_other_periods_is_refused(graph: Subgraph) -> None:
    answer = await graph.answer(caller_of(), FORM, f="DOJ_ANNUAL", p="2025-Q1", own=False)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_r31_a_wait_is_published_only_where_eleven_lie_beyond_it(database: Database) -> None:
    """Of 30 referrals half lies beyond the median, and three beyond the ninth tenth."""
    sent = datetime(2024, 5, 5, tzinfo=UTC)
    client = Client(
        id=new_id(),
        home_organization_id=new_id(),
        language="spa",
        county_fips="06019",
        display_name_sealed=b"-",
        contacts_sealed=b"-",
    )
    async with database.transaction(system_caller(new_id())) as session:
        session.add(client)
        await session.flush()
        session.add_all(
            Referral(
                id=new_id(),
                client_id=client.id,
                sender_id=client.home_organization_id,
                needs=["health.primary"],
                domain="health",
                state=State.ACCEPTED,
                sent_at=sent,
                accepted_at=sent,
                first_contact_at=sent + timedelta(days=number),
            )
            for number in range(30)
        )
        await session.flush()
        quarter = next(settled(datetime(2024, 7, 20, tzinfo=UTC), PeriodKind.QUARTER, timedelta(0)))
        figures = [[[], 30], [[["county", "06019"]], "withheld"]]
        waits = await reports._waits(session, quarter, figures)
        assert waits == {"": {"p50": 14}}, "a county whose count is hidden has no wait"
        assert await reports._waits(session, quarter, [[[["county", "06019"]], 30]]) == {"06019": {"p50": 14}}
        await session.rollback()


def test_every_figure_is_defined_once_in_both_languages() -> None:
    assert len({one.id for one in MEASURES}) == len(MEASURES)
    assert all(one.name and one.name_es and one.definition and one.definition_es for one in MEASURES)
    assert {one.value for one in Came} & {one.value for one in Answer} == set()
