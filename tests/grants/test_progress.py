"""What comes of a training: help, milestones, a venture, completion by the cohort's rule, and the way to a licence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.grants.domain.attendance import Standing
from services.grants.domain.completion import CompletionNeed, missing
from services.grants.domain.progress import (
    FunnelStage,
    MilestoneKind,
    MilestoneStage,
    evidence_problem,
    median_days,
    milestone_path,
    reached,
)
from tests.grants.programmes import Programmes
from tests.grants.test_attendance import begun, record, scheduled
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.database import Database
from vereda.ids import new_id

ASSIST = """mutation($input: LogAssistanceInput!) { logAssistance(input: $input) { __typename
  ... on ProgressSaved { participant { id } } ... on InvalidInput { problems { field } } } }"""
MILESTONE = """mutation($input: RecordMilestoneInput!) { recordMilestone(input: $input) { __typename
  ... on ProgressSaved { participant { id } } ... on InvalidInput { problems { field } } } }"""
VENTURE = """mutation($input: SetVentureInput!) { setVenture(input: $input) { __typename
  ... on ProgressSaved { participant { id } } ... on InvalidInput { problems { field } }
  ... on VersionConflict { currentVersion } } }"""
PROGRESS = """... on Participant { assistance { minutes contacts { topic mode language minutes advisor } }
  milestones { kind stage occurredOn evidence } venture { sector stage jobs county version } }"""
FUNNEL = "query($id: ID!) { cohort(id: $id) { funnel { steps { stage reached medianDays } } } }"
TODAY = datetime.now(UTC).date()

days = st.dates(date(2026, 1, 1), date(2027, 1, 1))
entries = st.lists(st.tuples(st.sampled_from(MilestoneKind), st.sampled_from(MilestoneStage), days))


async def enter(
    programmes: Programmes, document: str, participant: str, by: Caller | None = None, **more: Any
) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), "participant": participant, **more}
    [answer] = (await programmes.grants.data(by or programmes.school, document, input=given)).values()
    return dict(answer)


async def milestone(programmes: Programmes, participant: str, kind: str, **more: Any) -> str:
    given = {"kind": kind, "stage": "OBTAINED", "on": TODAY.isoformat(), **more}
    return str((await enter(programmes, MILESTONE, participant, **given))["__typename"])


@given(st.lists(entries), st.lists(st.booleans()))
def test_the_funnel_never_widens_and_its_figures_are_of_those_who_were_admitted(
    people: list[Any], attending: list[bool]
) -> None:
    paths = []
    for number, milestones in enumerate(people):
        path = {FunnelStage.ADMITTED: date(2025, 12, 1)} | milestone_path(milestones)
        if number < len(attending) and attending[number]:
            path[FunnelStage.ATTENDING] = date(2025, 12, 8)
        paths.append(path)

    counts = list(reached(paths).values())

    assert counts == sorted(counts, reverse=True)
    assert counts[0] == len(people)
    for stage, median in median_days(paths).items():
        assert (median is None) == (not any(stage in path for path in paths))
        assert median is None or median >= 0


@given(entries)
def test_a_licence_was_applied_for_no_later_than_it_was_obtained(milestones: list[Any]) -> None:
    path = milestone_path(milestones)

    if FunnelStage.LICENSED in path:
        assert path[FunnelStage.APPLIED] <= path[FunnelStage.LICENSED]


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 100), st.booleans(), st.booleans())
def test_what_is_missing_is_the_attendance_the_plan_or_both(
    attended: int, missed: int, minimum: int, plan_required: bool, plan: bool
) -> None:
    lacks = missing(Standing(attended, missed), minimum, plan_required=plan_required, plan=plan)

    enough = attended + missed > 0 and attended * 100 >= minimum * (attended + missed)
    assert (CompletionNeed.ATTENDANCE in lacks) != enough
    assert (CompletionNeed.BUSINESS_PLAN in lacks) == (plan_required and not plan)


@pytest.mark.parametrize("evidence", ["", "a", "see the licence", "A" * 41, "-1", "CITY 114", "Ñ1"])
def test_evidence_is_a_reference_and_nothing_else(evidence: str) -> None:
    assert evidence_problem(evidence)
    assert not evidence_problem("CITY-2027/114")
    assert not evidence_problem(None)


async def test_training_is_completed_by_the_cohorts_rule_or_it_is_said_what_is_missing(
    programmes: Programmes,
) -> None:
    cohort = await programmes.cohort(starts_on=TODAY - timedelta(days=40), minimum=75, plan=True)
    held = (await scheduled(programmes, cohort))["sessions"]
    one = (await programmes.enrol(cohort, programmes.proof()))["participant"]
    one = (await programmes.change(programmes.school, one, "ACTIVE"))["participant"]

    nothing = await programmes.change(programmes.school, one, "COMPLETED")
    for session, mark in zip(held, ("PRESENT", "PRESENT", "LATE", "ABSENT"), strict=False):
        await record(programmes, session, [(one["id"], mark)])
    no_plan = await programmes.change(programmes.school, one, "COMPLETED")
    await milestone(programmes, one["id"], "BUSINESS_PLAN", stage="APPLIED")
    done = await programmes.change(programmes.school, one, "COMPLETED")

    assert nothing["missing"] == ["ATTENDANCE", "BUSINESS_PLAN"]
    assert (no_plan["code"], no_plan["missing"]) == ("COMPLETION_MISSING", ["BUSINESS_PLAN"])
    assert done["participant"]["status"] == "COMPLETED"


async def test_what_came_of_it_is_shown_to_the_host_while_consent_holds_r9(programmes: Programmes) -> None:
    handle, consent = new_id(), new_id()
    _, _, [one] = await begun(programmes, 1, handle=handle, consent=consent)
    contact = {"mode": "PHONE", "language": "spa", "on": TODAY.isoformat()}
    for topic, minutes in (("LICENSING", 30), ("BANKING", 45)):
        await enter(programmes, ASSIST, one["id"], topic=topic, minutes=minutes, **contact)
    await milestone(programmes, one["id"], "BUSINESS_LICENSE", evidence="CITY-114")
    await enter(programmes, VENTURE, one["id"], sector="FOOD", stage="OPERATING", jobs=2, county="06019")
    of_host = UUID(int=handle.int ^ 1)

    async def seen(by: Caller, assurance: str | None) -> Any:
        asked = {"__typename": "Participant", "id": one["id"], "client": {"assurance": assurance}}
        return (await programmes.grants.entities(by, PROGRESS, asked))[0]

    shown = await seen(programmes.school, programmes.assurance(of_host, consent, reader=programmes.school))
    assert shown["assistance"]["minutes"] == 75
    assert {one["topic"] for one in shown["assistance"]["contacts"]} == {"LICENSING", "BANKING"}
    assert shown["milestones"] == [
        {
            "kind": "BUSINESS_LICENSE",
            "stage": "OBTAINED",
            "occurredOn": TODAY.isoformat(),
            "evidence": "CITY-114",
        }
    ]
    assert shown["venture"] == {
        "sector": "FOOD",
        "stage": "OPERATING",
        "jobs": 2,
        "county": "06019",
        "version": 1,
    }
    nothing = {"assistance": None, "milestones": None, "venture": None}
    revoked = programmes.assurance(of_host, reader=programmes.school)
    assert [await seen(programmes.school, one) for one in (None, revoked)] == [nothing, nothing]
    assert await seen(programmes.clinic, programmes.assurance(handle, consent)) == nothing


async def test_entries_that_make_no_sense_are_refused(programmes: Programmes) -> None:
    _, _, [one] = await begun(programmes, 1)
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    contact = {"topic": "TAXES", "mode": "VIDEO"}

    answers = [
        await enter(programmes, ASSIST, one["id"], **contact, minutes=0, language="xx", on=tomorrow),
        await enter(
            programmes, MILESTONE, one["id"], kind="DBA", stage="APPLIED", on=tomorrow, evidence="see file"
        ),
        await enter(programmes, VENTURE, one["id"], sector="FOOD", stage="IDEA", jobs=-1, county="48201"),
    ]

    assert [sorted(p["field"] for p in answer["problems"]) for answer in answers] == [
        ["language", "minutes", "on"],
        ["evidence", "on"],
        ["county", "jobs"],
    ]


async def test_a_milestone_entered_twice_is_there_once_and_a_venture_is_changed_by_who_read_it(
    programmes: Programmes, database: Database
) -> None:
    _, _, [one] = await begun(programmes, 1)
    venture = {"sector": "FOOD", "stage": "IDEA", "county": "06019"}

    entered = [await milestone(programmes, one["id"], "BANK_ACCOUNT") for _ in range(2)]
    first = await enter(programmes, VENTURE, one["id"], **venture)
    unread = await enter(programmes, VENTURE, one["id"], **venture)
    changed = await enter(programmes, VENTURE, one["id"], **venture, expectedVersion=1, jobs=3)

    assert entered == ["ProgressSaved"] * 2
    assert (first["__typename"], unread, changed["__typename"]) == (
        "ProgressSaved",
        {"__typename": "VersionConflict", "currentVersion": 1},
        "ProgressSaved",
    )
    async with database.transaction(programmes.school) as session:
        assert await session.scalar(text("SELECT count(*) FROM milestones")) == 1


async def test_a_host_enters_for_those_whom_it_hosts_alone(
    programmes: Programmes, database: Database
) -> None:
    _, _, [one] = await begun(programmes, 1)

    given = {"kind": "DBA", "stage": "APPLIED", "on": TODAY.isoformat()}
    for by in (programmes.clinic, caller_of()):
        assert (await enter(programmes, MILESTONE, one["id"], by, **given))["__typename"] == "NotFound"
    forged = (
        "INSERT INTO milestones (id, organization_id, participant_id, kind, stage, occurred_on, recorded_by,"
        " recorded_at) VALUES (gen_random_uuid(), vereda_organization(), :id, 'DBA', 'APPLIED', now(), 'x', now())"
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(programmes.clinic) as session:
            await session.execute(text(forged), {"id": one["id"]})


async def test_an_advisors_caseload_is_whom_they_helped(programmes: Programmes) -> None:
    _, _, [one, other] = await begun(programmes, 2)
    contact = {"topic": "TAXES", "mode": "VIDEO", "minutes": 30, "language": "eng", "on": TODAY.isoformat()}
    ana = caller_of(programmes.school.organization, subject="ana")
    for person, by in ((one, ana), (other, programmes.school)):
        await enter(programmes, ASSIST, person["id"], by, **contact)
    document = "query($who: String) { caseload(advisor: $who) { advisor participants { id } } }"

    mine = await programmes.grants.data(ana, document)
    of_ana = await programmes.grants.data(programmes.school, document, who="ana")
    elsewhere = await programmes.grants.data(caller_of(subject="ana"), document)

    assert mine == of_ana == {"caseload": {"advisor": "ana", "participants": [{"id": one["id"]}]}}
    assert elsewhere["caseload"]["participants"] == []


async def test_the_host_reads_the_way_to_a_licence_and_nobody_else(programmes: Programmes) -> None:
    cohort, [held, *_], [one, other, third] = await begun(programmes, 3)
    await record(programmes, held, [(one["id"], "PRESENT"), (other["id"], "LATE"), (third["id"], "ABSENT")])
    await milestone(programmes, one["id"], "BUSINESS_LICENSE")
    await milestone(programmes, other["id"], "BUSINESS_PLAN")

    steps = (await programmes.grants.data(programmes.school, FUNNEL, id=cohort))["cohort"]["funnel"]["steps"]

    assert {step["stage"]: step["reached"] for step in steps} == {
        "ADMITTED": 3,
        "ATTENDING": 2,
        "COMPLETED": 2,
        "PLAN": 2,
        "APPLIED": 1,
        "LICENSED": 1,
    }
    assert steps[-1]["medianDays"] == 0.0
    assert (await programmes.grants.data(programmes.clinic, FUNNEL, id=cohort))["cohort"]["funnel"] is None
