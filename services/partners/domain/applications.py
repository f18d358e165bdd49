"""The life of an application for DOJ recognition (form EOIR-31) or accreditation (EOIR-31A): one table (DOMAIN 4.8).

What each form asks for is the network's own list, to prepare by: verify it with the form's instructions. It is no legal
advice. READY is never asked for: it is where an application is whose checklist is whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class RaForm(StrEnum):
    """EOIR-31: recognition of an organisation. EOIR-31A: accreditation of a representative with it."""

    EOIR_31 = "EOIR_31"
    EOIR_31A = "EOIR_31A"


class RaPurpose(StrEnum):
    NEW_RECOGNITION = "NEW_RECOGNITION"
    RENEWED_RECOGNITION = "RENEWED_RECOGNITION"
    EXTENSION_OFFICE = "EXTENSION_OFFICE"
    INITIAL_PARTIAL = "INITIAL_PARTIAL"
    FULL = "FULL"
    RENEWED_ACCREDITATION = "RENEWED_ACCREDITATION"


class RaStage(StrEnum):
    PREPARING = "PREPARING"
    READY = "READY"
    FILED = "FILED"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"


class RaItem(StrEnum):
    """What has to be at hand before a form is filed."""

    NONPROFIT_PROOF = "NONPROFIT_PROOF"
    STATE_APPROVAL = "STATE_APPROVAL"
    FEES = "FEES"
    KNOWLEDGE = "KNOWLEDGE"
    AUTHORISED_OFFICER = "AUTHORISED_OFFICER"
    EXTENSION_SUPERVISION = "EXTENSION_SUPERVISION"
    TRAINING_CERTIFICATE = "TRAINING_CERTIFICATE"
    CHARACTER_LETTERS = "CHARACTER_LETTERS"


class RaMove(StrEnum):
    COMPLETE = "COMPLETE"
    REOPEN = "REOPEN"
    FILE = "FILE"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    APPROVE = "APPROVE"
    DENY = "DENY"
    WITHDRAW = "WITHDRAW"


class Through(StrEnum):
    """By what in the API a move is made."""

    CHECKLIST = "setChecklistItem"
    FILING = "fileApplication"
    DECISION = "recordDecision"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. `needs_whole`: no item of the checklist may be open."""

    name: RaMove
    frm: frozenset[RaStage]
    to: RaStage
    through: Through
    needs_whole: bool = False


_S: Final = RaStage
_WITH_THEM: Final = frozenset({_S.FILED, _S.PENDING})
TERMINAL: Final = frozenset({_S.APPROVED, _S.DENIED, _S.WITHDRAWN})
OPEN: Final = frozenset(RaStage) - TERMINAL
LIFECYCLE: Final = (
    Move(RaMove.COMPLETE, frozenset({_S.PREPARING}), _S.READY, Through.CHECKLIST, needs_whole=True),
    Move(RaMove.REOPEN, frozenset({_S.READY}), _S.PREPARING, Through.CHECKLIST),
    Move(RaMove.FILE, frozenset({_S.READY}), _S.FILED, Through.FILING, needs_whole=True),
    Move(RaMove.ACKNOWLEDGE, frozenset({_S.FILED}), _S.PENDING, Through.DECISION),
    Move(RaMove.APPROVE, _WITH_THEM, _S.APPROVED, Through.DECISION),
    Move(RaMove.DENY, _WITH_THEM, _S.DENIED, Through.DECISION),
    Move(RaMove.WITHDRAW, OPEN, _S.WITHDRAWN, Through.DECISION),
)
BY_NAME: Final = {row.name: row for row in LIFECYCLE}


@dataclass(frozen=True, slots=True)
class Paper:
    """What a purpose is filed with: its form, its checklist, and what it is about."""

    form: RaForm
    items: tuple[RaItem, ...]
    #: About a representative, an office, or a credential that is there already.
    of_practitioner: bool = False
    of_office: bool = False
    of_credential: bool = False


_ORGANISATION: Final = (
    RaItem.NONPROFIT_PROOF,
    RaItem.STATE_APPROVAL,
    RaItem.FEES,
    RaItem.KNOWLEDGE,
    RaItem.AUTHORISED_OFFICER,
)
_PERSON: Final = (RaItem.TRAINING_CERTIFICATE, RaItem.CHARACTER_LETTERS, RaItem.AUTHORISED_OFFICER)
PAPERS: Final[Mapping[RaPurpose, Paper]] = {
    RaPurpose.NEW_RECOGNITION: Paper(RaForm.EOIR_31, _ORGANISATION),
    RaPurpose.RENEWED_RECOGNITION: Paper(RaForm.EOIR_31, _ORGANISATION, of_credential=True),
    RaPurpose.EXTENSION_OFFICE: Paper(
        RaForm.EOIR_31,
        (RaItem.EXTENSION_SUPERVISION, RaItem.KNOWLEDGE, RaItem.AUTHORISED_OFFICER),
        of_office=True,
        of_credential=True,
    ),
    RaPurpose.INITIAL_PARTIAL: Paper(RaForm.EOIR_31A, _PERSON, of_practitioner=True),
    RaPurpose.FULL: Paper(RaForm.EOIR_31A, _PERSON, of_practitioner=True),
    RaPurpose.RENEWED_ACCREDITATION: Paper(
        RaForm.EOIR_31A,
        (RaItem.TRAINING_CERTIFICATE, RaItem.AUTHORISED_OFFICER),
        of_practitioner=True,
        of_credential=True,
    ),
}


def open_items(purpose: RaPurpose, done: Collection[RaItem]) -> tuple[RaItem, ...]:
    """What is still missing, in the order of the list."""
    return tuple(item for item in PAPERS[purpose].items if item not in done)


def allowed(stage: RaStage, through: Iterable[Through] = Through) -> tuple[Move, ...]:
    """The moves from `stage`, before the checklist is looked at."""
    ways = frozenset(through)
    return tuple(row for row in LIFECYCLE if stage in row.frm and row.through in ways)


def after_checklist(stage: RaStage, purpose: RaPurpose, done: Collection[RaItem]) -> RaStage:
    """Where an application is once its list stands so. Only while nothing is filed does the list decide."""
    whole = not open_items(purpose, done)
    for row in allowed(stage, {Through.CHECKLIST}):
        if row.needs_whole == whole:
            return row.to
    return stage


def filing_problems(filed_on: date, served_on: date, today: date) -> dict[str, str]:
    """What is wrong with the days of a filing; a form counts as filed once it was served on USCIS as well (verify)."""
    problems = {}
    if filed_on > today:
        problems["filed_on"] = "must not be in the future"
    if served_on > today:
        problems["served_uscis_on"] = "must not be in the future"
    return problems
