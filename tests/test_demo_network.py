"""The demo network: invented, the same everywhere, and by the rules that hold for everybody."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from sqlalchemy import func, select, text

import services.grants.app
import services.partners.app
import services.referrals.app
from services.grants import demo as grants
from services.grants.domain.money import BOOKED, Account
from services.grants.domain.progress import reached
from services.grants.domain.selection import SelectionState
from services.grants.models import (
    Award,
    Certificate,
    Cohort,
    CohortApplication,
    FollowUp,
    FundingRound,
    FundingSource,
    GrantApplication,
    LedgerEntry,
    Participant,
    SelectionReview,
    SourceDraw,
    SubAward,
)
from services.grants.operations.attendance import standings_of
from services.grants.operations.progress import paths_of
from services.partners import demo as partners
from services.partners.models import Organization, Workshop
from services.referrals import demo as referrals
from services.referrals.domain.lifecycle import Step, fold
from services.referrals.models import Base, Referral, ReferralEvent
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Scope, system_caller
from vereda.database import Database
from vereda.demo.network import COORDINATOR, build
from vereda.demo.places import COUNTIES
from vereda.keyring import open_keys
from vereda.migrations import migrate
from vereda.settings import Settings

NETWORK = build()
SYSTEM = system_caller(NETWORK.by_slug(COORDINATOR).id)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module")
async def loaded(databases: Databases, tmp_path_factory: Any) -> dict[str, Database]:
    keys = open_keys(Settings(home=tmp_path_factory.mktemp("demo")))
    made = {}
    for name, part, folder in (
        ("partners", partners, services.partners.app.SERVICE.folder),
        ("referrals", referrals, services.referrals.app.SERVICE.folder),
        ("grants", grants, services.grants.app.SERVICE.folder),
    ):
        database = made[name] = await databases.empty(f"demo_{name}")
        await migrate(database, folder)
        async with database.transaction(SYSTEM) as session:
            assert await part.is_empty(session)
            await part.load(session, NETWORK, NOW, keys)
    return made


def test_it_is_the_same_each_time_it_is_built() -> None:
    assert build() == NETWORK


def test_it_has_the_size_and_the_shape_of_the_region() -> None:
    kinds = Counter(one.kind for one in NETWORK.organizations)

    assert (len(NETWORK.organizations), len(NETWORK.services)) == (60, 200)
    assert {one.county for one in NETWORK.organizations} == set(COUNTIES)
    assert {one.place.rural for one in NETWORK.organizations} == {True, False}
    assert all(kinds[kind] >= 4 for kind in ("CLINIC", "ADULT_SCHOOL", "LEGAL", "CBO"))
    assert len({one.slug for one in NETWORK.organizations}) == 60


def test_representatives_are_as_scarce_as_in_life() -> None:
    roles = Counter(one.role for one in NETWORK.representatives)

    assert roles == {"ATTORNEY": 1, "FULL_REP": 2, "PARTIAL_REP": 6}
    assert next(one for one in NETWORK.representatives if one.role == "ATTORNEY").weekly_hours < 40


async def test_the_directory_is_loaded_whole(loaded: dict[str, Database]) -> None:
    async with loaded["partners"].transaction(SYSTEM) as session:
        count = await session.scalar(select(func.count()).select_from(Organization))
        workshops = list(await session.scalars(select(Workshop)))

    assert (count, len(workshops)) == (60, 120)
    assert {one.rural for one in workshops} == {True, False}


async def test_every_referral_has_a_history_that_the_lifecycle_allows(loaded: dict[str, Database]) -> None:
    async with loaded["referrals"].transaction(SYSTEM) as session:
        stored = {row.id: row.state for row in await session.scalars(select(Referral))}
        ordered = select(ReferralEvent).order_by(ReferralEvent.referral_id, ReferralEvent.sequence)
        histories: dict[Any, list[Step]] = {}
        for event in await session.scalars(ordered):
            assert event.occurred_at <= NOW
            step = Step(event.move, event.from_state, event.to_state)
            histories.setdefault(event.referral_id, []).append(step)

    assert len(stored) == 2000
    assert {id_: fold(steps) for id_, steps in histories.items()} == stored
    assert len(set(stored.values())) >= 10


async def test_its_people_are_sealed_like_everybodys(loaded: dict[str, Database]) -> None:
    async with loaded["referrals"].transaction(SYSTEM) as session:
        for table in Base.metadata.tables:
            content = "\n".join(await session.scalars(text(f"SELECT t::text FROM {table} t")))
            assert "Encinas" not in content
            assert "Asks for help" not in content


async def test_cohorts_and_rounds_add_up(loaded: dict[str, Database]) -> None:
    async with loaded["grants"].transaction(SYSTEM) as session:
        cohorts = list(await session.scalars(select(Cohort)))
        seated = select(func.count()).where(Participant.status.in_(("ADMITTED", "ACTIVE", "COMPLETED")))
        taken = await session.scalar(seated)
        awarded = await session.scalar(select(func.sum(FundingRound.awarded_cents)))
        promised = await session.scalar(select(func.sum(GrantApplication.awarded_cents)))
        approved = await session.scalar(select(func.count()).select_from(Award))

    assert [cohort.capacity for cohort in cohorts] == [40, 40, 40]
    assert sum(cohort.admitted for cohort in cohorts) == taken
    assert awarded == promised
    assert approved is not None
    assert approved > 50


async def test_a_year_of_training_is_attended_and_leads_to_licences(loaded: dict[str, Database]) -> None:
    async with loaded["grants"].transaction(SYSTEM) as session:
        cohorts = list(await session.scalars(select(Cohort).order_by(Cohort.starts_on)))
        first, second, to_come = [(await paths_of(session, [one.id]))[one.id] for one in cohorts]
        standings = (await standings_of(session, [cohorts[0].id]))[cohorts[0].id]

    counts = list(reached([*first, *second]).values())
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 60
    assert 25 <= counts[-1] < 30  # just under 30 of 80, as in life
    assert all(one.reaches(cohorts[0].minimum_attendance_percent) for one in standings)
    assert list(reached(to_come).values())[1:] == [0] * 5


async def test_its_cohorts_chose_followed_up_and_certified(loaded: dict[str, Database]) -> None:
    async with loaded["grants"].transaction(SYSTEM) as session:
        applications = list(await session.scalars(select(CohortApplication)))
        judged = Counter(await session.scalars(select(SelectionReview.application_id)))
        graduates = await session.scalar(select(func.count()).where(Participant.completed_at.is_not(None)))
        certified = await session.scalar(select(func.count()).select_from(Certificate))
        answered = await session.scalar(select(func.count()).where(FollowUp.answered_at.is_not(None)))

    assert {one.state.value for one in applications} == {"APPLIED", "ADMITTED", "WAITLISTED", "DECLINED"}
    assert all(judged[one.id] == 2 for one in applications if one.state is not SelectionState.APPLIED)
    assert graduates == certified
    assert answered is not None
    assert answered > 25


async def test_what_is_passed_on_keeps_to_its_source(loaded: dict[str, Database]) -> None:
    async with loaded["grants"].transaction(SYSTEM) as session:
        source = (await session.scalars(select(FundingSource))).one()
        drawn = await session.scalar(select(func.sum(SourceDraw.amount_cents)))
        passed_on = await session.scalar(select(func.sum(SubAward.amount_cents)))

    assert (drawn, passed_on) == (source.granted_cents, source.other_cents)
    assert source.granted_cents * 100 >= source.total_cents * source.pass_through_percent
    assert source.granted_cents + source.other_cents <= source.total_cents


async def test_every_award_is_accounted_for_by_the_ledger(loaded: dict[str, Database]) -> None:
    async with loaded["grants"].transaction(SYSTEM) as session:
        awards = list(await session.scalars(select(Award)))
        entries = list(await session.scalars(select(LedgerEntry)))
        rounds = list(await session.scalars(select(FundingRound)))
        states = set(await session.scalars(select(GrantApplication.state)))
    balance: Counter[Account] = Counter()
    for entry in entries:
        assert (entry.debit, entry.credit) == BOOKED[entry.kind]
        assert entry.occurred_at <= NOW
        balance[entry.debit] += entry.amount_cents
        balance[entry.credit] -= entry.amount_cents

    assert balance == {
        Account.FUNDS: -sum(one.budget_cents for one in rounds),
        Account.BUDGET: sum(one.budget_cents - one.awarded_cents for one in rounds),
        Account.COMMITTED: sum(one.amount_cents - one.disbursed_cents for one in awards),
        Account.ADVANCED: sum(one.disbursed_cents - one.receipted_cents for one in awards),
        Account.SPENT: sum(one.receipted_cents for one in awards),
    }
    assert {"APPROVED", "AGREEMENT_SIGNED", "DISBURSING", "CLOSEOUT", "CLOSED"} <= states


async def test_a_year_of_the_region_can_be_read(loaded: dict[str, Database], settings: Settings) -> None:
    """Every service shows figures of its own: four quarters, twelve months, and the newest settled year of grants."""
    reader = caller_of(None, Scope.REPORT_READ, Scope.ADMIN_NETWORK)
    asked = {
        "partners": (
            "2026-03",
            "2026-10",
            "capacity { representatives { value } } services { workshops { value } unmetNeed { value } }",
        ),
        "referrals": ("2025-Q4", "2026-Q2", "services { referred { value } } outreach { reached { value } }"),
        "grants": ("2025", "2025", "economic { approved { value } promised { amount } }"),
    }
    for name, (first, last, selection) in asked.items():
        service = {"partners": services.partners, "referrals": services.referrals, "grants": services.grants}[
            name
        ]
        graph = Subgraph(service.app.SERVICE, loaded[name], settings)
        query = f'{{ regionalSeries(from: "{first}", to: "{last}") {{ {selection} }} }}'
        series = (await graph.data(reader, query))["regionalSeries"]
        figures = [figure for one in series for section in one.values() for figure in section.values()]
        assert figures
        assert all(number for figure in figures for number in figure.values()), (name, series)
