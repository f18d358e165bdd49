"""How referrals to a service were answered is told of many, and never of a few (R31)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import insert, text

from services.referrals.app import SERVICE
from services.referrals.domain.clients import ContactResult, ContactSystem
from services.referrals.domain.lifecycle import Reason, State
from services.referrals.models import Client, Consent, ContactAttempt, Referral
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from tests.walls.rows import Rows
from tests.walls.tables import STORES
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings
from vereda.statements import ServiceStanding, verifier

#: Within the half year that counts, and before its last Monday, on whichever day of the week this runs.
SENT = datetime.now(UTC) - timedelta(days=20)


class Past:
    """Referrals that were sent and answered, written as the system does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = new_id()
        self.provider = new_id()

    async def sent(self, count: int, by: UUID | None = None, **more: Any) -> list[UUID]:
        """`count` referrals of one sender, accepted a day later where nothing else is said."""
        sender = by or new_id()
        rows = Rows(STORES["referrals"].metadata, sender)
        answered = {"state": State.IN_SERVICE, "accepted_at": SENT + timedelta(days=1)} | more
        ids = [new_id() for _ in range(count)]
        async with self.database.transaction(system_caller(sender)) as session:
            await session.execute(insert(Client.__table__).values(rows.values["clients"]))
            await session.execute(insert(Consent.__table__).values(rows.values["consents"]))
            for id_ in ids:
                row = {
                    **rows.another("referrals"),
                    "id": id_,
                    "sender_id": sender,
                    "recipient_id": self.provider,
                    "service_id": self.service,
                    "category": f"kind of {self.service}",
                    "survivor": False,
                    "sent_at": SENT,
                    **answered,
                }
                await session.execute(insert(Referral.__table__).values(row))
        return ids

    async def declined(self, count: int, by: UUID | None = None, **more: Any) -> None:
        given = {"reason": Reason.NOT_ELIGIBLE, "ended_at": SENT + timedelta(days=1)} | more
        await self.sent(count, by, state=State.DECLINED, accepted_at=None, **given)

    async def reached(self, referral: UUID, days: float) -> None:
        async with self.database.transaction(system_caller(self.provider)) as session:
            session.add(
                ContactAttempt(
                    organization_id=self.provider,
                    referral_id=referral,
                    channel=ContactSystem.PHONE,
                    result=ContactResult.REACHED,
                    attempted_at=SENT + timedelta(days=days),
                )
            )


@pytest_asyncio.fixture
async def past(databases: Databases) -> Past:
    return Past(await databases.of("referrals", SERVICE.folder))


@pytest_asyncio.fixture
async def referrals(past: Past, settings: Settings) -> Subgraph:
    return Subgraph(SERVICE, past.database, settings)


async def shown(referrals: Subgraph, past: Past, selection: str = "recentAcceptRate") -> Any:
    key = {"__typename": "Service", "id": str(past.service)}
    member = caller_of(None, Scope.DIRECTORY_READ)
    return (await referrals.entities(member, f"... on Service {{ {selection} }}", key))[0][selection]


async def stated(referrals: Subgraph, past: Past, settings: Settings) -> ServiceStanding:
    return await verifier(ServiceStanding, settings).read(await shown(referrals, past, "standing"))


@pytest.mark.parametrize(("accepted", "rate"), [(10, None), (11, 1.0)])
async def test_r31_a_rate_is_of_eleven_at_least(
    referrals: Subgraph, past: Past, accepted: int, rate: float | None
) -> None:
    await past.sent(accepted)

    assert await shown(referrals, past) == rate


async def test_a_rate_is_told_in_tenths(referrals: Subgraph, past: Past) -> None:
    sender = new_id()
    await past.sent(19, sender)
    await past.declined(7)
    await past.declined(6, sender)

    assert await shown(referrals, past) is None  # seven would be left to the first sender of the 32
    await past.sent(4)

    assert await shown(referrals, past) == 0.6  # 23 of 36


@pytest.mark.parametrize(("others", "told"), [(10, False), (11, True), (0, True)])
async def test_r31_no_sender_can_subtract_its_own_and_be_left_with_a_few(
    referrals: Subgraph, past: Past, others: int, told: bool
) -> None:
    await past.sent(30)
    if others:
        await past.sent(others)

    assert (await shown(referrals, past) is not None) is told


async def test_what_is_not_the_providers_doing_does_not_count_against_it(
    referrals: Subgraph, past: Past
) -> None:
    await past.sent(11)
    for reason in (Reason.CLIENT_DECLINED, Reason.CONFLICT, Reason.DUPLICATE):
        await past.declined(11, reason=reason)

    assert await shown(referrals, past) == 1.0


async def test_who_does_not_answer_until_it_is_too_late_has_not_accepted(
    referrals: Subgraph, past: Past
) -> None:
    await past.sent(15)
    await past.sent(15, state=State.EXPIRED, accepted_at=None, ended_at=SENT + timedelta(days=1))

    assert await shown(referrals, past) == 0.5


async def test_r16_survivors_referrals_have_no_part_in_any_of_it(
    referrals: Subgraph, past: Past, settings: Settings
) -> None:
    now = datetime.now(UTC)
    await past.sent(30, survivor=True)
    await past.declined(5, survivor=True, reason=Reason.NO_CAPACITY, ended_at=now)

    statement = await stated(referrals, past, settings)

    assert (statement.accept_rate, statement.above_share, statement.declined_at) == (None, False, None)


async def test_this_weeks_answers_are_told_when_the_week_is_over(referrals: Subgraph, past: Past) -> None:
    """Or somebody could ask before and after one referral, and see what became of it."""
    await past.sent(20)
    before = await shown(referrals, past)
    await past.declined(20, sent_at=datetime.now(UTC), ended_at=datetime.now(UTC))

    assert await shown(referrals, past) == before == 1.0


async def test_the_median_is_of_days_to_the_first_contact_and_of_eleven_at_least(
    referrals: Subgraph, past: Past
) -> None:
    sent = await past.sent(11)
    for number, referral in enumerate(sent[:10]):
        await past.reached(referral, days=2.5)
        await past.reached(referral, days=4 + number)
    assert await shown(referrals, past, "medianDaysToContact") is None

    await past.reached(sent[10], days=9)

    assert await shown(referrals, past, "medianDaysToContact") == 3


@pytest.mark.parametrize(("declines", "full"), [(2, False), (3, True)])
async def test_three_declines_for_want_of_room_in_ten_days_say_so(
    referrals: Subgraph, past: Past, settings: Settings, declines: int, full: bool
) -> None:
    now = datetime.now(UTC)
    await past.declined(declines, reason=Reason.NO_CAPACITY, ended_at=now)
    await past.declined(2, reason=Reason.NO_CAPACITY, ended_at=now - timedelta(days=11))
    await past.declined(9, ended_at=now)

    declined_at = (await stated(referrals, past, settings)).declined_at

    assert (declined_at is not None) is full
    assert declined_at is None or (declined_at.minute, declined_at.second) == (0, 0)


@pytest.mark.parametrize(("own", "others", "above"), [(11, 16, True), (10, 0, False), (11, 17, False)])
async def test_more_than_its_share_is_said_of_eleven_at_least(
    referrals: Subgraph, past: Past, settings: Settings, own: int, others: int, above: bool
) -> None:
    await past.sent(own)
    if others:
        await past.sent(others, recipient_id=new_id(), service_id=new_id())

    assert (await stated(referrals, past, settings)).above_share is above


async def test_of_a_service_that_nobody_knows_it_says_what_it_says_of_a_new_one(
    referrals: Subgraph, past: Past, settings: Settings
) -> None:
    statement = await stated(referrals, past, settings)

    assert (statement.accept_rate, statement.above_share, statement.declined_at) == (None, False, None)


async def test_r31_sql_in_the_name_of_a_member_gets_no_more_than_the_graph_shows(
    past: Past, referrals: Subgraph
) -> None:
    await past.sent(10)
    asked = text("SELECT * FROM service_standings(ARRAY[CAST(:id AS uuid)])")

    async with past.database.transaction(caller_of()) as session:
        row = (await session.execute(asked, {"id": past.service})).one()
        assert (row.accept_rate, row.median_days, row.above_share, row.declined_at) == (
            None,
            None,
            False,
            None,
        )
    async with past.database.transaction(Caller("nobody", past.provider)) as session:
        await session.execute(text("SELECT set_config('vereda.organization', '', true)"))
        assert (await session.execute(asked, {"id": past.service})).all() == []
