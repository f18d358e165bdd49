"""Reads the join directives of a supergraph SDL into the frozen model ("join spec v0.2" to "v0.5").

v0.1 says the same with other words; `legacy.py` puts it into these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse_type,
    print_ast,
)

from gateway.supergraph.fieldsets import FieldItem, FieldSet, parse_field_set
from gateway.supergraph.links import directive_arguments
from gateway.supergraph.model import (
    Key,
    Kind,
    OverrideLabel,
    Subgraph,
    SubgraphField,
    SubgraphType,
    SupergraphError,
    SupergraphType,
    TypeRef,
)

Arguments: TypeAlias = dict[str, Any]

_KINDS: Final = {
    ObjectTypeDefinitionNode: Kind.OBJECT,
    InterfaceTypeDefinitionNode: Kind.INTERFACE,
    UnionTypeDefinitionNode: Kind.UNION,
    ScalarTypeDefinitionNode: Kind.LEAF,
    EnumTypeDefinitionNode: Kind.LEAF,
    InputObjectTypeDefinitionNode: Kind.INPUT,
}


def applied(node: object, name: str) -> list[Arguments]:
    """The arguments of each `@name` on a definition."""
    directives: Iterable[DirectiveNode] = getattr(node, "directives", None) or ()
    return [directive_arguments(directive) for directive in directives if directive.name.value == name]


def type_ref(node: TypeNode) -> TypeRef:
    """`[Book!]!` as a TypeRef."""
    text = print_ast(node)
    shape = "".join(sign for sign in text if sign in "[]!")
    inner: TypeNode = node
    while isinstance(inner, ListTypeNode | NonNullTypeNode):
        inner = inner.type
    return TypeRef(text, print_ast(inner), shape)


def read_graphs(document: DocumentNode) -> dict[str, tuple[str, str]]:
    """`enum join__Graph { A @join__graph(name:, url:) }` as id -> (published name, url)."""
    for node in document.definitions:
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value == "join__Graph":
            found: dict[str, tuple[str, str]] = {}
            for value in node.values or ():
                said = next(iter(applied(value, "join__graph")), {})
                found[value.name.value] = (
                    str(said.get("name") or value.name.value),
                    str(said.get("url") or ""),
                )
            return found
    raise SupergraphError("This is not a supergraph: it has no `join__Graph` enum that names the subgraphs.")


@dataclass(slots=True)
class _Draft:
    """One type of one subgraph while it is being read."""

    name: str
    kind: Kind
    keys: list[Key] = field(default_factory=list)
    is_interface_object: bool = False
    is_extension: bool = False
    fields: dict[str, SubgraphField] = field(default_factory=dict)

    def is_external(self, name: str, said: bool) -> bool:
        """A key field of an `extend type` is written `@external` but answered ("Federation 1 §@extends")."""
        in_key = any(
            isinstance(item, FieldItem) and item.name == name for key in self.keys for item in key.fields
        )
        return said and not (self.is_extension and in_key)


_Drafts: TypeAlias = dict[str, dict[str, _Draft]]


def read_types(definitions: Mapping[str, TypeDefinitionNode]) -> dict[str, SupergraphType]:
    """The types of the whole graph by name."""
    implementations: dict[str, list[str]] = defaultdict(list)
    for name, node in definitions.items():
        if isinstance(node, ObjectTypeDefinitionNode):
            for interface in node.interfaces or ():
                implementations[interface.name.value].append(name)
    found: dict[str, SupergraphType] = {}
    for name, node in definitions.items():
        kind = _KINDS[type(node)]
        possible: tuple[str, ...] = ()
        if kind is Kind.OBJECT:
            possible = (name,)
        elif kind is Kind.INTERFACE:
            possible = tuple(implementations[name])
        elif isinstance(node, UnionTypeDefinitionNode):
            possible = tuple(member.name.value for member in node.types or ())
        fields = {item.name.value: type_ref(item.type) for item in _fields(node)}
        interfaces = frozenset(item.name.value for item in getattr(node, "interfaces", None) or ())
        found[name] = SupergraphType(name, kind, MappingProxyType(fields), possible, interfaces)
    return found


def read_subgraphs(
    graphs: Mapping[str, tuple[str, str]],
    definitions: Mapping[str, TypeDefinitionNode],
    types: Mapping[str, SupergraphType],
) -> dict[str, Subgraph]:
    """Each subgraph's own view of the types, by published name."""
    drafts: _Drafts = {graph: {} for graph in graphs}
    for name, node in definitions.items():
        _read_type(name, node, drafts)
    published = {graph: name for graph, (name, _) in graphs.items()}
    for name, node in definitions.items():
        owners = [graph for graph in graphs if name in drafts[graph]]
        for item in _fields(node):
            _read_field(name, item, owners, drafts, published)
    possible = {graph: _possible(graph, definitions, types, drafts[graph]) for graph in graphs}
    found: dict[str, Subgraph] = {}
    for graph, (name, url) in graphs.items():
        if name in found:
            raise SupergraphError(f"Two subgraphs are called {name!r}: published names must differ.")
        frozen = {
            draft.name: SubgraphType(
                draft.name,
                draft.kind,
                tuple(draft.keys),
                draft.is_interface_object,
                MappingProxyType(draft.fields),
                possible[graph].get(draft.name, frozenset()),
            )
            for draft in drafts[graph].values()
        }
        found[name] = Subgraph(name, url, MappingProxyType(frozen))
    return found


def _read_type(name: str, node: TypeDefinitionNode, drafts: _Drafts) -> None:
    """`@join__type`, once for each subgraph and key."""
    for said in applied(node, "join__type"):
        types = _of_graph(drafts, said, name)
        draft = types.setdefault(name, _Draft(name, _KINDS[type(node)]))
        draft.is_interface_object = draft.is_interface_object or bool(said.get("isInterfaceObject"))
        draft.is_extension = draft.is_extension or bool(said.get("extension"))
        if said.get("key"):
            draft.keys.append(
                Key(_field_set(str(said["key"]), name), said.get("resolvable", True) is not False)
            )


def _read_field(
    type_name: str,
    node: FieldDefinitionNode,
    owners: list[str],
    drafts: _Drafts,
    published: Mapping[str, str],
) -> None:
    """`@join__field`; a field without any is answered by every subgraph that has its type.

    One without `graph` only says that an `@interfaceObject` elsewhere adds the field.
    """
    name = node.name.value
    said_all = applied(node, "join__field")
    if not said_all:
        for graph in owners:
            drafts[graph][type_name].fields[name] = SubgraphField(type_ref(node.type))
        return
    taken_from, labels = _overrides(said_all, published)
    for said in said_all:
        if said.get("graph") is None:
            continue
        graph = str(said["graph"])
        draft = _of_graph(drafts, said, type_name).get(type_name)
        if draft is None:
            raise SupergraphError(
                f"`{type_name}.{name}` names the subgraph {graph}, which has no `@join__type` on {type_name}."
            )
        coordinate = f"{type_name}.{name}"
        draft.fields[name] = SubgraphField(
            type_ref(parse_type(said["type"], no_location=True)) if said.get("type") else type_ref(node.type),
            external=draft.is_external(name, bool(said.get("external"))),
            overridden=(
                labels[graph].answered_when_in_force
                if graph in labels
                else bool(said.get("usedOverridden")) or graph in taken_from
            ),
            label=labels.get(graph),
            requires=_field_set(str(said["requires"]), coordinate) if said.get("requires") else (),
            needs_context=bool(said.get("contextArguments")),
            provides=_field_set(str(said["provides"]), coordinate) if said.get("provides") else (),
        )


def _overrides(
    said_all: list[Arguments], published: Mapping[str, str]
) -> tuple[set[str], dict[str, OverrideLabel]]:
    """Subgraphs that lost the field by `@override(from:)` for good, and those that answer it by a label only."""
    taken_from: set[str] = set()
    labels: dict[str, OverrideLabel] = {}
    for said in said_all:
        if not said.get("override"):
            continue
        label = said.get("overrideLabel")
        sources = {graph for graph, name in published.items() if name == said["override"]}
        if label is None or label == "percent(100)":
            taken_from |= sources
        else:
            labels[str(said["graph"])] = OverrideLabel(label, answered_when_in_force=True)
            labels |= {source: OverrideLabel(label, answered_when_in_force=False) for source in sources}
    return taken_from, labels


def _possible(
    graph: str,
    definitions: Mapping[str, TypeDefinitionNode],
    types: Mapping[str, SupergraphType],
    drafts: Mapping[str, _Draft],
) -> dict[str, frozenset[str]]:
    """For each composite type of a subgraph, the object types that it can return there."""
    members: dict[str, set[str]] = defaultdict(set)
    for name, draft in drafts.items():
        if draft.is_interface_object:
            members[name].update(types[name].possible)
        elif draft.kind is Kind.OBJECT:
            members[name].add(name)
            said = [
                entry for entry in applied(definitions[name], "join__implements") if entry["graph"] == graph
            ]
            for entry in said:
                members[entry["interface"]].add(name)
        elif draft.kind is Kind.UNION:
            unions = applied(definitions[name], "join__unionMember")
            said_here = {entry["member"] for entry in unions if entry["graph"] == graph}
            members[name].update(said_here if unions else (m for m in types[name].possible if m in drafts))
    return {name: frozenset(found) for name, found in members.items()}


def _fields(node: TypeDefinitionNode) -> tuple[FieldDefinitionNode, ...]:
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return tuple(node.fields or ())
    return ()


def _of_graph(drafts: _Drafts, said: Arguments, where: str) -> dict[str, _Draft]:
    graph = said.get("graph")
    if graph not in drafts:
        raise SupergraphError(f"`{where}` names the subgraph {graph}, which `join__Graph` does not list.")
    return drafts[graph]


def _field_set(text: str, where: str) -> FieldSet:
    try:
        return parse_field_set(text)
    except ValueError as error:
        raise SupergraphError(f"On `{where}`: {error}") from error
