"""Asking again after half a year and a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.grants.app import ROUNDS, SERVICE
from services.grants.domain.follow_ups import MONTHS, due_on
from tests.grants.programmes import Programmes
from tests.support.databases import Databases
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import make

OPEN = "{ followUps { nodes { id months participant { id } } } }"
ANSWER = """mutation($input: AnswerFollowUpInput!) { answerFollowUp(input: $input) { __typename
  ... on FollowUpAnswered { followUp { id } } ... on InvalidInput { problems { field } } } }"""
ANSWERS = "... on Participant { followUps { months outcome jobs } }"
[ROUND] = [one for one in ROUNDS if one.name == "open follow-ups"]


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: a round takes whatever waits."""
    return await databases.migrated("grants", SERVICE.folder)


async def completed(programmes: Programmes, days_ago: int, **more: Any) -> str:
    one = (await programmes.enrol(await programmes.cohort(), programmes.proof(**more)))["participant"]
    for status in ("ACTIVE", "COMPLETED"):
        one = (await programmes.change(programmes.school, one, status))["participant"]
    async with programmes.grants.database.transaction(system_caller(new_id())) as session:
        then = datetime.now(UTC) - timedelta(days=days_ago)
        moved = "UPDATE participants SET completed_at = :then WHERE id = :id"
        await session.execute(text(moved), {"then": then, "id": one["id"]})
    return str(one["id"])


async def answer(programmes: Programmes, task: str, by: Caller | None = None, **more: Any) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), "id": task, "outcome": "IN_BUSINESS", **more}
    data = await programmes.grants.data(by or programmes.school, ANSWER, input=given)
    return dict(data["answerFollowUp"])


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.sampled_from(MONTHS))
def test_it_is_due_so_many_months_later_on_the_same_day_or_the_months_last(day: date, months: int) -> None:
    due = due_on(day, months)

    assert (due.year - day.year) * 12 + due.month - day.month == months
    assert due.day == day.day or (due.day < day.day and (due + timedelta(days=1)).day == 1)


async def test_a_round_makes_each_task_once_while_consent_lasts(
    programmes: Programmes, database: Database
) -> None:
    half, whole = await completed(programmes, 190), await completed(programmes, 370)
    early = await completed(programmes, 150)
    ended = await completed(programmes, 370)
    async with database.transaction(system_caller(new_id())) as session:
        ending = "UPDATE participants SET consent_expires_at = now() WHERE id = :id"
        await session.execute(text(ending), {"id": ended})

    first, again = [await make(ROUND, database, programmes.grants.settings) for _ in range(2)]

    nodes = (await programmes.grants.data(programmes.school, OPEN))["followUps"]["nodes"]
    found = sorted((one["participant"]["id"], one["months"]) for one in nodes)
    assert (first, again) == (3, 0)
    assert found == sorted([(half, 6), (whole, 6), (whole, 12)])
    assert early not in {id_ for id_, _ in found}
    assert (await programmes.grants.data(programmes.clinic, OPEN))["followUps"]["nodes"] == []


async def test_an_answer_is_a_code_given_once_by_the_host_and_shown_while_consent_holds_r9(
    programmes: Programmes, database: Database
) -> None:
    handle, consent = new_id(), new_id()
    person = await completed(programmes, 190, handle=handle, consent=consent)
    await make(ROUND, database, programmes.grants.settings)
    [task] = [
        one["id"] for one in (await programmes.grants.data(programmes.school, OPEN))["followUps"]["nodes"]
    ]

    others = await answer(programmes, task, by=programmes.clinic)
    wrong = await answer(programmes, task, jobs=-1)
    given_ = await answer(programmes, task, jobs=2)
    twice = await answer(programmes, task)

    kinds = [one["__typename"] for one in (others, wrong, given_, twice)]
    assert kinds == ["NotFound", "InvalidInput", "FollowUpAnswered", "NotAllowed"]
    assert (await programmes.grants.data(programmes.school, OPEN))["followUps"]["nodes"] == []
    of_host = UUID(int=handle.int ^ 1)
    for held, shown in (((consent,), [{"months": 6, "outcome": "IN_BUSINESS", "jobs": 2}]), ((), None)):
        assurance = programmes.assurance(of_host, *held, reader=programmes.school)
        asked = {"__typename": "Participant", "id": person, "client": {"assurance": assurance}}
        assert await programmes.grants.entities(programmes.school, ANSWERS, asked) == [{"followUps": shown}]
