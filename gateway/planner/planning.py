"""All stages in a row: a validated document in, a query plan out."""

from __future__ import annotations

from typing import Final

from graphql import DocumentNode

from gateway.planner.fetches import Group
from gateway.planner.laying import lay_out
from gateway.planner.merging import cost
from gateway.planner.operation import (
    FieldSelection,
    FragmentSelection,
    Operation,
    PlanningError,
    Selection,
    normalise,
)
from gateway.planner.plan import PlanNode, QueryPlan, Subscription
from gateway.planner.schedule import Scheduler, in_sequence
from gateway.planner.search import Search
from gateway.supergraph.model import Supergraph

#: How many other choices to try where subgraphs tie, and up to how many fields that is worth its time.
_MOST_ATTEMPTS: Final = 4
_SMALL: Final = 500


class Planner:
    """Plans operations over one supergraph. Holds no state of its own, so one may be shared by all requests."""

    def __init__(self, supergraph: Supergraph) -> None:
        self._supergraph = supergraph

    def plan(self, document: DocumentNode, operation_name: str | None = None) -> QueryPlan:
        """The plan of one operation of a document that is valid for the API schema.

        Root `__typename` and introspection are the gateway's to answer and are not planned. Equal input gives an
        equal plan. Raises PlanningError.
        """
        try:
            return self._plan(normalise(document, operation_name))
        except RecursionError:
            raise PlanningError("The operation is nested too deeply to be planned.") from None

    def _plan(self, operation: Operation) -> QueryPlan:
        selections = tuple(
            selection
            for selection in _flat(operation.selections)
            if isinstance(selection, FieldSelection) and not selection.name.startswith("__")
        )
        if not selections:
            return QueryPlan(None)
        if operation.kind == "query":
            return QueryPlan(self._query(operation, selections))
        if operation.kind == "mutation":
            return QueryPlan(self._mutation(operation, selections))
        return QueryPlan(self._subscription(operation, selections))

    def _query(self, operation: Operation, selections: tuple[FieldSelection, ...]) -> PlanNode | None:
        """The cheapest of the plans that differ by which subgraph wins where two seem equally good."""
        root = self._supergraph.query_type
        laid = lay_out(self._supergraph, root, selections, self._supergraph.subgraphs.values())
        first = Search(self._supergraph, laid, "query")
        found = [first.groups()]
        if len(found[0]) > 1 and len(laid.leaves) <= _SMALL:
            found += [
                Search(self._supergraph, laid, "query", preferred).groups()
                for preferred in sorted(first.ties)[:_MOST_ATTEMPTS]
            ]
        return Scheduler(operation, self._supergraph).schedule(min(found, key=cost))

    def _mutation(self, operation: Operation, selections: tuple[FieldSelection, ...]) -> PlanNode | None:
        """One field after the other, each with all that follows from it ("GraphQL §Mutation")."""
        scheduler = Scheduler(operation, self._supergraph)
        nodes: list[PlanNode | None] = []
        for same in _by_key(selections):
            nodes.append(scheduler.schedule(self._one_field(operation, same)))
            scheduler.barrier()
        return in_sequence(nodes)

    def _subscription(self, operation: Operation, selections: tuple[FieldSelection, ...]) -> PlanNode:
        if len(_by_key(selections)) != 1:
            raise PlanningError("A subscription has exactly one root field.")
        scheduler = Scheduler(operation, self._supergraph)
        groups = self._one_field(operation, selections)
        primary = scheduler.fetch(next(group for group in groups if not group.path))
        return Subscription(primary, scheduler.schedule([group for group in groups if group.path]))

    def _one_field(self, operation: Operation, same: tuple[FieldSelection, ...]) -> list[Group]:
        """A root field that must be resolved once: by the one subgraph that makes the shortest plan.

        `same`: its selections, which differ by their conditions only.
        """
        root = (
            self._supergraph.mutation_type
            if operation.kind == "mutation"
            else self._supergraph.subscription_type
        )
        found: list[list[Group]] = []
        failure = PlanningError(f"No subgraph has {operation.kind}s.")
        for subgraph in self._supergraph.subgraphs.values():
            try:
                laid = lay_out(self._supergraph, root or "", same, (subgraph,))
                found.append(Search(self._supergraph, laid, operation.kind).groups())
            except PlanningError as error:
                failure = error
        if not found:
            raise failure
        return min(found, key=cost)


def _by_key(selections: tuple[FieldSelection, ...]) -> list[tuple[FieldSelection, ...]]:
    """Selections of one response key are one field, asked under several conditions; in the order first met."""
    found: dict[str, list[FieldSelection]] = {}
    for selection in selections:
        found.setdefault(selection.key, []).append(selection)
    return [tuple(same) for same in found.values()]


def _flat(selections: tuple[Selection, ...]) -> tuple[Selection, ...]:
    """Root fields; a fragment at the root can only be on the root type itself or an interface of it."""
    found: list[Selection] = []
    for selection in selections:
        found.extend(
            _flat(selection.selections) if isinstance(selection, FragmentSelection) else (selection,)
        )
    return tuple(found)
