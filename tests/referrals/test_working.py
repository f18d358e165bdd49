"""Whose work a referral is, many moves at once, and clients handed over in person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.referrals.app import ROUNDS
from services.referrals.models import Assignment, HandOff, OutboxEvent
from tests.referrals.story import Story
from tests.support.subgraph import caller_of
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database, count_statements
from vereda.ids import new_id
from vereda.rounds import make

ASSIGN = """mutation($input: AssignReferralInput!) { assignReferral(input: $input) { __typename
  ... on ReferralAssigned { referral { assignee } } } }"""
MOVE_MANY = """mutation($input: MoveReferralsInput!) { moveReferrals(input: $input) { __typename
  ... on MovesMade { moved results { __typename ... on ReferralMoved { referral { id state } }
    ... on MoveNotAllowed { state allowedMoves } ... on MoveFailed { code } ... on VersionConflict { currentVersion } } }
  ... on InvalidInput { problems { field } } } }"""
MINE = """query($who: ID) { inbox(filter: {assignee: $who}) { nodes { id assignee } }
  outbox(filter: {assignee: $who}) { nodes { id assignee } } }"""
FIELDS = (
    """id channel arrangedFor senderWorker recipientWorker yourWorker arrangedBy { id } steps { fact at }"""
)
ARRANGE = f"""mutation($input: ArrangeHandOffInput!) {{ arrangeHandOff(input: $input) {{ __typename
  ... on HandOffArranged {{ handOff {{ {FIELDS} }} }} ... on NotAllowed {{ message }}
  ... on SensitiveText {{ field }} ... on InvalidInput {{ problems {{ field }} }} }} }}"""
JOIN = f"""mutation($input: JoinHandOffInput!) {{ joinHandOff(input: $input) {{ __typename
  ... on HandOffJoined {{ handOff {{ {FIELDS} }} }} ... on NotAllowed {{ message }} }} }}"""
REPORT = f"""mutation($input: ReportHandOffInput!) {{ reportHandOff(input: $input) {{ __typename
  ... on HandOffReported {{ handOff {{ {FIELDS} }} }} ... on NotAllowed {{ message }} }} }}"""
SEEN = f"query($id: ID!) {{ referral(id: $id) {{ handOffs {{ {FIELDS} }} }} }}"


async def assign(story: Story, by: Caller, referral: dict[str, Any], who: str | None, **more: Any) -> Any:
    given = {"idempotencyKey": str(new_id()), "referral": referral["id"], "assignee": who, **more}
    return (await story.referrals.data(by, ASSIGN, input=given))["assignReferral"]


async def mine(story: Story, by: Caller, who: str) -> list[str]:
    data = await story.referrals.data(by, MINE, who=who)
    return [node["id"] for box in ("inbox", "outbox") for node in data[box]["nodes"]]


async def test_a_referral_is_given_to_a_worker_taken_over_and_given_back(story: Story) -> None:
    one, other, referral = str(uuid4()), str(uuid4()), await story.sent()

    await assign(story, story.legal, referral, one)
    first = await mine(story, story.legal, one)
    await assign(story, story.legal, referral, other)
    second = await mine(story, story.legal, one), await mine(story, story.legal, other)
    done = await assign(story, story.legal, referral, None)

    assert first == [referral["id"]]
    assert second == ([], [referral["id"]])
    assert done["referral"]["assignee"] is None
    assert await mine(story, story.legal, other) == []


async def test_the_other_side_does_not_learn_whose_work_it_is(story: Story, database: Database) -> None:
    who, referral = str(uuid4()), await story.sent()
    await assign(story, story.legal, referral, who)

    assert await mine(story, story.clinic, who) == []
    seen = await story.referrals.data(
        story.clinic, "query($id: ID!) { referral(id: $id) { assignee } }", id=referral["id"]
    )
    assert seen["referral"]["assignee"] is None
    async with database.transaction(story.clinic) as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 0
        told = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.type.endswith("assigned"))
        assert await session.scalar(told) == 0


async def test_each_side_has_its_own_assignee(story: Story) -> None:
    ours, theirs, referral = str(uuid4()), str(uuid4()), await story.sent()

    await assign(story, story.clinic, referral, ours)
    await assign(story, story.legal, referral, theirs)

    assert await mine(story, story.clinic, ours) == await mine(story, story.legal, theirs) == [referral["id"]]


async def test_nobody_assigns_what_they_do_not_know_of_r16(story: Story) -> None:
    referral = await story.sent()

    assert await assign(story, story.school, referral, str(uuid4())) == {"__typename": "NotFound"}


async def move_many(story: Story, by: Caller, *moves: dict[str, Any]) -> dict[str, Any]:
    given = [{"idempotencyKey": str(new_id()), **one} for one in moves]
    return dict((await story.referrals.data(by, MOVE_MANY, input={"moves": given}))["moveReferrals"])


def a_move(referral: dict[str, Any], move: str, **more: Any) -> dict[str, Any]:
    return {"id": referral["id"], "expectedVersion": referral["version"], "move": move, **more}


async def test_many_moves_are_answered_one_by_one_in_order_and_none_hides_another(story: Story) -> None:
    one, two, three = [await story.sent() for _ in range(3)]
    key = str(new_id())
    await story.move(story.legal, three, "OPEN", idempotencyKey=key)

    done = await move_many(
        story,
        story.legal,
        a_move(one, "OPEN"),
        a_move(two, "ACCEPT"),
        a_move({**two, "version": 99}, "OPEN"),
        a_move({**two, "id": str(new_id())}, "OPEN"),
        a_move({**two, "id": "no id"}, "OPEN"),
        a_move(three, "DECLINE", reason="OUT_OF_AREA", idempotencyKey=key),
        a_move(two, "OPEN"),
    )

    assert done["moved"] == 2
    assert [result["__typename"] for result in done["results"]] == [
        "ReferralMoved",
        "MoveNotAllowed",
        "VersionConflict",
        "NotFound",
        "MoveFailed",
        "MoveFailed",
        "ReferralMoved",
    ]
    assert [done["results"][at]["code"] for at in (4, 5)] == ["BAD_USER_INPUT", "IDEMPOTENCY_KEY_REUSED"]
    assert [done["results"][at]["referral"]["id"] for at in (0, 6)] == [one["id"], two["id"]]


async def test_many_moves_sent_again_with_their_keys_are_made_once(story: Story) -> None:
    moves = [{**a_move(await story.sent(), "OPEN"), "idempotencyKey": f"{new_id()}"} for _ in range(3)]

    first = await move_many(story, story.legal, *moves)
    again = await move_many(story, story.legal, *moves)

    assert first == again
    assert first["moved"] == 3


async def test_a_move_that_the_caller_has_no_scope_for_fails_alone(story: Story) -> None:
    """A system that only receives: of what it sent it moves nothing."""
    received = await story.sent()
    client = await story.client()
    consent = await story.consent(client, recipients=(story.school,))
    other = (await story.send(client, consent, story.offer(to=story.school, service=new_id())))["referral"]
    sender = caller_of(story.clinic.organization, Scope.REFERRAL_RECEIVE)

    done = await move_many(
        story, sender, *(a_move(one, "CANCEL", reason="OTHER") for one in (received, other))
    )

    assert [result.get("code") for result in done["results"]] == ["FORBIDDEN", "FORBIDDEN"]
    assert done["moved"] == 0


async def test_an_unforeseen_failure_of_one_is_told_without_its_words_r34(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.referrals.operations import moves

    one, two = await story.sent(), await story.sent()
    real = moves.move_referral

    async def breaks(context: Any, given: Any, key: str) -> Any:
        if str(given.referral) == one["id"]:
            raise RuntimeError("canary 77")
        return await real(context, given, key)

    monkeypatch.setattr(moves, "move_referral", breaks)
    done = await move_many(story, story.legal, a_move(one, "OPEN"), a_move(two, "OPEN"))

    assert [result.get("code") for result in done["results"]] == ["INTERNAL", None]
    assert done["moved"] == 1
    assert "canary" not in str(done)


@pytest.mark.parametrize("number", [0, 51])
async def test_so_many_are_moved_at_once_and_no_more(story: Story, number: int) -> None:
    refused = await move_many(story, story.legal, *([a_move(await story.sent(), "OPEN")] * number))

    assert refused["problems"] == [{"field": "moves"}]


async def arrange(
    story: Story, by: Caller, referral: dict[str, Any], name: str = "Rosa M.", **more: Any
) -> Any:
    given = {
        "idempotencyKey": str(new_id()),
        "referral": referral["id"],
        "worker": {"person": str(uuid4()), "displayName": name},
        "arrangedFor": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        "channel": "PHONE",
        **more,
    }
    return (await story.referrals.data(by, ARRANGE, input=given))["arrangeHandOff"]


async def join(story: Story, by: Caller, id_: str, name: str = "Tom B.") -> Any:
    worker = {"person": str(uuid4()), "displayName": name}
    given = {"idempotencyKey": str(new_id()), "handOff": id_, "worker": worker}
    return (await story.referrals.data(by, JOIN, input=given))["joinHandOff"]


async def report(story: Story, by: Caller, id_: str, *, done: bool) -> Any:
    given = {"idempotencyKey": str(new_id()), "handOff": id_, "done": done}
    return (await story.referrals.data(by, REPORT, input=given))["reportHandOff"]


async def hand_offs(story: Story, by: Caller, referral: dict[str, Any]) -> Any:
    return (await story.referrals.data(by, SEEN, id=referral["id"]))["referral"]["handOffs"]


async def test_both_sides_name_their_worker_and_it_comes_about(story: Story) -> None:
    referral = await story.sent()
    arranged = (await arrange(story, story.clinic, referral))["handOff"]
    joined = (await join(story, story.legal, arranged["id"]))["handOff"]
    await report(story, story.legal, arranged["id"], done=True)

    [seen] = await hand_offs(story, story.clinic, referral)
    [theirs] = await hand_offs(story, story.legal, referral)

    assert (seen["senderWorker"], seen["recipientWorker"], seen["channel"]) == ("Rosa M.", "Tom B.", "PHONE")
    assert [step["fact"] for step in seen["steps"]] == ["ARRANGED", "JOINED", "DONE"]
    assert seen["steps"] == sorted(seen["steps"], key=lambda step: step["at"])
    # Who that is inside of an organisation, only it knows.
    assert seen["yourWorker"] == arranged["yourWorker"]
    assert theirs["yourWorker"] == joined["yourWorker"] != seen["yourWorker"]
    assert {**seen, "yourWorker": None} == {**theirs, "yourWorker": None}


async def test_it_may_not_come_about_and_be_arranged_anew(story: Story) -> None:
    referral = await story.sent()
    first = (await arrange(story, story.legal, referral))["handOff"]["id"]

    early = await arrange(story, story.clinic, referral)
    alone = await report(story, story.legal, first, done=True)
    missed = await report(story, story.clinic, first, done=False)
    again = await arrange(story, story.clinic, referral)

    assert [one["__typename"] for one in (early, alone, missed, again)] == [
        "NotAllowed",  # one at a time
        "NotAllowed",  # the other side named nobody
        "HandOffReported",
        "HandOffArranged",
    ]
    assert (await report(story, story.legal, first, done=True))["__typename"] == "NotAllowed"


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"name": "A123456789"}, "SensitiveText", "worker.displayName"),
        ({"name": " "}, "InvalidInput", "worker.displayName"),
        ({"name": "x" * 81}, "InvalidInput", "worker.displayName"),
        ({"arrangedFor": "2020-01-01T09:00:00Z"}, "InvalidInput", "arrangedFor"),
        ({"arrangedFor": "2099-01-01T09:00:00Z"}, "InvalidInput", "arrangedFor"),
    ],
)
async def test_names_are_screened_and_times_lie_ahead_r2(
    story: Story, change: dict[str, str], kind: str, field: str
) -> None:
    refused = await arrange(story, story.clinic, await story.sent(), **change)

    assert refused["__typename"] == kind
    assert field in str(refused)


async def test_nobody_joins_for_the_other_side_even_in_the_database(story: Story, database: Database) -> None:
    referral = await story.sent()
    arranged = (await arrange(story, story.clinic, referral))["handOff"]["id"]

    assert await join(story, story.school, arranged) == {"__typename": "NotFound"}
    for by, column in ((story.legal, "sender"), (story.clinic, "recipient")):
        with pytest.raises(DBAPIError, match="names its own worker"):
            async with database.transaction(by) as session:
                await session.execute(text(f"UPDATE hand_offs SET {column}_worker = gen_random_uuid()"))
    with pytest.raises(DBAPIError, match="may not be changed"):
        async with database.transaction(story.clinic) as session:
            await session.execute(text("UPDATE hand_offs SET arranged_for = now()"))


async def test_without_status_back_the_recipient_arranges_nothing_r7(story: Story) -> None:
    referral = await story.sent(purposes=("REFERRAL_DELIVERY",))
    arranged = (await arrange(story, story.clinic, referral))["handOff"]["id"]

    for refused in (
        await arrange(story, story.legal, referral),
        await join(story, story.legal, arranged),
        await report(story, story.legal, arranged, done=False),
    ):
        assert refused["__typename"] == "NotAllowed"


async def test_before_the_conflict_check_nothing_is_arranged_with_a_legal_recipient_r14(story: Story) -> None:
    referral = await story.sent(legal=True)
    await arrange(story, story.clinic, referral)

    assert await hand_offs(story, story.legal, referral) is None
    assert (await arrange(story, story.legal, referral))["__typename"] == "NotAllowed"


async def test_with_the_consent_the_names_go_r9_r22(story: Story, database: Database) -> None:
    referral = await story.sent()
    arranged = (await arrange(story, story.clinic, referral, "Canary Rosa"))["handOff"]["id"]
    await join(story, story.legal, arranged)
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(HandOff, arranged)
        stored = str(list(await session.scalars(text("SELECT t::text FROM hand_offs t"))))
    await story.revoke(story.clinic, referral["consent"])

    assert row.sender_name_sealed
    assert "Canary" not in stored
    assert b"Canary".hex() not in stored
    assert await hand_offs(story, story.clinic, referral) is None
    assert await hand_offs(story, story.legal, referral) is None
    assert (await join(story, story.legal, arranged))["__typename"] == "NotAllowed"
    [round_] = [one for one in ROUNDS if one.name == "let hand-offs go"]
    await make(round_, database, story.referrals.settings)
    async with database.transaction(system_caller(new_id())) as session:
        assert await session.get(HandOff, arranged) is None


async def test_another_consent_does_not_reopen_a_revoked_referral_r9(story: Story) -> None:
    referral = await story.sent()
    await arrange(story, story.clinic, referral)
    await story.revoke(story.clinic, referral["consent"])
    await story.consent(referral["client"])

    assert (await arrange(story, story.clinic, referral))["__typename"] == "NotAllowed"


async def test_the_number_of_sql_statements_does_not_grow_with_the_page(
    story: Story, database: Database
) -> None:
    for _ in range(4):
        referral = await story.sent()
        await assign(story, story.legal, referral, str(uuid4()))
        await arrange(story, story.clinic, referral)
    document = f"query($n: Int!) {{ inbox(first: $n) {{ nodes {{ assignee handOffs {{ {FIELDS} }} }} }} }}"
    statements = count_statements(database)

    async def count(first: int) -> int:
        del statements[:]
        await story.referrals.data(story.legal, document, n=first)
        return len(statements)

    assert await count(1) == await count(4)
