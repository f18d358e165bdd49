"""Who is chosen for a cohort: a published rubric, two who judge apart, seats that are given once, a list that goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.grants.domain.selection import Criterion, judgement, rubric_problem
from tests.grants.programmes import OPEN, Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.database import Database
from vereda.ids import new_id

RUBRIC = """mutation($input: PublishRubricInput!) { publishRubric(input: $input) { __typename
  ... on RubricPublished { cohort { id rubric { code maximum } } } ... on InvalidInput { problems { field } } } }"""
APPLY = """mutation($input: ApplyToCohortInput!) { applyToCohort(input: $input) { __typename
  ... on CohortApplicationSaved { application { id state version client { handle } } } } }"""
REVIEW = """mutation($input: ReviewCohortApplicationInput!) { reviewCohortApplication(input: $input) { __typename
  ... on CohortApplicationSaved { application { id } } ... on InvalidInput { problems { field } } } }"""
MOVE = """mutation($input: MoveCohortApplicationInput!) { moveCohortApplication(input: $input) { __typename
  ... on CohortApplicationSaved { application { id state version participant { id status version } } }
  ... on NotAllowed { message } } }"""
ROLL = """mutation($input: RollWaitingListInput!) { rollWaitingList(input: $input) { __typename
  ... on WaitingListRolled { participants { id status } } } }"""
SELECTION = "... on CohortApplication { selection { reviews recused average disagreement } }"
CRITERIA = [
    {"code": "IDEA", "name": "The idea", "nameEs": "La idea", "maximum": 6},
    {"code": "TIME", "name": "Time for it", "nameEs": "Tiempo", "maximum": 4},
]


async def rubric(programmes: Programmes, cohort: str, criteria: Any = None) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), "cohort": cohort, "criteria": criteria or CRITERIA}
    return dict((await programmes.grants.data(programmes.school, RUBRIC, input=given))["publishRubric"])


async def opened(programmes: Programmes, capacity: int = 40) -> str:
    cohort = await programmes.cohort(capacity)
    await rubric(programmes, cohort)
    return cohort


async def apply(programmes: Programmes, cohort: str, **more: Any) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), "cohort": cohort, "proof": programmes.proof(**more)}
    return dict((await programmes.grants.data(programmes.clinic, APPLY, input=given))["applyToCohort"])


async def review(
    programmes: Programmes, application: str, who: str, idea: int | None = 3, time: int = 2
) -> str:
    scores = [{"criterion": "IDEA", "points": idea}, {"criterion": "TIME", "points": time}]
    given = {"idempotencyKey": str(new_id()), "application": application}
    by = replace(programmes.school, subject=who)
    if idea is not None:
        given["scores"] = scores  # type: ignore[assignment]
    data = await programmes.grants.data(by, REVIEW, input=given)
    return str(data["reviewCohortApplication"]["__typename"])


async def judged(programmes: Programmes, cohort: str, **more: Any) -> dict[str, Any]:
    made = (await apply(programmes, cohort, **more))["application"]
    for who in ("ana", "ben"):
        await review(programmes, made["id"], who)
    return dict(made)


async def move(
    programmes: Programmes, application: dict[str, Any], name: str, by: Caller | None = None
) -> dict[str, Any]:
    given = {"id": application["id"], "expectedVersion": application["version"], "move": name}
    data = await programmes.grants.data(
        by or programmes.school, MOVE, input={"idempotencyKey": str(new_id()), **given}
    )
    return dict(data["moveCohortApplication"])


async def seats(programmes: Programmes, cohort: str) -> int:
    data = await programmes.grants.data(
        programmes.school, "query($id: ID!) { cohort(id: $id) { admitted } }", id=cohort
    )
    return int(data["cohort"]["admitted"])


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=6),
    st.lists(st.lists(st.floats(0, 1), min_size=6, max_size=6), max_size=4),
)
def test_an_average_lies_between_the_reviews_and_nothing_is_said_of_one(
    maxima: list[int], shares: list[list[float]]
) -> None:
    criteria = [Criterion(f"C{n}", "a", "a", maximum) for n, maximum in enumerate(maxima)]
    reviews = [{c.code: int(s * c.maximum) for c, s in zip(criteria, one, strict=False)} for one in shares]

    found = judgement(criteria, reviews)

    assert (found is None) == (len(reviews) < 2)
    if found is not None:
        percents = [100 * sum(one.values()) / sum(maxima) for one in reviews]
        assert min(percents) - 0.1 <= found.average <= max(percents) + 0.1
        assert found.disagreement == pytest.approx(max(percents) - min(percents), abs=0.06)


@pytest.mark.parametrize(
    "criteria",
    [
        [],
        [Criterion("A", "a", "a", 5)] * 2,
        [Criterion("idea", "a", "a", 5)],
        [Criterion("A", " ", "a", 5)],
        [Criterion("A", "a", "a", 0)],
        [Criterion(f"A{n}", "a", "a", 5) for n in range(13)],
    ],
)
def test_a_rubric_that_cannot_be_judged_by_is_refused(criteria: list[Criterion]) -> None:
    assert rubric_problem(criteria)


async def test_nobody_is_admitted_before_two_have_judged(programmes: Programmes) -> None:
    cohort = await opened(programmes)
    made = (await apply(programmes, cohort))["application"]

    assert (await move(programmes, made, "ADMIT"))["__typename"] == "NotAllowed"
    first, again = [await review(programmes, made["id"], "ana") for _ in range(2)]
    recused = await review(programmes, made["id"], "eva", idea=None)
    after_recusal = await review(programmes, made["id"], "eva")
    assert (first, again, recused, after_recusal) == (
        "CohortApplicationSaved",
        "AlreadyThere",
        "CohortApplicationSaved",
        "AlreadyThere",
    )
    assert (await move(programmes, made, "ADMIT"))["__typename"] == "NotAllowed"  # one score, one recusal
    await review(programmes, made["id"], "ben")

    assert (await move(programmes, made, "ADMIT"))["application"]["state"] == "ADMITTED"


async def test_scores_are_shown_when_two_are_there_to_the_host_while_consent_holds_r9(
    programmes: Programmes,
) -> None:
    handle, consent = new_id(), new_id()
    made = (await apply(programmes, await opened(programmes), handle=handle, consent=consent))["application"]
    of_host = UUID(int=handle.int ^ 1)

    async def seen(by: Caller, assurance: str | None) -> Any:
        asked = {"__typename": "CohortApplication", "id": made["id"], "client": {"assurance": assurance}}
        [found] = await programmes.grants.entities(by, SELECTION, asked)
        return found["selection"]

    assured = programmes.assurance(of_host, consent, reader=programmes.school)
    await review(programmes, made["id"], "ana", 6, 4)
    first = await seen(programmes.school, assured)
    await review(programmes, made["id"], "ben", 3, 2)
    await review(programmes, made["id"], "eva", None)

    assert first == {"reviews": 1, "recused": 0, "average": None, "disagreement": None}
    assert await seen(programmes.school, assured) == {
        "reviews": 2,
        "recused": 1,
        "average": 75.0,
        "disagreement": 50.0,
    }
    revoked = programmes.assurance(of_host, reader=programmes.school)
    assert [await seen(programmes.school, one) for one in (revoked, None)] == [None, None]
    assert await seen(programmes.clinic, programmes.assurance(handle, consent)) is None


async def test_a_review_is_by_the_rubric_and_the_rubric_stays_once_somebody_was_judged(
    programmes: Programmes,
) -> None:
    cohort = await programmes.cohort()
    without = await apply(programmes, cohort)
    await rubric(programmes, cohort)
    made = (await apply(programmes, cohort))["application"]

    assert without["__typename"] == "NotAllowed"
    assert await review(programmes, made["id"], "ana", 7) == "InvalidInput"
    assert await review(programmes, made["id"], "ana", -1) == "InvalidInput"
    assert (await rubric(programmes, cohort))["__typename"] == "RubricPublished"
    await review(programmes, made["id"], "ana")
    assert (await rubric(programmes, cohort))["__typename"] == "NotAllowed"


async def test_of_many_admitted_at_once_exactly_as_many_are_seated_as_there_are_seats(
    programmes: Programmes,
) -> None:
    cohort = await opened(programmes, capacity=3)
    waiting = [await judged(programmes, cohort) for _ in range(6)]

    answers = await asyncio.gather(*(move(programmes, one, "ADMIT") for one in waiting))

    states = [answer["application"]["state"] for answer in answers]
    assert (states.count("ADMITTED"), states.count("WAITLISTED")) == (3, 3)
    assert [answer["application"]["participant"]["status"] for answer in answers] == states
    assert await seats(programmes, cohort) == 3


async def test_who_waits_comes_after_who_withdrew_and_the_application_says_so(programmes: Programmes) -> None:
    cohort = await opened(programmes, capacity=1)
    first, second = [await judged(programmes, cohort) for _ in range(2)]
    seated = (await move(programmes, first, "ADMIT"))["application"]["participant"]
    waits = (await move(programmes, second, "ADMIT"))["application"]
    full = await move(programmes, waits, "ADMIT")

    await programmes.change(programmes.clinic, seated, "WITHDRAWN")

    document = "query($id: ID!) { cohortApplication(id: $id) { state participant { status } } }"
    seen = await programmes.grants.data(programmes.clinic, document, id=second["id"])
    assert (waits["state"], full["__typename"]) == ("WAITLISTED", "NotAllowed")
    assert seen["cohortApplication"] == {"state": "ADMITTED", "participant": {"status": "ADMITTED"}}
    assert await seats(programmes, cohort) == 1


async def test_who_was_told_to_wait_waits_though_a_seat_is_free_and_can_be_admitted_to_it(
    programmes: Programmes,
) -> None:
    cohort = await opened(programmes, capacity=1)
    made = await judged(programmes, cohort)

    waits = (await move(programmes, made, "WAITLIST"))["application"]
    assert (waits["participant"]["status"], await seats(programmes, cohort)) == ("WAITLISTED", 0)
    admitted = (await move(programmes, waits, "ADMIT"))["application"]

    assert (admitted["state"], admitted["participant"]["status"]) == ("ADMITTED", "ADMITTED")
    assert await seats(programmes, cohort) == 1


@pytest.mark.parametrize("name", ["DECLINE", "WITHDRAW"])
async def test_who_is_declined_or_withdraws_waits_no_more(programmes: Programmes, name: str) -> None:
    cohort = await opened(programmes)
    waits = (await move(programmes, await judged(programmes, cohort), "WAITLIST"))["application"]

    ended = (await move(programmes, waits, name))["application"]

    assert ended["participant"]["status"] == "WITHDRAWN"
    assert (await move(programmes, ended, "ADMIT"))["__typename"] == "NotAllowed"


async def test_a_sponsor_withdraws_and_decides_nothing(programmes: Programmes, database: Database) -> None:
    made = await judged(programmes, await opened(programmes))

    assert (await move(programmes, made, "ADMIT", programmes.clinic))["__typename"] == "NotAllowed"
    with pytest.raises(DBAPIError, match="host to say"):
        async with database.transaction(programmes.clinic) as session:
            await session.execute(
                text("UPDATE cohort_applications SET state = 'ADMITTED' WHERE id = :id"), {"id": made["id"]}
            )
    async with database.transaction(programmes.clinic) as session:
        assert await session.scalar(text("SELECT count(*) FROM selection_reviews")) == 0
    withdrawn = await move(programmes, made, "WITHDRAW", programmes.clinic)
    assert withdrawn["application"]["state"] == "WITHDRAWN"


async def test_past_our_code_too_nobody_is_chosen_before_two_judged_nor_judged_in_anothers_name(
    programmes: Programmes, database: Database
) -> None:
    made = (await apply(programmes, await opened(programmes)))["application"]
    forged = (
        "INSERT INTO selection_reviews (application_id, reviewer, organization_id, reviewed_at)"
        " VALUES (:id, 'somebody else', vereda_organization(), now())"
    )
    chosen = "UPDATE cohort_applications SET state = 'ADMITTED' WHERE id = :id"

    for statement, why in ((forged, "row-level security"), (chosen, "two reviewers")):
        with pytest.raises(DBAPIError, match=why):
            async with database.transaction(programmes.school) as session:
                await session.execute(text(statement), {"id": made["id"]})


async def test_past_our_code_too_a_seat_is_counted(programmes: Programmes, database: Database) -> None:
    cohort = await programmes.cohort(capacity=1)
    await programmes.enrol(cohort, programmes.proof())
    waits = (await programmes.enrol(cohort, programmes.proof()))["participant"]

    async with database.transaction(programmes.school) as session:
        taking = "UPDATE participants SET status = 'ACTIVE' WHERE id = :id RETURNING status"
        assert await session.scalar(text(taking), {"id": waits["id"]}) == "WAITLISTED"


async def test_the_waiting_list_goes_over_to_the_next_season_in_its_order(programmes: Programmes) -> None:
    starts = datetime.now(UTC).date() + timedelta(days=7)
    cohort = await programmes.cohort(capacity=1, starts_on=starts)
    program = await programmes.grants.data(
        programmes.school, "query($id: ID!) { cohort(id: $id) { program { id } } }", id=cohort
    )
    later = {
        "program": program["cohort"]["program"]["id"],
        "season": "SPRING_SUMMER",
        "year": 2027,
        "capacity": 2,
        "startsOn": (starts + timedelta(days=183)).isoformat(),
        "endsOn": (starts + timedelta(days=360)).isoformat(),
    }
    next_ = (
        await programmes.grants.data(programmes.school, OPEN, input={"idempotencyKey": "next", **later})
    )["openCohort"]["cohort"]["id"]
    for _ in range(4):
        await programmes.enrol(cohort, programmes.proof())

    async def roll(by: Caller, from_: str, to: str) -> dict[str, Any]:
        given = {"idempotencyKey": "roll", "fromCohort": from_, "toCohort": to}
        return dict((await programmes.grants.data(by, ROLL, input=given))["rollWaitingList"])

    first, again = await asyncio.gather(*(roll(programmes.school, cohort, next_) for _ in range(2)))
    backwards = await programmes.grants.data(
        programmes.school, ROLL, input={"idempotencyKey": "b", "fromCohort": next_, "toCohort": cohort}
    )

    assert [one["status"] for one in first["participants"]] == ["ADMITTED", "ADMITTED", "WAITLISTED"]
    assert {one["id"] for one in first["participants"]} == {one["id"] for one in again["participants"]}
    assert backwards["rollWaitingList"]["__typename"] == "NotAllowed"
    assert (await roll(caller_of(), cohort, next_))["__typename"] == "NotFound"
    data = await programmes.grants.data(
        programmes.school,
        "query($id: ID!) { cohort(id: $id) { participants { nodes { status } } } }",
        id=cohort,
    )
    statuses = [one["status"] for one in data["cohort"]["participants"]["nodes"]]
    assert sorted(statuses) == ["ADMITTED", *["ROLLED_OVER"] * 3]
