"""Field sets: the small selections inside `@key(fields:)`, `@requires(fields:)` and `@provides(fields:)`.

Source: "Federation 2 §FieldSet".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from graphql import GraphQLError, OperationDefinitionNode, SelectionSetNode, parse, print_ast
from graphql.language import (
    ArgumentNode,
    FieldNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)


@dataclass(frozen=True, slots=True)
class FieldItem:
    """One field of a field set; `arguments` is printed GraphQL without parentheses, empty for none."""

    name: str
    arguments: str = ""
    items: FieldSet = ()


@dataclass(frozen=True, slots=True)
class FragmentItem:
    """`... on T { … }` inside a field set."""

    type_condition: str
    items: FieldSet


FieldSet: TypeAlias = tuple["FieldItem | FragmentItem", ...]


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> FieldSet:
    """Parse `"id owner { id }"` (braces around the whole are allowed). Raises ValueError."""
    source = text.strip()
    if not source.startswith("{"):
        source = "{" + source + "}"
    try:
        document = parse(source, no_location=True)
    except GraphQLError as error:
        raise ValueError(f"{text!r} is not a field set: {error.message}") from error
    operation = document.definitions[0]
    if not isinstance(operation, OperationDefinitionNode):
        raise ValueError(f"{text!r} is not a field set.")
    return _items(operation.selection_set)


def print_arguments(arguments: tuple[ArgumentNode, ...] | None) -> str:
    """Arguments as GraphQL text in the order of their names, so that equal sets compare equal."""
    if not arguments:
        return ""
    ordered = sorted(arguments, key=lambda argument: argument.name.value)
    return ", ".join(f"{argument.name.value}: {print_value(argument.value)}" for argument in ordered)


def print_value(value: ValueNode) -> str:
    """A value on one line: block strings become plain ones."""
    if isinstance(value, StringValueNode):
        return print_ast(StringValueNode(value=value.value, block=False))
    if isinstance(value, ListValueNode):
        return f"[{', '.join(print_value(item) for item in value.values)}]"
    if isinstance(value, ObjectValueNode):
        return f"{{{', '.join(f'{item.name.value}: {print_value(item.value)}' for item in value.fields)}}}"
    return print_ast(value)


def _items(selection_set: SelectionSetNode | None) -> FieldSet:
    if selection_set is None:
        return ()
    found: list[FieldItem | FragmentItem] = []
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            found.append(
                FieldItem(node.name.value, print_arguments(node.arguments), _items(node.selection_set))
            )
        elif isinstance(node, InlineFragmentNode):
            inner = _items(node.selection_set)
            if node.type_condition is None:
                found.extend(inner)
            else:
                found.append(FragmentItem(node.type_condition.name.value, inner))
        else:
            raise ValueError("A field set holds no named fragments.")
    return tuple(found)
