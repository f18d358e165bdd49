"""How the demo network's cohorts chose: a rubric, two reviews of everybody, who was declined, who waited; and who graduated."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.certificates import certificate_code, code_digest
from services.grants.domain.cohorts import CohortStatus, ParticipantStatus
from services.grants.domain.follow_ups import MONTHS, FollowUpOutcome, due_on
from services.grants.domain.selection import SelectionState
from services.grants.models import Certificate, CohortApplication, FollowUp, SelectionReview, SelectionRubric
from vereda.demo.network import EPOCH
from vereda.ids import seeded_id
from vereda.keyring import Keyring

_CRITERIA: Final = (
    {"code": "IDEA", "name": "How clear the idea is", "name_es": "Qué tan clara es la idea", "maximum": 5},
    {"code": "TIME", "name": "Time for two quarters", "name_es": "Tiempo para dos trimestres", "maximum": 5},
)
_REVIEWERS: Final = ("demo instructor", "demo coordinator")
_DECLINED: Final = 7
#: Of an open cohort: handed in, and judged by nobody, one or both.
_OPEN: Final = 6
#: What those who completed say half a year later and a year later, the weights beside it.
_ANSWERS: Final = {
    FollowUpOutcome.IN_BUSINESS: 62,
    FollowUpOutcome.NOT_STARTED: 15,
    FollowUpOutcome.CLOSED: 8,
    FollowUpOutcome.EMPLOYED: 9,
    FollowUpOutcome.NOT_REACHED: 6,
}

Row = dict[str, Any]


async def load(
    session: AsyncSession,
    cohorts: Sequence[Mapping[str, Any]],
    participants: Sequence[Mapping[str, Any]],
    provider: Keyring,
    key: bytes,
    now: datetime,
    chance: random.Random,
) -> None:
    """Write who applied to the cohorts, of whom `participants` are; `key`: of certificates."""
    applications: list[Row] = []
    reviews: list[Row] = []
    for cohort in cohorts:
        applied = datetime.combine(cohort["starts_on"] - timedelta(days=60), now.timetz())
        seated = [one for one in participants if one["cohort_id"] == cohort["id"]]
        applications += [_application(one, cohort, applied, _state_of(one), one["id"]) for one in seated]
        if cohort["status"] is CohortStatus.FINISHED:
            others = [(number, SelectionState.DECLINED, 2) for number in range(_DECLINED)]
        else:
            others = [(number, SelectionState.APPLIED, number % 3) for number in range(_OPEN)]
        for number, state, judged in others:
            person = seeded_id("demo-other-applicant", f"{cohort['id']}/{number}", EPOCH)
            one = {
                "host_handle": provider.pairwise_id(person, cohort["organization_id"]),
                "sponsor_id": seated[0]["sponsor_id"],
                "sponsor_handle": provider.pairwise_id(person, seated[0]["sponsor_id"]),
                "consent_id": seeded_id("demo-enrolment-consent", f"{cohort['id']}/other/{number}", EPOCH),
                "consent_expires_at": now + timedelta(days=30),
            }
            made = _application(one, cohort, applied, state, None)
            applications.append(made)
            reviews += _reviews(made, judged, state, chance)
        reviews += [
            review
            for made in applications
            if made["cohort_id"] == cohort["id"] and made["participant_id"] is not None
            for review in _reviews(made, 2, made["state"], chance)
        ]
    graduates = [one for one in participants if one["status"] is ParticipantStatus.COMPLETED]
    for model, rows in (
        (SelectionRubric, [_rubric(cohort, now) for cohort in cohorts]),
        (CohortApplication, applications),
        (SelectionReview, reviews),
        (Certificate, [_certificate(one, key) for one in graduates]),
        (FollowUp, [row for one in graduates for row in _follow_ups(one, now, chance)]),
    ):
        if rows:
            await session.execute(insert(model), rows)


def _state_of(participant: Mapping[str, Any]) -> SelectionState:
    waited = participant["status"] in (ParticipantStatus.ROLLED_OVER, ParticipantStatus.WAITLISTED)
    return SelectionState.WAITLISTED if waited else SelectionState.ADMITTED


def _rubric(cohort: Mapping[str, Any], now: datetime) -> Row:
    return {
        "cohort_id": cohort["id"],
        "organization_id": cohort["organization_id"],
        "criteria": list(_CRITERIA),
        "published_at": datetime.combine(cohort["starts_on"] - timedelta(days=90), now.timetz()),
    }


def _application(
    one: Mapping[str, Any],
    cohort: Mapping[str, Any],
    applied: datetime,
    state: SelectionState,
    participant: Any,
) -> Row:
    kept = ("host_handle", "sponsor_id", "sponsor_handle", "consent_id", "consent_expires_at")
    return {
        "id": seeded_id("demo-cohort-application", str(one["consent_id"]), EPOCH),
        "organization_id": cohort["organization_id"],
        "cohort_id": cohort["id"],
        **{name: one[name] for name in kept},
        "state": state,
        "applied_at": applied,
        "decided_at": applied + timedelta(days=20) if state is not SelectionState.APPLIED else None,
        "participant_id": participant,
        "version": 1,
    }


def _reviews(made: Row, judged: int, state: SelectionState, chance: random.Random) -> list[Row]:
    """Who was chosen has more points than who was not."""
    least, most = (1, 3) if state is SelectionState.DECLINED else (3, 5)
    return [
        {
            "application_id": made["id"],
            "reviewer": reviewer,
            "organization_id": made["organization_id"],
            "scores": {str(one["code"]): chance.randint(least, most) for one in _CRITERIA},
            "reviewed_at": made["applied_at"] + timedelta(days=7),
        }
        for reviewer in _REVIEWERS[:judged]
    ]


def _certificate(one: Mapping[str, Any], key: bytes) -> Row:
    return {
        "code_digest": code_digest(certificate_code(key, one["id"])),
        "organization_id": one["organization_id"],
        "cohort_id": one["cohort_id"],
        "completed_on": one["completed_at"].date(),
    }


def _follow_ups(one: Mapping[str, Any], now: datetime, chance: random.Random) -> list[Row]:
    """The tasks that are due by now, answered; those of the last month wait."""
    found = []
    for months in MONTHS:
        due: date = due_on(one["completed_at"].date(), months)
        if due > now.date():
            continue
        outcome = chance.choices(list(_ANSWERS), list(_ANSWERS.values()))[0]
        waits = due > now.date() - timedelta(days=30)
        found.append(
            {
                "id": seeded_id("demo-follow-up", f"{one['id']}/{months}", EPOCH),
                "organization_id": one["organization_id"],
                "participant_id": one["id"],
                "months": months,
                "due_on": due,
                "outcome": None if waits else outcome,
                "jobs": chance.randint(1, 3)
                if outcome is FollowUpOutcome.IN_BUSINESS and not waits
                else None,
                "answered_at": None if waits else datetime.combine(due + timedelta(days=9), now.timetz()),
                "answered_by": None if waits else "demo",
            }
        )
    return found
