"""First stage: a client's operation into normal form.

Named fragments are written out, `@skip`/`@include` are pushed down to fields as conditions, and selections of
the same response key under the same conditions are merged ("GraphQL §Field Collection").
"""

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
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    print_ast,
)

from gateway.planner.plan import OperationKind
from gateway.supergraph.fieldsets import print_arguments, print_value

#: Far above any operation that a person writes; what would exceed it is an attack or a bug.
MAX_SELECTIONS: Final = 50_000


class PlanningError(Exception):
    """The operation cannot be planned over this supergraph; the message says which part."""


@dataclass(frozen=True, slots=True, order=True)
class When:
    """Holds when the client's Boolean `variable` has `value`: `@include(if:)` is true, `@skip(if:)` is false."""

    variable: str
    value: bool


Conditions: TypeAlias = tuple[When, ...]


@dataclass(frozen=True, slots=True)
class FieldSelection:
    """One field to answer. `arguments` is printed GraphQL without its parentheses, empty for none."""

    key: str
    name: str
    arguments: str
    conditions: Conditions
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class FragmentSelection:
    """`... on type_condition { … }`, already free of conditions of its own."""

    type_condition: str
    selections: tuple[Selection, ...]


Selection: TypeAlias = "FieldSelection | FragmentSelection"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the operation, and its definition as GraphQL text."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation in normal form."""

    kind: OperationKind
    name: str | None
    selections: tuple[Selection, ...]
    variables: Mapping[str, Variable]


def normalise(document: DocumentNode, operation_name: str | None) -> Operation:
    """The named (or only) operation of a valid document. Raises PlanningError when there is none."""
    node = _operation(document, operation_name)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    reader = _Reader(fragments)
    scope = _Scope()
    reader.collect(node.selection_set, (), scope)
    variables = {
        definition.variable.name.value: _variable(definition)
        for definition in node.variable_definitions or ()
    }
    kind: OperationKind = node.operation.value
    return Operation(kind, node.name.value if node.name else None, scope.freeze(), variables)


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


_Key: TypeAlias = tuple[str, str, str, Conditions]


class _Scope:
    """A selection set while it is collected: fields by key, fragments by type, in the order first met."""

    def __init__(self) -> None:
        self.fields: dict[_Key, _Scope] = {}
        self.fragments: dict[str, _Scope] = {}

    def freeze(self) -> tuple[Selection, ...]:
        fields = tuple(FieldSelection(*key, inner.freeze()) for key, inner in self.fields.items())
        fragments = tuple(FragmentSelection(name, inner.freeze()) for name, inner in self.fragments.items())
        return fields + fragments


class _Reader:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._left = MAX_SELECTIONS

    def collect(self, selection_set: SelectionSetNode, conditions: Conditions, scope: _Scope) -> None:
        for node in selection_set.selections:
            self._left -= 1
            if self._left < 0:
                raise PlanningError(
                    f"The operation selects more than {MAX_SELECTIONS} fields when written out."
                )
            combined = _combine(conditions, node.directives or ())
            if combined is None:
                continue
            if isinstance(node, FieldNode):
                self._field(node, combined, scope)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                inner = scope.fragments.setdefault(fragment.type_condition.name.value, _Scope())
                self.collect(fragment.selection_set, combined, inner)
            elif isinstance(node, InlineFragmentNode):
                inner = scope
                if node.type_condition is not None:
                    inner = scope.fragments.setdefault(node.type_condition.name.value, _Scope())
                self.collect(node.selection_set, combined, inner)

    def _field(self, node: FieldNode, conditions: Conditions, scope: _Scope) -> None:
        name = node.name.value
        key = (node.alias.value if node.alias else name, name, print_arguments(node.arguments), conditions)
        inner = scope.fields.setdefault(key, _Scope())
        if node.selection_set is not None:
            # The field carries its conditions, so what is inside need not repeat them.
            self.collect(node.selection_set, (), inner)


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
