"""Last stage: the requests in order. What does not wait for each other runs in parallel.

Entity requests stand in a `Flatten` at their path; what hangs on a client's Boolean stands in a `Condition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gateway.planner.documents import write
from gateway.planner.fetches import Group
from gateway.planner.operation import Operation
from gateway.planner.plan import Condition, Fetch, Flatten, Parallel, PlanNode, Sequence, SetValue
from gateway.supergraph.model import Supergraph

#: A request that hangs on more combinations of Booleans than these is sent, and its fields say which are wanted.
_MOST_ALTERNATIVES: Final = 16


class Scheduler:
    """Numbers fetches through one plan and puts groups in order."""

    def __init__(self, operation: Operation, supergraph: Supergraph, numbers: Iterator[int]) -> None:
        """`numbers`: for fetches, unique in the plan."""
        self._operation = operation
        self._supergraph = supergraph
        self._next = numbers
        self._numbers: dict[Group, int] = {}
        self._before: tuple[int, ...] = ()

    def schedule(self, groups: list[Group]) -> PlanNode | None:
        """The groups as plan nodes; dependencies on groups outside the list count as met."""
        return in_parallel(self._component(component) for component in _components(groups))

    def number(self, group: Group) -> int:
        """The number of a group's fetch, once it is scheduled."""
        return self._numbers[group]

    def barrier(self) -> None:
        """Whatever is scheduled from here on waits for all that was scheduled before."""
        self._before = tuple(self._numbers.values())

    def fetch(self, group: Group) -> Fetch:
        """The group's request, without its path and conditions."""
        number = self._numbers[group] = next(self._next)
        document = write(group, number, self._operation, self._supergraph)
        rewrites: tuple[SetValue, ...] = ()
        if group.substitute is not None:
            rewrites = (SetValue(("__typename",), group.substitute),)
        return Fetch(
            id=number,
            subgraph=group.subgraph,
            kind=group.kind,
            document=document.text,
            operation_name=document.operation_name,
            variables=document.variables,
            requires=group.requires(),
            input_rewrites=rewrites,
            output_rewrites=document.renames,
            only_if=_alternatives(group),
            representations_variable=document.representations,
            after=tuple(sorted(self._numbers[other] for other in group.depends)) or self._before,
        )

    def _component(self, groups: list[Group]) -> PlanNode | None:
        """Connected groups: those that wait for nothing, then the rest, which may fall apart into branches."""
        inside = set(groups)
        first = [group for group in groups if not group.depends & inside]
        rest = [group for group in groups if group.depends & inside]
        return in_sequence([in_parallel(self._node(group) for group in first), self.schedule(rest)])

    def _node(self, group: Group) -> PlanNode:
        node: PlanNode = self.fetch(group)
        if group.path:
            node = Flatten(group.path, node)
        for when in reversed(group.conditions):
            node = (
                Condition(when.variable, node, None) if when.value else Condition(when.variable, None, node)
            )
        return node


def _alternatives(group: Group) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """Conditions of which one must hold for the group to have anything to ask; empty where it always has."""
    found = dict.fromkeys(group.tree.top_conditions())
    if () in found or len(found) > _MOST_ALTERNATIVES:
        return ()
    return tuple(tuple((when.variable, when.value) for when in conditions) for conditions in found)


def _components(groups: list[Group]) -> list[list[Group]]:
    """Groups that hang together by dependencies within the list, in the order of their first members."""
    leader: dict[Group, Group] = {group: group for group in groups}

    def find(group: Group) -> Group:
        while leader[group] is not group:
            leader[group] = leader[leader[group]]
            group = leader[group]
        return group

    for group in groups:
        for other in group.depends:
            if other in leader:
                leader[find(other)] = find(group)
    found: dict[Group, list[Group]] = {}
    for group in groups:
        found.setdefault(find(group), []).append(group)
    return list(found.values())


def in_sequence(nodes: Iterable[PlanNode | None]) -> PlanNode | None:
    """One after the other, nested sequences written flat."""
    flat: list[PlanNode] = []
    for node in nodes:
        if isinstance(node, Sequence):
            flat.extend(node.nodes)
        elif node is not None:
            flat.append(node)
    return _under_condition(flat, Sequence)


def in_parallel(nodes: Iterable[PlanNode | None]) -> PlanNode | None:
    """All at once, nested parallels written flat."""
    flat: list[PlanNode] = []
    for node in nodes:
        if isinstance(node, Parallel):
            flat.extend(node.nodes)
        elif node is not None:
            flat.append(node)
    return _under_condition(flat, Parallel)


def _under_condition(nodes: list[PlanNode], kind: type[Sequence] | type[Parallel]) -> PlanNode | None:
    """One node of many; a condition that they all share is asked once."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    first = nodes[0]
    if isinstance(first, Condition) and all(
        isinstance(node, Condition)
        and node.variable == first.variable
        and (node.if_clause is None) == (first.if_clause is None)
        for node in nodes
    ):
        inner = [node.if_clause or node.else_clause for node in nodes if isinstance(node, Condition)]
        joined = in_sequence(inner) if kind is Sequence else in_parallel(inner)
        return (
            Condition(first.variable, joined, None)
            if first.if_clause is not None
            else Condition(first.variable, None, joined)
        )
    return kind(tuple(nodes))
