"""Blind review: two who score, know of nobody, and had no part in the application (DOMAIN 4.9)."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from services.grants.domain.applications import ApplicationState
from services.grants.domain.reviewing import Criterion, rubric_problems, score_problems, total
from services.grants.models import Award, GrantReview
from services.grants.models import GrantApplication as GrantApplicationRow
from tests.grants.programmes import FUND, RUBRIC, Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.database import Database
from vereda.ids import new_id

SEEN = """query($id: ID!) { grantApplication(id: $id) { state trainingWaivedBy client { handle } applicant { id }
  tier { amount } reviews { reviewer scores total } } }"""


async def rubric_round(programmes: Programmes) -> tuple[str, dict[str, str]]:
    return await programmes.round(rubric=RUBRIC)


def reviewers(programmes: Programmes, *names: str) -> list[Caller]:
    return [caller_of(programmes.funder.organization, subject=name) for name in names]


async def seen(programmes: Programmes, by: Caller, application: dict[str, Any]) -> dict[str, Any]:
    return await programmes.grants.answer(by, SEEN, id=application["id"])


async def test_it_is_decided_on_once_both_have_scored_and_the_decision_shows_both_scores(
    programmes: Programmes,
) -> None:
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])
    one, other = reviewers(programmes, "one", "other")
    first, second = [(await programmes.assign(application, by))["review"] for by in (one, other)]

    early = await programmes.move(programmes.funder, application, "APPROVE")
    await programmes.score(one, first, 8, 5)
    half = await programmes.move(programmes.funder, application, "APPROVE")
    await programmes.score(other, second, 6, 3)
    approved = await programmes.move(programmes.funder, application, "APPROVE")

    assert (early["__typename"], half["__typename"]) == ("ReviewsMissing", "ReviewsMissing")
    assert approved["application"]["state"] == "APPROVED"
    shown = (await seen(programmes, programmes.funder, application))["data"]["grantApplication"]["reviews"]
    assert [(review["scores"], review["total"]) for review in shown] == [([8, 5], 21), ([6, 3], 15)]


async def test_whose_it_is_is_hidden_from_the_funder_until_it_is_decided_on(programmes: Programmes) -> None:
    round_, tiers = await programmes.round()
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])

    blind = await seen(programmes, programmes.funder, application)
    own = await seen(programmes, programmes.clinic, application)
    await programmes.move(programmes.funder, application, "APPROVE")
    decided = await seen(programmes, programmes.funder, application)

    shown = blind["data"]["grantApplication"]
    assert (shown["client"], shown["applicant"], shown["trainingWaivedBy"]) == (None, None, None)
    assert shown["tier"] == {"amount": "5000.00 USD"}
    assert {one["reason"] for one in blind["extensions"]["redactions"]} == {"BLIND_REVIEW"}
    clinic = str(programmes.clinic.organization)
    assert clinic not in str(blind)
    for answer in (own, decided):
        assert answer["data"]["grantApplication"]["applicant"] == {"id": clinic}
        assert answer["data"]["grantApplication"]["client"] is not None


async def test_no_reviewer_sees_anothers_score_before_both_are_in(programmes: Programmes) -> None:
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])
    one, other = reviewers(programmes, "one", "other")
    first, second = [(await programmes.assign(application, by))["review"] for by in (one, other)]
    await programmes.score(one, first, 8, 5)

    async def scores(by: Caller) -> list[Any]:
        answer = await seen(programmes, by, application)
        return [review["scores"] for review in answer["data"]["grantApplication"]["reviews"]]

    assert (await scores(one), await scores(other), await scores(programmes.funder)) == ([[8, 5]], [None], [])
    await programmes.score(other, second, 6, 3)
    assert await scores(other) == await scores(programmes.funder) == [[8, 5], [6, 3]]


async def test_who_helped_to_apply_does_not_review_it(programmes: Programmes, database: Database) -> None:
    """By the caller's subject: the same person in another organisation is the same person."""
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])
    (helper,) = reviewers(programmes, programmes.clinic.subject)

    refused = await programmes.assign(application, helper)

    assert refused["__typename"] == "ReviewerRefused"
    values = {"organization_id": programmes.funder.organization, "application_id": UUID(application["id"])}
    with pytest.raises(DBAPIError, match="had a part"):
        async with database.transaction(programmes.funder) as session:
            await session.execute(
                insert(GrantReview).values(id=new_id(), reviewer=helper.subject, seat=1, **values)
            )


async def test_a_recused_reviewers_seat_goes_to_another_and_not_back(programmes: Programmes) -> None:
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])
    one, other, third = reviewers(programmes, "one", "other", "third")
    first = (await programmes.assign(application, one))["review"]
    await programmes.assign(application, other)

    full = await programmes.assign(application, third)
    recused = await programmes.recuse(one, first)
    again = await programmes.assign(application, one)
    instead = await programmes.assign(application, third)
    late = await programmes.score(one, {**first, "version": 2}, 1, 1)

    assert recused["review"]["state"] == "RECUSED"
    assert [a["__typename"] for a in (full, again, instead, late)] == [
        "ReviewerRefused", "ReviewerRefused", "GrantReviewSaved", "NotAllowed",
    ]  # fmt: skip


async def test_there_are_two_seats_whoever_assigns_at_once(programmes: Programmes) -> None:
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])

    answers = await asyncio.gather(
        *(programmes.assign(application, by) for by in reviewers(programmes, "a", "b", "c", "d"))
    )

    assert Counter(a["__typename"] for a in answers) == {"GrantReviewSaved": 2, "ReviewerRefused": 2}


async def test_nobody_scores_in_the_name_of_another(programmes: Programmes, database: Database) -> None:
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])
    one, other = reviewers(programmes, "one", "other")
    review = (await programmes.assign(application, one))["review"]

    refused = await programmes.score(other, review, 8, 5)

    assert refused["__typename"] == "NotAllowed"
    async with database.transaction(other) as session:
        by_hand = update(GrantReview).where(GrantReview.id == UUID(review["id"]))
        done: Any = await session.execute(by_hand.values(state="SUBMITTED", scores=[10, 5]))
        assert done.rowcount == 0


async def test_the_database_refuses_an_award_without_two_reviews(
    programmes: Programmes, database: Database
) -> None:
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])
    with pytest.raises(DBAPIError, match="two reviews come before an award"):
        async with database.transaction(programmes.funder) as session:
            row = await session.get_one(GrantApplicationRow, UUID(application["id"]))
            row.state = ApplicationState.APPROVED
            await session.flush()
            session.add(
                Award(
                    organization_id=row.funder_id,
                    recipient_id=row.organization_id,
                    application_id=row.id,
                    round_id=row.round_id,
                    participant_handle=row.funder_handle,
                    amount_cents=500_000,
                    awarded_at=row.created_at,
                )
            )
            await session.flush()


@pytest.mark.parametrize("scores", [(8,), (8, 5, 1), (11, 5), (8, -1)])
async def test_scores_fit_the_rubric(programmes: Programmes, scores: tuple[int, ...]) -> None:
    round_, tiers = await rubric_round(programmes)
    application = await programmes.reviewed(round_, tiers["5000.00 USD"])
    (one,) = reviewers(programmes, "one")
    review = (await programmes.assign(application, one))["review"]

    assert (await programmes.score(one, review, *scores))["problems"] == [{"field": "scores"}]


@pytest.mark.parametrize(
    "rubric",
    [[{"name": "", "maximum": 5}], [{"name": "Plan", "maximum": 0}], [{"name": "Plan", "maximum": 5}] * 2],
)
async def test_a_rubric_that_makes_no_sense_is_refused(
    programmes: Programmes, rubric: list[dict[str, Any]]
) -> None:
    answer = await programmes.grants.data(
        programmes.funder,
        FUND,
        input={
            "idempotencyKey": str(new_id()),
            "name": "Bad",
            "attestation": "rule",
            "tiers": [{"amount": "5000.00 USD"}],
            "rubric": rubric,
        },
    )

    assert answer["createFundingProgram"]["problems"] == [{"field": "rubric"}]


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 100), st.data()), max_size=5))
def test_a_total_lies_between_nothing_and_all_points(parts: list[tuple[int, int, Any]]) -> None:
    maxima, weights = [one for one, _, _ in parts], [weight for _, weight, _ in parts]
    scores = [data.draw(st.integers(0, most)) for most, _, data in parts]

    assert score_problems(scores, maxima) == {}
    assert 0 <= total(scores, weights) <= total(maxima, weights)
    assert rubric_problems([Criterion(str(n), m, w) for n, (m, w, _) in enumerate(parts)]) == {}
