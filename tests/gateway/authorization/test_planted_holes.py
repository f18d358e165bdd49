"""The property can fail: with a hole planted in the wall it finds somebody who sees too much, or too little."""

from __future__ import annotations

from functools import cache

import pytest

from tests.gateway.authorization.planted import PLANTED
from tests.gateway.authorization.trying import Case, assert_guarded, same_cases
from tests.gateway.oracle.planted import Bug

pytestmark = pytest.mark.oracle

_COUNT = 30


@cache
def drawn() -> list[Case]:
    """The same cases for every hole."""
    return same_cases(_COUNT)


def counterexample() -> int | None:
    """Which of the cases is the first where something is wrong."""
    for number, case in enumerate(drawn()):
        try:
            assert_guarded(case)
        except Exception:
            return number
    return None


def test_without_a_hole_nothing_is_found() -> None:
    assert counterexample() is None


@pytest.mark.parametrize("hole", PLANTED, ids=lambda hole: hole.name)
def test_a_planted_hole_is_found(hole: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    hole.plant(monkeypatch)

    assert counterexample() is not None
