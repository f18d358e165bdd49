"""A cohort starts, is finished or cancelled; who completed it has a certificate that names nobody (DOMAIN 4.9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from services.grants.domain.certificates import certificate_code, code_digest
from services.grants.domain.cohorts import COHORT_LIFE, CohortStatus
from services.grants.models import Cohort
from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id

MOVE = """mutation($input: MoveCohortInput!) { moveCohort(input: $input) { __typename
  ... on CohortMoved { cohort { status version allowedMoves } }
  ... on CohortMoveNotAllowed { code status allowedMoves message } } }"""
SEEN = "query($id: ID!) { cohort(id: $id) { status version admitted } }"
ROLL = """mutation($input: RollWaitingListInput!) { rollWaitingList(input: $input) { __typename
  ... on WaitingListRolled { participants { id } } } }"""
GRADUATES = (
    """query($id: ID!) { cohort(id: $id) { graduates { nodes { status completedAt certificate } } } }"""
)
CERTIFICATE = """query($code: String!) { certificate(code: $code) { completedOn cohort { id season } } }"""


async def move(programmes: Programmes, cohort: str, name: str, by: Caller | None = None) -> dict[str, Any]:
    seen = await programmes.grants.data(programmes.school, SEEN, id=cohort)
    given = {"id": cohort, "expectedVersion": seen["cohort"]["version"], "move": name}
    key = {"idempotencyKey": str(new_id())}
    done = await programmes.grants.data(by or programmes.school, MOVE, input={**key, **given})
    return dict(done["moveCohort"])


async def begun(programmes: Programmes, capacity: int = 40) -> str:
    cohort = await programmes.cohort(capacity, starts_on=datetime.now(UTC).date())
    assert (await move(programmes, cohort, "START"))["cohort"]["status"] == "RUNNING"
    return cohort


async def test_a_cohort_starts_on_its_first_day_and_not_before(programmes: Programmes) -> None:
    early = await move(programmes, await programmes.cohort(), "START")
    started = await move(programmes, await programmes.cohort(starts_on=datetime.now(UTC).date()), "START")

    assert (early["__typename"], early["status"]) == ("CohortMoveNotAllowed", "OPEN")
    assert started["cohort"]["allowedMoves"] == ["FINISH", "CANCEL"]


async def test_it_is_finished_once_it_is_said_of_everybody_what_became_of_them(
    programmes: Programmes,
) -> None:
    cohort = await begun(programmes)
    seat = (await programmes.enrol(cohort, programmes.proof()))["participant"]

    open_ = await move(programmes, cohort, "FINISH")
    active = await programmes.change(programmes.school, seat, "ACTIVE")
    await programmes.change(programmes.school, active["participant"], "COMPLETED")
    cancelled = await move(programmes, cohort, "CANCEL")
    finished = await move(programmes, cohort, "FINISH")
    late = await programmes.enrol(cohort, programmes.proof())

    assert (open_["__typename"], cancelled["__typename"]) == ("CohortMoveNotAllowed",) * 2
    assert finished["cohort"] == {"status": "FINISHED", "version": 3, "allowedMoves": []}
    assert late["__typename"] == "NotAllowed"


async def test_of_a_cancelled_cohort_all_go_over_to_the_next_and_nobody_takes_a_seat_in_it(
    programmes: Programmes,
) -> None:
    cohort = await programmes.cohort(capacity=1)
    first, _waiting = [await programmes.enrol(cohort, programmes.proof()) for _ in range(2)]
    other = await programmes.cohort(starts_on=datetime.now(UTC).date() + timedelta(days=190))
    async with programmes.grants.database.transaction(system_caller(new_id())) as session:
        course = await session.get_one(Cohort, UUID(cohort))
        await session.execute(
            update(Cohort).where(Cohort.id == UUID(other)).values(program_id=course.program_id)
        )
    await move(programmes, cohort, "CANCEL")

    key = {"idempotencyKey": str(new_id())}
    given = {"fromCohort": cohort, "toCohort": other}
    rolled = await programmes.grants.data(programmes.school, ROLL, input={**key, **given})

    assert first["participant"]["status"] == "ADMITTED"
    assert len(rolled["rollWaitingList"]["participants"]) == 2
    seen = await programmes.grants.data(programmes.school, SEEN, id=cohort)
    assert (seen["cohort"]["status"], seen["cohort"]["admitted"]) == ("CANCELLED", 0)


async def test_only_its_host_moves_a_cohort(programmes: Programmes) -> None:
    cohort = await programmes.cohort()

    assert (await move(programmes, cohort, "CANCEL", programmes.clinic))["__typename"] == "NotAllowed"


@pytest.mark.parametrize(("before", "after"), list(product(CohortStatus, repeat=2)))
async def test_postgres_has_a_cohort_go_no_other_way_than_the_table(
    programmes: Programmes, database: Database, before: CohortStatus, after: CohortStatus
) -> None:
    cohort = UUID(await programmes.cohort())
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(update(Cohort).where(Cohort.id == cohort).values(status=before))
    there = any(before in row.frm and row.to is after for row in COHORT_LIFE) or before is after

    changing = update(Cohort).where(Cohort.id == cohort).values(status=after)
    try:
        async with database.transaction(programmes.school) as session:
            await session.execute(changing)
        went = True
    except DBAPIError:
        went = False

    assert went is there


async def test_a_certificate_tells_what_was_completed_and_not_by_whom(programmes: Programmes) -> None:
    cohort = await begun(programmes)
    handle = new_id()
    seat = (await programmes.enrol(cohort, programmes.proof(handle=handle)))["participant"]
    active = (await programmes.change(programmes.school, seat, "ACTIVE"))["participant"]
    before = await programmes.grants.data(programmes.school, GRADUATES, id=cohort)
    await programmes.change(programmes.school, active, "COMPLETED")

    listed = await programmes.grants.data(programmes.school, GRADUATES, id=cohort)
    [graduate] = listed["cohort"]["graduates"]["nodes"]
    stranger = caller_of()
    shown = await programmes.grants.data(
        stranger, CERTIFICATE, code=graduate["certificate"].lower().replace("-", " ")
    )
    made_up = await programmes.grants.data(stranger, CERTIFICATE, code="00000-00000-00000-00000")

    assert before["cohort"]["graduates"]["nodes"] == []
    assert graduate["completedAt"] is not None
    assert shown["certificate"] == {
        "completedOn": graduate["completedAt"][:10],
        "cohort": {"id": cohort, "season": "FALL_WINTER"},
    }
    assert made_up["certificate"] is None
    hidden = await programmes.grants.data(stranger, GRADUATES, id=cohort)
    assert hidden["cohort"]["graduates"]["nodes"] == []


async def test_a_season_is_all_cohorts_of_it_that_one_hosts(programmes: Programmes) -> None:
    for _ in range(2):
        await programmes.enrol(await programmes.cohort(), programmes.proof())

    query = "{ seasonFunnels { season cohorts funnel { steps { stage reached } } } }"
    found = (await programmes.grants.data(programmes.school, query))["seasonFunnels"]
    others = (await programmes.grants.data(caller_of(), query))["seasonFunnels"]

    [season] = found
    assert (season["season"], season["cohorts"]) == ("FALL_WINTER", 2)
    assert [step["reached"] for step in season["funnel"]["steps"]] == [2, 0, 0, 0, 0, 0]
    assert others == []


@given(st.binary(min_size=32, max_size=32), st.uuids(), st.uuids())
def test_a_code_is_one_seats_alone_and_is_found_however_it_is_typed(
    key: bytes, seat: UUID, other: UUID
) -> None:
    code = certificate_code(key, seat)

    assert len(code) == 23
    assert code_digest(code) == code_digest(code.lower().replace("-", "").replace("0", "o")) is not None
    assert (code == certificate_code(key, other)) is (seat == other)
    assert code_digest(code[:-1]) is None
