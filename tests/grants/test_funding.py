"""Grants: tiers, rounds that are never overspent, and an application's life."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.grants.domain.applications import (
    APPLICATION_LIFE,
    BY_NAME,
    ApplicationMoveName,
    ApplicationState,
    Side,
    allowed,
)
from tests.grants.programmes import FUND, Programmes
from tests.support.subgraph import caller_of
from vereda.caller import system_caller
from vereda.database import Database
from vereda.ids import new_id


async def test_an_application_goes_from_draft_to_an_award_of_its_tier(programmes: Programmes) -> None:
    round_, tiers = await programmes.round()
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])

    approved = await programmes.move(programmes.funder, application, "APPROVE")
    signed = await programmes.move(programmes.clinic, application, "SIGN_AGREEMENT")

    assert (approved["application"]["state"], approved["application"]["awarded"]) == (
        "APPROVED",
        "5000.00 USD",
    )
    assert signed["application"]["state"] == "AGREEMENT_SIGNED"


async def test_the_budget_is_not_overspent_by_approvals_at_once(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(budget="20000.00 USD")
    waiting = [await programmes.reviewed(round_, tiers["10000.00 USD"]) for _ in range(4)]

    answers = await asyncio.gather(*(programmes.move(programmes.funder, one, "APPROVE") for one in waiting))

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["BudgetExceeded"] * 2 + ["GrantApplicationSaved"] * 2


async def test_the_database_itself_refuses_to_award_more_than_the_budget(
    programmes: Programmes, database: Database
) -> None:
    round_, _ = await programmes.round()

    with pytest.raises(DBAPIError, match="ck_funding_rounds_budget"):
        async with database.transaction(system_caller(new_id())) as session:
            await session.execute(
                text("UPDATE funding_rounds SET awarded_cents = budget_cents + 1 WHERE id = :id"),
                {"id": round_},
            )


async def test_a_rescinded_award_goes_back_to_the_round(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(budget="5000.00 USD")
    one, other = [await programmes.reviewed(round_, tiers["5000.00 USD"]) for _ in range(2)]
    await programmes.move(programmes.funder, one, "APPROVE")
    full = await programmes.move(programmes.funder, other, "APPROVE")

    await programmes.move(programmes.funder, one, "RESCIND", decision="TERMS_NOT_KEPT")

    assert full["__typename"] == "BudgetExceeded"
    assert (await programmes.move(programmes.funder, other, "APPROVE"))["application"]["state"] == "APPROVED"


async def test_a_tier_that_asks_for_training_wants_a_completed_one_or_a_named_waiver(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round()
    trained = new_id()
    cohort = await programmes.cohort()
    seat = (await programmes.enrol(cohort, programmes.proof(handle=trained)))["participant"]
    for status in ("ACTIVE", "COMPLETED"):
        seat = (await programmes.change(programmes.school, seat, status))["participant"]
    tier = tiers["5000.00 USD"]

    assert (await programmes.apply(round_, tier))["__typename"] == "PrerequisiteMissing"
    assert (await programmes.apply(round_, tier, trained))["__typename"] == "GrantApplicationSaved"
    assert (await programmes.apply(round_, tier, trainingWaivedBy="A. Director"))["application"][
        "state"
    ] == "DRAFT"
    assert (await programmes.apply(round_, tiers["1000.00 USD"]))["application"]["state"] == "DRAFT"


async def test_one_application_a_person_and_round_and_only_while_it_is_open(programmes: Programmes) -> None:
    open_, tiers = await programmes.round()
    closed, closed_tiers = await programmes.round(opened_days_ago=31)
    person = new_id()

    first = await programmes.apply(open_, tiers["1000.00 USD"], person)
    second = await programmes.apply(open_, tiers["1000.00 USD"], person)
    late = await programmes.apply(closed, closed_tiers["1000.00 USD"], person)

    assert first["__typename"] == "GrantApplicationSaved"
    assert (second["__typename"], late["__typename"]) == ("AlreadyThere", "RoundClosed")


async def test_the_applicant_attests_and_the_answer_is_not_stored_r4(
    programmes: Programmes, database: Database
) -> None:
    round_, tiers = await programmes.round()

    refused = await programmes.apply(round_, tiers["1000.00 USD"], attests=False)
    await programmes.apply(round_, tiers["1000.00 USD"])

    assert refused["problems"] == [{"field": "attests"}]
    async with database.transaction(None) as session:
        columns = await session.scalars(
            text("SELECT column_name FROM information_schema.columns WHERE table_name = 'grant_applications'")
        )
        assert {name for name in columns if "attest" in name} == {"attestation_version"}


async def test_a_draft_is_the_applicants_own_and_then_the_funders_too_but_nobody_elses(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round()
    made = (await programmes.apply(round_, tiers["1000.00 USD"]))["application"]
    document = "query($id: ID!) { grantApplication(id: $id) { state } }"

    async def seen(by):  # type: ignore[no-untyped-def]
        return (await programmes.grants.data(by, document, id=made["id"]))["grantApplication"]

    assert (await seen(programmes.clinic), await seen(programmes.funder)) == ({"state": "DRAFT"}, None)
    await programmes.move(programmes.clinic, made, "SUBMIT")
    assert (await seen(programmes.funder), await seen(caller_of())) == ({"state": "SUBMITTED"}, None)


async def test_who_submitted_does_not_approve(programmes: Programmes) -> None:
    programmes.funder = caller_of(programmes.clinic.organization, subject="worker")
    round_, tiers = await programmes.round()
    made = await programmes.apply(round_, tiers["1000.00 USD"])

    assert made["__typename"] == "GrantApplicationSaved"  # an organisation may fund its own client...
    assert all(row.by is Side.FUNDER for row in APPLICATION_LIFE if row.takes_money)


@pytest.mark.parametrize("row", APPLICATION_LIFE, ids=lambda row: row.name)
def test_every_move_of_the_table_is_offered_to_its_side_alone(row) -> None:  # type: ignore[no-untyped-def]
    other = Side.FUNDER if row.by is Side.APPLICANT else Side.APPLICANT
    for state in row.frm:
        assert row in allowed(state, row.by, of_award=row.of_award)
        assert row not in allowed(state, row.by, of_award=not row.of_award)
        assert row not in allowed(state, other, of_award=row.of_award)


def test_every_state_but_the_first_is_reached_and_each_row_has_its_own_name() -> None:
    assert {row.to for row in APPLICATION_LIFE} | {ApplicationState.DRAFT} == set(ApplicationState)
    assert len(BY_NAME) == len(APPLICATION_LIFE) == len(ApplicationMoveName)


@pytest.mark.parametrize("tiers", [[], ["5000.00 USD", "5000.00 USD"], ["0.00 USD"], ["5000.00 EUR"]])
async def test_tiers_that_make_no_sense_are_refused(programmes: Programmes, tiers: list[str]) -> None:
    answer = await programmes.grants.data(
        programmes.funder,
        FUND,
        input={
            "idempotencyKey": str(new_id()),
            "name": "Bad",
            "attestation": "rule",
            "tiers": [{"amount": amount} for amount in tiers],
        },
    )

    assert answer["createFundingProgram"]["problems"] == [{"field": "tiers"}]


async def test_money_that_is_not_money_is_refused_with_a_code(programmes: Programmes) -> None:
    answer = await programmes.grants.answer(
        programmes.funder,
        FUND,
        input={
            "idempotencyKey": "k",
            "name": "Bad",
            "attestation": "rule",
            "tiers": [{"amount": "5000 dollars"}],
        },
    )

    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "5000 dollars" not in answer["errors"][0]["message"]
