"""What came of awards for the people: licences before and after, and businesses a year later, as the network is told (R31)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from services.grants.app import ROUNDS, SERVICE
from services.grants.domain.follow_ups import FollowUpOutcome
from services.grants.domain.outcomes import LicenceWhen, Survival, licence_when, survival
from services.grants.models import (
    Award,
    FollowUp,
    GrantApplication,
    Milestone,
    Participant,
    PublishedGrants,
)
from services.grants.operations.outcomes import shown
from tests.grants.programmes import Programmes
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import make
from vereda.settings import Settings

YEAR = 2024
SUBMITTED = datetime(YEAR, 6, 1, tzinfo=UTC)
DECIDED = datetime(YEAR, 7, 1, tzinfo=UTC)
SETTLED = datetime(YEAR + 2, 6, 1, tzinfo=UTC)
TOLD = """query($y: Int!) { publishedOutcomes(year: $y) { medianDaysToMoney figures { licence survival count mark } } }"""


@pytest_asyncio.fixture
async def database(databases: Databases) -> Database:
    return await databases.migrated("grants", SERVICE.folder)


@pytest_asyncio.fixture
async def settled(database: Database, settings: Settings) -> Programmes:
    return Programmes(Subgraph(SERVICE, database, settings))


async def published(programmes: Programmes) -> dict[str, Any]:
    [round_] = [one for one in ROUNDS if one.name == "publish outcomes"]
    await make(round_, programmes.grants.database, programmes.grants.settings, lambda: SETTLED)
    told = await programmes.grants.data(caller_of(), TOLD, y=YEAR)
    return dict(told["publishedOutcomes"] or {})


async def awarded(
    programmes: Programmes, licensed: timedelta | None, outcome: FollowUpOutcome | None, times: int
) -> None:
    """So many awards of people who had a licence so long after the award, and answered this a year later."""
    cohort, (round_, tiers) = await programmes.cohort(capacity=100), await programmes.round()
    async with programmes.grants.database.transaction(system_caller(new_id())) as session:
        for _ in range(times):
            handle, seat, application = new_id(), new_id(), new_id()
            sides = {"applicant": programmes.clinic.organization, "funder": programmes.funder.organization}
            await session.execute(
                insert(GrantApplication).values(
                    id=application,
                    organization_id=sides["applicant"],
                    funder_id=sides["funder"],
                    round_id=UUID(round_),
                    tier_id=UUID(tiers["1000.00 USD"]),
                    applicant_handle=handle,
                    funder_handle=new_id(),
                    consent_id=new_id(),
                    consent_expires_at=SETTLED,
                    attestation_version=1,
                    state="CLOSED",
                    awarded_cents=100_000,
                    submitted_at=SUBMITTED,
                    decided_at=DECIDED,
                    version=1,
                )
            )
            await session.execute(
                insert(Award).values(
                    id=new_id(),
                    organization_id=sides["funder"],
                    recipient_id=sides["applicant"],
                    application_id=application,
                    round_id=UUID(round_),
                    participant_handle=handle,
                    amount_cents=100_000,
                    awarded_at=DECIDED,
                )
            )
            await session.execute(
                insert(Participant).values(
                    id=seat,
                    organization_id=programmes.school.organization,
                    cohort_id=UUID(cohort),
                    host_handle=new_id(),
                    sponsor_id=sides["applicant"],
                    sponsor_handle=handle,
                    consent_id=new_id(),
                    consent_expires_at=SETTLED,
                    status="COMPLETED",
                    enrolled_at=SUBMITTED,
                    version=1,
                )
            )
            host = {"organization_id": programmes.school.organization, "participant_id": seat}
            if licensed is not None:
                await session.execute(
                    insert(Milestone).values(
                        id=new_id(),
                        **host,
                        kind="BUSINESS_LICENSE",
                        stage="OBTAINED",
                        occurred_on=(DECIDED + licensed).date(),
                        recorded_by="instructor",
                        recorded_at=SETTLED,
                    )
                )
            await session.execute(
                insert(FollowUp).values(
                    id=new_id(), **host, months=12, due_on=date(YEAR + 1, 8, 1), outcome=outcome
                )
            )


async def told_of(programmes: Programmes, approved: int | str) -> None:
    """What the network was told of the year's applications."""
    async with programmes.grants.database.transaction(system_caller(new_id())) as session:
        figures = [[[["outcome", "APPROVED"]], approved]]
        session.add(PublishedGrants(year=YEAR, figures=figures, published_at=SETTLED))


async def test_licences_before_and_after_and_who_is_in_business_a_year_later(settled: Programmes) -> None:
    await told_of(settled, 48)
    before, after = timedelta(days=-20), timedelta(days=40)
    await awarded(settled, before, FollowUpOutcome.IN_BUSINESS, 12)
    await awarded(settled, after, FollowUpOutcome.IN_BUSINESS, 13)
    await awarded(settled, None, FollowUpOutcome.CLOSED, 12)
    await awarded(settled, None, FollowUpOutcome.NOT_REACHED, 11)

    figures = (await published(settled))["figures"]

    found = {(one["licence"], one["survival"]): one["count"] for one in figures}
    assert found[None, None] == 48
    assert found["BEFORE_AWARD", "IN_BUSINESS"] == 12
    assert found["AFTER_AWARD", None] == 13
    assert found["NONE", "NOT_IN_BUSINESS"] == 12
    assert found["NONE", "UNKNOWN"] == 11


@pytest.mark.parametrize("approved", ["withheld", "<11"])
async def test_r31_a_number_of_awards_that_was_not_told_is_not_told_this_way_either(
    settled: Programmes, approved: str
) -> None:
    await told_of(settled, approved)
    await awarded(settled, None, None, 12)

    assert (await published(settled))["figures"] == []


async def test_nothing_comes_before_the_years_grants_were_published(settled: Programmes) -> None:
    await awarded(settled, None, None, 12)

    assert await published(settled) == {}


async def test_r31_it_is_published_once_and_small_numbers_are_hidden(settled: Programmes) -> None:
    await told_of(settled, 33)
    await awarded(settled, timedelta(0), FollowUpOutcome.IN_BUSINESS, 30)
    await awarded(settled, None, FollowUpOutcome.EMPLOYED, 3)
    first = await published(settled)
    await awarded(settled, None, FollowUpOutcome.EMPLOYED, 30)

    assert await published(settled) == first
    assert not [one for one in first["figures"] if one["count"] is not None and 0 < one["count"] < 11]
    assert first["medianDaysToMoney"] is None  # nobody was paid


@given(
    st.lists(st.dates(date(2020, 1, 1), date(2026, 1, 1)), max_size=4),
    st.dates(date(2020, 1, 1), date(2026, 1, 1)),
)
def test_the_first_licence_counts(obtained: list[date], on: date) -> None:
    when = licence_when(on, obtained, trained=True)

    assert (when is LicenceWhen.NONE) is (not obtained)
    assert (when is LicenceWhen.BEFORE_AWARD) is any(day <= on for day in obtained)
    assert licence_when(on, [], trained=False) is LicenceWhen.UNKNOWN


@given(st.lists(st.none() | st.sampled_from(FollowUpOutcome), max_size=3))
def test_nobody_is_counted_as_out_of_business_whom_nobody_reached(
    answers: list[FollowUpOutcome | None],
) -> None:
    found = survival(answers)

    assert (found is Survival.IN_BUSINESS) is (FollowUpOutcome.IN_BUSINESS in answers)
    if set(answers) <= {None, FollowUpOutcome.NOT_REACHED}:
        assert found is Survival.UNKNOWN


@given(
    st.dictionaries(st.tuples(st.sampled_from(LicenceWhen), st.sampled_from(Survival)), st.integers(0, 40))
)
def test_r31_no_count_of_one_to_ten_is_shown(counted: dict[tuple[LicenceWhen, Survival], int]) -> None:
    assert not [count for _, count in shown(Counter(counted)) if isinstance(count, int) and 0 < count < 11]
