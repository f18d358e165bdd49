"""Who comes with a client: recorded by their home, shown to others as the client's own data are, minors by a guardian."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text

from services.referrals.app import ROUNDS
from services.referrals.domain.holding import HoldReason, Part
from services.referrals.models import HouseholdMember
from tests.referrals.story import RECORD_CONSENT, Story
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import make

SET = """mutation($input: SetHouseholdInput!) { setHousehold(input: $input) { __typename
  ... on HouseholdSet { client { version household { relation ageBand language name } } }
  ... on InvalidInput { problems { field } } ... on SensitiveText { field } ... on VersionConflict { currentVersion } } }"""
THEIRS = (
    """query($id: ID!) { referral(id: $id) { client { household { relation ageBand language name } } } }"""
)
FAMILY = [
    {"relation": "PARTNER", "ageBand": "FROM_26_TO_40", "language": "mxb", "name": "Canary Ignacio"},
    {"relation": "CHILD", "ageBand": "UNDER_18"},
    {"relation": "PARENT", "ageBand": "FROM_65", "language": "mxb"},
]


async def household(
    story: Story,
    client: str,
    members: list[dict[str, Any]] = FAMILY,
    *,
    by: Caller | None = None,
    **more: Any,
) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "client": client,
        "expectedVersion": 1,
        "members": members,
        **more,
    }
    return dict((await story.referrals.data(by or story.clinic, SET, input=given))["setHousehold"])


async def sent_with_family(story: Story, **consent: Any) -> dict[str, Any]:
    client = await story.client()
    await household(story, client)
    permitted = await story.consent(client, **consent)
    done = await story.send(client, permitted, story.offer(legal=consent.pop("legal", False)))
    return {**done["referral"], "client": client, "consent": permitted}


async def guardian_consents(story: Story, client: str) -> None:
    given = {
        "idempotencyKey": str(new_id()),
        "client": client,
        "recipients": [str(story.legal.organization)],
        "purposes": ["REFERRAL_DELIVERY"],
        "dataClasses": ["IDENTITY"],
        "method": "WRITTEN",
        "grantor": "GUARDIAN",
        "language": "spa",
        "scriptVersion": "1",
        "scriptText": "May we tell them about your daughter?",
        "present": [{"role": "GUARDIAN", "name": "Marisol Q."}],
        "standing": True,
    }
    done = await story.referrals.data(story.clinic, RECORD_CONSENT, input=given)
    assert done["recordConsent"]["__typename"] == "ConsentRecorded"


async def seen(story: Story, by: Caller, referral: dict[str, Any]) -> tuple[Any, list[tuple[str, str]]]:
    answer = await story.referrals.answer(by, THEIRS, id=referral["id"])
    redactions = answer["extensions"].get("redactions", ())
    return answer["data"]["referral"]["client"]["household"], [
        (str(one["path"][-1]), one["reason"]) for one in redactions
    ]


async def test_a_household_is_recorded_as_a_whole_and_anew(story: Story) -> None:
    client = await story.client()

    first = await household(story, client)
    second = await household(story, client, FAMILY[:1], expectedVersion=2)
    stale = await household(story, client, [], expectedVersion=2)
    none = await household(story, client, [], expectedVersion=3)

    assert [one["relation"] for one in first["client"]["household"]] == ["PARTNER", "CHILD", "PARENT"]
    assert (second["client"]["version"], len(second["client"]["household"])) == (3, 1)
    assert stale == {"__typename": "VersionConflict", "currentVersion": 3}
    assert none["client"]["household"] == []


async def test_the_same_key_records_it_once(story: Story) -> None:
    client = await story.client()

    one = await household(story, client, idempotencyKey="family")
    two = await household(story, client, idempotencyKey="family")

    assert one == two


async def test_others_see_what_the_clients_own_classes_show_r12(story: Story) -> None:
    referral = await sent_with_family(story, classes=("IDENTITY", "NEED"))

    shown, redactions = await seen(story, story.legal, referral)

    assert [(one["relation"], one["name"], one["language"]) for one in shown] == [
        ("PARTNER", "Canary Ignacio", None),
        ("PARENT", None, None),
    ]
    assert set(redactions) == {("language", "NO_CONSENT")}


async def test_a_minor_is_shown_under_a_guardians_consent_alone(story: Story, database: Database) -> None:
    referral = await sent_with_family(story)
    minors = select(func.count()).where(HouseholdMember.age_band == "UNDER_18")

    async def known() -> int:
        async with database.transaction(story.legal) as session:
            return int(await session.scalar(minors) or 0)

    before = [one["relation"] for one in (await seen(story, story.legal, referral))[0]], await known()
    await guardian_consents(story, referral["client"])
    after = [one["relation"] for one in (await seen(story, story.legal, referral))[0]], await known()

    assert before == (["PARTNER", "PARENT"], 0)
    assert after == (["PARTNER", "CHILD", "PARENT"], 1)


async def test_revocation_takes_them_with_the_client_r9(story: Story, database: Database) -> None:
    referral = await sent_with_family(story)

    await story.revoke(story.clinic, referral["consent"])

    assert await seen(story, story.legal, referral) == (None, [("household", "CONSENT_REVOKED")])
    assert len((await seen(story, story.clinic, referral))[0]) == 3
    async with database.transaction(story.legal) as session:
        assert await session.scalar(select(func.count()).select_from(HouseholdMember)) == 0


async def test_a_legal_recipient_knows_of_nobody_before_its_conflict_check_is_cleared_r14(
    story: Story,
) -> None:
    client = await story.client()
    await household(story, client)
    done = await story.send(client, await story.consent(client), story.offer(legal=True))

    before = await seen(story, story.legal, done["referral"])
    await story.moves(story.legal, done["referral"], "START_CONFLICT_CHECK", "CLEAR_CONFLICT")

    assert before == (None, [("household", "CONFLICT_CHECK_PENDING")])
    assert len((await seen(story, story.legal, done["referral"]))[0]) == 2


async def test_nobody_else_records_or_knows_r16(story: Story, database: Database) -> None:
    referral = await sent_with_family(story)
    theirs = (await story.seen(story.legal, referral["id"]))["data"]["referral"]["client"]["handle"]

    for by, handle in ((story.school, referral["client"]), (story.legal, theirs)):
        assert await household(story, handle, by=by) == {"__typename": "NotFound"}
    async with database.transaction(story.school) as session:
        assert await session.scalar(select(func.count()).select_from(HouseholdMember)) == 0


@pytest.mark.parametrize(
    ("members", "kind", "field"),
    [
        ([{**FAMILY[0], "name": "Ana A123456789"}], "SensitiveText", "members.0.name"),
        ([FAMILY[1], {**FAMILY[0], "language": "xxx1"}], "InvalidInput", "members.1.language"),
        ([{**FAMILY[0], "name": "  "}], "InvalidInput", "members.0.name"),
        ([FAMILY[1]] * 16, "InvalidInput", "members"),
    ],
)
async def test_a_member_is_recorded_sparingly_and_screened_r2_r3(
    story: Story, members: list[dict[str, Any]], kind: str, field: str
) -> None:
    refused = await household(story, await story.client(), members)

    assert refused["__typename"] == kind
    assert f"'{field}'" in str(refused)


async def test_names_are_sealed_r21(story: Story, database: Database) -> None:
    await household(story, await story.client())

    async with database.transaction(system_caller(new_id())) as session:
        stored = "\n".join(await session.scalars(text("SELECT t::text FROM household_members t")))

    assert "Canary" not in stored
    assert b"Canary".hex() not in stored


async def test_with_the_clients_own_keys_their_household_goes_r22(story: Story, database: Database) -> None:
    erased, other = await story.client(), await story.client()
    for client in (erased, other):
        await household(story, client)
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(
                "UPDATE data_keys SET wrapped = NULL, destroyed_at = now() WHERE client_id ="
                " (SELECT client_id FROM client_handles WHERE handle = :handle)"
            ),
            {"handle": erased},
        )
    document = "query($h: ID!) { client(handle: $h) { household { relation } } }"

    [round_] = [one for one in ROUNDS if one.name == "let households go"]
    await make(round_, database, story.referrals.settings)

    left = [
        len((await story.referrals.data(story.clinic, document, h=one))["client"]["household"])
        for one in (erased, other)
    ]
    assert left == [0, 3]


async def test_under_a_legal_hold_who_came_with_a_client_is_kept_though_they_are_recorded_anew_r24(
    story: Story, database: Database
) -> None:
    client = await story.client()
    await household(story, client)
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(
                "INSERT INTO legal_holds (id, organization_id, client_id, reason, proposed_by, proposed_part, proposed_at,"
                " placed_by, placed_part, placed_at) SELECT gen_random_uuid(), organization_id, client_id, :reason, 'one',"
                " :one, now(), 'two', :two, now() FROM client_handles WHERE handle = :handle"
            ),
            {
                "reason": HoldReason.DEMAND_RECEIVED,
                "one": Part.COUNSEL,
                "two": Part.DIRECTOR,
                "handle": client,
            },
        )

    await household(story, client, [], expectedVersion=2)

    async with database.transaction(system_caller(new_id())) as session:
        kept = text(
            "SELECT count(*) FROM held_rows WHERE table_name = 'household_members' AND client_id ="
            " (SELECT client_id FROM client_handles WHERE handle = :handle)"
        )
        assert await session.scalar(kept, {"handle": client}) == 3
