"""Who helps at a workshop: the roles of its shifts, what each asks of somebody, and how a request for volunteers goes
(DOMAIN 4.7). Volunteers are workers of partners; nothing here is about a client."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.partners.domain.languages import Fit, fit
from services.partners.domain.practice import Practice, Staff
from services.partners.domain.terms import AccreditationLevel, PractitionerRole


class ShiftRole(StrEnum):
    ATTORNEY = "ATTORNEY"
    ACCREDITED_REPRESENTATIVE = "ACCREDITED_REPRESENTATIVE"
    INTERPRETER = "INTERPRETER"
    INTAKE = "INTAKE"
    GREETER = "GREETER"


#: Roles whose help is lawful from the authorised alone: whoever takes them is named, and authorised on the day.
LEGAL_ROLES: Final[Mapping[ShiftRole, frozenset[PractitionerRole]]] = {
    ShiftRole.ATTORNEY: frozenset({PractitionerRole.ATTORNEY}),
    ShiftRole.ACCREDITED_REPRESENTATIVE: frozenset({PractitionerRole.PARTIAL_REP, PractitionerRole.FULL_REP}),
}
#: People that one shift takes, and that one request asks for.
MOST_WANTED: Final = 100


class RequestState(StrEnum):
    ASKED = "ASKED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class RequestAnswer(StrEnum):
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    WITHDRAW = "WITHDRAW"


class Side(StrEnum):
    HOST = "HOST"
    ASKED = "ASKED"


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the table: who gives this answer to a request that is ASKED, and what it becomes."""

    name: RequestAnswer
    by: Side
    to: RequestState


ANSWERS: Final = (
    Answer(RequestAnswer.ACCEPT, Side.ASKED, RequestState.ACCEPTED),
    Answer(RequestAnswer.DECLINE, Side.ASKED, RequestState.DECLINED),
    Answer(RequestAnswer.WITHDRAW, Side.HOST, RequestState.WITHDRAWN),
)
BY_NAME: Final = {row.name: row for row in ANSWERS}


class VolunteerState(StrEnum):
    COMING = "COMING"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Offered:
    """Somebody named for a shift: what they are at their own organisation, and what they speak (ISO 639-3, or a group)."""

    person: Staff
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What a shift asks for, on the day that it is; `level`: of the workshop's strictest matter."""

    role: ShiftRole
    language: str | None
    day: date
    level: AccreditationLevel


def shift_problems(
    role: ShiftRole, language: str | None, wanted: int, starts_at: datetime, ends_at: datetime
) -> dict[str, str]:
    """What is wrong with a shift, by field. A language may be asked for in any role; of an interpreter it has to be."""
    wrong = {}
    if role is ShiftRole.INTERPRETER and language is None:
        wrong["language"] = "must say which language an interpreter is for"
    if not 1 <= wanted <= MOST_WANTED:
        wrong["wanted"] = f"must be from 1 to {MOST_WANTED}"
    if ends_at <= starts_at:
        wrong["ends_at"] = "must be after `startsAt`"
    return wrong


def unfit(task: Task, named: Collection[Offered], standing: Practice, people: int) -> str | None:
    """Why an organisation of this standing cannot send these to a shift; None where it can.

    `named` are those of its practitioners that it names, `people` how many come in all. An accreditation is with one
    organisation, whose representative they are wherever it sends them (8 CFR 1292.12).
    """
    roles = LEGAL_ROLES.get(task.role)
    if roles is not None:
        if len(named) < people:
            return "must name each of them: this role is for the authorised alone"
        able = standing.authorised(task.day, task.level)
        if any(one.person.role not in roles or one.person not in able for one in named):
            return "must be authorised for the workshop's matters on its day, and in this role"
    if task.language is not None and any(not _speaks(one, task.language) for one in named):
        return f"must speak {task.language}"
    return None


def _speaks(one: Offered, language: str) -> bool:
    return any(fit(spoken, language) is not Fit.NONE for spoken in one.languages)
