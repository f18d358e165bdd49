"""Demand control: what an operation is taken to cost, whether it may, and what it did cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from graphql import DocumentNode, OperationDefinitionNode

from gateway.codes import GatewayCode
from gateway.executor.conditions import condition_variables
from gateway.executor.shaping import Shaper
from gateway.guard.counting import Count, compile_count
from gateway.guard.documents import RefusedError
from gateway.guard.estimating import Estimate, compile_estimate
from gateway.guard.limits import Limits
from gateway.guard.weights import Weights

#: Assignments of `@skip` and `@include` variables for which an operation's functions are kept.
_MOST_KEPT: Final = 64

_Assignment: TypeAlias = tuple[bool, ...]


class OperationCost:
    """The cost of one valid operation. Holds no state of any request."""

    def __init__(
        self, weights: Weights, limits: Limits, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        """Raises: RefusedError when the operation costs too much whatever its variables are."""
        self._weights = weights
        self._limits = limits
        self._document = document
        self._operation = operation
        self._conditions = condition_variables(document)
        self._estimates: dict[_Assignment, Estimate | float] = {}
        self._counts: dict[_Assignment, Count | float] = {}
        self._always: float | None = None
        if not self._conditions:
            estimate = self._compiled({})
            if not callable(estimate):
                self._always = self._checked(estimate)

    def estimated(self, variables: Mapping[str, Any]) -> float:
        """The estimated cost. Raises: RefusedError when it, or a page that is asked for, exceeds its limit."""
        if self._always is not None:
            return self._always
        assignment = self._assignment(variables)
        estimate = self._estimates.get(assignment)
        if estimate is None:
            estimate = self._compiled(variables)
        return self._checked(estimate(variables) if callable(estimate) else estimate)

    def actual(
        self, data: Mapping[str, Any] | None, variables: Mapping[str, Any], entity_types: frozenset[str]
    ) -> float:
        """What the answer's data did cost. `entity_types`: see `compile_count`."""
        if data is None:
            return 0
        assignment = self._assignment(variables)
        count = self._counts.get(assignment)
        if count is None:
            count = compile_count(self._weights, self._shaper(variables), self._operation, entity_types)
            if len(self._counts) < _MOST_KEPT:
                self._counts[assignment] = count
        return count(data, variables) if callable(count) else count

    def _compiled(self, variables: Mapping[str, Any]) -> Estimate | float:
        estimate = compile_estimate(self._weights, self._limits, self._shaper(variables), self._operation)
        if len(self._estimates) < _MOST_KEPT:
            self._estimates[self._assignment(variables)] = estimate
        return estimate

    def _assignment(self, variables: Mapping[str, Any]) -> _Assignment:
        return tuple([variables.get(name) is True for name in self._conditions])

    def _shaper(self, variables: Mapping[str, Any]) -> Shaper:
        conditions = {name: variables.get(name) is True for name in self._conditions}
        return Shaper(self._weights.schema, self._document, conditions)

    def _checked(self, cost: float) -> float:
        most = self._limits.cost
        if cost > most:
            raise RefusedError(
                GatewayCode.COST_ESTIMATED_TOO_EXPENSIVE,
                f"The operation is estimated to cost {cost:.0f}, more than {most}: ask for less at once.",
                estimated=cost,
                maximum=most,
            )
        return cost
