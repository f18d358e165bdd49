"""A referral's way from a clinic to a legal provider and back, on real Postgres."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.referrals.domain.lifecycle import Step, fold
from services.referrals.models import Base, Client, Consent, Referral, ReferralEvent
from tests.referrals.story import RECORD_CLIENT, Story
from tests.support.databases import for_want_of_a_right
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.database import Database, count_statements
from vereda.ids import new_id
from vereda.migrations import differences, unprotected_tables


async def test_the_recipient_sees_just_what_was_consented_r12(story: Story) -> None:
    referral = await story.sent(classes=("IDENTITY", "NEED"))

    answer = await story.seen(story.legal, referral["id"])

    seen = answer["data"]["referral"]
    assert seen["narrative"] == "Renewal due in May; works mornings."
    assert seen["client"] == {
        "handle": seen["client"]["handle"],
        "displayName": "Marisol Q.",
        "contacts": None,
        "language": None,
    }
    assert {(tuple(r["path"]), r["reason"]) for r in answer["extensions"]["redactions"]} == {
        (("referral", "client", "contacts"), "NO_CONSENT"),
        (("referral", "client", "language"), "NO_CONSENT"),
    }


async def test_each_organisation_knows_the_client_by_a_handle_of_its_own_r19(story: Story) -> None:
    referral = await story.sent()
    theirs = (await story.seen(story.legal, referral["id"]))["data"]["referral"]["client"]["handle"]
    document = "query($h: ID!) { client(handle: $h) { displayName } }"

    assert theirs != referral["client"]
    assert (await story.referrals.data(story.legal, document, h=theirs))["client"] == {
        "displayName": "Marisol Q."
    }
    assert (await story.referrals.data(story.legal, document, h=referral["client"]))["client"] is None
    assert (await story.referrals.data(story.clinic, document, h=theirs))["client"] is None


async def test_who_is_not_part_of_it_cannot_tell_it_from_nothing_r16(story: Story) -> None:
    referral = await story.sent()

    for stranger in (story.school, caller_of()):
        assert await story.seen(stranger, referral["id"]) == await story.seen(stranger, str(new_id()))
        data = await story.referrals.data(stranger, "{ inbox { nodes { id } } outbox { nodes { id } } }")
        assert data == {"inbox": {"nodes": []}, "outbox": {"nodes": []}}


async def test_it_is_accepted_worked_completed_and_confirmed(story: Story) -> None:
    referral = await story.sent()
    worked = await story.moves(
        story.legal, referral, "OPEN", "ACCEPT", "START", ("COMPLETE", {"outcome": "SERVED_FULLY"})
    )
    settle = """mutation($input: SettleLoopInput!) { settleLoop(input: $input) { __typename
      ... on ReferralMoved { referral { loop } } } }"""

    seen = (await story.seen(story.clinic, referral["id"]))["data"]["referral"]
    settled = await story.referrals.data(
        story.clinic,
        settle,
        input={
            "idempotencyKey": "s",
            "id": referral["id"],
            "expectedVersion": await story.version(referral["id"]),
            "confirmed": True,
        },
    )

    assert (worked["state"], worked["loop"]) == ("COMPLETED", "REPORTED")
    assert (seen["status"], seen["state"], seen["outcome"]) == ("CLOSED", "COMPLETED", "SERVED_FULLY")
    assert [event["move"] for event in seen["timeline"]] == [
        None,
        "SEND",
        "OPEN",
        "ACCEPT",
        "START",
        "COMPLETE",
    ]
    assert settled["settleLoop"]["referral"]["loop"] == "CONFIRMED"


async def test_without_consent_to_status_back_the_sender_sees_open_or_closed_alone_r7(story: Story) -> None:
    referral = await story.sent(purposes=("REFERRAL_DELIVERY",))
    await story.moves(story.legal, referral, "OPEN", ("DECLINE", {"reason": "OUT_OF_AREA"}))

    seen = (await story.seen(story.clinic, referral["id"]))["data"]["referral"]

    assert seen["status"] == "CLOSED"
    assert [seen[name] for name in ("state", "reason", "outcome", "allowedMoves")] == [None, None, None, []]
    assert [event["move"] for event in seen["timeline"]] == [None, "SEND"]


async def test_a_legal_recipient_sees_the_name_alone_until_the_conflict_check_is_cleared_r14(
    story: Story,
) -> None:
    referral = await story.sent(legal=True)
    before = await story.seen(story.legal, referral["id"])
    early = await story.move(story.legal, referral, "OPEN")

    await story.moves(story.legal, referral, "START_CONFLICT_CHECK", "CLEAR_CONFLICT")
    after = (await story.seen(story.legal, referral["id"]))["data"]["referral"]

    seen = before["data"]["referral"]
    assert (seen["client"]["displayName"], seen["narrative"], seen["needs"]) == ("Marisol Q.", None, None)
    assert {r["reason"] for r in before["extensions"]["redactions"]} == {"CONFLICT_CHECK_PENDING"}
    assert (early["__typename"], early["allowedMoves"]) == (
        "MoveNotAllowed",
        ["START_CONFLICT_CHECK", "DECLINE", "CLIENT_CANCELS"],
    )
    assert after["narrative"] == "Renewal due in May; works mornings."


async def test_a_conflict_shows_to_the_sender_as_unavailable(story: Story) -> None:
    referral = await story.sent(legal=True)
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK", ("DECLINE", {"reason": "CONFLICT"}))

    assert (await story.seen(story.clinic, referral["id"]))["data"]["referral"]["reason"] == "UNAVAILABLE"
    assert (await story.seen(story.legal, referral["id"]))["data"]["referral"]["reason"] == "CONFLICT"


async def test_revocation_closes_the_next_request_and_destroys_the_narrative_r9_r22(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")

    revoked = await story.revoke(story.legal, referral["consent"])  # through any partner that it names
    answer = await story.seen(story.legal, referral["id"])

    seen = answer["data"]["referral"]
    assert revoked["consent"]["active"] is False
    assert seen["state"] == "REVOKED"
    assert (seen["narrative"], seen["client"]["displayName"]) == (None, None)
    assert {r["reason"] for r in answer["extensions"]["redactions"]} == {"CONSENT_REVOKED"}
    own = (await story.seen(story.clinic, referral["id"]))["data"]["referral"]
    assert (own["client"]["displayName"], own["narrative"]) == ("Marisol Q.", None)
    async with database.transaction(system_caller(new_id())) as session:
        left = await session.scalar(
            text("SELECT count(*) FROM data_keys WHERE referral_id = :id AND wrapped IS NOT NULL"),
            {"id": referral["id"]},
        )
    assert left == 0


async def test_the_database_alone_withholds_the_keys_once_consent_ends_r9(
    story: Story, database: Database
) -> None:
    referral = await story.sent(classes=("IDENTITY", "NEED"))
    keys = text(
        "SELECT key_group FROM data_keys WHERE client_id = (SELECT client_id FROM referrals WHERE id = :id)"
    )

    async def reachable() -> set[str]:
        async with database.transaction(story.legal) as session:
            return set(await session.scalars(keys, {"id": referral["id"]}))

    assert await reachable() == {"IDENTITY", "NARRATIVE"}
    await story.revoke(story.clinic, referral["consent"])
    assert await reachable() == set()


@pytest.mark.parametrize(
    "consent",
    [{"classes": ("IDENTITY",)}, {"purposes": ("STATUS_BACK",)}, {"recipients": (caller_of(),)}],
    ids=["not this data", "not this purpose", "not this organisation"],
)
async def test_nothing_is_sent_without_a_consent_that_covers_it_r6(
    story: Story, consent: dict[str, Any]
) -> None:
    client = await story.client()

    refused = await story.send(client, await story.consent(client, **consent), story.offer())

    assert refused["__typename"] == "ConsentMissing"


async def test_another_clients_consent_does_not_serve(story: Story) -> None:
    one, other = await story.client("One"), await story.client("Other")

    assert (await story.send(one, await story.consent(other), story.offer()))["__typename"] == "NotFound"


async def test_a_forged_or_stale_offer_is_refused(story: Story) -> None:
    client = await story.client()
    consent = await story.consent(client)
    genuine = story.offer()

    assert (await story.send(client, consent, genuine[:-4] + "AAAA"))["__typename"] == "OfferRefused"
    assert (await story.send(client, consent, story.offer(active=False)))["__typename"] == "InvalidInput"
    assert (await story.send(client, consent, story.offer(0)))["__typename"] == "ServiceFull"
    assert (await story.send(client, consent, story.offer(0), despiteNoCapacity=True))[
        "__typename"
    ] == "ReferralSent"


async def test_one_place_is_given_to_one_of_many_that_accept_at_once(story: Story) -> None:
    offer = story.offer(2)
    sent = []
    for _ in range(5):
        client = await story.client()
        sent.append((await story.send(client, await story.consent(client), offer))["referral"])
    for referral in sent:
        await story.moves(story.legal, referral, "OPEN")

    answers = await asyncio.gather(*(story.move(story.legal, one, "ACCEPT") for one in sent))

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["ReferralMoved"] * 2 + ["ServiceFull"] * 3


async def test_two_moves_at_once_do_not_both_happen(story: Story) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN")
    version = await story.version(referral["id"])

    answers = await asyncio.gather(
        story.move(story.legal, referral, "ACCEPT", expectedVersion=version),
        story.move(story.legal, referral, "DECLINE", reason="NO_CAPACITY", expectedVersion=version),
    )

    assert sorted(answer["__typename"] for answer in answers) == ["ReferralMoved", "VersionConflict"]


async def test_the_same_key_sends_once(story: Story) -> None:
    client = await story.client()
    consent = await story.consent(client)

    answers = await asyncio.gather(
        *(story.send(client, consent, story.offer(), key="once") for _ in range(4))
    )

    assert len({answer["referral"]["id"] for answer in answers}) == 1


async def test_giving_up_needs_the_proof_of_attempts(story: Story, database: Database) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")
    attempt = """mutation($input: RecordContactAttemptInput!) {
      recordContactAttempt(input: $input) { __typename } }"""
    for number, channel in enumerate(("PHONE", "SMS", "PHONE")):
        await story.referrals.data(
            story.legal,
            attempt,
            input={
                "idempotencyKey": str(number),
                "referral": referral["id"],
                "channel": channel,
                "result": "NO_ANSWER",
            },
        )
    too_soon = await story.move(story.legal, referral, "GIVE_UP")
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(
                "UPDATE contact_attempts SET attempted_at = attempted_at - interval '8 days' WHERE channel = 'SMS'"
            )
        )

    assert too_soon["__typename"] == "MoveNotAllowed"
    assert (await story.moves(story.legal, referral, "GIVE_UP"))["state"] == "UNREACHABLE"


async def test_a_redirect_goes_on_as_a_child_only_where_the_consent_covers_it_r10(story: Story) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "OFFER_REDIRECT")
    elsewhere = story.offer(to=story.school, service=new_id(), domain="education")

    refused = await story.move(story.clinic, referral, "AGREE_REDIRECT", offer=elsewhere)
    wider = await story.consent(referral["client"], recipients=(story.school,))
    done = await story.moves(
        story.clinic, referral, ("AGREE_REDIRECT", {"offer": elsewhere, "consent": wider})
    )
    inbox = await story.referrals.data(story.school, "{ inbox { nodes { state narrative parent { id } } } }")

    assert refused["__typename"] == "ConsentMissing"
    assert done["state"] == "REDIRECTED"
    assert inbox["inbox"]["nodes"] == [
        {"state": "SENT", "narrative": "Renewal due in May; works mornings.", "parent": None}
    ]


@pytest.mark.parametrize(
    ("field", "value"), [("displayName", "Ana A123456789"), ("safeHours", "she is undocumented, mornings")]
)
async def test_what_must_not_be_recorded_is_refused_and_not_stored_r2(
    story: Story, field: str, value: str
) -> None:
    given = {"idempotencyKey": "k", "displayName": "Ana", "language": "spa", "zip3": "937", field: value}

    answer = await story.referrals.data(story.clinic, RECORD_CLIENT, input=given)

    assert (answer["recordClient"]["__typename"], answer["recordClient"]["field"]) == ("SensitiveText", field)
    assert value not in str(answer)


async def test_a_narrative_is_screened_too_r2(story: Story) -> None:
    client = await story.client()

    refused = await story.send(
        client, await story.consent(client), story.offer(), narrative="no papers, A123456789"
    )

    assert refused["__typename"] == "SensitiveText"


async def test_nothing_that_identifies_a_client_is_readable_in_the_tables_r21_r34(
    story: Story, database: Database
) -> None:
    client = await story.client(
        "Canary Xochitl-7731", contacts=[{"system": "PHONE", "value": "559-555-7731"}]
    )
    await story.send(client, await story.consent(client), story.offer(), narrative="canary narrative 7731")

    async with database.transaction(system_caller(new_id())) as session:
        for table in Base.metadata.tables:
            rows = await session.scalars(text(f"SELECT t::text FROM {table} t"))
            content = "\n".join(rows).lower()
            for canary in ("xochitl", "555-7731", "canary narrative"):
                assert canary not in content
                assert canary.encode().hex() not in content


async def test_own_clients_are_found_by_name_without_accents(story: Story) -> None:
    await story.client("Jesús Peña")
    document = "query($n: String!) { clients(filter: {name: $n}) { nodes { displayName } } }"

    found = await story.referrals.data(story.clinic, document, n="pena jesus")
    others = await story.referrals.data(story.legal, document, n="pena jesus")

    assert found["clients"]["nodes"] == [{"displayName": "Jesús Peña"}]
    assert others["clients"]["nodes"] == []


async def test_row_level_security_alone_refuses_every_foreign_touch(story: Story, database: Database) -> None:
    await story.sent()
    stranger = caller_of()

    async with database.transaction(stranger) as session:
        for table in (Client, Consent, Referral, ReferralEvent):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    for statement in (
        "UPDATE referrals SET state = 'VOID'",
        "UPDATE consents SET revoked_at = NULL",
        "UPDATE data_keys SET wrapped = NULL",
        "DELETE FROM clients",
        "DELETE FROM referral_events",
    ):
        assert await touched(database, stranger, statement) == 0


async def touched(database: Database, caller: Caller, statement: str) -> int:
    """How many rows a statement touches; none where it is refused for want of a right."""
    async with database.transaction(caller) as session:
        try:
            return int((await session.execute(text(statement))).rowcount)  # type: ignore[attr-defined]
        except DBAPIError as error:
            if for_want_of_a_right(error):
                return 0
            raise


async def test_history_cannot_be_changed_even_by_who_made_it(story: Story, database: Database) -> None:
    referral = await story.sent()

    for statement in ("UPDATE referral_events SET actor = 'nobody'", "DELETE FROM referral_events"):
        assert await touched(database, story.clinic, statement) == 0
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(story.legal) as session:
            await session.execute(
                text(
                    "INSERT INTO referral_events (referral_id, sequence, to_state, party, actor_organization_id, actor,"
                    " occurred_at) VALUES (:id, 99, 'VOID', 'SENDER', :org, 'x', now())"
                ),
                {"id": referral["id"], "org": story.clinic.organization},
            )


async def test_every_stored_state_is_the_fold_of_its_events(story: Story, database: Database) -> None:
    await story.sent()
    async with database.transaction(system_caller(new_id())) as session:
        stored = {row.id: row.state for row in await session.scalars(select(Referral))}
        ordered = select(ReferralEvent).order_by(ReferralEvent.referral_id, ReferralEvent.sequence)
        histories: dict[Any, list[Step]] = {}
        for event in await session.scalars(ordered):
            step = Step(event.move, event.from_state, event.to_state)
            histories.setdefault(event.referral_id, []).append(step)

    assert {id_: fold(steps) for id_, steps in histories.items()} == stored


async def test_the_number_of_sql_statements_does_not_grow_with_the_page(
    story: Story, database: Database
) -> None:
    for _ in range(9):
        await story.sent()
    document = """query($n: Int!) { inbox(first: $n) { nodes { state narrative needs timeline { move }
      client { handle displayName contacts { value } language consents { id } referrals(first: 2) { nodes { id } } }
      consent { scopeSentence } sender { id referralsToYou(first: 1) { nodes { id } } } service { id referrals { nodes { id } } }
    } } }"""
    statements = count_statements(database)

    async def count(first: int) -> int:
        del statements[:]
        await story.referrals.data(story.legal, document, n=first)
        return len(statements)

    assert await count(2) == await count(9)


async def test_a_proof_of_consent_is_given_only_where_the_consent_covers_it(story: Story) -> None:
    client = await story.client()
    consent = await story.consent(client, ("PROGRAM",), ("PROGRAM_ENROLMENT",), (story.school,))
    document = """mutation($input: ProveConsentInput!) { proveConsent(input: $input) { __typename
      ... on ConsentProven { proof } ... on ConsentMissing { missing } } }"""

    async def prove(**more: str) -> dict[str, Any]:
        given = {
            "client": client,
            "consent": consent,
            "purpose": "PROGRAM_ENROLMENT",
            "recipient": str(story.school.organization),
        }
        return dict(
            (await story.referrals.data(story.clinic, document, input={**given, **more}))["proveConsent"]
        )

    assert (await prove())["proof"].count(".") == 2
    assert (await prove(purpose="GRANT_APPLICATION"))["__typename"] == "ConsentMissing"
    assert (await prove(recipient=str(story.legal.organization)))["__typename"] == "ConsentMissing"


async def test_tables_are_protected_and_as_the_models_say(database: Database) -> None:
    assert await unprotected_tables(database) == []
    assert await differences(database, Base.metadata) == []
