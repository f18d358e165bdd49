"""What the search builds: fetch groups (one request each) and the selection trees inside them.

These are the only mutable things of the planner; they live for one `plan` call and end as frozen plan nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.planner.operation import Conditions
from gateway.planner.plan import KeyField, KeyFragment, KeySelection, OperationKind, PathStep
from gateway.supergraph.model import TypeRef

TYPENAME: Final = "__typename"
#: Ranks of what is written last: what the planner adds, and what the client asked for, of which all that is inside comes
#: from elsewhere.
LAST: Final = 1_000_000
LEADS: Final = LAST - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One field as it is asked of a subgraph, and its type there."""

    key: str
    name: str
    arguments: str
    conditions: Conditions
    type: TypeRef
    directives: str = ""


class SelectionTree:
    """The selections on one object type (or abstract type) of one subgraph document.

    `ranks` keep the client's order, in which a plan is easiest to read; what the planner adds comes last.
    """

    __slots__ = ("fields", "fragments", "ranks", "type_name")

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name
        self.fields: dict[Asked, SelectionTree] = {}
        self.ranks: dict[Asked, int] = {}
        self.fragments: dict[str, SelectionTree] = {}

    def field(self, asked: Asked, rank: int = LAST) -> SelectionTree:
        """The tree under a field, made when first asked for; leaves have an empty one."""
        found = self.fields.get(asked)
        if found is None:
            found = self.fields[asked] = SelectionTree(asked.type.named)
        self.ranks[asked] = min(rank, self.ranks.get(asked, LAST))
        return found

    def ordered(self) -> list[tuple[Asked, SelectionTree]]:
        """Each field and what is under it, in the order to write them."""
        return sorted(self.fields.items(), key=lambda entry: min(self.ranks[entry[0]], LEADS))

    def fragment(self, type_name: str) -> SelectionTree:
        """The tree under `... on type_name`."""
        if type_name == self.type_name:
            return self
        found = self.fragments.get(type_name)
        if found is None:
            found = self.fragments[type_name] = SelectionTree(type_name)
        return found

    def absorb(self, other: SelectionTree) -> None:
        """Add all that `other` selects."""
        for asked, tree in other.fields.items():
            self.field(asked, other.ranks[asked]).absorb(tree)
        for name, tree in other.fragments.items():
            self.fragment(name).absorb(tree)

    def size(self) -> int:
        """How many fields are selected, at any depth."""
        inner = (tree.size() for tree in (*self.fields.values(), *self.fragments.values()))
        return len(self.fields) + sum(inner)

    @property
    def is_empty(self) -> bool:
        return not self.fields and all(tree.is_empty for tree in self.fragments.values())

    @property
    def is_for_others(self) -> bool:
        """Whether all that is directly selected, fragments seen through, was added by the planner."""
        return all(rank == LAST for rank in self.ranks.values()) and all(
            tree.is_for_others for tree in self.fragments.values()
        )

    def top_conditions(self) -> Iterator[Conditions]:
        """The conditions of each field directly selected, fragments seen through."""
        for asked in self.fields:
            yield asked.conditions
        for tree in self.fragments.values():
            yield from tree.top_conditions()


@dataclass(slots=True, eq=False)
class Group:
    """One request to one subgraph, in the making.

    `depends`: groups whose answers must be merged first. `represent`: what to send of each entity, by type
    condition. `substitute`: the `__typename` to send instead, for an `@interfaceObject`. `part`: of the answer
    (`operation`). `apart`: no other types may be asked the same.
    """

    subgraph: str
    kind: OperationKind
    path: tuple[PathStep, ...]
    tree: SelectionTree
    conditions: Conditions = ()
    is_entity: bool = False
    part: int = 0
    substitute: str | None = None
    apart: bool = False
    depends: set[Group] = field(default_factory=set)
    represent: dict[str, tuple[tuple[str, ...], dict[KeySelection, None]]] = field(default_factory=dict)

    def send(
        self, type_condition: str, possible: tuple[str, ...], selections: tuple[KeySelection, ...]
    ) -> None:
        """Add to the representation of objects of `type_condition`."""
        known = self.represent.setdefault(type_condition, (possible, {}))[1]
        for selection in selections:
            known[selection] = None

    def requires(self) -> tuple[KeySelection, ...]:
        return tuple(
            KeyFragment(name, possible, merge_keys(tuple(selections)))
            for name, (possible, selections) in self.represent.items()
        )


def merge_keys(selections: tuple[KeySelection, ...]) -> tuple[KeySelection, ...]:
    """Selections of the same field or fragment made one, in the order first met."""
    merged: dict[tuple[str, str | None], KeySelection] = {}
    for selection in selections:
        if isinstance(selection, KeyField):
            place = (selection.name, selection.alias)
            known = merged.get(place)
            before = known if isinstance(known, KeyField) else None
            merged[place] = KeyField(
                selection.name,
                selection.alias,
                merge_keys((*(before.selections if before else ()), *selection.selections)),
                selection.identifies or (before is not None and before.identifies),
            )
        else:
            place = (f"... on {selection.type_condition}", None)
            known = merged.get(place)
            inner = known.selections if isinstance(known, KeyFragment) else ()
            merged[place] = KeyFragment(
                selection.type_condition,
                selection.possible_types,
                merge_keys((*inner, *selection.selections)),
            )
    return tuple(merged.values())
