"""Whose a seat or an application was is forgotten three years after the programme (R23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest_asyncio
from sqlalchemy import select, update

from services.grants.app import SERVICE
from services.grants.models import Cohort, FundingRound, GrantApplication, Participant
from services.grants.operations.retaining import unlink
from tests.grants.programmes import Programmes
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.caller import system_caller
from vereda.ids import new_id
from vereda.rounds import Round, make
from vereda.settings import Settings

NOW = datetime.now(UTC)


@pytest_asyncio.fixture
async def kept(databases: Databases, settings: Settings) -> Programmes:
    return Programmes(Subgraph(SERVICE, await databases.migrated("grants", SERVICE.folder), settings))


async def after(kept: Programmes, days: float) -> int | None:
    at = NOW + timedelta(days=days)
    return await make(
        Round(f"unlink {new_id()}", 1, unlink), kept.grants.database, kept.grants.settings, lambda: at
    )


async def test_r23_a_seat_leads_to_nobody_three_years_after_its_cohort(kept: Programmes) -> None:
    handle = new_id()
    cohort = await kept.cohort()
    await kept.enrol(cohort, kept.proof(handle=handle))
    async with kept.grants.database.transaction(system_caller(new_id())) as session:
        await session.execute(
            update(Cohort).values(starts_on=NOW.date() - timedelta(days=90), ends_on=NOW.date())
        )
        before = (await session.scalars(select(Participant))).one()
        session.expunge_all()
    assert handle in (before.host_handle, before.sponsor_handle)

    assert await after(kept, 1095) == 0
    assert await after(kept, 1098) == 1
    assert await after(kept, 1099) == 0

    async with kept.grants.database.transaction(system_caller(new_id())) as session:
        row = (await session.scalars(select(Participant))).one()
    assert not {row.host_handle, row.sponsor_handle, row.consent_id} & {
        before.host_handle,
        before.sponsor_handle,
        before.consent_id,
    }
    assert (row.status, row.cohort_id) == (before.status, UUID(cohort))  # it counts as before


async def test_r23_an_application_leads_to_nobody_three_years_after_its_round(kept: Programmes) -> None:
    round_, tiers = await kept.round()
    await kept.apply(round_, tiers["1000.00 USD"])
    async with kept.grants.database.transaction(system_caller(new_id())) as session:
        await session.execute(update(FundingRound).values(closes_at=NOW + timedelta(days=1)))
        before = (await session.scalars(select(GrantApplication))).one()
        session.expunge_all()

    assert await after(kept, 1096) == 0
    assert await after(kept, 1098) == 1

    async with kept.grants.database.transaction(system_caller(new_id())) as session:
        row = (await session.scalars(select(GrantApplication))).one()
    assert not {row.applicant_handle, row.funder_handle, row.consent_id} & {
        before.applicant_handle,
        before.funder_handle,
        before.consent_id,
    }
    assert (row.state, row.tier_id) == (before.state, before.tier_id)
