"""All stages in a row: a validated document in, a query plan out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Final

from graphql import DocumentNode

from gateway.planner.budget import Budget, BudgetExceededError, PlanningError, PlanningLimits
from gateway.planner.deferring import deferred
from gateway.planner.fetches import Group
from gateway.planner.laying import Closed, Laid, lay_out
from gateway.planner.merging import cost
from gateway.planner.normalising import normalise
from gateway.planner.operation import (
    FieldSelection,
    FragmentSelection,
    Operation,
    Selection,
)
from gateway.planner.plan import Condition, PlanNode, QueryPlan, Subscription
from gateway.planner.schedule import Scheduler, in_sequence
from gateway.planner.search import Search
from gateway.supergraph.model import Supergraph

#: Beyond so many Booleans of `@defer(if:)`, the others are taken for false: each one doubles the plan.
_MOST_DEFER_VARIABLES: Final = 3
#: How many other choices to try where subgraphs tie, and up to how many fields that is worth its time.
_MOST_ATTEMPTS: Final = 4
_SMALL: Final = 500


class Planner:
    """Plans operations over one supergraph. Holds no state of its own, so one may be shared by all requests."""

    def __init__(self, supergraph: Supergraph, limits: PlanningLimits | None = None) -> None:
        self._supergraph = supergraph
        self._limits = limits

    def plan(
        self, document: DocumentNode, operation_name: str | None = None, closed: Closed | None = None
    ) -> QueryPlan:
        """The plan of one operation of a document that is valid for the API schema.

        `closed`: fields that must not be asked for of any object; the document does not hold them.

        Root `__typename` and introspection are the gateway's to answer and are not planned. Equal input gives an
        equal plan. Raises PlanningError; BudgetExceededError where it would cost more than the limits allow.
        """
        planning = _Planning(self._supergraph, document, operation_name, Budget(self._limits), closed)
        try:
            return QueryPlan(planning.node(frozenset(), frozenset()))
        except RecursionError:
            raise BudgetExceededError("The operation is nested too deeply to be planned.") from None


class _Planning:
    """One call of `plan`: what all its attempts share."""

    def __init__(
        self,
        supergraph: Supergraph,
        document: DocumentNode,
        operation_name: str | None,
        budget: Budget,
        closed: Closed | None,
    ) -> None:
        self._supergraph = supergraph
        self._document = document
        self._operation_name = operation_name
        self._budget = budget
        self._closed = closed
        self._numbers = count()

    def node(self, deferring: frozenset[str], decided: frozenset[str]) -> PlanNode | None:
        """The plan where, of the `decided` Booleans of `@defer(if:)`, those of `deferring` are true.

        Whether something is deferred changes the plan, so each Boolean that decides it has two.
        """
        operation = normalise(self._document, self._operation_name, deferring=deferring, budget=self._budget)
        undecided = sorted(operation.defer_variables - decided)
        if not undecided or len(decided) >= _MOST_DEFER_VARIABLES:
            return self._operation(operation)
        variable, decided = undecided[0], decided | {undecided[0]}
        return Condition(variable, self.node(deferring | {variable}, decided), self.node(deferring, decided))

    def _operation(self, operation: Operation) -> PlanNode | None:
        selections = tuple(
            selection for selection in _flat(operation.selections) if not selection.name.startswith("__")
        )
        if not selections:
            return None
        scheduler = Scheduler(operation, self._supergraph, self._numbers)
        if operation.kind == "query":
            return self._query(operation, selections, scheduler)
        if operation.kind == "mutation":
            return self._mutation(operation, selections, scheduler)
        return self._subscription(operation, selections, scheduler)

    def _query(
        self, operation: Operation, selections: tuple[FieldSelection, ...], scheduler: Scheduler
    ) -> PlanNode | None:
        """The cheapest of the plans that differ by what interfaces' fields are asked on, and by which subgraph wins
        where two seem equally good."""
        found, laid = self._plans_of_query(selections)
        if laid.layout.would_provide:
            with suppress(PlanningError):  # some implementation may not be asked, whatever it provides
                found += self._plans_of_query(selections, for_provided=True)[0]
        return deferred(operation, min(found, key=cost), scheduler, self._supergraph)

    def _plans_of_query(
        self, selections: tuple[FieldSelection, ...], *, for_provided: bool = False
    ) -> tuple[list[list[Group]], Laid]:
        root, subgraphs = self._supergraph.query_type, self._supergraph.subgraphs.values()
        laid = lay_out(
            self._supergraph,
            root,
            selections,
            subgraphs,
            self._budget,
            self._closed,
            for_provided=for_provided,
        )
        first = Search(self._supergraph, laid, "query", self._budget)
        found = [first.groups()]
        if len(found[0]) > 1 and len(laid.leaves) <= _SMALL:
            found += [
                Search(self._supergraph, laid, "query", self._budget, preferred).groups()
                for preferred in sorted(first.ties)[:_MOST_ATTEMPTS]
            ]
        return found, laid

    def _mutation(
        self, operation: Operation, selections: tuple[FieldSelection, ...], scheduler: Scheduler
    ) -> PlanNode | None:
        """One field after the other, each with all that follows from it ("GraphQL §Mutation").

        Neighbours that one subgraph can do go to it together: it keeps their order itself.
        """
        runs: list[_Run] = []
        for same in _by_key(selections):
            plans = self._plans_of_one(operation, same)
            best, groups = min(plans.items(), key=lambda plan: cost(plan[1]))
            last = runs[-1] if runs else None
            if last is not None and last.open and last.subgraph in plans:
                beside = plans[last.subgraph]
                if cost(beside) <= cost(groups):
                    last.selections += same
                    last.groups = None
                    last.open = self._leaves_nothing(last.subgraph, same, beside)
                    continue
            runs.append(_Run(best, [*same], groups, self._leaves_nothing(best, same, groups)))
        nodes: list[PlanNode | None] = []
        for run in runs:
            whole = run.groups or self._plan_at_root(operation, tuple(run.selections), run.subgraph)
            nodes.append(scheduler.schedule(whole))
            scheduler.barrier()
        return in_sequence(nodes)

    def _leaves_nothing(self, subgraph: str, same: tuple[FieldSelection, ...], groups: list[Group]) -> bool:
        """Whether a mutation's field is done with its first request, and cannot take what comes after it along: where
        the subgraph promises what the graph does not, its failing once would null all that is in the request."""
        root = self._supergraph.mutation_type or ""
        name = same[0].name
        promised = self._supergraph.subgraphs[subgraph].types[root].fields[name].type.text.endswith("!")
        return len(groups) == 1 and (
            not promised or self._supergraph.types[root].fields[name].text.endswith("!")
        )

    def _subscription(
        self, operation: Operation, selections: tuple[FieldSelection, ...], scheduler: Scheduler
    ) -> PlanNode:
        if len(_by_key(selections)) != 1:
            raise PlanningError("A subscription has exactly one root field.")
        groups = min(self._plans_of_one(operation, selections).values(), key=cost)
        primary = scheduler.fetch(next(group for group in groups if not group.path))
        return Subscription(primary, scheduler.schedule([group for group in groups if group.path]))

    def _plans_of_one(self, operation: Operation, same: tuple[FieldSelection, ...]) -> dict[str, list[Group]]:
        """The plans of a root field that must be resolved once, by the one subgraph that resolves it.

        `same`: its selections, which differ by their conditions only.
        """
        found: dict[str, list[Group]] = {}
        failure = PlanningError(f"No subgraph has {operation.kind}s.")
        for name in self._supergraph.subgraphs:
            try:
                found[name] = self._plan_at_root(operation, same, name)
            except BudgetExceededError:
                raise
            except PlanningError as error:
                failure = error
        if not found:
            raise failure
        return found

    def _plan_at_root(
        self, operation: Operation, selections: tuple[FieldSelection, ...], subgraph: str
    ) -> list[Group]:
        mutates = operation.kind == "mutation"
        root = self._supergraph.mutation_type if mutates else self._supergraph.subscription_type
        at = (self._supergraph.subgraphs[subgraph],)
        laid = lay_out(self._supergraph, root or "", selections, at, self._budget, self._closed)
        return Search(self._supergraph, laid, operation.kind, self._budget).groups()


@dataclass(slots=True)
class _Run:
    """Neighbouring root fields of a mutation that go to one subgraph together. `groups`: the plan of what is one field,
    and None where several have to be planned together; `open`: the next may join them."""

    subgraph: str
    selections: list[FieldSelection]
    groups: list[Group] | None
    open: bool


def _by_key(selections: tuple[FieldSelection, ...]) -> list[tuple[FieldSelection, ...]]:
    """Selections of one response key are one field, asked under several conditions; in the order first met."""
    found: dict[str, list[FieldSelection]] = {}
    for selection in selections:
        found.setdefault(selection.key, []).append(selection)
    return [tuple(same) for same in found.values()]


def _flat(selections: tuple[Selection, ...]) -> tuple[FieldSelection, ...]:
    """Root fields; a fragment at the root can only be on the root type itself or an interface of it."""
    found: list[FieldSelection] = []
    for selection in selections:
        found.extend(
            _flat(selection.selections) if isinstance(selection, FragmentSelection) else (selection,)
        )
    return tuple(found)
