"""Legal holds and demands: two people for each, and nothing held is anybody's to read (R24, R25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.referrals.domain.holding import APPROVABLE, Agreement, DemandKind, Objection, Part, seconded
from services.referrals.models import DataKey, Erasure, HeldRow, LegalDemand
from services.referrals.operations.erasing import finish_erasures
from tests.referrals.story import Story
from tests.referrals.test_erasing import CANARIES, CLIENT, erased, inner_id, planted
from vereda.caller import Caller, Scope, system_caller
from vereda.ids import new_id
from vereda.rounds import Round, make

HOLD = "__typename ... on LegalHoldChanged { hold { id clientHandle state reason } } ... on AnotherPersonNeeded { code objection } ... on NotFound { code }"
PLACE = f"mutation($input: PlaceLegalHoldInput!) {{ done: placeLegalHold(input: $input) {{ {HOLD} }} }}"
CONFIRM = f"mutation($input: ConfirmLegalHoldInput!) {{ done: confirmLegalHold(input: $input) {{ {HOLD} }} }}"
LIFT = f"mutation($input: LiftLegalHoldInput!) {{ done: liftLegalHold(input: $input) {{ {HOLD} }} }}"
RECORD = """mutation($input: RecordLegalDemandInput!) { done: recordLegalDemand(input: $input) { __typename
  ... on LegalDemandRecorded { demand { id kind state servedBy scope counsel clientHandles } }
  ... on InvalidInput { problems { field } } ... on NotFound { code } ... on SensitiveText { field kind } } }"""
DECIDE = """mutation($input: DecideLegalDemandInput!) { done: decideLegalDemand(input: $input) { __typename
  ... on LegalDemandDecided { demand { id state } } ... on AnotherPersonNeeded { code objection }
  ... on DemandNotApprovable { code kind } ... on NotFound { code } } }"""
EXPORT = """mutation($input: ExportForLegalDemandInput!) { done: exportForLegalDemand(input: $input) { __typename
  ... on LegalDemandExported { content } ... on AnotherPersonNeeded { code objection } ... on NotFound { code } } }"""


def person(of: Caller, *scopes: Scope, signed_in: bool = True) -> Caller:
    """Somebody of the same organisation."""
    return replace(
        of,
        subject=f"person-{new_id()}",
        scopes=frozenset(scope.value for scope in scopes),
        authenticated_at=datetime.now(UTC) if signed_in else None,
    )


class Office:
    """The counsel and the director of an organisation."""

    def __init__(self, story: Story, of: Caller) -> None:
        self.story = story
        self.counsel = person(of, Scope.LEGAL_COUNSEL)
        self.director = person(of, Scope.LEGAL_DIRECT)

    async def do(self, by: Caller, document: str, **given: Any) -> dict[str, Any]:
        done = await self.story.referrals.data(by, document, input={"idempotencyKey": str(new_id()), **given})
        return dict(done["done"])

    async def hold(self, client: str) -> str:
        proposed = await self.do(self.counsel, PLACE, client=client, reason="DEMAND_RECEIVED")
        done = await self.do(self.director, CONFIRM, id=proposed["hold"]["id"])
        assert done["hold"]["state"] == "IN_FORCE"
        return str(done["hold"]["id"])

    async def lift(self, id_: str) -> None:
        await self.do(self.director, LIFT, id=id_)
        assert (await self.do(self.counsel, CONFIRM, id=id_))["hold"]["state"] == "LIFTED"

    async def demand(self, kind: str = "SUBPOENA", *clients: str) -> str:
        done = await self.do(
            self.director,
            RECORD,
            kind=kind,
            servedOn=date.today().isoformat(),
            servedBy="A process server",
            scope="Everything on the person named",
            counsel="Counsel of record",
            clients=list(clients),
        )
        return str(done["demand"]["id"])

    async def decide(self, by: Caller, id_: str, *, approve: bool = True) -> dict[str, Any]:
        return await self.do(by, DECIDE, id=id_, approve=approve)


@pytest.fixture
def office(story: Story) -> Office:
    return Office(story, story.clinic)


@given(first=st.sampled_from(Part), parts=st.frozensets(st.sampled_from(Part)), same=st.booleans())
def test_r24_a_second_word_counts_from_another_person_in_another_part(
    first: Part, parts: frozenset[Part], same: bool
) -> None:
    done = seconded(Agreement("one", first), "one" if same else "other", parts)

    if same:
        assert done is Objection.SAME_PERSON
    elif parts - {first}:
        assert isinstance(done, Agreement)
        assert done.part is not first
    else:
        assert done is Objection.SAME_PART


async def test_r24_a_hold_is_in_force_when_two_people_in_two_parts_have_placed_it(
    story: Story, office: Office
) -> None:
    client = await story.client()
    proposed = (await office.do(office.counsel, PLACE, client=client, reason="LITIGATION_EXPECTED"))["hold"]
    assert (proposed["state"], proposed["clientHandle"]) == ("PROPOSED", client)

    other = person(story.clinic, Scope.LEGAL_COUNSEL)
    both = replace(office.counsel, scopes=office.counsel.scopes | office.director.scopes)
    refused = [await office.do(by, CONFIRM, id=proposed["id"]) for by in (office.counsel, other, both)]
    done = await office.do(office.director, CONFIRM, id=proposed["id"])

    assert [one["objection"] for one in refused] == ["SAME_PERSON", "SAME_PART", "SAME_PERSON"]
    assert done["hold"]["state"] == "IN_FORCE"
    again = await office.do(office.director, CONFIRM, id=proposed["id"])
    assert again["objection"] == "NOTHING_PENDING"


async def test_r24_no_system_agrees_to_anything(story: Story, office: Office) -> None:
    system = person(story.clinic, Scope.LEGAL_COUNSEL, Scope.LEGAL_DIRECT, signed_in=False)
    client = await story.client()
    proposed = (await office.do(office.counsel, PLACE, client=client, reason="DEMAND_RECEIVED"))["hold"]
    demand = await office.demand("SUBPOENA", client)

    done = [
        await office.do(system, PLACE, client=client, reason="DEMAND_RECEIVED"),
        await office.do(system, CONFIRM, id=proposed["id"]),
        await office.decide(system, demand),
    ]

    assert [one["code"] for one in done] == ["ANOTHER_PERSON_NEEDED"] * 3


async def test_r24_it_takes_two_to_lift_and_until_then_it_goes_on(story: Story, office: Office) -> None:
    hold = await office.hold(await story.client())

    proposed = await office.do(office.director, LIFT, id=hold)
    refused = await office.do(office.director, CONFIRM, id=hold)
    done = await office.do(office.counsel, CONFIRM, id=hold)

    assert proposed["hold"]["state"] == "LIFT_PROPOSED"
    assert refused["objection"] == "SAME_PERSON"
    assert done["hold"]["state"] == "LIFTED"


async def test_r24_another_organisation_neither_sees_nor_lifts_it(story: Story, office: Office) -> None:
    hold = await office.hold(await story.client())
    others = Office(story, story.legal)

    assert (await others.do(others.counsel, LIFT, id=hold))["code"] == "NOT_FOUND"
    listed = await story.referrals.data(
        others.counsel,
        "query { legalHolds { edges { node { id } } } legalDemands { edges { node { id } } } }",
    )
    assert listed == {"legalHolds": {"edges": []}, "legalDemands": {"edges": []}}


async def test_r24_under_a_hold_an_erasure_seals_keys_and_destroys_none(story: Story, office: Office) -> None:
    them = await planted(story)
    id_ = await inner_id(story, them["client"])
    await office.hold(them["client"])

    done = await erased(story, them["client"])

    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        keys = (await session.scalars(select(DataKey).where(DataKey.client_id == id_))).all()
        held = (await session.scalars(select(HeldRow).where(HeldRow.client_id == id_))).all()
        erasure = (await session.scalars(select(Erasure).where(Erasure.client_id == id_))).one()
    assert done["client"]["keyState"] == "ERASED"  # who works with clients is not told of holds
    assert len(keys) >= 3
    assert all(key.wrapped and key.sealed_at and not key.destroyed_at for key in keys)
    assert {row.table_name for row in held} == {"clients", "referrals"}
    assert erasure.done_at is None


async def test_r24_what_is_held_is_read_by_nobody_in_no_way(story: Story, office: Office) -> None:
    them = await planted(story)
    id_ = await inner_id(story, them["client"])
    await office.hold(them["client"])
    demand = await office.demand("JUDICIAL_WARRANT", them["client"])
    await erased(story, them["client"])

    own = (await story.referrals.answer(story.clinic, CLIENT, h=them["client"]))["data"]["client"]
    assert {own[name] for name in ("displayName", "language", "ageBand", "zip3", "safeHours")} == {None}
    async with story.referrals.database.transaction(story.clinic) as session:
        assert (await session.scalars(select(DataKey).where(DataKey.client_id == id_))).all() == []
    with pytest.raises(DBAPIError):
        async with story.referrals.database.transaction(story.clinic) as session:
            await session.execute(select(HeldRow))
    await office.decide(office.counsel, demand)
    await office.decide(office.director, demand)
    exported = (await office.do(office.counsel, EXPORT, id=demand))["content"]
    assert not any(canary in exported for canary in CANARIES)
    assert them["client"] in exported


async def test_r9_r24_revoking_under_a_hold_ends_access_at_once_and_keeps_the_keys(
    story: Story, office: Office
) -> None:
    them = await planted(story)
    await office.hold(them["client"])

    await story.revoke(story.clinic, them["consent"])

    seen = (await story.seen(story.legal, them["referral"]))["data"]["referral"]
    assert seen["narrative"] is None
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        keys = await session.scalars(select(DataKey).where(DataKey.referral_id == UUID(them["referral"])))
        rows = keys.all()
    assert rows
    assert all(key.wrapped is not None and key.sealed_at is not None for key in rows)


async def test_r24_when_the_hold_is_lifted_what_was_to_be_erased_is(story: Story, office: Office) -> None:
    them = await planted(story)
    id_ = await inner_id(story, them["client"])
    hold = await office.hold(them["client"])
    await erased(story, them["client"])
    finishing = Round(f"finish {new_id()}", 1, finish_erasures)
    database, settings = story.referrals.database, story.referrals.settings

    await make(finishing, database, settings)
    async with database.transaction(system_caller(new_id())) as session:
        assert (await session.scalars(select(Erasure).where(Erasure.client_id == id_))).one().done_at is None
    await office.lift(hold)
    await make(finishing, database, settings)

    async with database.transaction(system_caller(new_id())) as session:
        keys = (await session.scalars(select(DataKey).where(DataKey.client_id == id_))).all()
        assert [key.wrapped for key in keys] == [None] * len(keys)
        assert (await session.scalars(select(HeldRow).where(HeldRow.client_id == id_))).all() == []
        assert (await session.scalars(select(Erasure).where(Erasure.client_id == id_))).one().done_at


async def test_r24_the_database_alone_holds_to_two_people(story: Story, office: Office) -> None:
    """Whatever the code above does."""
    client = await story.client()
    proposed = (await office.do(office.counsel, PLACE, client=client, reason="DEMAND_RECEIVED"))["hold"]

    for assignment in (
        "placed_at = now(), placed_by = proposed_by, placed_part = 'DIRECTOR'",
        "placed_at = now(), placed_by = 'another', placed_part = proposed_part",
        "placed_at = now()",
        "lifted_at = now(), lifted_by = 'another', lifted_part = 'DIRECTOR'",
    ):
        with pytest.raises(IntegrityError):
            async with story.referrals.database.transaction(office.director) as session:
                await session.execute(
                    text(f"UPDATE legal_holds SET {assignment} WHERE id = :id"),
                    {"id": UUID(proposed["id"])},
                )


async def test_r25_a_demand_is_kept_with_its_particulars_sealed(story: Story, office: Office) -> None:
    client = await story.client()
    done = await office.do(
        office.counsel,
        RECORD,
        kind="COURT_ORDER",
        servedOn="2026-01-05",
        servedBy="Canary Agency",
        scope="canary scope",
        counsel="Canary Counsel",
        clients=[client],
    )

    demand = done["demand"]
    assert (demand["servedBy"], demand["scope"], demand["counsel"]) == (
        "Canary Agency",
        "canary scope",
        "Canary Counsel",
    )
    assert (demand["state"], demand["clientHandles"]) == ("RECEIVED", [client])
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(LegalDemand, UUID(demand["id"]))
    assert b"anary" not in row.particulars_sealed


@pytest.mark.parametrize("first", ["counsel", "director"])
async def test_r25_a_demand_is_answered_when_counsel_and_director_have_approved_it(
    story: Story, office: Office, first: str
) -> None:
    client, other = await story.client("Ana Uno"), await story.client("Otra Dos")
    demand = await office.demand("SUBPOENA", client)
    second = "director" if first == "counsel" else "counsel"

    half = await office.decide(getattr(office, first), demand)
    early = await office.do(office.counsel, EXPORT, id=demand)
    again = await office.decide(getattr(office, first), demand)
    whole = await office.decide(getattr(office, second), demand)
    exported = await office.do(office.counsel, EXPORT, id=demand)

    assert (half["demand"]["state"], whole["demand"]["state"]) == ("HALF_APPROVED", "APPROVED")
    assert (early["objection"], again["objection"]) == ("NOTHING_PENDING", "SAME_PERSON")
    assert "Ana Uno" in exported["content"]
    assert "Otra Dos" not in exported["content"]
    assert other not in exported["content"]


@pytest.mark.parametrize("kind", sorted(set(DemandKind) - APPROVABLE))
async def test_r25_an_administrative_warrant_or_an_informal_request_is_approved_by_nobody(
    story: Story, office: Office, kind: DemandKind
) -> None:
    demand = await office.demand(kind.value, await story.client())

    for by in (office.counsel, office.director):
        done = await office.decide(by, demand)
        assert (done["code"], done["kind"]) == ("DEMAND_NOT_APPROVABLE", kind.value)
    assert (await office.do(office.counsel, EXPORT, id=demand))["code"] == "ANOTHER_PERSON_NEEDED"
    for assignment in (
        "state = 'APPROVED'",
        "state = 'APPROVED', first_approved_by = 'a', first_approved_part = 'COUNSEL', approved_by = 'b',"
        " approved_part = 'DIRECTOR'",
        "first_approved_by = 'a'",
    ):
        with pytest.raises(IntegrityError):
            async with story.referrals.database.transaction(office.director) as session:
                await session.execute(
                    text(f"UPDATE legal_demands SET {assignment} WHERE id = :id"),
                    {"id": UUID(demand)},
                )
    refused = await office.decide(office.director, demand, approve=False)
    assert refused["demand"]["state"] == "REFUSED"


async def test_r25_either_refuses_and_then_nobody_approves(story: Story, office: Office) -> None:
    demand = await office.demand("SUBPOENA", await story.client())

    await office.decide(office.counsel, demand)
    assert (await office.decide(office.director, demand, approve=False))["demand"]["state"] == "REFUSED"
    assert (await office.decide(office.counsel, demand))["objection"] == "NOTHING_PENDING"


async def test_r25_a_demand_names_ones_own_clients_and_few(story: Story, office: Office) -> None:
    theirs = Office(story, story.legal)
    sent = await story.sent()
    seen = (await story.seen(story.legal, sent["id"]))["data"]["referral"]["client"]["handle"]
    about = {"kind": "SUBPOENA", "servedOn": "2026-01-05", "servedBy": "x", "scope": "y"}

    foreign = await theirs.do(theirs.counsel, RECORD, **about, clients=[seen])
    many = await office.do(office.counsel, RECORD, **about, clients=[str(new_id()) for _ in range(21)])
    tomorrow = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    future = await office.do(office.counsel, RECORD, **{**about, "servedOn": tomorrow})

    assert foreign["code"] == "NOT_FOUND"
    assert [one["field"] for one in many["problems"]] == ["clients"]
    assert [one["field"] for one in future["problems"]] == ["servedOn"]


async def test_r2_what_is_said_of_a_demand_is_screened(story: Story, office: Office) -> None:
    about = {"kind": "INFORMAL", "servedOn": "2026-01-05", "servedBy": "x"}

    given = {"idempotencyKey": "k", **about, "scope": "the file of A123456789"}
    done = await story.referrals.answer(office.counsel, RECORD, input=given)

    assert [error["extensions"]["code"] for error in done["errors"]] == ["SENSITIVE_TEXT"]
    assert "123456789" not in str(done)


async def test_a_hold_leaves_the_client_as_they_are(story: Story, office: Office) -> None:
    """Nothing changes for who helps them; and R24 opens nothing to who holds."""
    client = await story.client("Elena R.")
    await office.hold(client)

    own = (await story.referrals.data(story.clinic, CLIENT, h=client))["client"]
    theirs = await story.referrals.answer(office.counsel, CLIENT, h=client)

    assert (own["displayName"], own["keyState"]) == ("Elena R.", "ACTIVE")
    assert {error["extensions"]["code"] for error in theirs["errors"]} == {"FORBIDDEN"}


async def test_a_client_who_is_not_known_is_not_held(story: Story, office: Office) -> None:
    done = await office.do(office.counsel, PLACE, client=str(new_id()), reason="DEMAND_RECEIVED")

    assert done["code"] == "NOT_FOUND"
