"""A grant application's life, from draft to what came of the money, as one table (DOMAIN 4.9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ApplicationState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    SCREENING = "SCREENING"
    INFO_REQUESTED = "INFO_REQUESTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    WAITLISTED = "WAITLISTED"
    AGREEMENT_SIGNED = "AGREEMENT_SIGNED"
    DISBURSING = "DISBURSING"
    CLOSEOUT = "CLOSEOUT"
    CLOSED = "CLOSED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"
    RESCINDED = "RESCINDED"


class Side(StrEnum):
    """APPLICANT: the organisation that helps the person apply. FUNDER: the one that decides."""

    APPLICANT = "APPLICANT"
    FUNDER = "FUNDER"


class ApplicationMoveName(StrEnum):
    SUBMIT = "SUBMIT"
    SCREEN = "SCREEN"
    REQUEST_INFORMATION = "REQUEST_INFORMATION"
    GIVE_INFORMATION = "GIVE_INFORMATION"
    REVIEW = "REVIEW"
    APPROVE = "APPROVE"
    DENY = "DENY"
    WAITLIST = "WAITLIST"
    SIGN_AGREEMENT = "SIGN_AGREEMENT"
    DISBURSE = "DISBURSE"
    BEGIN_CLOSEOUT = "BEGIN_CLOSEOUT"
    CLOSE = "CLOSE"
    RETURN = "RETURN"
    WITHDRAW = "WITHDRAW"
    RESCIND = "RESCIND"


class Decision(StrEnum):
    """Why an application was denied or an award rescinded. None of these tells of a person's status."""

    OUT_OF_FUNDS = "OUT_OF_FUNDS"
    INCOMPLETE = "INCOMPLETE"
    OUTSIDE_PROGRAM = "OUTSIDE_PROGRAM"
    PREREQUISITE_NOT_MET = "PREREQUISITE_NOT_MET"
    DUPLICATE = "DUPLICATE"
    TERMS_NOT_KEPT = "TERMS_NOT_KEPT"


@dataclass(frozen=True, slots=True)
class ApplicationMove:
    """One row: by this move, from these states to that one, by that side."""

    name: ApplicationMoveName
    frm: frozenset[ApplicationState]
    to: ApplicationState
    by: Side
    needs_decision: bool = False
    takes_money: bool = False
    #: The payer does it, at the award (`disburse`, `settleAward`), and not who decides.
    of_award: bool = False


_S, _M = ApplicationState, ApplicationMoveName
_WITHDRAWABLE: Final = frozenset(
    {_S.DRAFT, _S.SUBMITTED, _S.SCREENING, _S.INFO_REQUESTED, _S.UNDER_REVIEW, _S.WAITLISTED}
)
APPLICATION_LIFE: Final = (
    ApplicationMove(_M.SUBMIT, frozenset({_S.DRAFT}), _S.SUBMITTED, Side.APPLICANT),
    ApplicationMove(_M.SCREEN, frozenset({_S.SUBMITTED}), _S.SCREENING, Side.FUNDER),
    ApplicationMove(_M.REQUEST_INFORMATION, frozenset({_S.SCREENING}), _S.INFO_REQUESTED, Side.FUNDER),
    ApplicationMove(_M.GIVE_INFORMATION, frozenset({_S.INFO_REQUESTED}), _S.SCREENING, Side.APPLICANT),
    ApplicationMove(_M.REVIEW, frozenset({_S.SCREENING}), _S.UNDER_REVIEW, Side.FUNDER),
    ApplicationMove(
        _M.APPROVE, frozenset({_S.UNDER_REVIEW, _S.WAITLISTED}), _S.APPROVED, Side.FUNDER, takes_money=True
    ),
    ApplicationMove(
        _M.DENY,
        frozenset({_S.SCREENING, _S.UNDER_REVIEW, _S.WAITLISTED}),
        _S.DENIED,
        Side.FUNDER,
        needs_decision=True,
    ),
    ApplicationMove(_M.WAITLIST, frozenset({_S.UNDER_REVIEW}), _S.WAITLISTED, Side.FUNDER),
    ApplicationMove(_M.SIGN_AGREEMENT, frozenset({_S.APPROVED}), _S.AGREEMENT_SIGNED, Side.APPLICANT),
    ApplicationMove(_M.WITHDRAW, _WITHDRAWABLE, _S.WITHDRAWN, Side.APPLICANT),
    ApplicationMove(
        _M.RESCIND,
        frozenset({_S.APPROVED, _S.AGREEMENT_SIGNED, _S.DISBURSING}),
        _S.RESCINDED,
        Side.FUNDER,
        needs_decision=True,
    ),
    ApplicationMove(
        _M.DISBURSE,
        frozenset({_S.AGREEMENT_SIGNED, _S.DISBURSING}),
        _S.DISBURSING,
        Side.FUNDER,
        of_award=True,
    ),
    ApplicationMove(_M.BEGIN_CLOSEOUT, frozenset({_S.DISBURSING}), _S.CLOSEOUT, Side.FUNDER, of_award=True),
    ApplicationMove(_M.CLOSE, frozenset({_S.CLOSEOUT}), _S.CLOSED, Side.FUNDER, of_award=True),
    ApplicationMove(
        _M.RETURN, frozenset({_S.DISBURSING, _S.CLOSEOUT}), _S.RETURNED, Side.FUNDER, of_award=True
    ),
)
#: Where an award ends: what was promised and not paid goes back to the round.
RELEASING: Final = frozenset({_S.RESCINDED, _S.CLOSED, _S.RETURNED})
#: Until it is reviewed an application takes documents.
TAKES_DOCUMENTS: Final = frozenset({_S.DRAFT, _S.SUBMITTED, _S.SCREENING, _S.INFO_REQUESTED})
BY_NAME: Final = {row.name: row for row in APPLICATION_LIFE}


def allowed(state: ApplicationState, side: Side, *, of_award: bool = False) -> tuple[ApplicationMove, ...]:
    """The moves that a side can make now: those of the application, or those of its award."""
    return tuple(
        row for row in APPLICATION_LIFE if state in row.frm and row.by is side and row.of_award is of_award
    )
