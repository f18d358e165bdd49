"""Planning ends: within its budget with a plan, beyond it with an error that says what to do."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planner import BudgetExceededError, Planner, PlanningLimits
from gateway.planner.budget import Budget
from tests.gateway.planner.asking import world

QUERY = parse("{ services { name openPlaces urgency provider { title rating } } }")


def planner(**limits: float) -> Planner:
    return Planner(world("care").supergraph, PlanningLimits(**limits))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"selections": 6}, "more than 6 fields when its fragments are written out"),
        ({"fields": 5}, "more than 5 fields, those of each implementation"),
        ({"steps": 10}, "too many ways"),
        ({"time_s": -1.0}, "too long to plan"),
    ],
)
def test_beyond_its_budget_an_operation_is_refused(limits: dict[str, float], said: str) -> None:
    with pytest.raises(BudgetExceededError, match=f"{said}.*: ask for less at once"):
        planner(**limits).plan(many(300))


def many(count: int) -> object:
    """So many fields of one service, in a fragment."""
    fields = " ".join(f"n{number}: name" for number in range(count))
    return parse(f"{{ services {{ ...F }} }} fragment F on Service {{ {fields} urgency }}")


def test_within_it_the_plan_is_the_same_as_without() -> None:
    assert planner(selections=7, fields=1_000, time_s=60).plan(QUERY) == planner().plan(QUERY)


def test_steps_are_counted_alike_on_every_machine() -> None:
    def fits(steps: int) -> bool:
        try:
            planner(steps=steps).plan(QUERY)
        except BudgetExceededError:
            return False
        return True

    enough = next(steps for steps in range(1, 5_000) if fits(steps))

    assert [fits(enough), fits(enough - 1)] == [True, False]


def test_the_clock_is_looked_at_now_and_then() -> None:
    looks: list[float] = []

    def clock() -> float:
        looks.append(0.0)
        return 0.0

    budget = Budget(clock=clock)
    for _ in range(10_000):
        budget.step()

    assert 20 < len(looks) < 100


def test_fragments_that_multiply_are_refused_before_they_are_written_out() -> None:
    doubling = " ".join(
        f"fragment F{n} on Service {{ ...F{n + 1} a{n}: name ...F{n + 1} }}" for n in range(40)
    )
    document = parse(f"{{ services {{ ...F0 }} }} {doubling} fragment F40 on Service {{ name }}")

    with pytest.raises(BudgetExceededError, match="written out"):
        planner().plan(document)
