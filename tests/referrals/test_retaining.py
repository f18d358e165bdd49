"""What is kept no longer than the table says (R23), by a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import select, update

from services.referrals.app import SERVICE
from services.referrals.domain.lifecycle import Party
from services.referrals.models import (
    Appointment,
    Client,
    Consent,
    DataKey,
    Erasure,
    HeldRow,
    Message,
    Referral,
)
from services.referrals.operations.retaining import erase_kept, forget_appointments, forget_closed
from services.referrals.operations.thread import let_messages_go
from services.referrals.rounds import ROUNDS
from tests.referrals.story import Story
from tests.referrals.test_erasing import inner_id, planted
from tests.referrals.test_holding import Office
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.caller import system_caller
from vereda.ids import new_id
from vereda.retention import RETENTION, page
from vereda.rounds import Round, make
from vereda.settings import Settings

NOW = datetime.now(UTC)


@pytest_asyncio.fixture
async def kept(databases: Databases, settings: Settings) -> Story:
    """A network of this test's own: its rounds look at every client that there is."""
    return Story(Subgraph(SERVICE, await databases.migrated("referrals", SERVICE.folder), settings))


async def after(story: Story, days: float, act: Any) -> int:
    """What a round does so many days from now."""
    done = await make(
        Round(f"retaining {new_id()}", 1, act),
        story.referrals.database,
        story.referrals.settings,
        lambda: NOW + timedelta(days=days),
    )
    assert done is not None
    return done


async def ended(story: Story, referral: str) -> None:
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        await session.execute(
            update(Referral).where(Referral.id == UUID(referral)).values(ended_at=NOW, state="COMPLETED")
        )


async def keys_of(story: Story, client: UUID) -> list[DataKey]:
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        return list(await session.scalars(select(DataKey).where(DataKey.client_id == client)))


async def test_r23_a_closed_referral_tells_nothing_after_ninety_days(kept: Story) -> None:
    them = await planted(kept)
    await ended(kept, them["referral"])

    assert await after(kept, 89.9, forget_closed) == 0
    assert await after(kept, 90.1, forget_closed) == 1
    assert await after(kept, 91, forget_closed) == 0

    async with kept.referrals.database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Referral, UUID(them["referral"]))
    assert (row.needs, row.narrative_sealed, row.placer_id_sealed, row.state) == ([], None, None, "COMPLETED")
    keys = await keys_of(kept, row.client_id)
    assert {key.wrapped is None for key in keys if key.referral_id} == {True}
    assert {key.wrapped is None for key in keys if not key.referral_id} == {False}


async def test_r23_a_referral_under_way_is_never_forgotten(kept: Story) -> None:
    await planted(kept)

    assert await after(kept, 3650, forget_closed) == 0
    assert await after(kept, 3650, erase_kept) == 0


async def test_r23_a_client_is_erased_ninety_days_after_the_last_of_their_referrals(kept: Story) -> None:
    them = await planted(kept)
    id_ = await inner_id(kept, them["client"])
    await ended(kept, them["referral"])

    assert await after(kept, 89.9, erase_kept) == 0
    assert await after(kept, 90.1, erase_kept) == 1

    async with kept.referrals.database.transaction(system_caller(new_id())) as session:
        erasure = (await session.scalars(select(Erasure))).one()
        consent = (await session.scalars(select(Consent))).one()
    assert (erasure.client_id, erasure.basis, erasure.organization_id) == (
        id_,
        "RETENTION",
        kept.clinic.organization,
    )
    assert consent.revoked_at is not None
    assert {key.wrapped for key in await keys_of(kept, id_)} == {None}


async def test_r23_a_newer_consent_keeps_them_for_as_long_again(kept: Story) -> None:
    them = await planted(kept)
    await ended(kept, them["referral"])
    async with kept.referrals.database.transaction(system_caller(new_id())) as session:
        await session.execute(update(Consent).values(created_at=NOW + timedelta(days=60)))

    assert await after(kept, 120, erase_kept) == 0
    assert await after(kept, 151, erase_kept) == 1


async def test_r23_whoever_is_sent_nowhere_is_erased_after_thirty_days(kept: Story) -> None:
    inquiry = await kept.client("Nobody Sent")
    await kept.consent(inquiry)

    assert await after(kept, 29.9, erase_kept) == 0
    assert await after(kept, 30.1, erase_kept) == 1

    async with kept.referrals.database.transaction(system_caller(new_id())) as session:
        assert (await session.scalars(select(Client.erased_at))).one() is not None


async def test_r23_r24_under_a_hold_nothing_is_erased_and_what_is_forgotten_is_sealed(kept: Story) -> None:
    them, office = await planted(kept), Office(kept, kept.clinic)
    id_ = await inner_id(kept, them["client"])
    await ended(kept, them["referral"])
    await office.hold(them["client"])

    assert await after(kept, 3650, erase_kept) == 0
    assert await after(kept, 3650, forget_closed) == 1

    keys = await keys_of(kept, id_)
    assert all(key.wrapped is not None for key in keys)
    assert all(key.sealed_at is not None for key in keys if key.referral_id)


async def expected(story: Story, them: dict[str, Any]) -> None:
    """An appointment of theirs that ends now, and a message about it, out of its time as well."""
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        referral = await session.get_one(Referral, UUID(them["referral"]))
        about = {"organization_id": referral.recipient_id, "referral_id": referral.id}
        session.add(
            Appointment(
                **about,
                sender_id=referral.sender_id,
                starts_at=NOW - timedelta(hours=1),
                ends_at=NOW,
                proposed_by=Party.RECIPIENT,
            )
        )
        session.add(
            Message(
                **about,
                author="worker",
                privileged=False,
                text_sealed=b"sealed",
                written_at=NOW,
                expires_at=NOW,
            )
        )


async def test_r23_an_appointment_is_forgotten_thirty_days_after_it(kept: Story) -> None:
    await expected(kept, await planted(kept))

    assert await after(kept, 29.9, forget_appointments) == 0
    assert await after(kept, 30.1, forget_appointments) == 1
    assert await after(kept, 31, forget_appointments) == 0


async def test_r24_what_is_deleted_of_a_client_under_a_hold_is_kept_where_nobody_reads_it(
    kept: Story,
) -> None:
    them, office = await planted(kept), Office(kept, kept.clinic)
    await expected(kept, them)
    await office.hold(them["client"])

    assert await after(kept, 31, forget_appointments) == 1
    assert await after(kept, 31, let_messages_go) == 1

    async with kept.referrals.database.transaction(system_caller(new_id())) as session:
        held = (await session.scalars(select(HeldRow))).all()
    assert {row.table_name for row in held} == {"appointments", "messages"}


async def test_r23_the_times_are_settings(kept: Story) -> None:
    them = await planted(kept)
    await ended(kept, them["referral"])
    changed = kept.referrals.settings.model_copy(update={"retention_closed_days": 10})
    round_ = Round(f"retaining {new_id()}", 1, forget_closed)

    assert await make(round_, kept.referrals.database, changed, lambda: NOW + timedelta(days=11)) == 1


def test_r23_what_the_table_says_is_done_by_a_round_and_the_page_is_the_table() -> None:
    from services.grants.app import ROUNDS as GRANTS

    made = {f"referrals: {one.name}" for one in ROUNDS} | {f"grants: {one.name}" for one in GRANTS}
    said = {one.round_ for one in RETENTION if one.setting is not None}

    assert None not in said
    assert said <= made
    printed = (Path(__file__).parents[2] / "docs" / "retention.md").read_text()
    assert printed == page(), "run: python -m vereda.retention > docs/retention.md"
