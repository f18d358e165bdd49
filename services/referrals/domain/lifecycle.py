"""A referral's life: one table (DOMAIN 4.3). Code, API, docs and tests read it; a referral's state is the fold of its events.

A row says: by this move, from these states to that one, made by these parties, under these conditions. What depends
on data (consent, capacity, contact attempts, time) is named in `guards` and checked by the operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    DRAFT = "DRAFT"
    AWAITING_CONSENT = "AWAITING_CONSENT"
    SENT = "SENT"
    CONFLICT_CHECK = "CONFLICT_CHECK"
    IN_REVIEW = "IN_REVIEW"
    INFO_REQUESTED = "INFO_REQUESTED"
    REDIRECT_OFFERED = "REDIRECT_OFFERED"
    ACCEPTED = "ACCEPTED"
    WAITLISTED = "WAITLISTED"
    SCHEDULED = "SCHEDULED"
    IN_SERVICE = "IN_SERVICE"
    ON_HOLD = "ON_HOLD"
    COMPLETED = "COMPLETED"
    NOT_COMPLETED = "NOT_COMPLETED"
    UNREACHABLE = "UNREACHABLE"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REDIRECTED = "REDIRECTED"
    REVOKED = "REVOKED"
    VOID = "VOID"


class Party(StrEnum):
    """In what part somebody acts on a referral."""

    SENDER = "SENDER"
    RECIPIENT = "RECIPIENT"
    #: An organisation to which an open offer was made, and that may become the recipient.
    CANDIDATE = "CANDIDATE"
    CLIENT = "CLIENT"
    SYSTEM = "SYSTEM"
    COORDINATOR = "COORDINATOR"


class Reason(StrEnum):
    NO_CAPACITY = "NO_CAPACITY"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    OUT_OF_AREA = "OUT_OF_AREA"
    LANGUAGE_UNAVAILABLE = "LANGUAGE_UNAVAILABLE"
    CONFLICT = "CONFLICT"
    DUPLICATE = "DUPLICATE"
    SERVICE_ENDED = "SERVICE_ENDED"
    NOT_AUTHORISED_PRACTICE = "NOT_AUTHORISED_PRACTICE"
    CLIENT_DECLINED = "CLIENT_DECLINED"
    CLIENT_SERVED_ELSEWHERE = "CLIENT_SERVED_ELSEWHERE"
    UNSAFE_TO_CONTACT = "UNSAFE_TO_CONTACT"
    NO_RESPONSE = "NO_RESPONSE"
    OTHER = "OTHER"
    #: What the others show to those who are not the recipient: the true one would tell about the client.
    UNAVAILABLE = "UNAVAILABLE"


class Outcome(StrEnum):
    SERVED_FULLY = "SERVED_FULLY"
    SERVED_PARTLY = "SERVED_PARTLY"
    ADVICE_ONLY = "ADVICE_ONLY"
    ON_WAITLIST_ELSEWHERE = "ON_WAITLIST_ELSEWHERE"
    NOT_ELIGIBLE_AFTER_INTAKE = "NOT_ELIGIBLE_AFTER_INTAKE"
    CLIENT_WITHDREW = "CLIENT_WITHDREW"
    NO_SHOW_FINAL = "NO_SHOW_FINAL"


class Loop(StrEnum):
    """Whether both sides agree on how it ended."""

    OPEN = "OPEN"
    REPORTED = "REPORTED"
    CONFIRMED = "CONFIRMED"
    DISPUTED = "DISPUTED"


class Guard(StrEnum):
    """Conditions on data that an operation checks before a move."""

    CONSENT_COVERS_RECIPIENT = "CONSENT_COVERS_RECIPIENT"
    CONSENT_HOLDS = "CONSENT_HOLDS"
    SERVICE_HAS_ROOM = "SERVICE_HAS_ROOM"
    LEGAL_SERVICE = "LEGAL_SERVICE"
    NOT_LEGAL_SERVICE = "NOT_LEGAL_SERVICE"
    PROOF_OF_ATTEMPTS = "PROOF_OF_ATTEMPTS"
    WITHIN_ONE_BUSINESS_DAY = "WITHIN_ONE_BUSINESS_DAY"
    WITHIN_THIRTY_DAYS = "WITHIN_THIRTY_DAYS"
    NOBODY_ACTED = "NOBODY_ACTED"
    OFFER_STANDS = "OFFER_STANDS"
    SENDER_AGREES = "SENDER_AGREES"
    APPOINTMENT_STANDS = "APPOINTMENT_STANDS"


class MoveName(StrEnum):
    REQUEST_CONSENT = "REQUEST_CONSENT"
    SEND = "SEND"
    VOID = "VOID"
    CLAIM = "CLAIM"
    START_CONFLICT_CHECK = "START_CONFLICT_CHECK"
    CLEAR_CONFLICT = "CLEAR_CONFLICT"
    OPEN = "OPEN"
    REQUEST_INFORMATION = "REQUEST_INFORMATION"
    GIVE_INFORMATION = "GIVE_INFORMATION"
    OFFER_REDIRECT = "OFFER_REDIRECT"
    AGREE_REDIRECT = "AGREE_REDIRECT"
    REFUSE_REDIRECT = "REFUSE_REDIRECT"
    ACCEPT = "ACCEPT"
    UNACCEPT = "UNACCEPT"
    WAITLIST = "WAITLIST"
    REVALIDATE = "REVALIDATE"
    DECLINE = "DECLINE"
    SCHEDULE = "SCHEDULE"
    RESCHEDULE = "RESCHEDULE"
    BOOK = "BOOK"
    UNBOOK = "UNBOOK"
    NO_SHOW = "NO_SHOW"
    START = "START"
    HEARTBEAT = "HEARTBEAT"
    HOLD = "HOLD"
    RESUME = "RESUME"
    COMPLETE = "COMPLETE"
    NOT_COMPLETE = "NOT_COMPLETE"
    GIVE_UP = "GIVE_UP"
    CANCEL = "CANCEL"
    CLIENT_CANCELS = "CLIENT_CANCELS"
    EXPIRE = "EXPIRE"
    REVOKE = "REVOKE"
    REOPEN_SERVICE = "REOPEN_SERVICE"
    REOPEN_CONTACT = "REOPEN_CONTACT"


S, T, C, Y = Party.SENDER, Party.RECIPIENT, Party.CLIENT, Party.SYSTEM
_CANDIDATE: Final = Party.CANDIDATE


class Through(StrEnum):
    """By what in the API, or beside it, a move is made."""

    MOVE_REFERRAL = "moveReferral"
    SEND_REFERRAL = "sendReferral"
    CLAIM_REFERRAL = "claimReferral"
    APPOINTMENTS = "bookAppointment"
    REVOKE_CONSENT = "revokeConsent"
    CLOCK = "the clock"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table."""

    name: MoveName
    frm: frozenset[State]
    to: State
    by: frozenset[Party]
    needs_reason: bool = False
    needs_outcome: bool = False
    guards: frozenset[Guard] = frozenset()
    #: Takes a signed offer of the service to go on with.
    needs_offer: bool = False
    through: Through = Through.MOVE_REFERRAL
    #: The reasons that are taken; empty for any.
    only_for: frozenset[Reason] = frozenset()


_RECIPIENTS_REASONS: Final = frozenset(Reason) - {
    Reason.NO_RESPONSE,
    Reason.CLIENT_DECLINED,
    Reason.CLIENT_SERVED_ELSEWHERE,
}

TERMINAL: Final = frozenset(
    {
        State.COMPLETED,
        State.NOT_COMPLETED,
        State.UNREACHABLE,
        State.DECLINED,
        State.CANCELLED,
        State.EXPIRED,
        State.REDIRECTED,
        State.REVOKED,
        State.VOID,
    }
)
_ALIVE: Final = frozenset(State) - TERMINAL
#: What the sender alone has seen.
UNSENT: Final = frozenset({State.DRAFT, State.AWAITING_CONSENT})


def _row(
    name: MoveName,
    frm: Iterable[State],
    to: State,
    by: Set[Party],
    *guards: Guard,
    reason: bool = False,
    outcome: bool = False,
    offer: bool = False,
    through: Through = Through.MOVE_REFERRAL,
    only_for: Set[Reason] = frozenset(),
) -> Move:
    # Without the client's consent a recipient can bring a referral to its end, and no further.
    holding = {Guard.CONSENT_HOLDS} if T in by and to not in TERMINAL else set()
    checked = frozenset({*guards, *holding})
    return Move(
        name, frozenset(frm), to, frozenset(by), reason, outcome, checked, offer, through, frozenset(only_for)
    )


_M, _St = MoveName, State
_BY_APPOINTMENT: Final = Through.APPOINTMENTS
_CANCELLABLE: Final = frozenset(
    {
        _St.SENT,
        _St.CONFLICT_CHECK,
        _St.INFO_REQUESTED,
        _St.ACCEPTED,
        _St.WAITLISTED,
        _St.SCHEDULED,
        _St.IN_SERVICE,
    }
)
#: Why a client stops a referral.
CLIENTS_REASONS: Final = frozenset({Reason.CLIENT_DECLINED, Reason.CLIENT_SERVED_ELSEWHERE})
LIFECYCLE: Final = (
    _row(_M.REQUEST_CONSENT, {_St.DRAFT}, _St.AWAITING_CONSENT, {S}),
    _row(
        _M.SEND,
        UNSENT,
        _St.SENT,
        {S},
        Guard.CONSENT_COVERS_RECIPIENT,
        Guard.SERVICE_HAS_ROOM,
        offer=True,
        through=Through.SEND_REFERRAL,
    ),
    _row(_M.VOID, {_St.DRAFT, _St.SENT}, _St.VOID, {S}, Guard.NOBODY_ACTED, reason=True),
    _row(
        _M.CLAIM,
        {_St.SENT},
        _St.SENT,
        {_CANDIDATE},
        Guard.OFFER_STANDS,
        Guard.CONSENT_HOLDS,
        through=Through.CLAIM_REFERRAL,
    ),
    _row(_M.START_CONFLICT_CHECK, {_St.SENT}, _St.CONFLICT_CHECK, {T}, Guard.LEGAL_SERVICE),
    _row(_M.CLEAR_CONFLICT, {_St.CONFLICT_CHECK}, _St.IN_REVIEW, {T}),
    _row(_M.OPEN, {_St.SENT}, _St.IN_REVIEW, {T}, Guard.NOT_LEGAL_SERVICE),
    _row(_M.REQUEST_INFORMATION, {_St.IN_REVIEW}, _St.INFO_REQUESTED, {T}),
    _row(_M.GIVE_INFORMATION, {_St.INFO_REQUESTED}, _St.IN_REVIEW, {S}),
    _row(_M.OFFER_REDIRECT, {_St.IN_REVIEW}, _St.REDIRECT_OFFERED, {T}),
    _row(
        _M.AGREE_REDIRECT,
        {_St.REDIRECT_OFFERED},
        _St.REDIRECTED,
        {S},
        Guard.CONSENT_COVERS_RECIPIENT,
        offer=True,
    ),
    _row(_M.REFUSE_REDIRECT, {_St.REDIRECT_OFFERED}, _St.IN_REVIEW, {S}),
    _row(_M.ACCEPT, {_St.IN_REVIEW, _St.WAITLISTED}, _St.ACCEPTED, {T}, Guard.SERVICE_HAS_ROOM),
    _row(_M.UNACCEPT, {_St.ACCEPTED}, _St.IN_REVIEW, {T}, Guard.WITHIN_ONE_BUSINESS_DAY),
    _row(_M.WAITLIST, {_St.IN_REVIEW}, _St.WAITLISTED, {T}),
    _row(_M.REVALIDATE, {_St.WAITLISTED}, _St.WAITLISTED, {S, T}),
    _row(
        _M.DECLINE,
        {_St.SENT, _St.CONFLICT_CHECK, _St.IN_REVIEW, _St.ACCEPTED, _St.WAITLISTED},
        _St.DECLINED,
        {T},
        reason=True,
    ),
    _row(_M.SCHEDULE, {_St.ACCEPTED}, _St.SCHEDULED, {T}),
    _row(_M.RESCHEDULE, {_St.SCHEDULED}, _St.SCHEDULED, {T}),
    _row(
        _M.BOOK,
        {_St.ACCEPTED, _St.SCHEDULED},
        _St.SCHEDULED,
        {S, T},
        Guard.APPOINTMENT_STANDS,
        through=_BY_APPOINTMENT,
    ),
    _row(_M.UNBOOK, {_St.SCHEDULED}, _St.SCHEDULED, {S, T, Y}, through=_BY_APPOINTMENT),
    _row(_M.NO_SHOW, {_St.SCHEDULED}, _St.SCHEDULED, {T}, through=_BY_APPOINTMENT),
    _row(_M.START, {_St.ACCEPTED, _St.SCHEDULED}, _St.IN_SERVICE, {T}),
    _row(_M.HEARTBEAT, {_St.IN_SERVICE}, _St.IN_SERVICE, {T}),
    _row(_M.HOLD, {_St.IN_SERVICE}, _St.ON_HOLD, {T}),
    _row(_M.RESUME, {_St.ON_HOLD}, _St.IN_SERVICE, {T}),
    _row(_M.COMPLETE, {_St.IN_SERVICE, _St.ON_HOLD}, _St.COMPLETED, {T}, outcome=True),
    _row(_M.NOT_COMPLETE, {_St.IN_SERVICE, _St.ON_HOLD}, _St.NOT_COMPLETED, {T}, reason=True),
    _row(_M.GIVE_UP, {_St.ACCEPTED, _St.SCHEDULED}, _St.UNREACHABLE, {T}, Guard.PROOF_OF_ATTEMPTS),
    _row(_M.CANCEL, _CANCELLABLE | {_St.AWAITING_CONSENT}, _St.CANCELLED, {S}, reason=True),
    # The client stops it by a word to whoever serves them (BSeR 5.2, cancellation requested).
    _row(
        _M.CLIENT_CANCELS,
        _CANCELLABLE,
        _St.CANCELLED,
        {T},
        reason=True,
        only_for=CLIENTS_REASONS,
    ),
    _row(
        _M.EXPIRE,
        {_St.SENT, _St.CONFLICT_CHECK, _St.IN_REVIEW, _St.INFO_REQUESTED, _St.REDIRECT_OFFERED},
        _St.EXPIRED,
        {Y},
        reason=True,
        through=Through.CLOCK,
    ),
    _row(_M.REVOKE, _ALIVE, _St.REVOKED, {C}, through=Through.REVOKE_CONSENT),
    _row(
        _M.REOPEN_SERVICE,
        {_St.COMPLETED},
        _St.IN_SERVICE,
        {T},
        Guard.WITHIN_THIRTY_DAYS,
        Guard.SENDER_AGREES,
    ),
    _row(_M.REOPEN_CONTACT, {_St.UNREACHABLE}, _St.ACCEPTED, {S}, Guard.CONSENT_HOLDS),
)
BY_NAME: Final = {row.name: row for row in LIFECYCLE}


class SubState(StrEnum):
    """Within SCHEDULED: what became of the newest appointment (BSeR businessStatus 5.1.1 to 5.1.3)."""

    BOOKED = "BOOKED"
    UNATTENDED = "UNATTENDED"
    TO_BE_REBOOKED = "TO_BE_REBOOKED"


_SUB_STATES: Final = {
    MoveName.NO_SHOW: SubState.UNATTENDED,
    MoveName.UNBOOK: SubState.TO_BE_REBOOKED,
}


def sub_state_after(move: Move) -> SubState | None:
    """The sub-state that a move leads to; None outside of SCHEDULED."""
    return _SUB_STATES.get(move.name, SubState.BOOKED) if move.to is State.SCHEDULED else None


#: HL7 FHIR Task.status and BSeR businessStatus of each state.
FHIR_STATUS: Final = {
    State.DRAFT: "draft",
    State.AWAITING_CONSENT: "draft",
    State.SENT: "requested",
    State.CONFLICT_CHECK: "requested",
    State.IN_REVIEW: "requested",
    State.INFO_REQUESTED: "requested",
    State.REDIRECT_OFFERED: "requested",
    State.ACCEPTED: "accepted",
    State.WAITLISTED: "on-hold",
    State.SCHEDULED: "in-progress",
    State.IN_SERVICE: "in-progress",
    State.ON_HOLD: "on-hold",
    State.COMPLETED: "completed",
    State.NOT_COMPLETED: "failed",
    State.UNREACHABLE: "failed",
    State.DECLINED: "rejected",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "cancelled",
    State.REDIRECTED: "cancelled",
    State.REVOKED: "cancelled",
    State.VOID: "entered-in-error",
}


#: BSeR Task.businessStatus of each state (HL7 BSeR; IHE 360X), as far as it has one.
BSER_STATUS: Final = {
    State.SENT: "2.0",
    State.CONFLICT_CHECK: "2.0",
    State.IN_REVIEW: "2.0",
    State.INFO_REQUESTED: "2.0",
    State.REDIRECT_OFFERED: "2.0",
    State.ACCEPTED: "3.0",
    State.DECLINED: "4.0",
    State.IN_SERVICE: "5.1.4",
    State.NOT_COMPLETED: "6.0",
    State.COMPLETED: "7.0",
}
_BSER_SCHEDULED: Final = {
    SubState.BOOKED: "5.1.1",
    SubState.UNATTENDED: "5.1.2",
    SubState.TO_BE_REBOOKED: "5.1.3",
}


def bser_status(state: State, sub_state: SubState | None) -> str | None:
    """The BSeR businessStatus of a referral; None where there is none for it."""
    if state is State.SCHEDULED:
        return _BSER_SCHEDULED[sub_state or SubState.BOOKED]
    return BSER_STATUS.get(state)


def allowed(state: State, party: Party, *, legal: bool) -> tuple[Move, ...]:
    """The moves that `party` may make from `state`, before data is looked at; `legal` decides who checks conflicts."""
    wrong = Guard.NOT_LEGAL_SERVICE if legal else Guard.LEGAL_SERVICE
    return tuple(row for row in LIFECYCLE if state in row.frm and party in row.by and wrong not in row.guards)


@dataclass(frozen=True, slots=True)
class Step:
    """What an event says of the state."""

    move: MoveName | None
    frm: State | None
    to: State


class BrokenHistoryError(ValueError):
    """The events of a referral are not a walk through the table."""


def fold(steps: Iterable[Step]) -> State:
    """The state that a history leads to. The first event is the birth, as DRAFT.

    Raises: BrokenHistoryError where a step does not follow from the one before by a row of the table.
    """
    state: State | None = None
    for step in steps:
        if state is None:
            if step.move is not None or step.to is not State.DRAFT:
                raise BrokenHistoryError("a history begins with a draft")
        elif step.move is None or step.frm is not state:
            raise BrokenHistoryError(f"{step.move} does not follow {state}")
        else:
            row = BY_NAME[step.move]
            if state not in row.frm or step.to is not row.to:
                raise BrokenHistoryError(f"{step.move} does not lead from {state} to {step.to}")
        state = step.to
    if state is None:
        raise BrokenHistoryError("a history has at least its beginning")
    return state


def loop_after(move: Move, party: Party, loop: Loop) -> Loop:
    """What a move does to the loop: an end that the recipient reports awaits the sender's word (DOMAIN 4.3)."""
    if move.to in TERMINAL and party is Party.RECIPIENT:
        return Loop.REPORTED
    return loop if move.to in TERMINAL else Loop.OPEN


def shown_reason(reason: Reason | None, reader: Party, *, reviewed: bool) -> Reason | None:
    """The reason as a reader may see it: who is not the recipient does not learn of conflicts and eligibility.

    `reviewed`: the recipient had begun to review. Before that every refusal shows as UNAVAILABLE, because a conflict
    is nearly the only reason that there is.
    """
    if reader is Party.RECIPIENT or reason is None:
        return reason
    hidden = reason in (Reason.CONFLICT, Reason.NOT_ELIGIBLE) or (
        not reviewed and reason in _RECIPIENTS_REASONS
    )
    return Reason.UNAVAILABLE if hidden else reason


def shown_state(state: State, reader: Party) -> State:
    """The state as a reader may see it: that conflicts are being checked is the recipient's own business."""
    return State.SENT if state is State.CONFLICT_CHECK and reader is not Party.RECIPIENT else state
