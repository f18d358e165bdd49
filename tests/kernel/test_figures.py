"""Figures that are made of published ones tell nothing that these did not (R31)."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from vereda.figures import REASONS, Figure, Mark, Measure, Unit, said, share, total
from vereda.periods import period
from vereda.suppression import Hidden

_QUARTER = period("2026-Q3")
assert _QUARTER is not None
BLANK = Figure(
    Measure("a.b", Unit.PEOPLE, "People", "Personas", "People who.", "Personas que."),
    _QUARTER,
    datetime(2026, 10, 16, tzinfo=UTC),
)
PUBLISHED = st.one_of(st.integers(0, 99), st.sampled_from([one.value for one in Hidden]), st.none())


@given(st.lists(PUBLISHED, max_size=5))
def test_r31_a_sum_is_shown_only_where_every_part_is(published: list[int | str | None]) -> None:
    found = total(BLANK, [said(BLANK, one) for one in published])

    numbers = [one for one in published if isinstance(one, int)]
    if published and len(numbers) == len(published):
        assert (found.value, found.mark) == (sum(numbers), None)
    else:
        assert found.value is None
        assert found.mark is not None


@given(PUBLISHED, PUBLISHED)
def test_r31_a_share_is_shown_only_where_both_its_counts_are(
    part: int | str | None, whole: int | str | None
) -> None:
    found = share(BLANK, said(BLANK, part), said(BLANK, whole))

    if isinstance(part, int) and isinstance(whole, int) and whole:
        assert found.value == round(part / whole, 3)
    else:
        assert found.value is None
        assert found.mark is not None


def test_a_part_that_is_not_published_yet_says_so_of_the_whole() -> None:
    parts = [said(BLANK, 20), BLANK.hidden(Mark.NOT_YET), said(BLANK, "<11")]

    assert total(BLANK, parts).mark is Mark.NOT_YET


def test_every_mark_has_its_words_in_both_languages() -> None:
    assert set(REASONS) == set(Mark)
    assert all(english.endswith(".") and spanish.endswith(".") for english, spanish in REASONS.values())
