"""Who was there: percentages, risks, and a sheet that is written as a whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.grants.domain.attendance import ATTENDED, Mark, Risk, standing
from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.database import count_statements
from vereda.ids import new_id

SCHEDULE = """mutation($input: ScheduleSessionsInput!) { scheduleSessions(input: $input) { __typename
  ... on SessionsScheduled { sessions { id startsAt status version } }
  ... on InvalidInput { problems { field problem } } } }"""
RESCHEDULE = """mutation($input: RescheduleSessionInput!) { rescheduleSession(input: $input) { __typename
  ... on SessionSaved { session { id startsAt minutes version } } ... on InvalidInput { problems { field } } } }"""
CANCEL = """mutation($input: CancelSessionInput!) { cancelSession(input: $input) { __typename
  ... on SessionSaved { session { id status version } } } }"""
RECORD = """mutation($input: RecordAttendanceInput!) { recordAttendance(input: $input) { __typename
  ... on SessionSaved { session { id status version counts { present absent attended marked } } }
  ... on InvalidInput { problems { field problem } } ... on VersionConflict { currentVersion } } }"""
SHEET = """query($id: ID!) { attendance(cohort: $id) { percent atRisk
  curve { counts { present late remote excused absent attended marked } } } }"""
ATTENDANCE = """... on Participant { attendance { percent attended missed excused missedInARow risks
  marks { mark session { id } } } }"""


async def scheduled(programmes: Programmes, cohort: str, **more: Any) -> dict[str, Any]:
    given = {"cohort": cohort, "rule": "FREQ=WEEKLY", "startsAt": "18:00", **more}
    data = await programmes.grants.data(
        programmes.school, SCHEDULE, input={"idempotencyKey": str(new_id()), **given}
    )
    return dict(data["scheduleSessions"])


async def begun(
    programmes: Programmes, people: int, minimum: int = 0, **more: Any
) -> tuple[str, list[Any], list[Any]]:
    """A cohort that began weeks ago, its sessions and its participants."""
    starts_on = datetime.now(UTC).date() - timedelta(days=40)
    cohort = await programmes.cohort(starts_on=starts_on, minimum=minimum)
    sessions = (await scheduled(programmes, cohort))["sessions"]
    enrolled = [
        (await programmes.enrol(cohort, programmes.proof(**more)))["participant"] for _ in range(people)
    ]
    return cohort, sessions, enrolled


async def record(
    programmes: Programmes,
    held: dict[str, Any],
    marks: list[tuple[str, str]],
    by: Caller | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    given = {
        "idempotencyKey": key or str(new_id()),
        "session": held["id"],
        "expectedVersion": held["version"],
        "marks": [{"participant": one, "mark": mark} for one, mark in marks],
    }
    data = await programmes.grants.data(by or programmes.school, RECORD, input=given)
    return dict(data["recordAttendance"])


@given(st.lists(st.sampled_from(Mark)), st.integers(0, 100))
def test_a_percentage_is_of_what_counts_and_never_flatters(marks: list[Mark], minimum: int) -> None:
    stands = standing(marks)

    attended = sum(mark in ATTENDED for mark in marks)
    missed = marks.count(Mark.ABSENT)
    assert (stands.attended, stands.missed, stands.excused) == (attended, missed, marks.count(Mark.EXCUSED))
    assert (stands.percent is None) == (attended + missed == 0)
    if stands.percent is not None:
        assert 0 <= stands.percent <= 100 * attended / (attended + missed)
        assert stands.reaches(minimum) == (attended / (attended + missed) >= minimum / 100)
    assert (Risk.BELOW_MINIMUM in stands.risks(minimum)) == (
        attended + missed > 0 and not stands.reaches(minimum)
    )


@given(st.lists(st.sampled_from(Mark)), st.sampled_from(Mark))
def test_one_more_session_attended_never_lowers_and_one_missed_never_raises(
    marks: list[Mark], more: Mark
) -> None:
    before, after = standing(marks), standing([*marks, more])

    if before.percent is not None and after.percent is not None:
        assert after.percent >= before.percent or more is Mark.ABSENT
        assert after.percent <= before.percent or more in ATTENDED
    assert more is not Mark.EXCUSED or (after.percent, after.in_a_row) == (before.percent, before.in_a_row)


@pytest.mark.parametrize(
    ("marks", "alarms"),
    [("AA", True), ("PAEA", True), ("AAP", False), ("APA", False), ("A", False), ("AAR", False), ("", False)],
)
def test_two_misses_in_a_row_alarm_until_they_are_there_again(marks: str, alarms: bool) -> None:
    letters = {mark.value[0]: mark for mark in Mark}

    assert (Risk.MISSED_IN_A_ROW in standing(letters[one] for one in marks).risks(0)) == alarms


async def test_sessions_are_entered_once_however_often_a_rule_is_sent(programmes: Programmes) -> None:
    cohort = await programmes.cohort()

    first = await scheduled(programmes, cohort)
    at_once = await asyncio.gather(*(scheduled(programmes, cohort) for _ in range(3)))

    assert len(first["sessions"]) == 26
    assert all(again == first for again in at_once)


async def test_a_rule_that_is_none_is_refused(programmes: Programmes) -> None:
    answer = await scheduled(programmes, await programmes.cohort(), rule="every Tuesday")

    assert [one["field"] for one in answer["problems"]] == ["rule"]


async def test_one_session_is_moved_or_cancelled_and_not_onto_another(programmes: Programmes) -> None:
    one, other, *_ = (await scheduled(programmes, await programmes.cohort()))["sessions"]

    async def moved(starts_at: str, version: int = 1) -> dict[str, Any]:
        given = {"id": one["id"], "expectedVersion": version, "startsAt": starts_at, "minutes": 90}
        data = await programmes.grants.data(
            programmes.school, RESCHEDULE, input={"idempotencyKey": str(new_id()), **given}
        )
        return dict(data["rescheduleSession"])

    later = (datetime.fromisoformat(one["startsAt"]) + timedelta(days=1)).isoformat()
    assert (await moved(other["startsAt"]))["problems"] == [{"field": "startsAt"}]
    done = (await moved(later))["session"]
    assert (done["startsAt"], done["minutes"], done["version"]) == (later, 90, 2)
    assert (await moved(later))["__typename"] == "VersionConflict"

    given = {"idempotencyKey": "k", "id": one["id"], "expectedVersion": 2}
    cancelled = await programmes.grants.data(programmes.school, CANCEL, input=given)
    assert cancelled == await programmes.grants.data(programmes.school, CANCEL, input=given)
    assert cancelled["cancelSession"]["session"]["status"] == "CANCELLED"
    assert (await moved(later, 3))["__typename"] == "NotAllowed"


async def test_a_sheet_is_taken_as_a_whole_or_not_at_all(programmes: Programmes) -> None:
    _, [held, *_], [one, other] = await begun(programmes, 2)

    refused = await record(programmes, held, [(one["id"], "PRESENT"), (str(new_id()), "PRESENT")])
    twice = await record(programmes, held, [(one["id"], "PRESENT"), (one["id"], "ABSENT")])
    taken = await record(programmes, held, [(one["id"], "PRESENT"), (other["id"], "ABSENT")])

    assert [p["field"] for p in refused["problems"]] == ["marks.1.participant"]
    assert len(twice["problems"]) == 2
    assert taken["session"] == {
        "id": held["id"],
        "status": "HELD",
        "version": 2,
        "counts": {"present": 1, "absent": 1, "attended": 1, "marked": 2},
    }


async def test_a_sheet_is_corrected_by_who_has_read_it(programmes: Programmes) -> None:
    _, [held, *_], [one, other] = await begun(programmes, 2)
    await record(programmes, held, [(one["id"], "ABSENT"), (other["id"], "ABSENT")])

    unread = await record(programmes, held, [(one["id"], "PRESENT")])
    corrected = await record(programmes, {**held, "version": 2}, [(one["id"], "PRESENT")])

    assert unread == {"__typename": "VersionConflict", "currentVersion": 2}
    assert corrected["session"]["counts"] == {"present": 1, "absent": 1, "attended": 1, "marked": 2}


async def test_the_same_sheet_sent_again_is_taken_once(programmes: Programmes) -> None:
    _, [held, *_], [one] = await begun(programmes, 1)

    answers = await asyncio.gather(
        *(record(programmes, held, [(one["id"], "LATE")], key="once") for _ in range(3))
    )

    assert [answer["session"]["version"] for answer in answers] == [2, 2, 2]


async def test_of_two_sheets_at_once_one_is_told_to_read_first(programmes: Programmes) -> None:
    _, [held, *_], [one, other] = await begun(programmes, 2)

    answers = await asyncio.gather(
        *(record(programmes, held, [(p["id"], "PRESENT")]) for p in (one, other)),
    )

    assert sorted(answer["__typename"] for answer in answers) == ["SessionSaved", "VersionConflict"]


async def test_who_has_no_seat_or_no_consent_any_more_is_not_marked(programmes: Programmes) -> None:
    cohort, [held, *_], [gone] = await begun(programmes, 1)
    ended = (await programmes.enrol(cohort, programmes.proof()))["participant"]
    await programmes.change(programmes.clinic, gone, "WITHDRAWN")
    async with programmes.grants.database.transaction(system_caller(new_id())) as session:
        ending = "UPDATE participants SET consent_expires_at = now() WHERE id = :id"
        await session.execute(text(ending), {"id": ended["id"]})

    for one in (gone, ended):
        assert (await record(programmes, held, [(one["id"], "PRESENT")]))["__typename"] == "InvalidInput"


async def test_a_session_is_attended_once_it_has_begun_and_its_host_alone_says_so(
    programmes: Programmes,
) -> None:
    _, [held, *_, last], [one] = await begun(programmes, 1)

    early = await record(programmes, last, [(one["id"], "PRESENT")])
    others = await record(programmes, held, [(one["id"], "PRESENT")], by=programmes.clinic)

    assert (early["__typename"], others["__typename"]) == ("NotAllowed", "NotFound")


async def test_the_host_reads_the_curve_and_who_is_at_risk_and_nobody_else_a_number(
    programmes: Programmes,
) -> None:
    cohort, held, [good, bad] = await begun(programmes, 2)
    for one in held[:3]:
        await record(programmes, one, [(good["id"], "REMOTE"), (bad["id"], "ABSENT")])

    seen = (await programmes.grants.data(programmes.school, SHEET, id=cohort))["attendance"]
    sessions = "query($id: ID!) { cohort(id: $id) { sessions { startsAt counts { marked } } } }"
    others = [
        await programmes.grants.data(by, sessions, id=cohort) for by in (programmes.clinic, caller_of())
    ]

    assert (seen["percent"], seen["atRisk"], len(seen["curve"])) == (50, 1, 3)
    assert seen["curve"][0]["counts"]["attended"] == 1
    assert await programmes.grants.data(programmes.clinic, SHEET, id=cohort) == {"attendance": None}
    for answer in others:
        assert {one["counts"] for one in answer["cohort"]["sessions"]} == {None}


async def test_a_participants_attendance_is_shown_to_the_host_while_consent_holds_r9(
    programmes: Programmes,
) -> None:
    handle, consent = new_id(), new_id()
    _, held, [one] = await begun(programmes, 1, minimum=75, handle=handle, consent=consent)
    for session, mark in zip(held, ("PRESENT", "EXCUSED", "ABSENT", "ABSENT"), strict=False):
        await record(programmes, session, [(one["id"], mark)])
    of_host = type(handle)(int=handle.int ^ 1)

    async def seen(by: Caller, assurance: str | None) -> Any:
        asked = {"__typename": "Participant", "id": one["id"], "client": {"assurance": assurance}}
        [found] = await programmes.grants.entities(by, ATTENDANCE, asked)
        return found["attendance"]

    assured = programmes.assurance(of_host, consent, reader=programmes.school)
    shown = await seen(programmes.school, assured)
    assert {name: shown[name] for name in ("percent", "attended", "missed", "excused", "missedInARow")} == {
        "percent": 33,
        "attended": 1,
        "missed": 2,
        "excused": 1,
        "missedInARow": 2,
    }
    assert shown["risks"] == ["MISSED_IN_A_ROW", "BELOW_MINIMUM"]
    assert [mark["session"]["id"] for mark in shown["marks"]] == [one["id"] for one in held[:4]]
    revoked = programmes.assurance(of_host, reader=programmes.school)
    of_another = programmes.assurance(new_id(), consent, reader=programmes.school)
    for assurance in (None, "forged", revoked, of_another, programmes.assurance(handle, consent)):
        assert await seen(programmes.school, assurance) is None
    assert await seen(programmes.clinic, programmes.assurance(handle, consent)) is None


async def test_many_participants_attendance_costs_no_more_statements_than_one(
    programmes: Programmes,
) -> None:
    _, [held, *_], people = await begun(programmes, 5)
    await record(programmes, held, [(one["id"], "PRESENT") for one in people])
    statements = count_statements(programmes.grants.database)

    async def count(number: int) -> int:
        del statements[:]
        asked = [{"__typename": "Participant", "id": one["id"], "client": {}} for one in people[:number]]
        await programmes.grants.entities(
            programmes.school, "... on Participant { status cohort { year } attendance { percent } }", *asked
        )
        return len(statements)

    assert await count(1) == await count(5)
