"""The supergraph as the planner sees it: what each subgraph can answer, field by field. All of it is frozen.

Source: "Federation 2 §join spec" (v0.1 to v0.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from graphql import GraphQLSchema

from gateway.supergraph.fieldsets import FieldSet


class SupergraphError(Exception):
    """The text is not a supergraph that can be served; the message says what is wrong and where."""


class Kind(StrEnum):
    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"
    LEAF = "leaf"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A field's type: `[Book!]` is text "[Book!]", named "Book", shape "[!]"."""

    text: str
    named: str
    shape: str

    @property
    def list_depth(self) -> int:
        return self.shape.count("[")


@dataclass(frozen=True, slots=True)
class OverrideLabel:
    """A progressive `@override(label:)`: the field is answered here only while the label is, or is not, in force."""

    name: str
    answered_when_in_force: bool


@dataclass(frozen=True, slots=True)
class SubgraphField:
    """One field of one type as one subgraph declares it ("join spec §@join__field").

    `external`: declared only to be named in keys, `@requires` or `@provides`; not answered by this subgraph.
    `overridden`: another subgraph took the field over with `@override`; by `label`, where there is one, only at times.
    `needs_context`: it takes an argument by `@fromContext`, which is not supported: it cannot be asked for.
    """

    type: TypeRef
    external: bool = False
    overridden: bool = False
    label: OverrideLabel | None = None
    requires: FieldSet = ()
    provides: FieldSet = ()
    needs_context: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key`. Not `resolvable`: the subgraph names its entity by it but cannot be asked with it."""

    fields: FieldSet
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class SubgraphType:
    """One type in one subgraph. `possible`: the object types that the subgraph can return for it.

    For an `@interfaceObject` these are all the supergraph's implementations: it stands for any of them.
    """

    name: str
    kind: Kind
    keys: tuple[Key, ...]
    is_interface_object: bool
    fields: Mapping[str, SubgraphField]
    possible: frozenset[str]

    @property
    def is_object(self) -> bool:
        return self.kind is Kind.OBJECT or self.is_interface_object


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One service behind the gateway, under its published name, with its types by name."""

    name: str
    url: str
    types: Mapping[str, SubgraphType] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SupergraphType:
    """One type of the whole graph, inaccessible parts included; `possible` in the order of the SDL."""

    name: str
    kind: Kind
    fields: Mapping[str, TypeRef]
    possible: tuple[str, ...]
    interfaces: frozenset[str]

    @property
    def is_abstract(self) -> bool:
        return self.kind in (Kind.INTERFACE, Kind.UNION)


#: The outer tuple is OR, the inner is AND: of no alternatives none can be met.
Alternatives: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a caller must bring ("Federation 2 §@authenticated, @requiresScopes, @policy"). None asks for nothing."""

    authenticated: bool = False
    scopes: Alternatives | None = None
    policies: Alternatives | None = None


@dataclass(frozen=True, slots=True)
class ListSize:
    """`@listSize` ("Federation 2 §demand control")."""

    assumed_size: int | None = None
    slicing_arguments: tuple[str, ...] = ()
    sized_fields: tuple[str, ...] = ()
    require_one_slicing_argument: bool = True


def _under(subgraph: Subgraph, labels: frozenset[str]) -> Subgraph:
    types = dict(subgraph.types)
    for type_ in subgraph.types.values():
        changed = {
            name: replace(
                field, overridden=(field.label.name in labels) is not field.label.answered_when_in_force
            )
            for name, field in type_.fields.items()
            if field.label is not None
        }
        if changed:
            types[type_.name] = replace(type_, fields=MappingProxyType({**type_.fields, **changed}))
    return replace(subgraph, types=MappingProxyType(types))


@dataclass(frozen=True, slots=True)
class Supergraph:
    """All that a supergraph SDL says.

    `authorization`, `costs` and `list_sizes` are keyed by coordinate: "Type", "Type.field" or "Type.field(arg:)".
    `override_labels`: those of progressive `@override`s; none of them is in force here (see `under`).
    """

    api_schema: GraphQLSchema
    subgraphs: Mapping[str, Subgraph]
    types: Mapping[str, SupergraphType]
    query_type: str
    mutation_type: str | None
    subscription_type: str | None
    authorization: Mapping[str, Authorization]
    costs: Mapping[str, float]
    list_sizes: Mapping[str, ListSize]
    override_labels: frozenset[str] = frozenset()

    def under(self, labels: frozenset[str]) -> Supergraph:
        """The supergraph while these override labels are in force: who answers what is all that differs."""
        if not labels & self.override_labels:
            return self
        subgraphs = {name: _under(subgraph, labels) for name, subgraph in self.subgraphs.items()}
        return replace(self, subgraphs=MappingProxyType(subgraphs))
