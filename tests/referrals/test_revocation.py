"""What the database does by itself when a consent is revoked, held against the table of the referral's life."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from services.referrals.app import SERVICE
from services.referrals.domain.clocks import DEFAULTS, bells, due
from services.referrals.domain.lifecycle import (
    BY_NAME,
    TERMINAL,
    UNSENT,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    loop_after,
)
from services.referrals.models import OutboxEvent, Referral, ReferralEvent
from tests.referrals.story import Story
from tests.support.databases import Databases
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own, because states are put here by force."""
    return await databases.migrated("referrals", SERVICE.folder)


@pytest.mark.parametrize("state", State)
async def test_revocation_ends_what_is_under_way_as_the_table_says_and_nothing_else(
    story: Story, database: Database, state: State
) -> None:
    """The database's own words for the row REVOKE, held against the table, from every state."""
    referral, revoke = await story.sent(), BY_NAME[MoveName.REVOKE]
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Referral, UUID(referral["id"]))
        row.state, row.ended_at = state, datetime.now(UTC) if state in TERMINAL else None
        row.outcome, row.due_at = None if state in TERMINAL else Outcome.SERVED_PARTLY, datetime.now(UTC)
        loop = row.loop

    await story.revoke(story.clinic, referral["consent"])

    async with database.transaction(system_caller(new_id())) as session:
        after = await session.get_one(Referral, UUID(referral["id"]))
        last = (
            await session.scalars(
                select(ReferralEvent)
                .where(ReferralEvent.referral_id == after.id)
                .order_by(ReferralEvent.sequence.desc())
            )
        ).first()
    assert last is not None
    told = [await heard(database, one, after.id) for one in (story.clinic, story.legal, story.school)]
    if state not in revoke.frm:
        assert (after.state, last.move, told) == (state, MoveName.SEND, [0, 0, 0])
        return
    assert (last.move, last.from_state, last.to_state) == (revoke.name, state, revoke.to)
    assert (last.sequence, last.party, last.actor_organization_id) == (
        3,
        Party.CLIENT,
        story.clinic.organization,
    )
    assert (after.state, after.loop) == (revoke.to, loop_after(revoke, Party.CLIENT, loop))
    assert (after.reason, after.outcome) == (Reason.CLIENT_DECLINED, None)
    assert due(revoke.to, after.urgency, DEFAULTS) is None
    assert bells(revoke.to, after.loop, after.urgency, DEFAULTS) == ()
    assert (after.due_at, after.bell_at, after.sub_state) == (None, None, None)
    assert after.ended_at == last.occurred_at
    assert (after.needs, after.narrative_sealed) == ([], None)
    assert told == [1, int(state not in UNSENT), 0]


async def heard(database: Database, by: Caller, referral: UUID) -> int:
    """How many events of the referral's end an organisation is told of."""
    about = OutboxEvent.type == "org.vereda.referral.revoke", OutboxEvent.subject == str(referral)
    async with database.transaction(by) as session:
        return int(await session.scalar(select(func.count()).where(*about)) or 0)
