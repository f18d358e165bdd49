"""Giving consent, as a client does it: by word of mouth, in any language, in part, for one thing; and taking it back."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.referrals.domain.consent import NEEDED_PRESENCE, Grantor, Method
from services.referrals.domain.receipts import canonical
from services.referrals.domain.scripts import NETWORK_SCRIPTS
from services.referrals.models import Consent, OutboxEvent
from tests.referrals.story import EVERYTHING, SEEN, Story
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id

RECORD = """mutation($input: RecordConsentInput!) { recordConsent(input: $input) { __typename
  ... on ConsentRecorded { consent { id oneReferral partial serviceDomains scriptVersion scriptHash language receiptHash
    scopeSentence present { role name } supersedes { id revokedHow } } }
  ... on InvalidInput { problems { field problem } } ... on SensitiveText { field kind } ... on NotFound { code } } }"""
READ = """query($id: ID!) { consent(id: $id) { active revokedHow language scriptHash receiptHash scopeSentence
  present { name } recipients { id } destructions { recipient { id } confirmedAt } } }"""
CONFIRM = """mutation($input: ConfirmDestructionInput!) { confirmDestruction(input: $input) { __typename
  ... on DestructionConfirmed { consent { destructions { confirmedAt } } } ... on InvalidInput { problems { field } }
  ... on NotFound { code } } }"""


async def record(story: Story, client: str, **more: Any) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "client": client,
        "recipients": [str(story.legal.organization)],
        "purposes": ["REFERRAL_DELIVERY", "STATUS_BACK"],
        "dataClasses": list(EVERYTHING),
        "method": "ELECTRONIC",
        "language": "spa",
        "scriptVersion": "network-1",
        **more,
    }
    return dict((await story.referrals.data(story.clinic, RECORD, input=given))["recordConsent"])


async def test_r6_by_default_a_consent_is_for_one_recipient_one_referral_and_a_year(story: Story) -> None:
    client = await story.client()
    consent = (await record(story, client))["consent"]

    first = await story.send(client, consent["id"], story.offer())
    second = await story.send(client, consent["id"], story.offer(service=new_id()))

    assert consent["oneReferral"] is True
    assert (first["__typename"], second["__typename"]) == ("ReferralSent", "ConsentMissing")
    standing = (await record(story, client, standing=True))["consent"]
    for _ in range(2):
        assert (await story.send(client, standing["id"], story.offer()))["__typename"] == "ReferralSent"


async def test_r6_a_consent_for_one_kind_of_help_sends_to_no_other(story: Story) -> None:
    client = await story.client()
    consent = (await record(story, client, serviceDomains=["health"]))["consent"]["id"]

    refused = await story.send(client, consent, story.offer())

    assert refused["__typename"] == "ConsentMissing"
    assert (await story.send(client, consent, story.offer(domain="health")))["__typename"] == "ReferralSent"


async def test_r6_the_database_too_lends_keys_for_the_kind_of_help_alone(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    keys = text("SELECT key_group FROM data_keys")
    async with database.transaction(story.legal) as session:
        before = set(await session.scalars(keys))
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Consent, UUID(referral["consent"]))
        await session.execute(text("ALTER TABLE consents DISABLE TRIGGER keep"))
        row.service_domains = ["health"]
        await session.flush()
        await session.execute(text("ALTER TABLE consents ENABLE TRIGGER keep"))

    async with database.transaction(story.legal) as session:
        assert set(await session.scalars(keys)) == set()
    assert "IDENTITY" in before


@pytest.mark.parametrize("how", [Method.ORAL_WITNESS, Method.ORAL_INTERPRETER])
async def test_r8_a_spoken_consent_names_who_was_there_by_role_and_sealed_name(
    story: Story, database: Database, how: Method
) -> None:
    client, role = await story.client(), NEEDED_PRESENCE[how]

    alone = await record(story, client, method=how, language="mxb", scriptText="…")
    given = await record(
        story,
        client,
        method=how,
        language="mxb",
        scriptText="Ñuu savi",
        present=[{"role": role, "name": "Citlali Ramírez"}],
    )

    assert alone["problems"] == [{"field": "present", "problem": f"must name the {role.lower()} (R8)"}]
    assert given["consent"]["present"] == [{"role": role, "name": "Citlali Ramírez"}]
    assert given["consent"]["scriptHash"] == hashlib.sha256("Ñuu savi".encode()).hexdigest()
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Consent, UUID(given["consent"]["id"]))
    assert row.presences_sealed is not None
    assert b"Citlali" not in row.presences_sealed


@pytest.mark.parametrize("grantor", [Grantor.GUARDIAN, Grantor.REPRESENTATIVE])
async def test_r8_who_consents_for_another_is_named(story: Story, grantor: Grantor) -> None:
    client = await story.client()
    there = [{"role": NEEDED_PRESENCE[grantor], "name": "Rosa M."}]

    assert (await record(story, client, grantor=grantor))["problems"][0]["field"] == "present"
    assert (await record(story, client, grantor=grantor, present=there))["__typename"] == "ConsentRecorded"


@pytest.mark.parametrize(("language", "taken"), [("mxb", True), ("zab", True), ("hnj", True), ("xx", False)])
async def test_r8_consent_may_be_in_any_language_that_iso_639_3_knows(
    story: Story, language: str, taken: bool
) -> None:
    given = await record(story, await story.client(), language=language, scriptText="…", scriptVersion="1")

    assert (given["__typename"] == "ConsentRecorded") == taken


async def test_r8_the_networks_own_scripts_are_known_by_version_and_language(story: Story) -> None:
    given = await record(story, await story.client())
    unknown = await record(story, await story.client(), language="hmn")

    spanish = next(one for one in NETWORK_SCRIPTS if one.language == "spa")
    assert given["consent"]["scriptHash"] == hashlib.sha256(spanish.text.encode()).hexdigest()
    assert unknown["problems"][0]["field"] == "scriptText"


async def test_r8_a_published_script_never_changes_and_every_member_may_read_it_out(story: Story) -> None:
    publish = """mutation($input: PublishConsentScriptInput!) { publishConsentScript(input: $input) { __typename
      ... on ConsentScriptPublished { script { id textHash audioReference } } ... on InvalidInput { problems { field } } } }"""
    script = {"version": f"v{new_id()}"[:30], "language": "mxb", "text": "…", "audioReference": "tape 7"}

    async def published(**more: Any) -> dict[str, Any]:
        given = {**script, "idempotencyKey": str(new_id()), **more}
        answer = await story.referrals.data(story.legal, publish, input=given)
        return dict(answer["publishConsentScript"])

    first, again = await published(), await published(text="other")
    given = await record(
        story, await story.client(), script=first["script"]["id"], scriptVersion="", language="mxb"
    )
    misread = await record(story, await story.client(), script=first["script"]["id"], scriptVersion="")

    assert again == {"__typename": "InvalidInput", "problems": [{"field": "version"}]}
    assert given["consent"]["scriptHash"] == first["script"]["textHash"]
    assert misread["problems"][0]["field"] == "script"
    found = await story.referrals.data(
        story.school,
        '{ consentScripts(filter: {language: "mxb"}) { nodes { id } } networkConsentScripts { language } }',
    )
    assert {"id": first["script"]["id"]} in found["consentScripts"]["nodes"]
    assert [one["language"] for one in found["networkConsentScripts"]] == ["eng", "spa"]


async def test_of_what_a_client_refused_nothing_is_kept_but_that_there_was_something(
    story: Story, database: Database
) -> None:
    given = await record(story, await story.client(), dataClasses=["IDENTITY", "NEED"], partial=True)
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Consent, UUID(given["consent"]["id"]))

    assert row.partial is True
    assert row.data_classes == ["IDENTITY", "NEED"]
    assert not {"CONTACT", "LANGUAGE"} & {str(value) for value in vars(row).values()}


async def test_r15_no_consent_passes_on_what_is_privileged(story: Story) -> None:
    given = await record(story, await story.client(), dataClasses=["LEGAL_PRIVILEGED"])

    assert given["problems"][0]["field"] == "dataClasses"


async def test_a_newer_consent_takes_the_place_of_an_earlier_one_and_ends_what_it_no_longer_covers(
    story: Story,
) -> None:
    referral = await story.sent(recipients=(story.legal, story.school))
    offer = story.offer(to=story.school, service=new_id())
    other = (await story.send(referral["client"], referral["consent"], offer))["referral"]

    newer = await record(
        story, referral["client"], supersedes=referral["consent"], dataClasses=["IDENTITY", "NEED"]
    )

    assert newer["consent"]["supersedes"] == {"id": referral["consent"], "revokedHow": "SUPERSEDED"}
    kept = (await story.seen(story.legal, referral["id"]))["data"]["referral"]
    assert (kept["state"], kept["client"]["displayName"], kept["client"]["contacts"]) == (
        "SENT",
        "Marisol Q.",
        None,
    )
    ended = (await story.seen(story.school, other["id"]))["data"]["referral"]
    assert (ended["state"], ended["client"]["displayName"]) == ("REVOKED", None)
    again = await record(story, referral["client"], supersedes=referral["consent"])
    assert again["__typename"] == "NotFound"


async def test_nobody_supersedes_a_consent_of_another_client(story: Story, database: Database) -> None:
    one, other = await story.client(), await story.client()
    consent = await story.consent(one)

    assert (await record(story, other, supersedes=consent))["__typename"] == "NotFound"


async def read(story: Story, by: Caller, consent: str) -> dict[str, Any]:
    return dict((await story.referrals.data(by, READ, id=consent))["consent"])


async def test_a_recipient_learns_neither_the_language_nor_who_was_there(story: Story) -> None:
    referral = await story.sent(classes=("IDENTITY", "NEED"))

    theirs = await read(story, story.legal, referral["consent"])

    hidden = ("language", "scriptHash", "receiptHash", "present")
    assert [theirs[name] for name in hidden] == [None] * 4
    assert theirs["recipients"] == [{"id": str(story.legal.organization)}]
    own = await read(story, story.clinic, referral["consent"])
    assert all(own[name] for name in hidden)


async def test_r9_recipients_confirm_that_they_keep_nothing_and_the_sender_sees_who_has(story: Story) -> None:
    referral = await story.sent(recipients=(story.legal, story.school))

    async def confirmed(by: Caller) -> dict[str, Any]:
        given = {"idempotencyKey": str(new_id()), "consent": referral["consent"]}
        return dict((await story.referrals.data(by, CONFIRM, input=given))["confirmDestruction"])

    early = await confirmed(story.legal)
    await story.revoke(story.school, referral["consent"])
    done = await confirmed(story.legal)

    assert early["__typename"] == "InvalidInput"
    assert len(done["consent"]["destructions"]) == 1
    assert (await confirmed(story.clinic))["__typename"] == "NotFound"
    seen = {
        one["recipient"]["id"]: one["confirmedAt"]
        for one in (await read(story, story.clinic, referral["consent"]))["destructions"]
    }
    assert seen[str(story.legal.organization)] is not None
    assert seen[str(story.school.organization)] is None


async def test_r9_a_request_under_way_before_and_a_session_left_open_see_it_at_once(story: Story) -> None:
    """Nothing is kept between two requests of a session; within one, a snapshot shows one moment and no later one."""
    referral = await story.sent()
    held = await story.seen(story.legal, referral["id"])

    await story.revoke(story.clinic, referral["consent"])

    assert held["data"]["referral"]["client"]["displayName"] == "Marisol Q."
    after = (await story.seen(story.legal, referral["id"]))["data"]["referral"]
    assert (after["client"]["displayName"], after["needs"], after["narrative"]) == (None, None, None)


async def test_r9_an_event_that_waits_for_delivery_holds_ids_alone_so_that_revocation_empties_it(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")
    await story.revoke(story.clinic, referral["consent"])

    async with database.transaction(story.legal) as session:
        waiting = list(await session.scalars(select(OutboxEvent)))

    assert len(waiting) >= 4
    for event in waiting:
        assert set(event.data) <= {"referral", "consent"}
        assert all(UUID(value) for value in event.data.values())


async def test_r11_the_scope_of_the_consent_travels_with_what_it_opened_and_with_nothing_else(
    story: Story,
) -> None:
    referral = await story.sent()

    theirs = (await story.seen(story.legal, referral["id"]))["extensions"]["disclosures"]
    own = (await story.seen(story.clinic, referral["id"]))["extensions"]

    sentence = (await read(story, story.legal, referral["consent"]))["scopeSentence"]
    assert theirs == [
        {"consent": referral["consent"], "scope": sentence, "paths": [["referral"], ["referral", "client"]]}
    ]
    assert "disclosures" not in own


@pytest.mark.parametrize("purpose", ["APPOINTMENT", "NO_SUCH_PURPOSE"])
async def test_r18_a_purpose_that_the_consent_does_not_have_opens_nothing(story: Story, purpose: str) -> None:
    referral = await story.sent()

    answer = await story.referrals.answer(replace(story.legal, purpose=purpose), SEEN, id=referral["id"])

    seen = answer["data"]["referral"]
    assert (seen["client"]["displayName"], seen["needs"], seen["narrative"]) == (None, None, None)
    assert "disclosures" not in answer["extensions"]


def test_a_receipt_is_canonical_json_as_rfc_8785_has_it() -> None:
    """Its section 3.2.2.2: what is escaped, and how; 3.2.3: the order of keys."""
    sample = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False], "numbers": [56, 0, -1]}
    wanted = '{"literals":[null,true,false],"numbers":[56,0,-1],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'

    assert canonical(sample).decode() == wanted
    assert canonical({"b": "\u2028\x7f", "a": "\b\t\f\r"}) == '{"a":"\\b\\t\\f\\r","b":"\u2028\x7f"}'.encode()


@pytest.mark.parametrize("value", [1.5, 2**53, {"ñ": 1}, {"at": datetime.now(UTC)}])
def test_a_receipt_holds_nothing_whose_canonical_form_is_not_plain(value: Any) -> None:
    with pytest.raises(ValueError, match=r"double|ASCII|kind"):
        canonical(value)
