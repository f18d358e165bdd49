"""Fifth stage: a group's selections as the text of a GraphQL document, with only the variables it uses.

Where a subgraph would refuse two fields of one response key because their types differ ("GraphQL §Field
Selection Merging"), one is aliased and renamed back after the fetch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.planner.budget import ClashError
from gateway.planner.fetches import TYPENAME, Asked, Group, SelectionTree
from gateway.planner.operation import Conditions, Operation, Variable
from gateway.planner.plan import PathStep, Rename
from gateway.supergraph.model import Supergraph

_VARIABLE: Final = re.compile(r'"(?:\\.|[^"\\])*"|\$([_A-Za-z][_0-9A-Za-z]*)')


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a request, its operation's name, the client's variables in it, and renames to undo aliases.

    `representations`: the name of the variable for them.
    """

    text: str
    operation_name: str | None
    variables: tuple[str, ...]
    renames: tuple[Rename, ...]
    representations: str


def write(group: Group, number: int, operation: Operation, supergraph: Supergraph) -> Document:
    """The request of a group; `number` makes its operation name unique in the plan."""
    writer = _Writer(supergraph)
    body = writer.selections(group.tree)
    used = _used_variables(body, operation.variables)
    definitions = [operation.variables[name].definition for name in used]
    own = "representations"
    while own in operation.variables:
        own = f"_{own}"
    if group.is_entity:
        definitions.insert(0, f"${own}: [_Any!]!")
        body = f"{{ _entities(representations: ${own}) {body} }}"
    name = f"{operation.name}__{number}" if operation.name else None
    head = " ".join(part for part in (group.kind, name) if part)
    if definitions:
        head += f"({', '.join(definitions)})" if name else f" ({', '.join(definitions)})"
    text = body if head == "query" else f"{head} {body}"
    return Document(text, name, used, tuple(writer.renames), own)


def _used_variables(body: str, known: Mapping[str, Variable]) -> tuple[str, ...]:
    used = {match.group(1) for match in _VARIABLE.finditer(body) if match.group(1)}
    return tuple(name for name in known if name in used)


def _directives(conditions: Conditions) -> tuple[str, list[str]]:
    """Directives for a field, and those that need a fragment around it: each may stand only once in one place."""
    own: dict[bool, str] = {}
    around: list[str] = []
    for when in conditions:
        text = f"@{'include' if when.value else 'skip'}(if: ${when.variable})"
        if when.value in own:
            around.append(text)
        else:
            own[when.value] = text
    return "".join(f" {text}" for text in own.values()), around


def _is_plain_typename(asked: Asked) -> bool:
    return asked.key == TYPENAME == asked.name and not asked.conditions


class _Writer:
    """Writes one document and notes the renames that it needs."""

    def __init__(self, supergraph: Supergraph) -> None:
        self._supergraph = supergraph
        self.renames: dict[Rename, None] = {}
        #: (path in the answer, key) -> shape that the key has there, as the subgraph declares it.
        self._shapes: dict[tuple[tuple[PathStep, ...], str], str] = {}

    def selections(self, tree: SelectionTree) -> str:
        """`{ … }` of a whole request."""
        return f"{{ {self._tree(tree, ())} }}"

    def _tree(self, tree: SelectionTree, path: tuple[PathStep, ...], *, typename_known: bool = False) -> str:
        """Fields, then fragments; a fragment need not repeat the `__typename` that stands around it."""
        self._check_names(tree)
        parts = [
            self._field(asked, inner, path)
            for asked, inner in tree.ordered()
            if not (typename_known and _is_plain_typename(asked))
        ]
        known = typename_known or any(_is_plain_typename(asked) for asked in tree.fields)
        for name, inner in tree.fragments.items():
            if text := self._tree(inner, path, typename_known=known):
                parts.append(f"... on {name} {{ {text} }}")
        return " ".join(parts)

    def _check_names(self, tree: SelectionTree) -> None:
        """Types that the client tells apart may be one object type for a subgraph: an `@interfaceObject`."""
        meanings: dict[str, tuple[str, str]] = {}
        for asked in tree.fields:
            meaning = asked.name, asked.arguments
            if meanings.setdefault(asked.key, meaning) != meaning:
                raise ClashError(
                    f"{asked.key} stands for {meanings[asked.key][0]} and for {asked.name} in one place, and one service"
                    " cannot tell the types apart: give one of them another alias."
                )

    def _field(self, asked: Asked, inner: SelectionTree, path: tuple[PathStep, ...]) -> str:
        key = self._apart(asked, path)
        directives, around = _directives(asked.conditions)
        text = asked.name if key == asked.name else f"{key}: {asked.name}"
        text += (f"({asked.arguments})" if asked.arguments else "") + directives
        text += f" {asked.directives}" if asked.directives else ""
        if not inner.is_empty:
            text += f" {{ {self._tree(inner, (*path, key, *('@',) * asked.type.list_depth))} }}"
        if key != asked.key:
            # After what is inside, whose renames lead through the alias.
            self.renames.setdefault(Rename((*path, key), asked.key))
        for directive in around:
            text = f"... {directive} {{ {text} }}"
        return text

    def _apart(self, asked: Asked, path: tuple[PathStep, ...]) -> str:
        """The response key to use: the wanted one, unless a different shape has it at the same place."""
        shape = self._shape(asked)
        key, count = asked.key, 0
        while self._shapes.setdefault((path, key), shape) != shape:
            count += 1
            key = f"_{asked.key}_{count}"
        return key

    def _shape(self, asked: Asked) -> str:
        """What must be equal for two fields to share a key: nullability, lists, and the type if it is a leaf."""
        known = self._supergraph.types.get(asked.type.named)
        composite = known is not None and (known.is_abstract or known.fields)
        return asked.type.shape + ("{}" if composite else asked.type.named)
