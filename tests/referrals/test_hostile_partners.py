"""What a partner that means harm, or is only clumsy, tries: each was possible once in a reading of this code."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.referrals.story import RECORD_CLIENT, Story
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id


def with_scopes(caller: Caller, *scopes: Scope) -> Caller:
    return replace(caller, scopes=frozenset(scope.value for scope in scopes))


async def test_declaring_a_conflict_does_not_hand_over_the_story_r14(story: Story) -> None:
    referral = await story.sent(legal=True)

    await story.moves(story.legal, referral, ("DECLINE", {"reason": "CONFLICT"}))
    seen = (await story.seen(story.legal, referral["id"]))["data"]["referral"]

    assert (seen["narrative"], seen["needs"]) == (None, None)
    assert (seen["client"]["displayName"], seen["client"]["contacts"], seen["client"]["language"]) == (
        None,
        None,
        None,
    )


async def test_a_clearance_opens_its_own_referral_and_no_other_of_the_client_r14(story: Story) -> None:
    first = await story.sent(legal=True)
    await story.moves(story.legal, first, "START_CONFLICT_CHECK", "CLEAR_CONFLICT")
    offer = story.offer(legal=True, service=new_id())
    second = (await story.send(first["client"], first["consent"], offer, narrative="Another matter."))[
        "referral"
    ]

    assert (await story.seen(story.legal, first["id"]))["data"]["referral"]["narrative"]
    assert (await story.seen(story.legal, second["id"]))["data"]["referral"]["narrative"] is None


async def test_the_database_too_keeps_the_story_back_before_the_clearance_r14(
    story: Story, database: Database
) -> None:
    referral = await story.sent(legal=True)
    keys = text(
        "SELECT key_group FROM data_keys WHERE client_id = (SELECT client_id FROM referrals WHERE id = :id)"
    )

    async def reachable() -> set[str]:
        async with database.transaction(story.legal) as session:
            return set(await session.scalars(keys, {"id": referral["id"]}))

    # What the check is made with: the name, and what names are compared by, which opens nothing.
    checking = {"IDENTITY", "CONFLICT_MATCH"}
    assert await reachable() == checking
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK", "CLEAR_CONFLICT")
    assert await reachable() == {*checking, "CONTACT", "NARRATIVE"}


async def test_a_recipient_stops_seeing_the_client_thirty_days_after_the_end_r6(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", ("DECLINE", {"reason": "OUT_OF_AREA"}))
    before = (await story.seen(story.legal, referral["id"]))["data"]["referral"]
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text("UPDATE referrals SET ended_at = ended_at - interval '31 days' WHERE id = :id"),
            {"id": referral["id"]},
        )

    after = await story.seen(story.legal, referral["id"])

    assert before["client"]["displayName"] == "Marisol Q."
    assert after["data"]["referral"]["client"]["displayName"] is None
    assert {r["reason"] for r in after["extensions"]["redactions"]} == {"REFERRAL_CLOSED"}


ROADS = {
    "referral": ("query($id: ID!) { referral(id: $id) { client { displayName } } }", "id"),
    "client": ("query($h: ID!) { client(handle: $h) { displayName } }", "h"),
    "organisation, to you": (
        "query($org: [_Any!]!) { _entities(representations: $org) { ... on Organization {"
        " referralsToYou { nodes { client { displayName } } } } } }",
        "org",
    ),
    "organisation, from you": (
        "query($org: [_Any!]!) { _entities(representations: $org) { ... on Organization {"
        " referralsFromYou { nodes { client { displayName } } } } } }",
        "org",
    ),
    "service": (
        "query($service: [_Any!]!) { _entities(representations: $service) { ... on Service {"
        " referrals { nodes { narrative } } } } }",
        "service",
    ),
    "entity of a referral": (
        "query($referral: [_Any!]!) { _entities(representations: $referral) { ... on Referral { status } } }",
        "referral",
    ),
    "entity of a client": (
        "query($client: [_Any!]!) { _entities(representations: $client) { ... on Client { displayName } } }",
        "client",
    ),
}


@pytest.mark.parametrize("road", ROADS)
async def test_no_road_leads_to_a_client_without_the_scope_for_it(story: Story, road: str) -> None:
    referral = await story.sent()
    document, variable = ROADS[road]
    handle = (await story.seen(story.legal, referral["id"]))["data"]["referral"]["client"]["handle"]
    values: dict[str, Any] = {
        "id": referral["id"],
        "h": handle,
        "org": [{"__typename": "Organization", "id": str(story.clinic.organization)}],
        "service": [{"__typename": "Service", "id": str(story.service)}],
        "referral": [{"__typename": "Referral", "id": referral["id"]}],
        "client": [{"__typename": "Client", "handle": handle}],
    }
    if road == "organisation, from you":
        values["org"] = [{"__typename": "Organization", "id": str(story.legal.organization)}]
    reader = story.clinic if road == "organisation, from you" else story.legal
    narrow = with_scopes(reader, Scope.DIRECTORY_READ, Scope.CAPACITY_WRITE, Scope.GRANT_APPLY)

    answer = await story.referrals.answer(narrow, document, **{variable: values[variable]})

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "Marisol" not in str(answer)


async def test_who_may_only_work_referrals_sees_their_states_and_no_client_data(story: Story) -> None:
    referral = await story.sent()
    worker = with_scopes(story.legal, Scope.REFERRAL_RECEIVE)

    states = await story.referrals.data(worker, "{ inbox { nodes { id state } } }")
    names = await story.referrals.answer(worker, "{ inbox { nodes { client { displayName } } } }")

    assert states["inbox"]["nodes"] == [{"id": referral["id"], "state": "SENT"}]
    assert "Marisol" not in str(names)


FORBIDDEN_WRITES = {
    "extend a consent": "UPDATE consents SET expires_at = now() + interval '50 years'",
    "widen a consent": "UPDATE consents SET data_classes = data_classes || '{HEALTH}'::text[]",
    "bring in another recipient": "UPDATE consents SET recipients = recipients || gen_random_uuid()",
    "take a client over": "UPDATE consents SET organization_id = vereda_organization()",
    "make itself the sender": "UPDATE referrals SET sender_id = vereda_organization()",
    "point at another client": "UPDATE referrals SET client_id = gen_random_uuid()",
    "confirm its own report": "UPDATE referrals SET state = 'COMPLETED', \"loop\" = 'CONFIRMED'",
    "cancel for the sender": "UPDATE referrals SET state = 'CANCELLED'",
    "cancel for a reason of its own": "UPDATE referrals SET state = 'CANCELLED', reason = 'NO_CAPACITY'",
    "rewrite the need": "UPDATE referrals SET needs = '{}'",
    "speak for the sender": (
        "INSERT INTO referral_events (referral_id, sequence, move, from_state, to_state, party, actor_organization_id,"
        " actor, occurred_at) SELECT id, 99, 'CANCEL', 'SENT', 'CANCELLED', 'SENDER', vereda_organization(), 'x', now()"
        " FROM referrals"
    ),
    "forge attempts of last week": (
        "INSERT INTO contact_attempts (id, organization_id, referral_id, channel, result, attempted_at)"
        " SELECT gen_random_uuid(), vereda_organization(), id, 'SMS', 'NO_ANSWER', now() - interval '9 days'"
        " FROM referrals"
    ),
    "invent a disclosure": (
        "INSERT INTO disclosures (id, organization_id, client_id, recipient_id, consent_id, purpose, data_classes,"
        " disclosed_at) SELECT gen_random_uuid(), vereda_organization(), client_id, vereda_organization(), consent_id,"
        " 'X', '{}', now() FROM referrals"
    ),
    "send another's client on": (
        "INSERT INTO referrals (id, client_id, consent_id, sender_id, recipient_id, service_id, domain, category, legal,"
        ' survivor, needs, urgency, state, "loop", version) SELECT gen_random_uuid(), client_id, consent_id,'
        " vereda_organization(), vereda_organization(), service_id, '', '', false, false, '{}', 'ROUTINE', 'DRAFT',"
        " 'OPEN', 1 FROM referrals"
    ),
}


@pytest.mark.parametrize("attempt", FORBIDDEN_WRITES)
async def test_the_database_alone_refuses_a_recipient_what_is_not_theirs_to_write(
    story: Story, database: Database, attempt: str
) -> None:
    await story.sent()

    with pytest.raises(DBAPIError, match=r"may not be changed|other side|row-level security"):
        async with database.transaction(story.legal) as session:
            done = await session.execute(text(FORBIDDEN_WRITES[attempt]))
            assert done.rowcount  # type: ignore[attr-defined]


async def test_a_recipient_cannot_destroy_a_clients_keys(story: Story, database: Database) -> None:
    await story.sent()

    async with database.transaction(story.legal) as session:
        destroyed = await session.execute(text("UPDATE data_keys SET wrapped = NULL"))

    assert destroyed.rowcount == 0  # type: ignore[attr-defined]


async def test_a_revocation_is_for_good(story: Story, database: Database) -> None:
    referral = await story.sent()
    await story.revoke(story.clinic, referral["consent"])

    with pytest.raises(DBAPIError, match="revocation may not be changed"):
        async with database.transaction(story.legal) as session:
            await session.execute(text("UPDATE consents SET revoked_at = NULL"))


async def test_a_referral_that_races_with_a_revocation_is_not_left_open_r9(
    story: Story, database: Database
) -> None:
    for _ in range(8):
        client = await story.client()
        consent = await story.consent(client)
        await asyncio.gather(
            story.send(client, consent, story.offer()),
            story.revoke(story.clinic, consent),
            return_exceptions=True,
        )

    async with database.transaction(system_caller(new_id())) as session:
        left = await session.scalars(
            text(
                "SELECT state FROM referrals r JOIN consents c ON c.id = r.consent_id"
                " WHERE c.revoked_at IS NOT NULL AND c.organization_id = :org"
            ),
            {"org": story.clinic.organization},
        )
        assert set(left) <= {"REVOKED"}


async def test_through_whom_a_client_revoked_is_told_to_nobody(story: Story) -> None:
    client = await story.client()
    consent = await story.consent(client, recipients=(story.legal, story.school))
    referral = (await story.send(client, consent, story.offer()))["referral"]

    await story.revoke(story.school, consent)
    data = await story.referrals.data(
        story.legal,
        "query($id: ID!) { referral(id: $id) { timeline { move actor { id } } } }",
        id=referral["id"],
    )

    last = data["referral"]["timeline"][-1]
    assert last == {"move": "REVOKE", "actor": None}
    assert str(story.school.organization) not in str(await story.seen(story.legal, referral["id"]))


async def test_filtering_by_state_does_not_tell_what_the_state_field_keeps_back_r7(story: Story) -> None:
    referral = await story.sent(purposes=("REFERRAL_DELIVERY",))
    await story.moves(story.legal, referral, "OPEN", ("WAITLIST", {"fillerId": "PF-1"}))
    document = "query($s: [ReferralState!]) { outbox(filter: {states: $s}) { nodes { id } } }"

    found = await story.referrals.data(story.clinic, document, s=["WAITLISTED"])
    seen = await story.referrals.data(
        story.clinic, "query($id: ID!) { referral(id: $id) { fillerId } }", id=referral["id"]
    )

    assert found["outbox"]["nodes"] == []
    assert seen["referral"]["fillerId"] is None


async def test_a_refusal_changes_nothing_not_even_a_version(story: Story) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN")
    version = await story.version(referral["id"])

    refused = await story.move(story.legal, referral, "ACCEPT", offer=story.offer(0))

    assert refused["__typename"] == "ServiceFull"
    assert await story.version(referral["id"]) == version


async def test_an_old_report_of_more_room_does_not_overrule_a_newer_one(story: Story) -> None:
    old = story.offer(5, reported_at=datetime.now(UTC) - timedelta(hours=1))
    newer = story.offer(1)
    sent = []
    for offer in (old, newer, old):
        client = await story.client()
        sent.append((await story.send(client, await story.consent(client), offer))["referral"])
    for one in sent:
        await story.moves(story.legal, one, "OPEN")

    answers = [await story.move(story.legal, one, "ACCEPT", offer=old) for one in sent]

    assert [answer["__typename"] for answer in answers] == ["ReferralMoved", "ServiceFull", "ServiceFull"]


async def test_a_place_whose_referral_came_to_nothing_is_free_again(story: Story) -> None:
    offer = story.offer(1)
    first, second = [
        (await story.send(client, await story.consent(client), offer))["referral"]
        for client in [await story.client(), await story.client()]
    ]
    await story.moves(story.legal, first, "OPEN", "ACCEPT", ("DECLINE", {"reason": "CLIENT_DECLINED"}))

    assert (await story.moves(story.legal, second, "OPEN", "ACCEPT"))["state"] == "ACCEPTED"


async def test_a_request_sent_again_after_its_offer_is_over_gets_its_first_answer(story: Story) -> None:
    client = await story.client()
    consent, offer = await story.consent(client), story.offer()
    first = await story.send(client, consent, offer, key="again")

    again = await story.send(client, consent, offer[:-4] + "AAAA", key="again")

    assert again == first


@pytest.mark.parametrize(
    ("move", "more", "field"),
    [
        ("OPEN", {"reason": "CONFLICT"}, "reason"),
        ("DECLINE", {"reason": "OUT_OF_AREA", "outcome": "SERVED_FULLY"}, "outcome"),
        ("DECLINE", {}, "reason"),
        ("OPEN", {"fillerId": "x" * 121}, "fillerId"),
    ],
)
async def test_a_move_takes_what_its_row_of_the_table_takes_and_nothing_else(
    story: Story, move: str, more: dict[str, str], field: str
) -> None:
    answer = await story.move(story.legal, await story.sent(), move, **more)

    assert answer["problems"] == [{"field": field}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("needs", ["undocumented"]),
        ("placerId", "A123456789"),
        ("needs", ["x" * 200]),
        ("needs", ["two words"]),
    ],
)
async def test_no_field_of_a_referral_takes_what_tells_of_a_status_r2(
    story: Story, field: str, value: Any
) -> None:
    client = await story.client()

    refused = await story.send(client, await story.consent(client), story.offer(), **{field: value})

    assert refused["__typename"] in ("SensitiveText", "InvalidInput")


@pytest.mark.parametrize(
    "given",
    [
        {"contactMode": "SAFE_HOURS", "safeHours": "   "},
        {"safeHours": "x" * 500},
        {"contacts": [{"system": "PHONE", "value": "5"}] * 6},
        {"contacts": [{"system": "PHONE", "value": "5" * 500}]},
    ],
)
async def test_a_clients_record_stays_small_r3(story: Story, given: dict[str, Any]) -> None:
    asked = {"idempotencyKey": "k", "displayName": "Ana", "language": "spa", "zip3": "937", **given}

    answer = await story.referrals.data(story.clinic, RECORD_CLIENT, input=asked)

    assert answer["recordClient"]["__typename"] == "InvalidInput"


async def test_what_was_recorded_cannot_be_found_by_trying_from_the_idempotency_records_r22(
    story: Story, database: Database
) -> None:
    given = {
        "idempotencyKey": "a-key-that-is-nowhere",
        "displayName": "Ana",
        "language": "spa",
        "zip3": "937",
    }
    await story.referrals.data(story.clinic, RECORD_CLIENT, input=given)

    async with database.transaction(story.clinic) as session:
        rows = list(await session.scalars(text("SELECT r::text FROM idempotency_records r")))

    assert rows
    assert not any("a-key-that-is-nowhere" in row for row in rows)


async def test_a_moment_without_its_offset_and_a_strange_cursor_are_told_so(story: Story) -> None:
    naive = await story.referrals.answer(
        story.clinic, '{ outbox(filter: {sentSince: "2026-12-20T00:00:00"}) { nodes { id } } }'
    )
    cursor = await story.referrals.answer(story.clinic, '{ outbox(after: "WzFd") { nodes { id } } }')

    assert naive["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert cursor["errors"][0]["extensions"]["code"] == "BAD_CURSOR"
