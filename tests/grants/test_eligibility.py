"""What applicants say they meet: by version, whole, and never what they would have answered to one statement (R4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from services.grants.domain.eligibility import Statement, as_text, questionnaire_problems
from services.grants.models import EligibilityQuestionnaire
from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id

PUBLISH = """mutation($input: PublishEligibilityInput!) { publishEligibility(input: $input) { __typename
  ... on FundingProgramSaved { fundingProgram { version attestation eligibility { version statements { code text textEs } } } }
  ... on InvalidInput { problems { field } } ... on VersionConflict { currentVersion } } }"""
PROGRAM = "query($id: ID!) { fundingRound(id: $id) { program { id version eligibility { version statements { text } } } } }"
APPLIED = "query($id: ID!) { grantApplication(id: $id) { eligibility { version statements { code } } } }"
NEWER = [
    {"code": "TRAINED", "text": "I completed the training.", "textEs": "Terminé la capacitación."},
    {"code": "HERE", "text": "My business is in the valley."},
]


async def program_of(programmes: Programmes, round_: str) -> dict[str, Any]:
    return dict(
        (await programmes.grants.data(programmes.funder, PROGRAM, id=round_))["fundingRound"]["program"]
    )


async def publish(
    programmes: Programmes, program: dict[str, Any], by: Caller | None = None, **more: Any
) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "id": program["id"],
        "expectedVersion": program["version"],
        "statements": NEWER,
    }
    done = await programmes.grants.data(by or programmes.funder, PUBLISH, input={**given, **more})
    return dict(done["publishEligibility"])


async def version_of(programmes: Programmes, application: dict[str, Any]) -> dict[str, Any]:
    found = await programmes.grants.data(programmes.clinic, APPLIED, id=application["id"])
    return dict(found["grantApplication"]["eligibility"])


async def test_r4_a_newer_version_is_for_who_applies_from_then_on_and_changes_no_application(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round()
    before = (await programmes.apply(round_, tiers["1000.00 USD"]))["application"]
    first = await program_of(programmes, round_)

    published = (await publish(programmes, first))["fundingProgram"]
    after = (await programmes.apply(round_, tiers["1000.00 USD"]))["application"]

    assert first["eligibility"] == {
        "version": 1,
        "statements": [{"text": "I meet the program's rule for applicants."}],
    }
    assert (published["version"], published["eligibility"]["version"]) == (2, 2)
    assert [one["code"] for one in published["eligibility"]["statements"]] == ["TRAINED", "HERE"]
    assert published["attestation"] == "I completed the training.\nMy business is in the valley."
    assert await version_of(programmes, before) == {"version": 1, "statements": [{"code": "RULE"}]}
    assert (await version_of(programmes, after))["version"] == 2


async def test_r4_what_was_read_to_them_is_the_newest_or_the_application_waits(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round()
    await publish(programmes, await program_of(programmes, round_))

    old = await programmes.apply(round_, tiers["1000.00 USD"], attestationVersion=1)
    newest = await programmes.apply(round_, tiers["1000.00 USD"], attestationVersion=2)

    assert old["problems"] == [{"field": "attestationVersion"}]
    assert newest["__typename"] == "GrantApplicationSaved"


async def test_r4_no_answer_is_kept(programmes: Programmes, database: Database) -> None:
    round_, tiers = await programmes.round()
    made = (await programmes.apply(round_, tiers["1000.00 USD"]))["application"]

    async with database.transaction(system_caller(new_id())) as session:
        row = await session.scalar(
            text("SELECT to_jsonb(a) FROM grant_applications a WHERE id = :id"), {"id": UUID(made["id"])}
        )
    assert {name for name in row if "attest" in name or "eligib" in name} == {"attestation_version"}
    assert row["attestation_version"] == 1


async def test_who_publishes_has_read_what_is_there_and_runs_the_program(programmes: Programmes) -> None:
    round_, _ = await programmes.round()
    program = await program_of(programmes, round_)
    await publish(programmes, program)

    late = await publish(programmes, program)
    others = await publish(programmes, program, by=caller_of())
    twice = await publish(
        programmes, {**program, "version": 2}, statements=[NEWER[0], {**NEWER[1], "code": "TRAINED"}]
    )

    assert (late["__typename"], late["currentVersion"]) == ("VersionConflict", 2)
    assert others["__typename"] == "NotAllowed"
    assert twice["problems"] == [{"field": "statements"}]


async def test_a_version_stays_what_it_was_whoever_writes(programmes: Programmes, database: Database) -> None:
    round_, _ = await programmes.round()
    program = UUID((await program_of(programmes, round_))["id"])
    values = {"program_id": program, "organization_id": programmes.funder.organization}
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(programmes.funder) as session:
            ahead = insert(EligibilityQuestionnaire).values(
                **values, version=7, statements=[], published_at=text("now()")
            )
            await session.execute(ahead)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.transaction(system_caller(new_id())) as session:
            changing = text("UPDATE eligibility_questionnaires SET statements = '[]' WHERE program_id = :id")
            await session.execute(changing, {"id": program})


codes = st.from_regex(r"[A-Z][A-Z0-9_]{0,39}", fullmatch=True)
texts = st.text("abc ñ", min_size=1).filter(str.strip)


@given(st.lists(st.builds(Statement, codes, texts), min_size=1, max_size=20, unique_by=lambda one: one.code))
def test_a_questionnaire_is_all_of_its_statements_each_with_its_code(statements: list[Statement]) -> None:
    assert questionnaire_problems(statements) == {}
    assert as_text(statements).count("\n") == len(statements) - 1
    assert questionnaire_problems([*statements, statements[0]]) != {}
    assert questionnaire_problems([Statement(statements[0].code, " ")]) != {}
