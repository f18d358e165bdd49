"""What the network reads of a cohort that is over (R31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from services.grants.app import ROUNDS, SERVICE
from services.grants.domain.progress import FunnelStage, furthest
from services.grants.operations.funnels import suppressed
from tests.grants.programmes import Programmes
from tests.support.databases import Databases
from tests.support.subgraph import caller_of
from vereda.caller import Scope
from vereda.database import Database
from vereda.rounds import make
from vereda.suppression import THRESHOLD

FUNNEL = "query($id: ID!) { cohort(id: $id) { publishedFunnel { steps { stage count mark } } } }"
[ROUND] = [one for one in ROUNDS if one.name == "publish funnels"]
DAY = date(2027, 1, 1)


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: a round takes whatever waits."""
    return await databases.migrated("grants", SERVICE.folder)


@given(st.dictionaries(st.sampled_from(FunnelStage), st.integers(0, 60)))
def test_r31_no_small_count_is_published_and_what_is_shown_is_true(ends: dict[FunnelStage, int]) -> None:
    paths = [{FunnelStage.ADMITTED: DAY, stage: DAY} for stage, number in ends.items() for _ in range(number)]

    shown = suppressed(paths)

    for stage, figure in shown.items():
        true = sum(furthest(path).value == stage for path in paths)
        assert figure == (true if isinstance(figure, int) else figure)
        assert isinstance(figure, str) or figure == 0 or figure >= THRESHOLD
        assert (figure == "<11") == (0 < true < THRESHOLD)
    # The number of seats is known: one hidden figure alone would be what is left of it.
    assert list(map(type, shown.values())).count(str) != 1


async def test_r31_a_cohort_is_published_once_when_it_is_over_and_settled(
    programmes: Programmes, database: Database
) -> None:
    today = datetime.now(UTC).date()
    over, running = [await programmes.cohort(starts_on=today - timedelta(days=days)) for days in (200, 190)]
    for _ in range(12):
        await programmes.enrol(over, programmes.proof())

    first, again = [await make(ROUND, database, programmes.grants.settings) for _ in range(2)]

    reader = caller_of(None, Scope.REPORT_READ, Scope.DIRECTORY_READ)
    steps = (await programmes.grants.data(reader, FUNNEL, id=over))["cohort"]["publishedFunnel"]["steps"]
    assert (first, again) == (1, 0)
    assert [one["stage"] for one in steps] == [stage.value for stage in FunnelStage]
    assert [one["count"] for one in steps] == [12, 0, 0, 0, 0, 0]
    assert (await programmes.grants.data(reader, FUNNEL, id=running))["cohort"]["publishedFunnel"] is None
    without = replace(reader, scopes=frozenset({Scope.DIRECTORY_READ.value}))
    refused = await programmes.grants.answer(without, FUNNEL, id=over)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
