"""Validation in two steps, so that what is wrong is told for little, and what is written again and again costs once.

Whether fields that share a response key can be merged (GraphQL §5.3.2) is asked of each pair of them, which is the one
rule that is quadratic. So it comes last, for documents in which nothing else is wrong; and it sees a document in which equal
fields of one selection set are one already, as execution will make them: their selections are merged, and pairs of them
need not be looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionNode,
    SelectionSetNode,
    print_ast,
    specified_rules,
    validate,
)

_FIRST: Final = tuple(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule)
_LAST: Final = (OverlappingFieldsCanBeMergedRule,)

#: A field's name and its arguments, in whatever order they were given.
_Meaning: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


def validation_errors(
    schema: GraphQLSchema, document: DocumentNode, most: int, *, hide_suggestions: bool
) -> list[GraphQLError]:
    """What is wrong with a document, by the rules of GraphQL §5: at most `most` errors, and one that says that there are
    more."""
    errors = validate(schema, document, _FIRST, max_errors=most, hide_suggestions=hide_suggestions)
    if errors:
        return errors
    return validate(schema, merged(document, most), _LAST, max_errors=most, hide_suggestions=hide_suggestions)


def merged(document: DocumentNode, most: int) -> DocumentNode:
    """The document with equal fields of each selection set made one, and leaves but once. Fields can be merged in it if and
    only if they can in `document`.

    `most`: of fields that share a key within a selection set and cannot be merged, one more than so many are left.
    """
    return DocumentNode(definitions=tuple(_definition(node, most) for node in document.definitions))


def _definition(node: DefinitionNode, most: int) -> DefinitionNode:
    if isinstance(node, OperationDefinitionNode):
        return OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=node.variable_definitions,
            directives=node.directives,
            selection_set=_set([node.selection_set], most),
            loc=node.loc,
        )
    if isinstance(node, FragmentDefinitionNode):
        return FragmentDefinitionNode(
            name=node.name,
            type_condition=node.type_condition,
            directives=node.directives,
            selection_set=_set([node.selection_set], most),
            loc=node.loc,
        )
    return node


def _set(sets: Iterable[SelectionSetNode], most: int) -> SelectionSetNode:
    """One selection set for several on the same objects, seen as the same type."""
    fields: dict[str, dict[_Meaning, list[FieldNode]]] = defaultdict(dict)
    narrower: dict[str, list[InlineFragmentNode]] = defaultdict(list)
    spreads: dict[str, FragmentSpreadNode] = {}
    for node in _flat(sets):
        if isinstance(node, FieldNode):
            meanings = fields[(node.alias or node.name).value]
            meaning = _meaning(node)
            if meaning in meanings:
                meanings[meaning].append(node)
            elif len(meanings) <= most:
                meanings[meaning] = [node]
        elif isinstance(node, InlineFragmentNode):
            assert node.type_condition is not None
            narrower[node.type_condition.name.value].append(node)
        elif isinstance(node, FragmentSpreadNode):
            spreads.setdefault(node.name.value, node)
    return SelectionSetNode(
        selections=(
            *(_field(nodes, most) for meanings in fields.values() for nodes in meanings.values()),
            *(_narrower(nodes, most) for nodes in narrower.values()),
            *spreads.values(),
        )
    )


def _flat(sets: Iterable[SelectionSetNode]) -> Iterator[SelectionNode]:
    """Selections, with those of inline fragments that name no type among them."""
    for selection_set in sets:
        for node in selection_set.selections:
            if isinstance(node, InlineFragmentNode) and node.type_condition is None:
                yield from _flat([node.selection_set])
            else:
                yield node


def _meaning(node: FieldNode) -> _Meaning:
    given = node.arguments or ()
    return node.name.value, tuple(sorted((one.name.value, print_ast(one.value)) for one in given))


def _field(nodes: list[FieldNode], most: int) -> FieldNode:
    first = nodes[0]
    sets = [node.selection_set for node in nodes if node.selection_set is not None]
    if not sets:
        return first
    return FieldNode(
        alias=first.alias,
        name=first.name,
        arguments=first.arguments,
        directives=first.directives,
        selection_set=_set(sets, most),
        loc=first.loc,
    )


def _narrower(nodes: list[InlineFragmentNode], most: int) -> InlineFragmentNode:
    first = nodes[0]
    return InlineFragmentNode(
        type_condition=first.type_condition,
        directives=first.directives,
        selection_set=_set([node.selection_set for node in nodes], most),
        loc=first.loc,
    )
