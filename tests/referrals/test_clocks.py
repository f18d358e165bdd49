"""Clocks, over a real database and a clock of the test's own: each bell is an event once, to whom it is for (DOMAIN 4.3)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from services.referrals.app import SERVICE
from services.referrals.domain.calendar import FEDERAL, business_days, business_hours
from services.referrals.models import Escalation
from services.referrals.operations.waiting import move_up, promote
from tests.referrals.clocks import heard, put, row_of, rung
from tests.referrals.story import Story
from tests.support.databases import Databases
from tests.support.subgraph import caller_of
from vereda.caller import Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import Round, make
from vereda.settings import Settings

TASKS = "{ referralTasks { nodes { kind referral { id } } } }"
LIMITS = """mutation($input: SetResponseLimitsInput!) { setResponseLimits(input: $input) { __typename
  ... on ResponseLimitsSet { limits { respondBusinessDays expireBusinessDays opens } }
  ... on InvalidInput { problems { field } } } }"""


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: its rounds ring for nobody else."""
    return await databases.migrated("referrals", SERVICE.folder)


async def tasks_of(story: Story, by: Any) -> list[tuple[str, str]]:
    nodes = (await story.referrals.data(by, TASKS))["referralTasks"]["nodes"]
    return [(one["kind"], one["referral"]["id"]) for one in nodes]


async def test_reminders_escalation_and_expiry_ring_once_each_and_expiry_asks_for_a_rematch(
    story: Story, database: Database, settings: Settings
) -> None:
    referral = await story.sent()
    since = (await row_of(database, referral["id"])).sent_at
    assert since is not None

    for day in (1, 2, 4, 5, 14):
        at = FEDERAL.after(since, business_days(day)) + timedelta(minutes=1)
        assert await rung(database, settings, at - timedelta(minutes=2)) == 0
        assert sorted(await asyncio.gather(rung(database, settings, at), rung(database, settings, at))) == [
            0,
            1,
        ]
        assert await rung(database, settings, at) == 0

    assert await heard(database, story.legal, referral["id"]) == ["send", *["reminder"] * 3, "expire"]
    assert await heard(database, story.clinic, referral["id"]) == ["send", "escalation", "expire"]
    after = await row_of(database, referral["id"])
    assert (after.state, after.reason, after.bell_at) == ("EXPIRED", "NO_RESPONSE", None)
    assert await tasks_of(story, story.clinic) == [("REMATCH", referral["id"])]
    async with database.transaction(system_caller(new_id())) as session:
        (escalation,) = await session.scalars(select(Escalation))
    assert escalation.closed_at is not None  # it is over with the referral


async def test_urgent_is_acknowledged_within_four_business_hours(story: Story, database: Database) -> None:
    client = await story.client()
    sent = await story.send(client, await story.consent(client), story.offer(), urgency="URGENT")

    row = await row_of(database, sent["referral"]["id"])

    assert row.sent_at is not None
    assert row.due_at == row.bell_at == FEDERAL.after(row.sent_at, business_hours(4))


async def test_while_the_sender_is_asked_the_recipients_clock_stands_and_the_senders_runs(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "REQUEST_INFORMATION")
    asked = await row_of(database, referral["id"])
    assert asked.held_at is not None
    assert asked.due_at == FEDERAL.after(asked.held_at, business_days(5))

    # the sender takes three days: what the recipient had used up is all that counts afterwards
    await put(
        database,
        referral["id"],
        held_from=asked.held_from - timedelta(days=10),  # type: ignore[operator]
        held_at=asked.held_at - timedelta(days=9),
    )
    held = await row_of(database, referral["id"])
    await story.moves(story.clinic, referral, "GIVE_INFORMATION")

    row = await row_of(database, referral["id"])
    assert row.clock_from is not None
    assert held.held_from is not None
    assert held.held_at is not None
    assert row.held_at is None
    used = FEDERAL.worked(held.held_from, held.held_at)
    assert abs(FEDERAL.worked(row.clock_from, row.updated_at) - used) < timedelta(seconds=30)


async def test_a_partners_own_limits_and_holidays_are_its_clocks(story: Story, database: Database) -> None:
    key = {"idempotencyKey": str(new_id())}
    wanted = {"respondBusinessDays": 3, "expireBusinessDays": 7, "opens": "09:00:00", "closes": "15:00:00"}
    done = await story.referrals.data(story.legal, LIMITS, input={**key, **wanted})
    one_service = {"idempotencyKey": str(new_id()), "service": str(story.service), "respondBusinessDays": 4}
    of_service = await story.referrals.data(story.legal, LIMITS, input=one_service)
    wrong = await story.referrals.data(
        story.legal, LIMITS, input={"idempotencyKey": "k", "expireBusinessDays": 99}
    )
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN")

    assert done["setResponseLimits"]["limits"]["respondBusinessDays"] == 3
    assert of_service["setResponseLimits"]["limits"] == {
        "respondBusinessDays": 4,
        "expireBusinessDays": 7,
        "opens": "09:00:00",
    }
    assert wrong["setResponseLimits"]["problems"] == [{"field": "expireBusinessDays"}]
    row = await row_of(database, referral["id"])
    assert row.clock_from is not None
    assert row.due_at == FEDERAL.after(row.clock_from, business_days(4))


async def test_the_black_hole_is_the_senders_and_the_coordinators_without_a_story_r13_r16(
    story: Story, database: Database, settings: Settings
) -> None:
    coordinator = caller_of(None, Scope.ADMIN_NETWORK)
    answered, silent, quiet = (
        await story.sent(),
        await story.sent(),
        await story.sent(purposes=("REFERRAL_DELIVERY",)),
    )
    client = await story.client()
    wide = await story.consent(client, classes=("IDENTITY", "NEED", "SURVIVOR", "OUTCOME"))
    survivor = (await story.send(client, wide, story.offer(survivor=True)))["referral"]
    await story.moves(story.legal, answered, "OPEN", "ACCEPT")
    late = (await row_of(database, silent["id"])).sent_at
    assert late is not None
    for one in (silent, quiet, survivor):
        await put(database, one["id"], due_at=late - timedelta(days=1))
    await rung(database, settings, FEDERAL.after(late, business_days(5)) + timedelta(minutes=5))
    for _ in range(4):
        await rung(database, settings, FEDERAL.after(late, business_days(5)) + timedelta(minutes=5))

    own = await story.referrals.data(story.clinic, "{ blackHole { nodes { id } } }")
    network = await story.referrals.data(
        coordinator, "{ networkBlackHole { nodes { domain responsible { id } } } }"
    )
    partner = caller_of(story.legal.organization, Scope.REFERRAL_RECEIVE, Scope.REFERRAL_SEND)
    others = await story.referrals.answer(partner, "{ networkBlackHole { nodes { domain } } }")
    async with database.transaction(partner) as session:
        assert (await session.scalars(select(Escalation))).all() == []

    assert {one["id"] for one in own["blackHole"]["nodes"]} == {silent["id"], survivor["id"]}
    responsible = {"domain": "legal", "responsible": {"id": str(story.legal.organization)}}
    assert network["networkBlackHole"]["nodes"].count(responsible) == 2  # of the survivor's nothing
    assert others["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "escalation" not in await heard(database, story.clinic, quiet["id"])  # R7


async def test_reaching_the_client_stops_the_clock_of_the_first_contact(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")
    before = await row_of(database, referral["id"])
    document = (
        "mutation($input: RecordContactAttemptInput!) { recordContactAttempt(input: $input) { __typename } }"
    )
    attempt = {"referral": referral["id"], "channel": "PHONE", "result": "REACHED"}
    await story.referrals.data(story.legal, document, input={"idempotencyKey": "reached", **attempt})

    after = await row_of(database, referral["id"])

    assert before.due_at is not None
    assert (after.due_at, after.bell_at) == (None, None)
    assert after.first_contact_at is not None


async def test_who_waits_has_a_place_moves_up_and_is_told_when_it_is_their_turn(
    story: Story, database: Database, settings: Settings
) -> None:
    offer, sent = story.offer(1), []
    for _ in range(3):
        client = await story.client()
        sent.append((await story.send(client, await story.consent(client), offer))["referral"])
    for one in sent:
        await story.moves(story.legal, one, "OPEN")
    await story.moves(story.legal, sent[0], "ACCEPT")
    for one in sent[1:]:
        await story.moves(story.legal, one, "WAITLIST")
    places = "query($id: ID!) { referral(id: $id) { waitingPlace } }"

    async def place(one: dict[str, Any]) -> int | None:
        data = await story.referrals.data(story.clinic, places, id=one["id"])
        return data["referral"]["waitingPlace"]  # type: ignore[no-any-return]

    async def made(act: Any) -> int | None:
        return await make(Round(f"waiting {new_id()}", 1, act), database, settings)

    assert [await place(one) for one in sent] == [None, 1, 2]
    assert await made(promote) == 0  # no place is free
    await story.moves(story.legal, sent[0], ("DECLINE", {"reason": "CLIENT_DECLINED"}))
    assert (await made(promote), await made(promote)) == (1, 0)
    assert ("PROMOTE", sent[1]["id"]) in await tasks_of(story, story.legal)

    await story.moves(story.legal, sent[1], "ACCEPT")

    assert await made(move_up) == 1
    assert await place(sent[2]) == 1
    assert ("PROMOTE", sent[1]["id"]) not in await tasks_of(story, story.legal)
    assert (await story.moves(story.clinic, sent[2], "REVALIDATE"))["state"] == "WAITLISTED"


async def test_a_waiting_place_is_to_be_confirmed_after_thirty_days_and_a_service_to_give_a_sign(
    story: Story, database: Database, settings: Settings
) -> None:
    waiting, served = await story.sent(), await story.sent()
    await story.moves(story.legal, waiting, "OPEN", "WAITLIST")
    await story.moves(story.legal, served, "OPEN", "ACCEPT", "START")
    for one in (waiting, served):
        row = await row_of(database, one["id"])
        assert row.clock_from is not None
        await rung(database, settings, row.clock_from + timedelta(days=30, minutes=1))

    assert (await heard(database, story.legal, waiting["id"]))[-1] == "revalidate"
    assert (await heard(database, story.legal, served["id"]))[-1] == "heartbeat"
    assert ("REVALIDATE", waiting["id"]) in await tasks_of(story, story.legal)
    await story.moves(story.legal, served, "HEARTBEAT")
    bell = (await row_of(database, served["id"])).bell_at
    assert bell is not None


async def test_the_loop_asks_once_and_after_thirty_days_of_silence_stays_reported(
    story: Story, database: Database, settings: Settings
) -> None:
    referral = await story.sent()
    await story.moves(
        story.legal, referral, "OPEN", "ACCEPT", "START", ("COMPLETE", {"outcome": "SERVED_FULLY"})
    )
    ended = (await row_of(database, referral["id"])).ended_at
    assert ended is not None
    await rung(database, settings, ended + timedelta(days=7, minutes=1))
    asked = await tasks_of(story, story.clinic)
    await rung(database, settings, ended + timedelta(days=30, minutes=1))
    await put(database, referral["id"], ended_at=ended - timedelta(days=31))

    settle = "mutation($input: SettleLoopInput!) { settleLoop(input: $input) { __typename } }"
    version = await story.version(referral["id"])
    too_late = await story.referrals.data(
        story.clinic,
        settle,
        input={"idempotencyKey": "x", "id": referral["id"], "expectedVersion": version, "confirmed": False},
    )

    assert ("CONFIRM_OUTCOME", referral["id"]) in asked
    assert (await heard(database, story.clinic, referral["id"]))[-2:] == ["confirm_outcome", "loop_silent"]
    assert too_late["settleLoop"]["__typename"] == "MoveNotAllowed"
    assert (await row_of(database, referral["id"])).loop == "REPORTED"
