"""Sizes of a document with its fragments spread out, computed without spreading them: each fragment is measured once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_INTROSPECTION: Final = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Measure:
    """The greatest of each over the document's operations; `introspects` looks at all that the text holds."""

    depth: int
    fields: int
    root_fields: int
    aliases: int
    directives: int
    repeats: int
    introspects: bool


@dataclass(slots=True)
class _Size:
    """One selection set, all that it holds included."""

    depth: int = 0
    fields: int = 0
    here: int = 0
    aliases: int = 0
    directives: int = 0

    def include(self, other: _Size, deeper: int) -> None:
        self.depth = max(self.depth, other.depth + deeper)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
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
        introspects=measuring.introspects,
    )


class _Measuring:
    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.repeats = 0
        self.directives = 0
        self.introspects = False
        self._known: dict[str, _Size] = {}

    def operation(self, node: OperationDefinitionNode) -> _Size:
        size = self._set(node.selection_set)
        size.directives += len(node.directives or ())
        size.directives += sum(len(variable.directives or ()) for variable in node.variable_definitions or ())
        return size

    def fragment(self, name: str) -> _Size:
        """Nothing for one that does not exist, or that is being measured: validation names unknowns and cycles."""
        if name not in self._known and name in self.fragments:
            self._known[name] = _Size()
            node = self.fragments[name]
            size = self._set(node.selection_set)
            size.directives += len(node.directives or ())
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
            size.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                keys[(selection.alias or selection.name).value] += 1
                size.fields += 1
                size.here += 1
                size.aliases += selection.alias is not None
                self.introspects |= selection.name.value in _INTROSPECTION
                inner = _Size() if selection.selection_set is None else self._set(selection.selection_set)
                size.include(inner, deeper=1)
            elif isinstance(selection, InlineFragmentNode):
                size.include(self._selections(selection.selection_set, keys), deeper=0)
            elif isinstance(selection, FragmentSpreadNode):
                size.include(self.fragment(selection.name.value), deeper=0)
        return size
