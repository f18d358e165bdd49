"""Which counts of a table may be shown: small ones are not, nor what would let them be worked out (DOMAIN R31).

The rule is that of the CalHHS Data De-Identification Guidelines (4.4): a count of 1 to 10 shows as "<11", 0 stays, and
further figures are withheld where small ones could be found by subtraction. What is kept here is more than the
Guidelines ask: **every "<11" might be any of 1 to 10 for all that is shown**, so that "<11" is all that can be computed of
it; where the marks themselves say more, as that a county with four outcomes counts four at least, it might still be any
of five numbers. (What the choice of the figures that are withheld may hint at is not bounded by this.)

A table is a chain of dimensions, such as language - domain - county - outcome. Its figures are the total, the count of each
value, and the count of each pair of values of dimensions that are neighbours in the chain. Everybody who is counted is
one unit of flow through the chain: figures are flows of arcs, and the sums that hold between them say that what flows into
a node flows out of it. What can still be thought possible are the flows that agree with what is shown, and because
such networks have integral corners, their extremes are found exactly, by augmenting paths. A figure is protected by finding one
flow for each of its extremes, and withholding what changes on the way (L. Cox, "Network models for complementary cell
suppression", JASA 90, 1995).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from heapq import heappop, heappush
from itertools import pairwise
from typing import Final

#: The smallest count that is shown, but for 0.
THRESHOLD: Final = 11
#: How many numbers a small count might be, at least, for all that is shown.
LEAST_POSSIBLE: Final = 5
_UNBOUNDED: Final = 1 << 40
#: How much is lost with a figure, by how many dimensions it has: the total is worth most.
_WORTH: Final = (16, 4, 1)

#: A figure's name: () is the total, ((dimension, value),) who has the value, and a pair of those who has both.
Cell = tuple[tuple[str, str], ...]
_Node = tuple[str, str, str]


class Hidden(Enum):
    """What is shown in a count's place."""

    SMALL = "<11"
    #: It is 11 or more, and would give a small one away.
    WITHHELD = "withheld"


Shown = int | Hidden


class NotShowableError(ValueError):
    """So little was counted that no part of the table can be shown."""


def published(
    dimensions: Mapping[str, Sequence[str]], people: Iterable[tuple[Mapping[str, str], int]]
) -> dict[Cell, Shown]:
    """Every figure of the table, as it may be shown.

    `dimensions`: the chain, in order, each with all of its values, so that a value that nobody has shows as 0.
    `people`: how many have these values, one of each dimension; the same values may come several times.

    Raises: NotShowableError where a small count could be closed in on even if all others were withheld.
    """
    table = _Table(dimensions, people)
    small = sorted(
        (cell for cell in table.value if 0 < table.value[cell] < THRESHOLD), key=table.value.__getitem__
    )
    table.hidden = dict.fromkeys(small, Hidden.SMALL)
    possible = {}
    for cell in small:
        lowest, highest = (table.reach(cell, extreme, withholding=True) for extreme in (1, THRESHOLD - 1))
        if highest - lowest + 1 < LEAST_POSSIBLE:
            raise NotShowableError("too little was counted for any figure to be shown")
        possible[cell] = (lowest, highest)
    withheld = [cell for cell, why in table.hidden.items() if why is Hidden.WITHHELD]
    for cell in sorted(withheld, key=table.loss, reverse=True):
        del table.hidden[cell]
        if any(table.reach(one, extreme) != extreme for one in small for extreme in possible[one]):
            table.hidden[cell] = Hidden.WITHHELD
    return {cell: table.hidden.get(cell, number) for cell, number in table.value.items()}


class _Table:
    """The figures as arcs between nodes, and which of them are hidden so far."""

    def __init__(
        self, dimensions: Mapping[str, Sequence[str]], people: Iterable[tuple[Mapping[str, str], int]]
    ) -> None:
        self.value: dict[Cell, int] = {}
        self.hidden: dict[Cell, Hidden] = {}
        self._ends: dict[Cell, tuple[_Node, _Node]] = {}
        self._at: dict[_Node, list[Cell]] = defaultdict(list)
        counts = _counted(dimensions, people)
        for cell, tail, head in _arcs(dimensions):
            self.value[cell], self._ends[cell] = counts[cell], (tail, head)
            if counts[cell]:  # a 0 is shown, and nothing flows there whatever else is thought possible
                self._at[tail].append(cell)
                self._at[head].append(cell)

    def loss(self, cell: Cell) -> int:
        """How bad it is to withhold a figure."""
        return _WORTH[len(cell)] * (self.value[()] + 1) + self.value[cell]

    def reach(self, cell: Cell, number: int, *, withholding: bool = False) -> int:
        """How near to `number` the figure might be for all that is shown; where allowed, withhold what stands in the way.

        So many more or fewer in this arc are made up for by a flow from one of its ends to the other through the rest of
        the network.
        """
        tail, head = self._ends[cell]
        begin, end = (head, tail) if number > self.value[cell] else (tail, head)
        missing, moved = abs(number - self.value[cell]), Counter[Cell]({cell: 0})
        while missing:
            # One path that takes all the rest needs fewer figures withheld than several.
            path = self._path(begin, end, cell, moved, missing, withholding=withholding) or self._path(
                begin, end, cell, moved, 1, withholding=withholding
            )
            if path is None:
                break
            amount = min(missing, *(room for _, _, room in path))
            for step, sign, _ in path:
                moved[step] += sign * amount
                self.hidden.setdefault(step, Hidden.WITHHELD)
            missing -= amount
        return number - missing if number > self.value[cell] else number + missing

    def _path(
        self, begin: _Node, end: _Node, without: Cell, moved: Counter[Cell], least: int, *, withholding: bool
    ) -> list[tuple[Cell, int, int]] | None:
        """The cheapest way for `least` units, as (arc, +1 along it or -1 against it, how much it can take); None if there is none."""
        best: dict[_Node, int] = {begin: 0}
        came: dict[_Node, tuple[_Node, tuple[Cell, int, int]]] = {}
        queue = [(0, begin)]
        while queue:
            cost, node = heappop(queue)
            if node == end:
                return list(_back(came, begin, end))
            if cost > best[node]:
                continue
            for cell in self._at[node]:
                if cell == without or not (withholding or cell in self.hidden):
                    continue
                tail, head = self._ends[cell]
                sign = 1 if tail == node else -1
                room = self._room(cell, sign, moved[cell])
                if room < least:
                    continue
                there = head if sign == 1 else tail
                total = cost + (0 if cell in self.hidden else self.loss(cell))
                if total < best.get(there, _UNBOUNDED << 20):
                    best[there], came[there] = total, (node, (cell, sign, room))
                    heappush(queue, (total, there))
        return None

    def _room(self, cell: Cell, sign: int, moved: int) -> int:
        """How much more, or less, a hidden figure could be and still show as it does."""
        small = self.hidden.get(cell) is Hidden.SMALL
        low, high = (1, THRESHOLD - 1) if small else (THRESHOLD, _UNBOUNDED)
        number = self.value[cell] + moved
        return high - number if sign == 1 else number - low


def _back(
    came: Mapping[_Node, tuple[_Node, tuple[Cell, int, int]]], begin: _Node, end: _Node
) -> Iterator[tuple[Cell, int, int]]:
    while end != begin:
        end, step = came[end]
        yield step


def _counted(
    dimensions: Mapping[str, Sequence[str]], people: Iterable[tuple[Mapping[str, str], int]]
) -> Counter[Cell]:
    counts: Counter[Cell] = Counter()
    for values, number in people:
        path = [(name, values[name]) for name in dimensions]
        for cell in ((), *((here,) for here in path), *pairwise(path)):
            counts[cell] += number
    return counts


def _arcs(dimensions: Mapping[str, Sequence[str]]) -> Iterator[tuple[Cell, _Node, _Node]]:
    """Each figure with the node that it flows from and the one that it flows to; the total closes the circle."""
    names = list(dimensions)
    begin, end = ("", "", "begin"), ("", "", "end")
    yield (), end, begin
    for name, values in dimensions.items():
        for value in values:
            tail = begin if name == names[0] else (name, value, "in")
            head = end if name == names[-1] else (name, value, "out")
            yield ((name, value),), tail, head
    for one, other in pairwise(names):
        for a in dimensions[one]:
            for b in dimensions[other]:
                yield ((one, a), (other, b)), (one, a, "out"), (other, b, "in")
