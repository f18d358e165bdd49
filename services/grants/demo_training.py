"""A year of the demo network's training: sessions each week, who was there, help, and what came of it.

Of the forty of the year that is over about every third has a licence, as the first cohorts of the programme that the network
is modelled on had (DOMAIN section 1 row 11).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.attendance import Mark
from services.grants.domain.cohorts import CohortStatus, ParticipantStatus
from services.grants.domain.progress import (
    AssistanceMode,
    AssistanceTopic,
    MilestoneKind,
    MilestoneStage,
    VentureSector,
    VentureStage,
)
from services.grants.domain.scheduling import SessionMode, SessionStatus, occurrences
from services.grants.models import (
    AssistanceContact,
    AttendanceMark,
    Milestone,
    TrainingSession,
    Venture,
)
from vereda.ids import seeded_id

_MARKS: Final = {
    ParticipantStatus.COMPLETED: ((Mark.PRESENT, 78), (Mark.LATE, 8), (Mark.REMOTE, 6), (Mark.ABSENT, 6)),
    ParticipantStatus.DROPPED: ((Mark.PRESENT, 40), (Mark.EXCUSED, 10), (Mark.ABSENT, 50)),
}
_LICENSED_OF_A_HUNDRED: Final = 45
_COUNTIES: Final = ("06019", "06107", "06031", "06039", "06029")

Row = dict[str, Any]


async def load(
    session: AsyncSession,
    cohorts: Sequence[Mapping[str, Any]],
    participants: Sequence[Mapping[str, Any]],
    now: datetime,
    chance: random.Random,
) -> None:
    """Write what happened in the cohorts, of whom `participants` are."""
    rows: dict[type[Any], list[Row]] = {
        kind: [] for kind in (TrainingSession, AttendanceMark, AssistanceContact, Milestone, Venture)
    }
    for number, cohort in enumerate(cohorts):
        if number:  # what is drawn for one cohort stays what it was, whatever others there are
            chance = random.Random(f"{cohort['id']}")  # noqa: S311
        held = cohort["status"] is CohortStatus.FINISHED
        sessions = _sessions(cohort, held=held, now=now)
        rows[TrainingSession] += sessions
        for one in participants if held else ():
            if one["cohort_id"] != cohort["id"] or one["status"] is ParticipantStatus.ROLLED_OVER:
                continue
            rows[AttendanceMark] += _marks(one, sessions, chance)
            if one["status"] is ParticipantStatus.COMPLETED:
                rows[AssistanceContact] += _assistance(one, cohort["starts_on"], chance)
                rows[Milestone] += _milestones(one, cohort["starts_on"], now, chance)
                rows[Venture].append(_venture(one, chance))
    for kind, made in rows.items():
        await session.execute(insert(kind), made)


def _sessions(cohort: Mapping[str, Any], *, held: bool, now: datetime) -> list[Row]:
    begin = occurrences("FREQ=WEEKLY", cohort["starts_on"], cohort["ends_on"], time(18))
    return [
        {
            "id": seeded_id("demo-session", f"{cohort['id']}/{number}", now),
            "organization_id": cohort["organization_id"],
            "cohort_id": cohort["id"],
            "starts_at": starts_at,
            "minutes": 120,
            "mode": SessionMode.HYBRID,
            "status": SessionStatus.HELD if held else SessionStatus.SCHEDULED,
            "attendance_at": starts_at + timedelta(hours=2) if held else None,
            "version": 1,
        }
        for number, starts_at in enumerate(begin)
    ]


def _marks(one: Mapping[str, Any], sessions: Sequence[Row], chance: random.Random) -> list[Row]:
    marks, weights = zip(*_MARKS.get(one["status"], _MARKS[ParticipantStatus.DROPPED]), strict=True)
    stays = len(sessions) if one["status"] is ParticipantStatus.COMPLETED else chance.randint(3, 9)
    return [
        {
            "session_id": held["id"],
            "participant_id": one["id"],
            "organization_id": one["organization_id"],
            "cohort_id": one["cohort_id"],
            "mark": chance.choices(marks, weights)[0],
            "recorded_by": "demo",
            "recorded_at": held["attendance_at"],
        }
        for held in sessions[:stays]
    ]


def _assistance(one: Mapping[str, Any], starts_on: date, chance: random.Random) -> list[Row]:
    return [
        {
            "id": seeded_id("demo-assistance", f"{one['id']}/{number}", one["enrolled_at"]),
            "organization_id": one["organization_id"],
            "participant_id": one["id"],
            "advisor": "demo",
            "topic": chance.choice(list(AssistanceTopic)),
            "mode": chance.choice(list(AssistanceMode)),
            "language": chance.choice(("spa", "eng")),
            "minutes": chance.choice((30, 45, 60, 90)),
            "occurred_on": starts_on + timedelta(days=30 * number + chance.randint(1, 25)),
        }
        for number in range(chance.randint(2, 6))
    ]


def _milestones(one: Mapping[str, Any], starts_on: date, now: datetime, chance: random.Random) -> list[Row]:
    reached = [(MilestoneKind.BUSINESS_PLAN, MilestoneStage.OBTAINED, chance.randint(90, 180))]
    if chance.randrange(100) < _LICENSED_OF_A_HUNDRED:
        applied = chance.randint(150, 220)
        reached += [
            (MilestoneKind.BUSINESS_LICENSE, MilestoneStage.APPLIED, applied),
            (MilestoneKind.BUSINESS_LICENSE, MilestoneStage.OBTAINED, applied + chance.randint(10, 60)),
            (MilestoneKind.BANK_ACCOUNT, MilestoneStage.OBTAINED, applied + chance.randint(5, 70)),
        ]
    return [
        {
            "id": seeded_id("demo-milestone", f"{one['id']}/{number}", one["enrolled_at"]),
            "organization_id": one["organization_id"],
            "participant_id": one["id"],
            "kind": kind,
            "stage": stage,
            "occurred_on": starts_on + timedelta(days=after),
            "recorded_by": "demo",
            "recorded_at": now,
        }
        for number, (kind, stage, after) in enumerate(reached)
    ]


def _venture(one: Mapping[str, Any], chance: random.Random) -> Row:
    return {
        "participant_id": one["id"],
        "organization_id": one["organization_id"],
        "sector": chance.choice(list(VentureSector)),
        "stage": chance.choice((VentureStage.IDEA, VentureStage.STARTING, VentureStage.OPERATING)),
        "jobs": chance.choice((0, 1, 1, 2, 3)),
        "county_fips": chance.choice(_COUNTIES),
        "version": 1,
    }
