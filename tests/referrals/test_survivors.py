"""A survivor's record is, for whoever has no right to it, the same as none: by answer, count, event and work (R16).

And what hangs together with it: handles that do not join (R19), entities that cannot be tried out (R20), and the kinds of
partners that the network has not (R30).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select

from services.referrals.models import OutboxEvent, Referral
from tests.referrals.story import EVERYTHING, Story
from vereda.caller import Caller, Scope
from vereda.composition import FOLDER
from vereda.database import Database, count_statements
from vereda.ids import new_id

_ENTITY: Final = "query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on %s } }"
#: Every road to a record: a document, and its variables for a referral's id, a client's handle and a consent's id.
ROADS: Final[dict[str, tuple[str, Any]]] = {
    "referral": ("query($id: ID!) { referral(id: $id) { id status state } }", lambda r, _c, _k: {"id": r}),
    "client": ("query($id: ID!) { client(handle: $id) { handle } }", lambda _r, c, _k: {"id": c}),
    "consent": ("query($id: ID!) { consent(id: $id) { id active } }", lambda _r, _c, k: {"id": k}),
    "referral as an entity": (
        _ENTITY % "Referral { id status }",
        lambda r, _c, _k: {"r": [{"__typename": "Referral", "id": r}]},
    ),
    "client as an entity": (
        _ENTITY % "Client { handle displayName assurance consents { id } referrals { nodes { id } } }",
        lambda _r, c, _k: {"r": [{"__typename": "Client", "handle": c}]},
    ),
    "consent as an entity": (
        _ENTITY % "Consent { id active scopeSentence }",
        lambda _r, _c, k: {"r": [{"__typename": "Consent", "id": k}]},
    ),
    "revoking": (
        'mutation($id: ID!) { revokeConsent(input: {idempotencyKey: "k", id: $id}) { __typename'
        " ... on Refusal { code message } } }",
        lambda _r, _c, k: {"id": k},
    ),
    "moving": (
        'mutation($id: ID!) { moveReferral(input: {idempotencyKey: "k", id: $id, expectedVersion: 1, move: OPEN})'
        " { __typename ... on Refusal { code message } } }",
        lambda r, _c, _k: {"id": r},
    ),
    "confirming": (
        'mutation($id: ID!) { confirmDestruction(input: {idempotencyKey: "k", consent: $id})'
        " { __typename ... on Refusal { code message } } }",
        lambda _r, _c, k: {"id": k},
    ),
}
#: Lists and searches, which must not grow by it.
LISTS: Final = """query($org: [_Any!]!, $service: [_Any!]!) { inbox { nodes { id } } outbox { nodes { id } }
  clients { nodes { handle } } searched: clients(filter: {name: "Marisol"}) { nodes { handle } }
  _entities(representations: $org) { ... on Organization { referralsToYou { nodes { id } }
    referralsFromYou { nodes { id } } } }
  more: _entities(representations: $service) { ... on Service { referrals { nodes { id } } } } }"""


async def survivors_referral(story: Story) -> dict[str, str]:
    client = await story.client()
    consent = await story.consent(client, (*EVERYTHING, "SURVIVOR"))
    sent = await story.send(client, consent, story.offer(survivor=True))
    return {"id": sent["referral"]["id"], "client": client, "consent": consent}


def roots(story: Story) -> dict[str, Any]:
    """Made anew for each request: the library takes representations apart."""
    return {
        "org": [{"__typename": "Organization", "id": str(story.legal.organization)}],
        "service": [{"__typename": "Service", "id": str(story.service)}],
    }


def without_right(story: Story) -> dict[str, Caller]:
    every = frozenset(scope.value for scope in Scope)
    return {
        "another partner of the network": Caller("worker", new_id(), every),
        "who has another referral of the same client": story.school,
        "a coordinator": Caller("worker", new_id(), every | {Scope.ADMIN_NETWORK.value}),
        "a funder": Caller("worker", new_id(), every | {Scope.GRANT_PAY.value}),
    }


@pytest.mark.parametrize("road", ROADS)
async def test_r16_by_no_road_does_it_differ_from_none_in_answer_or_work(
    story: Story, database: Database, road: str
) -> None:
    referral = await survivors_referral(story)
    own = await story.consent(referral["client"], recipients=(story.school,))
    await story.send(referral["client"], own, story.offer(to=story.school, service=new_id()))
    document, variables = ROADS[road]
    statements = count_statements(database)

    async def asked(by: Caller, ids: tuple[str, str, str]) -> tuple[bytes, list[str]]:
        before = len(statements)
        answer = await story.referrals.answer(by, document, **variables(*ids))
        return orjson.dumps(answer), list(statements[before:])

    there = (referral["id"], referral["client"], referral["consent"])
    for who, caller in without_right(story).items():
        real = await asked(caller, there)
        made_up = await asked(caller, (str(new_id()), str(new_id()), str(new_id())))
        assert real == made_up, who


async def test_r16_no_list_search_count_or_event_grows_by_it(story: Story, database: Database) -> None:
    callers = without_right(story)

    async def seen(by: Caller) -> tuple[dict[str, Any], int | None, int | None]:
        listed = await story.referrals.answer(by, LISTS, **roots(story))
        async with database.transaction(by) as session:
            events = await session.scalar(select(func.count()).select_from(OutboxEvent))
            rows = await session.scalar(select(func.count()).select_from(Referral))
        return listed, events, rows

    before = {who: await seen(caller) for who, caller in callers.items()}
    referral = await survivors_referral(story)
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")

    assert {who: await seen(caller) for who, caller in callers.items()} == before


async def test_r16_with_the_consent_its_recipient_loses_the_right_and_the_record(story: Story) -> None:
    referral = await survivors_referral(story)
    held = (await story.seen(story.legal, referral["id"]))["data"]["referral"]

    await story.revoke(story.clinic, referral["consent"])

    assert held["client"]["displayName"] == "Marisol Q."
    assert await story.seen(story.legal, referral["id"]) == await story.seen(story.legal, str(new_id()))
    listed = await story.referrals.data(story.legal, "{ inbox { nodes { id } } }")
    assert listed == {"inbox": {"nodes": []}}


async def test_r13_r16_the_senders_other_staff_are_not_told_by_a_detour_who_receives_it(story: Story) -> None:
    referral = await survivors_referral(story)
    colleague = replace(story.clinic, subject="a colleague")
    document = """query($id: ID!, $org: [_Any!]!, $service: [_Any!]!) {
      referral(id: $id) { recipient { id } service { id } serviceDomain consent { recipients { id } } }
      _entities(representations: $org) { ... on Organization { referralsFromYou { nodes { id } } } }
      more: _entities(representations: $service) { ... on Service { referrals { nodes { id } } } } }"""

    answer = await story.referrals.answer(colleague, document, id=referral["id"], **roots(story))

    told = orjson.dumps(answer).decode()
    assert str(story.legal.organization) not in told
    assert str(story.service) not in told
    assert answer["data"]["referral"]["serviceDomain"] == "legal"
    assert {entry["reason"] for entry in answer["extensions"]["redactions"]} == {"GENERALISED"}


async def test_r13_a_survivors_service_takes_a_consent_that_says_so(story: Story) -> None:
    client = await story.client()

    refused = await story.send(client, await story.consent(client), story.offer(survivor=True))

    assert (refused["__typename"], refused["missing"]) == ("ConsentMissing", ["SURVIVOR"])


async def test_r19_two_organisations_handles_of_one_client_have_nothing_in_common(story: Story) -> None:
    first = await story.sent(recipients=(story.legal, story.school))
    offer = story.offer(to=story.school, service=new_id())
    second = (await story.send(first["client"], first["consent"], offer))["referral"]
    seen = [
        (await story.seen(by, id_))["data"]["referral"]["client"]["handle"]
        for by, id_ in ((story.legal, first["id"]), (story.school, second["id"]))
    ]

    handles = [UUID(one) for one in (first["client"], *seen)]

    assert len({one.bytes[:6] for one in handles}) == 3
    document = "query($h: ID!) { client(handle: $h) { handle } }"
    for by, foreign in ((story.legal, seen[1]), (story.school, seen[0]), (story.legal, first["client"])):
        assert (await story.referrals.data(by, document, h=foreign))["client"] is None


async def test_r20_a_batch_of_entities_costs_the_same_whether_any_of_them_exist(
    story: Story, database: Database
) -> None:
    real = [(await story.sent())["id"] for _ in range(3)]
    statements = count_statements(database)

    async def asked(by: Caller, ids: list[str]) -> tuple[list[Any], int]:
        before = len(statements)
        found = await story.referrals.entities(
            by, "... on Referral { status }", *({"__typename": "Referral", "id": one} for one in ids)
        )
        return found, len(statements) - before

    made_up = [str(new_id()) for _ in real]
    assert await asked(story.school, real + made_up) == await asked(story.school, made_up * 2)
    assert (await asked(story.school, real))[0] == [None] * 3


#: Words of law and immigration enforcement, as whole words of a code.
ENFORCEMENT: Final = re.compile(
    r"(^|_)(ICE|CBP|DHS|ERO|HSI|POLICE|SHERIFF|ENFORCEMENT|CUSTOMS|DETENTION|PROBATION|PROSECUT\w*|JAIL|PRISON)(_|$)"
)


def test_r30_the_network_has_no_kind_of_partner_that_enforces_law_or_immigration() -> None:
    schema = (FOLDER / "supergraph.graphql").read_text()
    kinds = re.search(r"enum OrganizationKind[^{]*\{(.*?)\n\}", schema, re.DOTALL)
    assert kinds is not None
    codes = set(re.findall(r"^  ([A-Z_]+)", kinds[1], re.MULTILINE))

    assert codes >= {"LEGAL", "CLINIC"}
    enums = re.findall(r"^enum (?!join__)\w+[^{]*\{(.*?)\n\}", schema, re.DOTALL | re.MULTILINE)
    every = {code for one in enums for code in re.findall(r"^  ([A-Z][A-Z_0-9]+)", one, re.MULTILINE)}
    assert [code for code in every if ENFORCEMENT.search(code)] == []
    assert ENFORCEMENT.search("LAW_ENFORCEMENT")
    assert not ENFORCEMENT.search("POLICY")
