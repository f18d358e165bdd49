"""The table of DOMAIN 4.3, as rules that hold for every row and every walk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.lifecycle import (
    BY_NAME,
    FHIR_STATUS,
    LIFECYCLE,
    TERMINAL,
    UNSENT,
    BrokenHistoryError,
    Guard,
    Loop,
    MoveName,
    Party,
    Reason,
    State,
    Step,
    allowed,
    fold,
    loop_after,
    shown_reason,
    shown_state,
)
from services.referrals.operations.guards import CHECKS

#: What is done in a state without leaving it; of the domain's own column, SCHEDULED alone.
WITHIN = {State.SENT, State.WAITLISTED, State.IN_SERVICE}
#: DOMAIN 4.3, column "exits".
EXITS = {
    "DRAFT": "AWAITING_CONSENT SENT VOID",
    "AWAITING_CONSENT": "SENT CANCELLED",
    "SENT": "CONFLICT_CHECK IN_REVIEW DECLINED CANCELLED EXPIRED VOID",
    "IN_REVIEW": "INFO_REQUESTED ACCEPTED WAITLISTED DECLINED REDIRECT_OFFERED EXPIRED",
    "CONFLICT_CHECK": "IN_REVIEW DECLINED CANCELLED EXPIRED",
    "INFO_REQUESTED": "IN_REVIEW CANCELLED EXPIRED",
    "REDIRECT_OFFERED": "REDIRECTED IN_REVIEW EXPIRED",
    "ACCEPTED": "SCHEDULED IN_SERVICE UNREACHABLE IN_REVIEW DECLINED CANCELLED",
    "WAITLISTED": "ACCEPTED CANCELLED DECLINED",
    "SCHEDULED": "IN_SERVICE SCHEDULED UNREACHABLE CANCELLED",
    "IN_SERVICE": "COMPLETED NOT_COMPLETED ON_HOLD CANCELLED",
    "ON_HOLD": "IN_SERVICE COMPLETED NOT_COMPLETED",
    "COMPLETED": "IN_SERVICE",
    "UNREACHABLE": "ACCEPTED",
}


@pytest.mark.parametrize("state", list(State))
def test_the_exits_of_each_state_are_those_of_the_domain_and_revocation(state: State) -> None:
    exits = {row.to for row in LIFECYCLE if state in row.frm} - ({state} & WITHIN)

    expected = {State(name) for name in EXITS.get(state, "").split()}
    assert exits == expected | (set() if state in TERMINAL else {State.REVOKED})


def test_every_state_is_reached_and_has_a_fhir_status() -> None:
    assert {row.to for row in LIFECYCLE} | {State.DRAFT} == set(State) == set(FHIR_STATUS)


def test_every_row_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(LIFECYCLE) == len(MoveName)


@pytest.mark.parametrize("row", LIFECYCLE, ids=lambda row: row.name)
def test_declining_cancelling_and_failing_name_a_reason_and_completing_an_outcome(row) -> None:  # type: ignore[no-untyped-def]
    gives_reason = {State.DECLINED, State.CANCELLED, State.NOT_COMPLETED, State.EXPIRED, State.VOID}
    assert row.needs_reason == (row.to in gives_reason)
    assert row.needs_outcome == (row.to is State.COMPLETED)


def test_a_legal_service_checks_conflicts_first_and_no_other_does() -> None:
    legal = {row.to for row in allowed(State.SENT, Party.RECIPIENT, legal=True)}
    other = {row.to for row in allowed(State.SENT, Party.RECIPIENT, legal=False)}

    assert legal == {State.CONFLICT_CHECK, State.DECLINED, State.CANCELLED}
    assert other == {State.IN_REVIEW, State.DECLINED, State.CANCELLED}


@pytest.mark.parametrize("state", sorted(UNSENT))
def test_the_recipient_can_do_nothing_with_what_was_not_sent(state: State) -> None:
    assert allowed(state, Party.RECIPIENT, legal=False) == ()


@pytest.mark.parametrize("state", sorted(set(State) - TERMINAL))
def test_the_client_can_always_revoke(state: State) -> None:
    assert MoveName.REVOKE in {row.name for row in allowed(state, Party.CLIENT, legal=False)}


@pytest.mark.parametrize("row", LIFECYCLE, ids=lambda row: row.name)
def test_a_recipient_goes_on_only_while_the_consent_holds(row) -> None:  # type: ignore[no-untyped-def]
    goes_on = Party.RECIPIENT in row.by and row.to not in TERMINAL
    others = row.name in (MoveName.CLAIM, MoveName.REOPEN_CONTACT)

    assert (Guard.CONSENT_HOLDS in row.guards) == (goes_on or others)


def test_every_guard_is_looked_at_by_somebody() -> None:
    by_kind_of_service = {Guard.LEGAL_SERVICE, Guard.NOT_LEGAL_SERVICE}

    by_postgres = {Guard.OFFER_STANDS}
    assert CHECKS.keys() | by_kind_of_service | by_postgres == set(Guard)


def test_sending_and_accepting_look_at_consent_and_room() -> None:
    assert BY_NAME[MoveName.SEND].guards == {Guard.CONSENT_COVERS_RECIPIENT, Guard.SERVICE_HAS_ROOM}
    assert Guard.SERVICE_HAS_ROOM in BY_NAME[MoveName.ACCEPT].guards


@st.composite
def walks(draw: st.DrawFn) -> list[Step]:
    """A history by the table, of any length."""
    steps, state = [Step(None, None, State.DRAFT)], State.DRAFT
    for _ in range(draw(st.integers(0, 15))):
        rows = [row for row in LIFECYCLE if state in row.frm]
        if not rows:
            break
        row = draw(st.sampled_from(rows))
        steps.append(Step(row.name, state, row.to))
        state = row.to
    return steps


@given(walks())
def test_a_history_folds_to_its_last_state(walk: list[Step]) -> None:
    assert fold(walk) is walk[-1].to


@given(walks(), st.data())
def test_a_history_with_a_step_missing_is_noticed(walk: list[Step], data: st.DataObject) -> None:
    if len(walk) < 3:
        return
    index = data.draw(st.integers(1, len(walk) - 2))
    gap = walk[:index] + walk[index + 1 :]
    if walk[index].to is walk[index].frm:  # moving an appointment leaves no gap
        return

    with pytest.raises(BrokenHistoryError):
        fold(gap)


@given(walks(), st.sampled_from(list(Party)))
def test_an_end_that_the_recipient_makes_is_reported_and_waits_for_the_sender(
    walk: list[Step], party: Party
) -> None:
    loop = Loop.OPEN
    for step in walk[1:]:
        assert step.move is not None
        loop = loop_after(BY_NAME[step.move], party, loop)
        if step.to in TERMINAL:
            assert (loop is Loop.REPORTED) == (party is Party.RECIPIENT)


@pytest.mark.parametrize("reason", [Reason.CONFLICT, Reason.NOT_ELIGIBLE])
@pytest.mark.parametrize("reviewed", [True, False])
def test_a_conflict_and_ineligibility_show_as_unavailable_to_who_is_not_the_recipient(
    reason: Reason, reviewed: bool
) -> None:
    assert shown_reason(reason, Party.SENDER, reviewed=reviewed) is Reason.UNAVAILABLE
    assert shown_reason(reason, Party.RECIPIENT, reviewed=reviewed) is reason


def test_before_a_review_every_refusal_of_the_recipient_shows_alike_so_that_none_betrays_a_conflict() -> None:
    shown = {
        shown_reason(r, Party.SENDER, reviewed=False)
        for r in (Reason.CONFLICT, Reason.NO_CAPACITY, Reason.OTHER)
    }

    assert shown == {Reason.UNAVAILABLE}
    assert shown_reason(Reason.NO_RESPONSE, Party.SENDER, reviewed=False) is Reason.NO_RESPONSE


@pytest.mark.parametrize("state", list(State))
def test_that_conflicts_are_checked_is_seen_by_the_recipient_alone(state: State) -> None:
    assert shown_state(state, Party.RECIPIENT) is state
    assert (shown_state(state, Party.SENDER) is not state) == (state is State.CONFLICT_CHECK)
