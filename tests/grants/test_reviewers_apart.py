"""Reviewer and advisor are never one (DOMAIN 4.9): whatever part somebody had, before they were assigned or after."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

from services.grants.domain.reviewing import Part, may_judge
from tests.grants.programmes import RUBRIC, Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.ids import new_id

HELP = """mutation($input: LogAssistanceInput!) { logAssistance(input: $input) { __typename } }"""
PARTS = [Part(*told) for told in product((False, True), repeat=3)]


async def advise(programmes: Programmes, by: Caller, participant: dict[str, Any]) -> None:
    given = {
        "participant": participant["id"],
        "topic": "LICENSING",
        "mode": "PHONE",
        "language": "spa",
        "minutes": 30,
        "on": datetime.now(UTC).date().isoformat(),
    }
    done = await programmes.grants.data(by, HELP, input={"idempotencyKey": str(new_id()), **given})
    assert done["logAssistance"]["__typename"] == "ProgressSaved"


async def seat(programmes: Programmes, handle: UUID) -> dict[str, Any]:
    cohort = await programmes.cohort()
    return dict((await programmes.enrol(cohort, programmes.proof(handle=handle)))["participant"])


async def applied(programmes: Programmes, round_: str, tier: str, by: Caller, handle: UUID) -> dict[str, Any]:
    """An application that `by` handed in for the clinic, and that is under review."""
    clinic, programmes.clinic = programmes.clinic, by
    made = (await programmes.apply(round_, tier, handle, trainingWaivedBy="A. Director"))["application"]
    await programmes.move(by, made, "SUBMIT")
    programmes.clinic = clinic
    for step in ("SCREEN", "REVIEW"):
        await programmes.move(programmes.funder, made, step)
    return dict(made)


async def test_whatever_part_somebody_had_postgres_judges_as_the_rule_does(programmes: Programmes) -> None:
    """For every part that there is, one candidate."""
    round_, tiers = await programmes.round(rubric=RUBRIC)
    tier = tiers["1000.00 USD"]
    for number, part in enumerate(PARTS):
        subject, handle = f"candidate {number}", new_id()
        at_the_clinic = caller_of(programmes.clinic.organization, subject=subject)
        applicant = at_the_clinic if part.applied else programmes.clinic
        application = await applied(programmes, round_, tier, applicant, handle)
        if part.advised:
            at_the_school = caller_of(programmes.school.organization, subject=subject)
            await advise(programmes, at_the_school, await seat(programmes, handle))
        if part.of_applicant:
            await applied(programmes, round_, tier, at_the_clinic, new_id())

        candidate = caller_of(programmes.funder.organization, subject=subject)
        answer = await programmes.assign(application, candidate)

        expected = "GrantReviewSaved" if may_judge(part) else "ReviewerRefused"
        assert answer["__typename"] == expected, part


async def test_who_advised_the_applicant_after_they_were_assigned_can_only_recuse_themselves(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round(rubric=RUBRIC)
    handle = new_id()
    application = await applied(programmes, round_, tiers["1000.00 USD"], programmes.clinic, handle)
    reviewer = caller_of(programmes.funder.organization, subject="volunteer")
    review = (await programmes.assign(application, reviewer))["review"]
    at_the_school = caller_of(programmes.school.organization, subject="volunteer")
    await advise(programmes, at_the_school, await seat(programmes, handle))

    scored = await programmes.score(reviewer, review, 8, 5)
    recused = await programmes.recuse(reviewer, review)

    assert scored["__typename"] == "ReviewerRefused"
    assert recused["review"]["state"] == "RECUSED"


async def test_who_advised_the_applicant_does_not_decide_either(programmes: Programmes) -> None:
    round_, tiers = await programmes.round()
    handle = new_id()
    application = await applied(programmes, round_, tiers["1000.00 USD"], programmes.clinic, handle)
    advisor = caller_of(programmes.school.organization, subject="volunteer")
    await advise(programmes, advisor, await seat(programmes, handle))

    by_advisor = caller_of(programmes.funder.organization, subject="volunteer")
    refused = await programmes.move(by_advisor, application, "APPROVE")
    approved = await programmes.move(programmes.funder, application, "APPROVE")

    assert (refused["__typename"], refused["state"]) == ("GrantMoveNotAllowed", "UNDER_REVIEW")
    assert approved["application"]["state"] == "APPROVED"


def test_only_who_had_no_part_may_judge() -> None:
    assert [part for part in PARTS if may_judge(part)] == [Part()]
