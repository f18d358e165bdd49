"""Every plan that could have been chosen: the planner's search, led through all its decisions in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql import DocumentNode

from gateway.planner.budget import Budget, PlanningError
from gateway.planner.laying import Laid, lay_out
from gateway.planner.merging import cost
from gateway.planner.normalising import normalise
from gateway.planner.places import Place
from gateway.planner.plan import QueryPlan
from gateway.planner.planning import _flat
from gateway.planner.search import Search
from gateway.supergraph import Supergraph
from tests.gateway.oracle.answering import fetches


class _Led(Search):
    """A search that decides as it is told: `script` says, for each decision in turn, which of the places to take."""

    def __init__(self, supergraph: Supergraph, laid: Laid, script: list[int]) -> None:
        super().__init__(supergraph, laid, "query", Budget())
        self._script = script
        #: How many places there were to choose from.
        self.widths: list[int] = []

    def _cheapest(self, candidates: Iterable[Place], limit: int | None = None) -> Place:
        allowed = [place for place in candidates if limit is None or place.depth < limit]
        if not allowed:
            raise PlanningError("A key cannot be fetched before the entity that needs it.")
        if len(allowed) == 1:
            return allowed[0]
        position = len(self.widths)
        self.widths.append(len(allowed))
        return allowed[self._script[position] if position < len(self._script) else 0]

    @property
    def merges_lists(self) -> bool:
        """Whether the elements of a list come from two subgraphs, matched by their place in it."""
        return any(position.in_list and len(names) > 1 for position, names in self._answered_by.items())


def other_costs(supergraph: Supergraph, document: DocumentNode, most: int) -> Iterator[tuple[int, int]]:
    """Sequential requests (less one) and requests of each plan for a query; of `most` plans if there are more.

    Without those that merge two subgraphs' lists by index: the planner makes none where it can do without.
    """
    operation = normalise(document, None, deferring=frozenset(), budget=Budget())
    selections = tuple(
        selection for selection in _flat(operation.selections) if not selection.name.startswith("__")
    )
    if not selections:
        return
    subgraphs = supergraph.subgraphs.values()
    laid = lay_out(supergraph, supergraph.query_type, selections, subgraphs, Budget())
    script: list[int] = []
    for _ in range(most):
        led = _Led(supergraph, laid, script)
        found = cost(led.groups())[:2]
        if not led.merges_lists:
            yield found
        # The next script: as in counting, with a base of its own for each digit.
        script = script + [0] * (len(led.widths) - len(script))
        while script and script[-1] + 1 >= led.widths[len(script) - 1]:
            script.pop()
        if not script:
            return
        script[-1] += 1


def cost_of(planned: QueryPlan) -> tuple[int, int]:
    """The same of the plan that was made."""
    depth: dict[int, int] = {}
    for fetch in fetches(planned.node):
        depth[fetch.id] = 1 + max((depth[number] for number in fetch.after or ()), default=-1)
    return max(depth.values(), default=0), len(depth)
