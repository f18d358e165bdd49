"""When a subgraph is left alone, when it is tried, and how often anything is asked again. Tests move the clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.transport.breaker import LEAST_OUTCOMES, WINDOW_S, Breaker, RetryBudget, State

REST_S = 2.0


def opened(threshold: int = 3) -> Breaker:
    breaker = Breaker(threshold, REST_S)
    for _ in range(threshold):
        breaker.failed(0)
    return breaker


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not_let_it() -> None:
    breaker = Breaker(3, REST_S)

    for failed in (True, True, False, True, True):
        (breaker.failed if failed else breaker.succeeded)(0)
    assert breaker.state is State.CLOSED

    breaker.failed(0)
    assert (breaker.state, breaker.openings) == (State.OPEN, 1)


def test_half_of_many_failing_opens_it_whatever_their_order() -> None:
    breaker = Breaker(1000, REST_S)

    for number in range(LEAST_OUTCOMES):
        assert breaker.state is State.CLOSED
        (breaker.succeeded if number % 2 else breaker.failed)(number * 0.01)
    breaker.failed(1)

    assert breaker.state is State.OPEN


def test_failures_that_are_far_apart_do_not_add_up() -> None:
    breaker = Breaker(1000, REST_S)

    for number in range(10 * LEAST_OUTCOMES):
        breaker.failed(number * (WINDOW_S + 1))

    assert breaker.state is State.CLOSED


def test_open_it_lets_nothing_through_until_it_has_rested_and_then_one() -> None:
    breaker = opened()

    assert not breaker.allows(REST_S - 0.01)
    assert [breaker.allows(REST_S) for _ in range(5)] == [True, False, False, False, False]
    assert breaker.state is State.TRYING


def test_the_trial_decides() -> None:
    back, gone, silent = opened(), opened(), opened()
    for breaker in (back, gone, silent):
        assert breaker.allows(REST_S)

    back.succeeded(REST_S)
    gone.failed(REST_S)

    assert (back.state, back.has_failures) == (State.CLOSED, False)
    for breaker in (gone, silent):
        assert not breaker.allows(2 * REST_S - 0.01)
        assert breaker.allows(2 * REST_S)
    assert {breaker.openings for breaker in (back, gone, silent)} == {1}


def test_who_was_asked_before_it_opened_neither_closes_it_nor_keeps_it_open() -> None:
    breaker = opened()

    breaker.succeeded(1)
    breaker.failed(1.9)

    assert breaker.state is State.OPEN
    assert breaker.allows(REST_S)


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=80), st.integers(1, 6))
def test_while_it_is_open_no_more_than_one_request_goes_through_in_its_rest(
    outcomes: list[tuple[float, bool]], threshold: int
) -> None:
    breaker, now = Breaker(threshold, REST_S), 0.0
    trials: list[float] = []

    for passed, fails in outcomes:
        now += passed
        closed = breaker.state is State.CLOSED
        if not breaker.allows(now):
            continue
        if not closed:
            assert not trials or now - trials[-1] >= REST_S
            trials.append(now)
        (breaker.failed if fails else breaker.succeeded)(now)
        if breaker.state is State.CLOSED:
            trials.clear()


@given(st.lists(st.integers(0, 50), max_size=60), st.sampled_from([0.0, 0.05, 0.1, 0.5]))
def test_no_more_is_asked_again_than_the_share_and_the_reserve(sent_between: list[int], share: float) -> None:
    budget, sent, granted = RetryBudget(share), 0, 0

    for more in sent_between:
        sent += more
        granted += budget.spend(sent)
        assert granted <= (RetryBudget.RESERVE + share * sent if share else 0)

    assert budget.spent == granted


def test_quiet_times_save_up_no_more_than_the_reserve() -> None:
    budget = RetryBudget(0.1)

    assert sum(budget.spend(1_000_000) for _ in range(100)) == RetryBudget.RESERVE
