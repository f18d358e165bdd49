"""R31: small counts are not shown, and not to be found from what is. Attacked by one who knows all that is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vereda.suppression import (
    LEAST_POSSIBLE,
    THRESHOLD,
    Cell,
    Hidden,
    NotShowableError,
    Shown,
    published,
)

Dimensions = Mapping[str, Sequence[str]]
People = list[tuple[dict[str, str], int]]
Range = tuple[int, int]
_MOST = 400


@st.composite
def tables(draw: st.DrawFn) -> tuple[Dimensions, People]:
    """Small tables with many small counts: those are the ones that are hard to show."""
    sizes = draw(st.lists(st.sampled_from([3, 2, 1]), min_size=1, max_size=3))
    dimensions = {f"d{i}": [f"{i}{j}" for j in range(size)] for i, size in enumerate(sizes)}
    person = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in dimensions.items()})
    number = st.one_of(st.integers(1, 10), st.integers(11, 14), st.integers(1, 40))
    return dimensions, draw(st.lists(st.tuples(person, number), max_size=12))


@settings(max_examples=150, deadline=None)
@given(tables())
def test_r31_who_knows_all_that_is_shown_cannot_close_in_on_a_small_count(
    table: tuple[Dimensions, People],
) -> None:
    dimensions, people = table
    try:
        shown = published(dimensions, people)
    except NotShowableError:
        assume(False)

    for cell, figure in shown.items():
        if figure is Hidden.SMALL:
            possible = [n for n in range(1, THRESHOLD) if _agrees(dimensions, shown, cell, n)]
            assert len(possible) >= LEAST_POSSIBLE, (cell, possible)


@settings(max_examples=100, deadline=None)
@given(tables())
def test_r31_nought_is_shown_small_is_marked_and_the_rest_is_true_or_withheld(
    table: tuple[Dimensions, People],
) -> None:
    dimensions, people = table
    try:
        shown = published(dimensions, people)
    except NotShowableError:
        assume(False)

    for cell, figure in shown.items():
        true = sum(number for values, number in people if all(values[name] == value for name, value in cell))
        assert (figure == 0) == (true == 0)
        assert (figure is Hidden.SMALL) == (0 < true < THRESHOLD)
        assert figure in (true, Hidden.SMALL, Hidden.WITHHELD)


def test_r31_what_subtraction_would_find_is_withheld_with_it() -> None:
    dimensions = {"county": ["Kern", "Kings", "Tulare"]}
    people = [({"county": "Kern"}, 40), ({"county": "Kings"}, 4), ({"county": "Tulare"}, 30)]

    shown = published(dimensions, people)

    assert shown[(("county", "Kings"),)] is Hidden.SMALL
    assert list(shown.values()).count(Hidden.WITHHELD) == 1, "one more is enough"
    assert shown[()] == 74, "the total is worth more than a county"


def test_r31_a_table_with_nothing_small_is_shown_whole() -> None:
    dimensions = {"county": ["Kern", "Kings"], "domain": ["legal", "health"]}
    people = [({"county": c, "domain": d}, 20) for c in ("Kern", "Kings") for d in ("legal", "health")]

    shown = published(dimensions, people)

    assert shown[()] == 80
    assert not any(isinstance(figure, Hidden) for figure in shown.values())


def test_r31_what_cannot_be_protected_is_not_shown_at_all() -> None:
    dimensions = {"county": ["Kern"], "outcome": [str(n) for n in range(9)]}
    one_of_each = [({"county": "Kern", "outcome": str(n)}, 1) for n in range(9)]

    with pytest.raises(NotShowableError):
        published(dimensions, one_of_each)  # nine outcomes of at least one are at least nine people


def test_r31_the_same_is_published_whoever_is_counted_first() -> None:
    dimensions = {"county": ["Kern", "Kings", "Tulare"], "domain": ["legal", "health", "school"]}
    people = [
        ({"county": c, "domain": d}, n)
        for n, (c, d) in enumerate((c, d) for c in dimensions["county"] for d in dimensions["domain"])
    ]

    assert published(dimensions, people) == published(dimensions, people[::-1])


def test_the_attacker_of_these_tests_finds_what_is_left_open() -> None:
    dimensions = {"county": ["Kern", "Kings"]}
    kings: Cell = (("county", "Kings"),)
    careless: dict[Cell, Shown] = {(): 44, (("county", "Kern"),): 40, kings: Hidden.SMALL}

    assert [n for n in range(1, THRESHOLD) if _agrees(dimensions, careless, kings, n)] == [4]


def _agrees(dimensions: Dimensions, shown: Mapping[Cell, Shown], cell: Cell, number: int) -> bool:
    """Whether some table has `number` there and everything as it is shown: by search, knowing nothing of flows."""
    ranges = {c: _range(figure) for c, figure in shown.items()} | {cell: (number, number)}
    return _solvable(ranges, list(_sums(dimensions)))


def _range(figure: Shown) -> Range:
    if figure is Hidden.SMALL:
        return 1, THRESHOLD - 1
    if figure is Hidden.WITHHELD:
        return THRESHOLD, _MOST
    assert isinstance(figure, int)
    return figure, figure


def _sums(dimensions: Dimensions) -> Iterator[tuple[Cell, list[Cell]]]:
    """What adds up to what, said by the meaning of the figures."""
    for name, values in dimensions.items():
        yield (), [((name, value),) for value in values]
    for one, other in pairwise(dimensions):
        for a in dimensions[one]:
            yield ((one, a),), [((one, a), (other, b)) for b in dimensions[other]]
        for b in dimensions[other]:
            yield ((other, b),), [((one, a), (other, b)) for a in dimensions[one]]


def _solvable(ranges: dict[Cell, Range], sums: list[tuple[Cell, list[Cell]]]) -> bool:
    narrowed = _narrowed(ranges, sums)
    if narrowed is None:
        return False
    unknown = [cell for cell, (low, high) in narrowed.items() if low < high]
    if not unknown:
        return True
    cell = min(unknown, key=lambda one: narrowed[one][1] - narrowed[one][0])
    low, high = narrowed[cell]
    middle = (low + high) // 2
    return any(_solvable({**narrowed, cell: part}, sums) for part in ((low, middle), (middle + 1, high)))


def _narrowed(ranges: Mapping[Cell, Range], sums: list[tuple[Cell, list[Cell]]]) -> dict[Cell, Range] | None:
    found = dict(ranges)
    concerned = defaultdict(list)
    for sum_ in sums:
        for cell in (sum_[0], *sum_[1]):
            concerned[cell].append(sum_)
    pending = list(sums)
    while pending:
        whole, parts = pending.pop()
        low, high = sum(found[p][0] for p in parts), sum(found[p][1] for p in parts)
        wanted = {whole: (low, high)}
        for part in parts:
            others_low, others_high = low - found[part][0], high - found[part][1]
            wanted[part] = (found[whole][0] - others_high, found[whole][1] - others_low)
        for cell, (least, most) in wanted.items():
            now = max(found[cell][0], least), min(found[cell][1], most)
            if now[0] > now[1]:
                return None
            if now != found[cell]:
                found[cell] = now
                pending.extend(concerned[cell])
    return found
