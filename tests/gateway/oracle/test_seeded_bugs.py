"""The oracle can fail: with a bug planted in the planner or the executor it finds a counterexample, every time.

Each bug is one that planners have: it stands in `planted` as a change to one function of the gateway. All are looked
for in the same drawn cases, in which nothing is found without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeAlias

import pytest

from tests.gateway.oracle.answering import assert_engine_answers, assert_failed_alike
from tests.gateway.oracle.cases import Case, same_cases
from tests.gateway.oracle.planted import ANSWERS, FAILURES, Bug
from tests.gateway.planner.random_queries import Asked
from tests.gateway.planner.world import World

pytestmark = pytest.mark.oracle

#: Where one bug needs more cases than these, the others are looked for in vain.
_COUNT = 150
Check: TypeAlias = Callable[[World, Asked, Any], None]


@cache
def drawn(failing: bool) -> list[tuple[Case, list[Any]]]:
    """The same cases for every bug, with the truth about each operation."""
    return [
        (case, [case.world.told(asked.whole, asked.variables) for asked in case.asked])
        for case in same_cases(_COUNT, failing=failing)
    ]


def counterexamples(failing: bool) -> Iterator[tuple[int, Exception]]:
    """Where in the cases something is wrong, and what."""
    for number, (case, truths) in enumerate(drawn(failing)):
        for asked, told in zip(case.asked, truths, strict=True):
            try:
                if failing:
                    assert_failed_alike(case.world, asked, told)
                else:
                    assert_engine_answers(case.world, asked, told.data)
            except Exception as error:
                yield number, error


@pytest.mark.parametrize("failing", [False, True])
def test_without_a_planted_bug_nothing_is_found(failing: bool) -> None:
    assert list(counterexamples(failing)) == []


@pytest.mark.parametrize("bug", ANSWERS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found_in_an_answer(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)

    assert next(counterexamples(False), None) is not None


@pytest.mark.parametrize("bug", FAILURES, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found_where_fields_fail(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)

    assert next(counterexamples(True), None) is not None
