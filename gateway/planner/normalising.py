"""First stage: a client's operation into normal form (`operation`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    VariableDefinitionNode,
    VariableNode,
    print_ast,
)

from gateway.planner.budget import Budget, PlanningError
from gateway.planner.operation import (
    Conditions,
    FieldSelection,
    FragmentSelection,
    Operation,
    Part,
    Selection,
    Variable,
    When,
)
from gateway.planner.plan import OTHER_TYPENAME, OperationKind
from gateway.supergraph.fieldsets import print_arguments, print_value


def normalise(
    document: DocumentNode,
    operation_name: str | None,
    *,
    deferring: frozenset[str] = frozenset(),
    budget: Budget | None = None,
) -> Operation:
    """The named (or only) operation of a valid document.

    `deferring`: variables of `@defer(if:)` to take for true. Only queries have deferred parts.
    Raises PlanningError when there is no such operation, BudgetExceededError when it is too large.
    """
    node = _operation(document, operation_name)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    may_defer = node.operation is OperationType.QUERY
    reader = _Reader(fragments, deferring if may_defer else None, budget or Budget())
    scope = _Scope()
    reader.collect(node.selection_set, (), scope, _AT_ROOT)
    variables = {
        definition.variable.name.value: _variable(definition)
        for definition in node.variable_definitions or ()
    }
    kind: OperationKind = node.operation.value
    return Operation(
        kind,
        node.name.value if node.name else None,
        scope.freeze(),
        variables,
        tuple(reader.parts),
        frozenset(reader.defer_variables),
    )


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        found = [node for node in found if node.name is not None and node.name.value == name]
    if len(found) != 1:
        raise PlanningError(
            f"The document has no operation {name!r}."
            if name is not None
            else "The document has several operations: say which by its name."
        )
    return found[0]


def _variable(node: VariableDefinitionNode) -> Variable:
    name = node.variable.name.value
    default = f" = {print_value(node.default_value)}" if node.default_value is not None else ""
    return Variable(name, f"${name}: {print_ast(node.type)}{default}")


_Key: TypeAlias = tuple[str, str, str, Conditions, int, str]


@dataclass(frozen=True, slots=True)
class _Where:
    """Where the reader is: under which fields, in a fragment on which type, in which part."""

    path: tuple[tuple[str, str, str | None], ...] = ()
    type_condition: str | None = None
    part: int = 0


_AT_ROOT: Final = _Where()


class _Scope:
    """A selection set while it is collected: fields by key, fragments by type, in the order first met."""

    def __init__(self) -> None:
        self.fields: dict[_Key, _Scope] = {}
        self.fragments: dict[str, _Scope] = {}

    def freeze(self) -> tuple[Selection, ...]:
        fields = tuple(
            FieldSelection(key, name, arguments, conditions, inner.freeze(), part, directives)
            for (key, name, arguments, conditions, part, directives), inner in self.fields.items()
        )
        fragments = tuple(FragmentSelection(name, inner.freeze()) for name, inner in self.fragments.items())
        return fields + fragments


class _Reader:
    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        deferring: frozenset[str] | None,
        budget: Budget,
    ) -> None:
        self._fragments = fragments
        self._deferring = deferring
        self._budget = budget
        self.parts: list[Part] = []
        self.defer_variables: set[str] = set()

    def collect(
        self, selection_set: SelectionSetNode, conditions: Conditions, scope: _Scope, where: _Where
    ) -> None:
        for node in selection_set.selections:
            self._budget.select()
            combined = _combine(conditions, node.directives or ())
            if combined is None:
                continue
            if isinstance(node, FieldNode):
                self._field(node, combined, scope, where)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                condition = fragment.type_condition.name.value
                self._fragment(node, condition, fragment.selection_set, combined, scope, where)
            elif isinstance(node, InlineFragmentNode):
                inline = node.type_condition.name.value if node.type_condition is not None else None
                self._fragment(node, inline, node.selection_set, combined, scope, where)

    def _fragment(
        self,
        node: FragmentSpreadNode | InlineFragmentNode,
        condition: str | None,
        selection_set: SelectionSetNode,
        conditions: Conditions,
        scope: _Scope,
        where: _Where,
    ) -> None:
        part = self._part(node, condition, selection_set, where)
        # At the root every fragment applies; its fields have their place among the others ("GraphQL §Mutation").
        inner = scope.fragments.setdefault(condition, _Scope()) if condition and where.path else scope
        there = _Where(where.path, condition or where.type_condition, part)
        self.collect(selection_set, conditions, inner, there)

    def _part(
        self,
        node: FragmentSpreadNode | InlineFragmentNode,
        condition: str | None,
        selection_set: SelectionSetNode,
        where: _Where,
    ) -> int:
        """The part that a fragment's fields belong to: its own where it is deferred, else the one around it."""
        for directive in node.directives or ():
            if directive.name.value == "defer" and self._is_deferred(directive):
                said = {argument.name.value: argument.value for argument in directive.arguments or ()}
                label = said.get("label")
                written = " ".join(print_ast(selection_set).split())
                self.parts.append(
                    Part(
                        label.value if isinstance(label, StringValueNode) else None,
                        where.path,
                        f"{{ ... on {condition} {written} }}" if condition else written,
                    )
                )
                return len(self.parts)
        return where.part

    def _is_deferred(self, directive: DirectiveNode) -> bool:
        if self._deferring is None:
            return False
        for argument in directive.arguments or ():
            if argument.name.value != "if":
                continue
            if isinstance(argument.value, BooleanValueNode):
                return argument.value.value
            if isinstance(argument.value, VariableNode):
                name = argument.value.name.value
                if name not in self._deferring:
                    self.defer_variables.add(name)
                return name in self._deferring
        return True

    def _field(self, node: FieldNode, conditions: Conditions, scope: _Scope, where: _Where) -> None:
        name = node.name.value
        key = node.alias.value if node.alias else name
        if key == "__typename" != name:
            key = OTHER_TYPENAME
        inner = scope.fields.setdefault(
            (key, name, print_arguments(node.arguments), conditions, where.part, _own(node.directives)),
            _Scope(),
        )
        if node.selection_set is not None:
            # The field carries its conditions, so what is inside need not repeat them.
            there = _Where((*where.path, (key, name, where.type_condition)), None, where.part)
            self.collect(node.selection_set, (), inner, there)


def _own(directives: Iterable[DirectiveNode] | None) -> str:
    """Directives that are for the subgraphs: all but those that decide whether, and when, a field is asked for."""
    return " ".join(
        f"@{directive.name.value}({arguments})" if arguments else f"@{directive.name.value}"
        for directive in directives or ()
        if directive.name.value not in ("skip", "include", "defer")
        for arguments in (print_arguments(directive.arguments),)
    )


def _combine(conditions: Conditions, directives: Iterable[DirectiveNode]) -> Conditions | None:
    """The conditions with those of `@skip` and `@include` added; None where they can never hold."""
    added = set(conditions)
    for directive in directives:
        name = directive.name.value
        if name not in ("skip", "include") or not directive.arguments:
            continue
        value = directive.arguments[0].value
        wanted = name == "include"
        if isinstance(value, BooleanValueNode):
            if value.value is not wanted:
                return None
        elif isinstance(value, VariableNode):
            added.add(When(value.name.value, wanted))
    if any(When(when.variable, not when.value) in added for when in added):
        return None
    return tuple(sorted(added))
