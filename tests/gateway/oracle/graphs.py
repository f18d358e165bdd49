"""A federated graph as its subgraphs declare it: plain mutable data that the generator fills and the printers read.

Types are written as GraphQL text ("[Int!]"), field sets as text too, since that is how they are printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["object", "interface", "union"]
ROOTS = ("Query", "Mutation")


@dataclass
class Field:
    """One field of one type as one subgraph declares it.

    `takes_from`: the subgraph that it is taken over from with `@override`. `lost`: another subgraph took it. With a
    `label`, it is a matter of time which of the two has it.
    """

    name: str
    type: str
    arguments: str = ""
    external: bool = False
    requires: str = ""
    provides: str = ""
    takes_from: str = ""
    lost: bool = False
    label: str = ""

    @property
    def named(self) -> str:
        return named(self.type)

    @property
    def is_answered(self) -> bool:
        """Whether the subgraph answers it, with or without other fields sent along."""
        return not self.external and not self.lost

    @property
    def is_known(self) -> bool:
        """Whether the subgraph answers it by itself."""
        return self.is_answered and not self.requires


@dataclass
class Type:
    """One composite type in one subgraph. `keys`: field set to whether it is resolvable."""

    name: str
    kind: Kind = "object"
    keys: dict[str, bool] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    implements: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    is_interface_object: bool = False

    def has(self, name: str) -> bool:
        return name in self.fields


@dataclass
class Graph:
    """Subgraphs by name, each with its types by name; `hidden` are the `@inaccessible` coordinates."""

    subgraphs: dict[str, dict[str, Type]]
    hidden: set[str] = field(default_factory=set)

    def declaring(self, type_name: str) -> Iterator[tuple[str, Type]]:
        """Each subgraph that has a type, with what it says of it."""
        for name, types in self.subgraphs.items():
            if type_name in types:
                yield name, types[type_name]

    def declared(self, type_name: str, field_name: str) -> list[Field]:
        """All that is said of one field."""
        return [
            type_.fields[field_name] for _, type_ in self.declaring(type_name) if field_name in type_.fields
        ]

    def type_names(self) -> list[str]:
        """All composite types, the roots first, in the order in which they are first met."""
        found = {name: None for name in ROOTS if any(True for _ in self.declaring(name))}
        for types in self.subgraphs.values():
            found.update(dict.fromkeys(types))
        return list(found)

    def members(self, subgraph: str, type_name: str) -> list[str]:
        """The object types that a subgraph can return for a type of its own."""
        types = self.subgraphs[subgraph]
        here = types[type_name]
        if here.is_interface_object:
            return self.implementations(type_name)
        if here.kind == "object":
            return [type_name]
        if here.kind == "union":
            return here.members
        return [name for name, other in types.items() if type_name in other.implements]

    def implementations(self, interface: str) -> list[str]:
        """Every object type that implements an interface in some subgraph."""
        found: dict[str, None] = {}
        for types in self.subgraphs.values():
            found.update(
                dict.fromkeys(name for name, type_ in types.items() if interface in type_.implements)
            )
        return list(found)


def named(type_: str) -> str:
    """The type inside lists and exclamation marks."""
    return type_.strip("[]!")


def top_fields(field_set: str) -> list[str]:
    """The names at the top of a field set without fragments or arguments: `id`, `keeper` of "id keeper { id }"."""
    found: list[str] = []
    depth = 0
    for word in field_set.replace("{", " { ").replace("}", " } ").split():
        if word == "{":
            depth += 1
        elif word == "}":
            depth -= 1
        elif depth == 0:
            found.append(word)
    return found
