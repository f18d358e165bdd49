"""Sizes of a document with its fragments spread out, computed without spreading them: each fragment is measured once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
)

_INTROSPECTION: Final = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Measure:
    """The greatest of each over the document's operations; of what arguments hold, over all that the text holds."""

    depth: int
    fields: int
    root_fields: int
    aliases: int
    directives: int
    repeats: int
    introspections: int
    list_items: int
    input_depth: int
    introspects: bool
    """Whether `__schema` or `__type` stands anywhere in the text."""


@dataclass(slots=True)
class _Size:
    """One selection set, all that it holds included."""

    depth: int = 0
    fields: int = 0
    here: int = 0
    aliases: int = 0
    directives: int = 0
    introspections: int = 0

    def include(self, other: _Size, deeper: int) -> None:
        self.depth = max(self.depth, other.depth + deeper)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.introspections += other.introspections
        if not deeper:
            self.here += other.here


def measure(document: DocumentNode) -> Measure:
    """Raises: RecursionError when fragments and fields together are nested beyond the interpreter's stack."""
    measuring = _Measuring(document)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    sizes = [measuring.operation(operation) for operation in operations] or [_Size()]
    for name in measuring.fragments:  # those that no operation spreads are validated, too
        measuring.fragment(name)
    return Measure(
        depth=max(size.depth for size in sizes),
        fields=max(size.fields for size in sizes),
        root_fields=max(size.here for size in sizes),
        aliases=max(size.aliases for size in sizes),
        directives=max(measuring.directives, *(size.directives for size in sizes)),
        repeats=measuring.repeats,
        introspections=max(size.introspections for size in sizes),
        list_items=measuring.list_items,
        input_depth=measuring.input_depth,
        introspects=measuring.introspects,
    )


class _Measuring:
    def __init__(self, document: DocumentNode) -> None:
        self.fragments = _fragments(document)
        self.repeats = 0
        self.directives = 0
        self.list_items = 0
        self.input_depth = 0
        self.introspects = False
        self._known: dict[str, _Size] = {}

    def operation(self, node: OperationDefinitionNode) -> _Size:
        size = self._set(node.selection_set)
        size.directives += self._directives(node.directives)
        for variable in node.variable_definitions or ():
            size.directives += self._directives(variable.directives)
            if variable.default_value is not None:
                self._value(variable.default_value)
        return size

    def fragment(self, name: str) -> _Size:
        """Nothing for one that does not exist, or that is being measured: validation names unknowns and cycles."""
        if name not in self._known and name in self.fragments:
            self._known[name] = _Size()
            node = self.fragments[name]
            size = self._set(node.selection_set)
            size.directives += self._directives(node.directives)
            self.directives = max(self.directives, size.directives)
            self._known[name] = size
        return self._known.get(name) or _Size()

    def _set(self, node: SelectionSetNode) -> _Size:
        keys: Counter[str] = Counter()
        size = self._selections(node, keys)
        self.repeats += keys.total() - len(keys)
        return size

    def _selections(self, node: SelectionSetNode, keys: Counter[str]) -> _Size:
        """Size of a selection set; `keys` counts the response keys of it and of its inline fragments."""
        size = _Size()
        for selection in node.selections:
            size.directives += self._directives(selection.directives)
            if isinstance(selection, FieldNode):
                keys[(selection.alias or selection.name).value] += 1
                size.fields += 1
                size.here += 1
                size.aliases += selection.alias is not None
                self._arguments(selection.arguments)
                if selection.name.value in _INTROSPECTION:
                    self.introspects = True
                    size.introspections += 1
                inner = _Size() if selection.selection_set is None else self._set(selection.selection_set)
                size.include(inner, deeper=1)
            elif isinstance(selection, InlineFragmentNode):
                size.include(self._selections(selection.selection_set, keys), deeper=0)
            elif isinstance(selection, FragmentSpreadNode):
                size.include(self.fragment(selection.name.value), deeper=0)
        return size

    def _directives(self, nodes: Iterable[DirectiveNode] | None) -> int:
        number = 0
        for node in nodes or ():
            number += 1
            self._arguments(node.arguments)
        return number

    def _arguments(self, nodes: Iterable[ArgumentNode] | None) -> None:
        for node in nodes or ():
            self._value(node.value)

    def _value(self, node: ValueNode, depth: int = 1) -> None:
        if isinstance(node, ListValueNode):
            self.list_items = max(self.list_items, len(node.values))
            self.input_depth = max(self.input_depth, depth)
            for item in node.values:
                self._value(item, depth + 1)
        elif isinstance(node, ObjectValueNode):
            self.input_depth = max(self.input_depth, depth)
            for field in node.fields:
                self._value(field.value, depth + 1)


#: A selection set, and the fragments that it stands in.
_Within: TypeAlias = tuple[SelectionSetNode, frozenset[str]]


def height(document: DocumentNode) -> int:
    """The most different fields of one operation: by name and place, with fragments spread out and aliases forgotten.

    Takes as long as the operation has fields when its fragments are spread out: count those before.
    """
    fragments = _fragments(document)

    def below(sets: list[_Within]) -> int:
        fields: dict[str, list[_Within]] = {}
        spread: set[str] = set()
        waiting = list(sets)
        while waiting:
            selection_set, inside = waiting.pop()
            for node in selection_set.selections:
                if isinstance(node, FieldNode):
                    inner = fields.setdefault(node.name.value, [])
                    if node.selection_set is not None:
                        inner.append((node.selection_set, inside))
                elif isinstance(node, InlineFragmentNode):
                    waiting.append((node.selection_set, inside))
                elif isinstance(node, FragmentSpreadNode):
                    name = node.name.value
                    if name in fragments and name not in spread and name not in inside:
                        spread.add(name)
                        waiting.append((fragments[name].selection_set, inside | {name}))
        return len(fields) + sum(below(inner) for inner in fields.values() if inner)

    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return max((below([(node.selection_set, frozenset())]) for node in operations), default=0)


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
