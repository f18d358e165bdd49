"""Numbers without people: organisations' own counts, and what the network publishes of itself (R31)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from services.referrals.domain.lifecycle import Outcome, State
from services.referrals.domain.reports import language_group
from services.referrals.domain.tallies import FORMS
from services.referrals.models import PublishedReport, Referral, TallyLine, TallyReport
from services.referrals.operations import reports
from tests.referrals.story import Story
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Caller, Scope, system_caller
from vereda.context import RequestContext
from vereda.ids import new_id
from vereda.periods import newest, period
from vereda.rounds import Round, make

SUBMIT = """mutation($input: SubmitTallyInput!) { submitTally(input: $input) { __typename
  ... on TallySubmitted { report { id version lines { line county { fips } count } } }
  ... on InvalidInput { problems { field problem } } ... on VersionConflict { currentVersion } } }"""
PUBLISHED = """query($measure: String!, $period: String!, $county: ID) {
  publishedReport(measure: $measure, period: $period) {
    figures(county: $county) { of { dimension value } count mark } } }"""
TODAY = datetime(2031, 2, 20, 12, tzinfo=UTC)
"""When these tests publish: the last quarter of 2030, in which nothing else happens."""

#: A quarter that takes counts.
OPEN = newest(datetime.now(UTC) + timedelta(days=92), yearly=False, settled_after=timedelta(0))


def named(figures: list[dict[str, Any]]) -> dict[tuple[str, ...], int | str]:
    """The figures by their values, each a count or its mark."""
    return {
        tuple(one["value"] for one in figure["of"]): figure["mark"] or figure["count"] for figure in figures
    }


async def publish(subgraph: Subgraph, at: datetime = TODAY) -> int | None:
    return await make(
        Round("publish reports", 3600, reports.publish), subgraph.database, subgraph.settings, lambda: at
    )


@pytest_asyncio.fixture
async def region(story: Story) -> AsyncIterator[Story]:
    yield story
    context: RequestContext[Any] = RequestContext(
        system_caller(new_id()),
        story.referrals.database,
        story.referrals.settings,
        story.referrals.service.make_loaders,
    )
    async with context.database.transaction(context.caller) as session:
        for table in (PublishedReport, TallyLine, TallyReport):
            await session.execute(delete(table))
        await session.execute(
            update(Referral).where(Referral.sent_at > datetime(2030, 1, 1, tzinfo=UTC)).values(sent_at=None)
        )
    await context.close()


async def submit(
    story: Story, by: Caller, counts: list[tuple[str, str | None, int]], **more: Any
) -> dict[str, Any]:
    lines = [{"line": line, "county": county, "count": count} for line, county, count in counts]
    given = {"idempotencyKey": str(new_id()), "form": "CDSS_DACA", "period": OPEN.name, "lines": lines}
    done = await story.referrals.data(by, SUBMIT, input={**given, **more})
    return dict(done["submitTally"])


async def test_r31_an_organisation_contributes_counts_with_no_rows_about_anybody(region: Story) -> None:
    done = await submit(region, region.legal, [("INITIAL_WORKSHOP", "06019", 31), ("FEE_HELP", None, 4)])

    assert done["report"]["lines"] == [
        {"line": "FEE_HELP", "county": None, "count": 4},
        {"line": "INITIAL_WORKSHOP", "county": {"fips": "06019"}, "count": 31},
    ]


async def test_counts_that_are_given_again_take_the_place_of_those_before(region: Story) -> None:
    first = await submit(region, region.legal, [("FEE_HELP", "06019", 4)])
    blind = await submit(region, region.legal, [("FEE_HELP", "06019", 5)])
    second = await submit(
        region, region.legal, [("FEE_HELP", "06029", 6)], expectedVersion=first["report"]["version"]
    )

    assert blind == {"__typename": "VersionConflict", "currentVersion": first["report"]["version"]}
    assert second["report"]["lines"] == [{"line": "FEE_HELP", "county": {"fips": "06029"}, "count": 6}]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"form": "IS_NOT"}, "form"),
        ({"period": "2026"}, "period"),
        ({"period": "2026-Q5"}, "period"),
        ({"period": "2099-Q1"}, "period"),
        ({"period": "2021-Q1"}, "period"),
        ({"lines": [{"line": "HEADS", "county": "06019", "count": 1}]}, "lines"),
        ({"lines": [{"line": "FEE_HELP", "county": "06037", "count": 1}]}, "lines"),
        ({"lines": [{"line": "FEE_HELP", "county": "06019", "count": -1}]}, "lines"),
        ({"lines": [{"line": "FEE_HELP", "county": "06019", "count": 1}] * 2}, "lines"),
    ],
)
async def test_counts_that_fit_no_form_are_refused_with_the_field(
    region: Story, wrong: dict[str, Any], field: str
) -> None:
    done = await submit(region, region.legal, [], **wrong)

    assert done["__typename"] == "InvalidInput"
    assert [one["field"] for one in done["problems"]] == [field]


async def test_r31_the_networks_sum_shows_no_small_count(region: Story) -> None:
    await submit(region, region.legal, [("FEE_HELP", "06019", 20), ("FEE_HELP", "06029", 3)])
    await submit(region, region.clinic, [("FEE_HELP", "06019", 15), ("FEE_HELP", "06031", 30)])
    await publish(region.referrals, OPEN.end + timedelta(days=46))

    answer = await region.referrals.data(region.school, PUBLISHED, measure="CDSS_DACA", period=OPEN.name)

    figures = named(answer["publishedReport"]["figures"])
    assert figures["FEE_HELP", "06029"] == "SMALL"
    assert figures["FEE_HELP", "06039"] == 0
    assert figures["FEE_HELP",] == 68
    assert sorted(str(figures["FEE_HELP", county]) for county in ("06019", "06031")) == ["35", "WITHHELD"]


async def test_r31_what_is_published_once_is_never_published_in_another_version(region: Story) -> None:
    await region.client()
    await publish(region.referrals)
    again = await publish(region.referrals)
    known = await region.referrals.data(region.school, PUBLISHED, measure="NEEDS", period="2030-Q4")
    unknown = await region.referrals.data(region.school, PUBLISHED, measure="NEEDS", period="2031-Q1")

    assert again == 0
    assert known["publishedReport"] is not None
    assert unknown["publishedReport"] is None, "a quarter that goes on has no figures"


async def test_r31_a_need_is_counted_once_with_what_came_of_it(region: Story) -> None:
    client = await region.client(language="mxb", county="06107")
    permitted = await region.consent(client)
    ids = [(await region.send(client, permitted, region.offer()))["referral"]["id"] for _ in range(2)]
    await backdated(region, ids[0], state=State.DECLINED)
    await backdated(region, ids[1], state=State.COMPLETED, outcome=Outcome.SERVED_PARTLY)
    for _ in range(25):
        other = await region.sent()
        await backdated(region, other["id"])
    await publish(region.referrals)

    answer = await region.referrals.data(region.school, PUBLISHED, measure="NEEDS", period="2030-Q4")

    figures = named(answer["publishedReport"]["figures"])
    assert figures[()] == 26, "two referrals for one need are one"
    assert figures["OPEN",] == "WITHHELD", "without it nobody can subtract"
    assert figures["HELPED",] == figures["INDIGENOUS_MEXICAN",] == figures["06107",] == "SMALL"
    assert figures["NOT_HELPED",] == 0
    assert figures["legal",] == 26


async def test_r31_a_county_shows_its_own_figures_in_the_graph(region: Story) -> None:
    for _ in range(11):
        sent = await region.sent()
        await backdated(region, sent["id"])
    await publish(region.referrals)

    [county] = await region.referrals.entities(
        region.school,
        '... on County { publishedFigures(measure: "NEEDS", period: "2030-Q4") { of { value } count mark } }',
        {"__typename": "County", "fips": "06019"},
    )

    assert named(county["publishedFigures"])["06019",] == 11
    assert all("06019" in cell for cell in named(county["publishedFigures"]))


async def test_reports_are_for_those_who_may_read_them(region: Story) -> None:
    stranger = caller_of(None, Scope.CLIENT_READ)

    answer = await region.referrals.answer(stranger, PUBLISHED, measure="NEEDS", period="2030-Q4")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


@given(st.datetimes(datetime(2024, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)), st.booleans())
def test_the_newest_settled_period_has_ended_and_the_next_has_not_settled(
    now: datetime, yearly: bool
) -> None:
    settled = timedelta(days=45)

    found = newest(now, yearly=yearly, settled_after=settled)
    following = (
        period(str(found.end.year)) if yearly else period(f"{found.end.year}-Q{(found.end.month + 2) // 3}")
    )

    assert following is not None
    assert following.begin == found.end
    assert found.end + settled <= now < following.end + settled


def test_every_line_of_every_form_has_words_in_both_languages() -> None:
    for form in FORMS.values():
        assert form.name
        assert form.name_es
        assert all(line.name and line.name_es for line in form.lines)
        assert len({line.code for line in form.lines}) == len(form.lines)


@pytest.mark.parametrize(
    ("code", "name", "group"),
    [
        ("spa", "Spanish", "SPANISH"),
        ("mxb", "Tezoatlán Mixtec", "INDIGENOUS_MEXICAN"),
        ("trc", "Copala Triqui", "INDIGENOUS_MEXICAN"),
        ("mww", "Hmong Daw", "HMONG"),
        ("khm", "Khmer", "OTHER"),
    ],
)
def test_a_language_counts_in_its_group(code: str, name: str, group: str) -> None:
    assert language_group(code, name) == group


async def backdated(story: Story, id_: str, **values: Any) -> None:
    """As if the referral had been sent in the autumn of 2030."""
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        sent = {"sent_at": datetime(2030, 11, 5, tzinfo=UTC), **values}
        await session.execute(update(Referral).where(Referral.id == id_).values(**sent))
