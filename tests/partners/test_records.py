"""Records are their owners'; others propose, sources are named, and what nobody looks over is known as old."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from services.partners.domain.freshness import due_reminder, is_stale
from services.partners.domain.records import FIELDS, RecordKind, outdated, problems_of
from services.partners.domain.terms import Visibility
from services.partners.models import ChangeProposal, OutboxEvent, RecordReminder, Service
from services.partners.operations.verification import remind_of_records
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda import rounds
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import Round

PROPOSE = """mutation($input: ProposeChangeInput!) { proposeChange(input: $input) { __typename
  ... on ProposalSaved { proposal { id version state changes { field was proposed verdict } } }
  ... on InvalidInput { problems { field problem } } ... on VersionConflict { currentVersion } } }"""
DECIDE = """mutation($input: DecideChangeInput!) { decideChange(input: $input) { __typename
  ... on ProposalSaved { proposal { state reason changes { field verdict } } }
  ... on InvalidInput { problems { field } } ... on ProposalOutdated { code fields } } }"""
WITHDRAW = "mutation($input: WithdrawChangeInput!) { withdrawChange(input: $input) { __typename } }"
VERIFY = "mutation($input: VerifyRecordInput!) { verifyRecord(input: $input) { __typename } }"
SOURCES = """query($id: ID!) { service(id: $id) { name description version stale verifiedAt
  fieldSources { field verifiedAt stale conflict sources { source says agrees } } } }"""


class Case:
    """A service of one organisation, and another organisation that knows better."""

    def __init__(self, partners: Subgraph, owner: Caller, neighbour: Caller, service: UUID) -> None:
        self.partners, self.owner, self.neighbour, self.service = partners, owner, neighbour, service

    async def propose(self, version: int = 1, **changes: str | None) -> dict[str, Any]:
        given = {
            "idempotencyKey": str(new_id()),
            "kind": "SERVICE",
            "id": str(self.service),
            "expectedVersion": version,
            "changes": [{"field": field, "value": value} for field, value in changes.items()],
        }
        return dict((await self.partners.data(self.neighbour, PROPOSE, input=given))["proposeChange"])

    async def decide(self, proposal: dict[str, Any], by: Caller | None = None, **more: Any) -> dict[str, Any]:
        given = {
            "idempotencyKey": str(new_id()),
            "id": proposal["id"],
            "expectedVersion": proposal["version"],
            **more,
        }
        return dict((await self.partners.data(by or self.owner, DECIDE, input=given))["decideChange"])

    async def verify(self, version: int, fields: list[str] | None = None) -> None:
        given = {
            "idempotencyKey": str(new_id()),
            "kind": "SERVICE",
            "id": str(self.service),
            "expectedVersion": version,
            "fields": fields,
        }
        done = await self.partners.data(self.owner, VERIFY, input=given)
        assert done["verifyRecord"]["__typename"] == "RecordVerified"

    async def read(self) -> dict[str, Any]:
        return dict((await self.partners.data(self.neighbour, SOURCES, id=str(self.service)))["service"])


@pytest.fixture
async def case(partners: Subgraph, directory: Directory) -> Case:
    owner, neighbour = await directory.organization("Owner"), await directory.organization("Neighbour")
    service = await directory.service(owner.id, "Food pantry", description="Tuesdays", source="a-list")
    return Case(partners, caller_of(owner.id), caller_of(neighbour.id), service.id)


async def test_a_proposed_change_is_decided_field_by_field_by_the_owner(case: Case) -> None:
    made = await case.propose(description="Thursdays", url="https://pantry.example.org")
    assert made["proposal"]["changes"][0] == {
        "field": "description",
        "was": "Tuesdays",
        "proposed": "Thursdays",
        "verdict": None,
    }

    decided = await case.decide(
        made["proposal"], accept=["description"], refuse=["url"], reason="no page yet"
    )

    assert decided["proposal"] == {
        "state": "DECIDED",
        "reason": "no page yet",
        "changes": [
            {"field": "description", "verdict": "ACCEPTED"},
            {"field": "url", "verdict": "REFUSED"},
        ],
    }
    assert (await case.read())["description"] == "Thursdays"


async def test_both_sides_are_told_of_what_becomes_of_a_proposal(case: Case, database: Database) -> None:
    made = await case.propose(description="Thursdays")
    await case.decide(made["proposal"], accept=["description"])

    for side in (case.owner, case.neighbour):
        async with database.transaction(side) as session:
            told = select(OutboxEvent.type).where(OutboxEvent.subject == made["proposal"]["id"])
            types = set(await session.scalars(told))
        assert types == {"org.vereda.proposal.made", "org.vereda.proposal.decided"}


async def test_nobody_but_the_two_sides_knows_of_a_proposal_and_nobody_but_the_owner_decides(
    case: Case, partners: Subgraph, database: Database
) -> None:
    made = await case.propose(description="Thursdays")
    document = "query { changeProposals { nodes { id } } }"
    stranger = caller_of()

    seen = {
        who: len((await partners.data(caller, document))["changeProposals"]["nodes"])
        for who, caller in {"owner": case.owner, "neighbour": case.neighbour, "stranger": stranger}.items()
    }
    refused = {
        (await case.decide(made["proposal"], by=one, accept=["description"]))["__typename"]
        for one in (case.neighbour, stranger)
    }

    assert seen == {"owner": 1, "neighbour": 1, "stranger": 0}
    assert refused == {"NotAllowed", "NotFound"}
    decide = update(ChangeProposal).where(ChangeProposal.id == UUID(made["proposal"]["id"]))
    with pytest.raises(DBAPIError, match="other side"):
        async with database.transaction(case.neighbour) as session:
            await session.execute(decide.values(state="DECIDED"))


async def test_what_has_changed_since_it_was_proposed_cannot_be_taken_over_but_refused(
    case: Case, database: Database
) -> None:
    made = await case.propose(description="Thursdays", url="https://pantry.example.org")
    async with database.transaction(case.owner) as session:
        (await session.get_one(Service, case.service)).description = "Fridays"

    late = await case.decide(made["proposal"], accept=["description"], refuse=["url"])
    then = await case.decide(made["proposal"], accept=["url"], refuse=["description"])

    assert late == {"__typename": "ProposalOutdated", "code": "PROPOSAL_OUTDATED", "fields": ["description"]}
    assert then["__typename"] == "ProposalSaved"
    assert (await case.read())["description"] == "Fridays"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"description": "Tuesdays"}, "description"),
        ({"organizationId": str(new_id())}, "organizationId"),
        ({"verifiedAt": "2030-01-01"}, "verifiedAt"),
        ({"status": "OPEN"}, "status"),
        ({}, "changes"),
    ],
)
async def test_what_cannot_be_proposed_is_refused_by_its_field(
    case: Case, changes: dict[str, str], field: str
) -> None:
    refused = await case.propose(**changes)

    assert [one["field"] for one in refused["problems"]] == [field]


async def test_a_proposal_is_of_the_version_that_was_read_and_is_not_made_to_oneself(
    case: Case, partners: Subgraph
) -> None:
    assert await case.propose(version=7, description="x") == {
        "__typename": "VersionConflict",
        "currentVersion": 1,
    }
    case.neighbour = case.owner
    assert (await case.propose(description="x"))["__typename"] == "NotAllowed"


async def test_of_two_decisions_at_once_one_counts_and_what_is_withdrawn_is_over(
    case: Case, partners: Subgraph
) -> None:
    first, second = (
        await case.propose(description="Thursdays"),
        await case.propose(url="https://x.example.org"),
    )

    both = await asyncio.gather(
        case.decide(first["proposal"], accept=["description"]),
        case.decide(first["proposal"], refuse=["description"]),
    )
    given = {"idempotencyKey": "w", "id": second["proposal"]["id"], "expectedVersion": 1}
    withdrawn = await partners.data(case.neighbour, WITHDRAW, input=given)
    after = await case.decide({**second["proposal"], "version": 2}, accept=["url"])

    assert sorted(one["__typename"] for one in both) == ["ProposalSaved", "VersionConflict"]
    assert withdrawn["withdrawChange"]["__typename"] == "ProposalSaved"
    assert after["__typename"] == "NotAllowed"


async def test_r17_nothing_is_compared_with_what_a_place_that_is_kept_back_says(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    place = await directory.location(owner.id, visibility=Visibility.OWNER)
    guess = {
        "idempotencyKey": "g",
        "kind": "LOCATION",
        "id": str(place.id),
        "expectedVersion": 1,
        "changes": [{"field": "name", "value": place.name}],
    }

    refused = await partners.data(caller_of(), PROPOSE, input=guess)

    assert refused["proposeChange"]["__typename"] == "NotAllowed"


async def import_says(database: Database, service: UUID, **values: str) -> None:
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(f"UPDATE services SET {', '.join(f'{one} = :{one}' for one in values)} WHERE id = :id"),
            {"id": service, **values},
        )


async def test_an_import_changes_what_its_owner_has_not_spoken_of_and_the_owners_word_wins_elsewhere(
    case: Case, database: Database
) -> None:
    async with database.transaction(case.owner) as session:
        (await session.get_one(Service, case.service)).description = "Thursdays"

    await import_says(database, case.service, description="Mondays", name="Food bank")
    read = await case.read()

    assert (read["description"], read["name"]) == ("Thursdays", "Food bank")
    by = {one["field"]: one for one in read["fieldSources"]}
    assert by["description"]["conflict"]
    assert {one["source"]: (one["says"], one["agrees"]) for one in by["description"]["sources"]} == {
        "OWNER": ("Thursdays", True),
        "a-list": ("Mondays", False),
    }
    assert not by["name"]["conflict"]
    assert by["name"]["stale"]  # nobody whose record it is has said so


async def test_an_owner_verifies_fields_or_the_whole_and_then_an_import_changes_them_no_more(
    case: Case, database: Database
) -> None:
    await case.verify(1, ["name"])
    part = await case.read()
    await case.verify(part["version"])
    whole = await case.read()
    await import_says(database, case.service, name="Another", description="Another")
    after = await case.read()

    assert part["stale"]
    assert not whole["stale"]
    verified = {one["field"] for one in part["fieldSources"] if one["verifiedAt"]}
    assert verified == {"name"}
    assert all(not one["stale"] for one in whole["fieldSources"])
    assert (after["name"], after["description"]) == ("Food pantry", "Tuesdays")


async def test_nobody_verifies_a_record_of_another_or_says_something_in_its_owners_name(
    case: Case, partners: Subgraph, database: Database
) -> None:
    given = {"idempotencyKey": "v", "kind": "SERVICE", "id": str(case.service), "expectedVersion": 1}

    refused = await partners.data(case.neighbour, VERIFY, input=given)

    assert refused["verifyRecord"]["__typename"] == "NotAllowed"
    forge = text(
        "INSERT INTO record_sources (subject_id, source, kind, organization_id, says, said_at)"
        " VALUES (:subject, 'OWNER', 'SERVICE', :me, '{}', '{}')"
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(case.neighbour) as session:
            await session.execute(forge, {"subject": case.service, "me": case.neighbour.organization})


async def test_old_records_are_listed_the_oldest_first_and_ones_own_are_ones_tasks(
    partners: Subgraph, directory: Directory
) -> None:
    now = datetime.now(UTC)
    owner = await directory.organization(verified_at=now)
    ages = {"new": 1, "middle": 200, "old": 400}
    for name, days in ages.items():
        await directory.service(owner.id, name, verified_at=now - timedelta(days=days))
    document = """query($f: UnverifiedRecordFilter) { unverifiedRecords(filter: $f) {
      nodes { kind name verifiedAt owner { id } } } }"""

    found = await partners.data(caller_of(), document, f={"organization": str(owner.id)})

    assert [one["name"] for one in found["unverifiedRecords"]["nodes"]] == ["old", "middle"]


async def test_an_owner_is_reminded_once_for_each_age_and_of_the_last_that_is_due(
    directory: Directory, database: Database, partners: Subgraph
) -> None:
    now = datetime.now(UTC)
    owner = await directory.organization(verified_at=now)
    at = {
        days: await directory.service(owner.id, f"{days}", verified_at=now - timedelta(days=days))
        for days in (149, 151, 181, 400)
    }

    for _ in range(2):
        await rounds.make(Round("record reminders", 3600, remind_of_records), database, partners.settings)

    async with database.transaction(system_caller(owner.id)) as session:
        own = RecordReminder.organization_id == owner.id
        reminded = dict(
            (await session.execute(select(RecordReminder.subject_id, RecordReminder.days).where(own))).all()
        )
    async with database.transaction(caller_of(owner.id)) as session:
        unverified = OutboxEvent.type == "org.vereda.record.unverified"
        told = await session.scalar(select(func.count()).where(unverified))
    assert reminded == {at[151].id: 150, at[181].id: 180, at[400].id: 365}
    assert told == 3


async def test_the_director_reads_who_is_in_and_which_counties_lack_what(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization(counties=["06047"])
    await directory.service(
        owner.id, terms=("language.interpreting",), at=await directory.location(owner.id, "95340")
    )
    document = """{ memberCounts { kind count county { fips } }
      coverageGaps(terms: ["language"]) { county { fips } term { code } } }"""

    found = await partners.data(caller_of(), document)

    assert {"kind": "CLINIC", "county": {"fips": "06047"}}.items() <= next(
        one for one in found["memberCounts"] if one["county"] == {"fips": "06047"} and one["kind"] == "CLINIC"
    ).items()
    lacking = {one["county"]["fips"] for one in found["coverageGaps"]}
    assert "06047" not in lacking
    assert "06031" in lacking


async def test_the_coordinator_teaches_search_a_word_and_takes_it_back(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"y{new_id().hex[-8:]}"
    owner = await directory.organization()
    await directory.service(owner.id, tag, terms=("basic.transport",))
    document = """mutation($input: SetSynonymInput!) { setSynonym(input: $input) { __typename
      ... on SynonymSet { meanings } } }"""
    find = "query($f: ServiceFilter) { services(filter: $f) { totalCount } }"

    async def taught(by: Caller, *meanings: str) -> dict[str, Any]:
        given = {"idempotencyKey": str(new_id()), "phrase": "Raitéro del valle", "meanings": list(meanings)}
        return await partners.answer(by, document, input=given)

    async def count() -> int:
        wanted = {"text": f"{tag} raitero del valle"}
        return int((await partners.data(caller_of(), find, f=wanted))["services"]["totalCount"])

    refused = await taught(caller_of(None, Scope.DIRECTORY_WRITE, Scope.DIRECTORY_READ), "#basic.transport")
    unknown = await taught(caller_of(), "#no.such.term")
    assert (await count()) == 0
    await taught(caller_of(), "#basic.transport", "Ride")
    assert (await count()) == 1
    await taught(caller_of())
    assert (await count()) == 0
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert unknown["data"]["setSynonym"]["__typename"] == "InvalidInput"


TEXTS = st.none() | st.text(max_size=5)
VALUES = st.dictionaries(st.sampled_from(FIELDS[RecordKind.LOCATION]), TEXTS, min_size=1)


@given(VALUES, VALUES, VALUES)
def test_a_field_is_taken_over_only_where_the_record_says_what_it_said(
    now: dict[str, str | None], was: dict[str, str | None], proposed: dict[str, str | None]
) -> None:
    accepted = frozenset(proposed)

    assert outdated(now, was, accepted) == {one for one in accepted if now.get(one) != was.get(one)}
    assert all(one in proposed for one in problems_of(RecordKind.LOCATION, now, proposed))


@given(st.integers(0, 1000))
def test_a_record_is_stale_from_the_second_reminder_on(days: int) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    verified = now - timedelta(days=days)

    assert is_stale(verified, now) == ((due_reminder(verified, now) or 0) >= 180)
    assert is_stale(None, now)


async def test_the_pages_examples_run(case: Case, partners: Subgraph) -> None:
    page = (Path(__file__).parents[2] / "docs" / "directory.md").read_text()
    search, propose, decide, sources, director = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)
    given = {"kind": "SERVICE", "id": str(case.service), "expectedVersion": 1, "idempotencyKey": "p"}
    changes = [{"field": "description", "value": "Thursdays"}]

    found = await partners.data(caller_of(), search, filter={"text": "pantry"})
    made = await partners.data(case.neighbour, propose, input={**given, "changes": changes})
    proposal = made["proposeChange"]["proposal"]
    deciding = {"id": proposal["id"], "expectedVersion": 1, "idempotencyKey": "d", "accept": ["description"]}
    decided = await partners.data(case.owner, decide, input=deciding)
    read = await partners.data(case.neighbour, sources, id=str(case.service))
    counted = await partners.data(caller_of(), director)

    assert found["services"]["totalCount"] >= 1
    assert decided["decideChange"]["proposal"]["state"] == "DECIDED"
    assert "description" in {one["field"] for one in read["service"]["fieldSources"]}
    assert counted["unverifiedRecords"]["nodes"]
