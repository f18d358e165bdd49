"""A small made-up world behind any supergraph, and its subgraphs as strict services over it.

Every object is a type and a number, and every field a function of them, so that the right answer to any query
is known without federation. A strict subgraph answers only what its schema lets it answer: a field that is
`@external`, overridden, or whose `@requires` were not sent is a broken plan and raises `BrokenPlanError`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InputValueDefinitionNode,
    TypeDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    parse_value,
    print_ast,
    validate,
    value_from_ast_untyped,
)

from gateway.supergraph import Supergraph, load
from gateway.supergraph.fieldsets import FieldItem, FieldSet
from gateway.supergraph.model import Kind, Subgraph, SubgraphField, SubgraphType, TypeRef

#: Numbers of each type's objects. Small, so that keys are found by looking at all.
_COUNT = 3


class BrokenPlanError(AssertionError):
    """A subgraph was asked for what it cannot answer."""


@dataclass(frozen=True)
class Thing:
    """An object: its real type and number. `provided` and `sent`: what the way to it brought along."""

    type_name: str
    number: int
    provided: FieldSet = field(default=(), compare=False)
    sent: Any = field(default=None, compare=False)


class World:
    """What is true, and who may say it."""

    def __init__(self, sdl: str) -> None:
        self.supergraph: Supergraph = load(sdl)
        self._document: DocumentNode = parse(sdl, no_location=True)
        self._schemas: dict[str, GraphQLSchema] = {}

    # The truth

    def truth(self, document: DocumentNode, variables: Mapping[str, Any]) -> Any:
        """The answer to an operation by one imaginary service that knows everything."""
        result = execute_sync(
            self.supergraph.api_schema,
            document,
            Thing("", 0),
            variable_values=dict(variables),
            field_resolver=lambda thing, info, **arguments: self.value(
                Thing(info.parent_type.name, thing.number), info.field_name, arguments
            ),
            type_resolver=lambda thing, _info, _type: thing.type_name,
        )
        assert not result.errors, result.errors
        return result.data

    def value(self, thing: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
        """A field of a thing, the same whoever is asked."""
        type_ = self.supergraph.types[thing.type_name].fields[name]
        known = self._public_arguments(thing.type_name, name)
        public = {key: value for key, value in arguments.items() if key in known}
        said = json.dumps(public, sort_keys=True, default=str) if public else ""
        return self._value(type_, f"{thing.type_name}:{thing.number}.{name}{said}", thing, name)

    def _public_arguments(self, type_name: str, name: str) -> Container[str]:
        """What a client cannot say must not make a difference."""
        type_ = self.supergraph.api_schema.get_type(type_name)
        if isinstance(type_, GraphQLObjectType) and name in type_.fields:
            return set(type_.fields[name].args)
        return {argument.name.value for argument in self._arguments_of.get((type_name, name), ())}

    def _value(self, type_: TypeRef, seed: str, thing: Thing, name: str, shift: int = 0) -> Any:
        if type_.list_depth:
            inner = TypeRef(type_.text, type_.named, "[" * (type_.list_depth - 1))
            length = 1 + _hash(f"{thing.type_name}.{name}") % 2
            return [self._value(inner, f"{seed}[{i}]", thing, name, shift + i) for i in range(length)]
        known = self.supergraph.types.get(type_.named)
        if known is not None and known.kind is not Kind.LEAF:
            allowed = self._allowed(thing.type_name, name)
            # Different owners have different things here, so that nested keys tell owners apart.
            number = (thing.number + shift + _hash(name)) % _COUNT
            return Thing(allowed[_hash(seed + "type") % len(allowed)], number)
        return self._leaf(type_.named, seed)

    def _leaf(self, type_name: str, seed: str) -> Any:
        if type_name == "Int":
            return _hash(seed) % 1_000_000
        if type_name == "Float":
            return _hash(seed) % 1_000_000 + 0.5
        if type_name == "Boolean":
            return bool(_hash(seed) % 2)
        values = sorted(getattr(self.supergraph.api_schema.get_type(type_name), "values", ()))
        return values[_hash(seed) % len(values)] if values else seed

    def _allowed(self, type_name: str, name: str) -> list[str]:
        """Object types that every subgraph which shares the field knows as its possible answers."""
        sets: list[frozenset[str]] = []
        types = self.supergraph.types
        for subgraph in self.supergraph.subgraphs.values():
            for owner in (type_name, *types[type_name].interfaces):
                type_ = subgraph.types.get(owner)
                if type_ is None or (owner != type_name and not type_.is_interface_object):
                    continue
                said = type_.fields.get(name)
                if said is not None and said.type.named in subgraph.types:
                    sets.append(subgraph.types[said.type.named].possible)
        common = frozenset.intersection(*sets).intersection(self.supergraph.api_schema.type_map)
        assert common, f"{type_name}.{name} has no common answer"
        return sorted(common)

    # The services

    def answer(self, name: str, document: str, variables: Mapping[str, Any]) -> Any:
        """What the strict subgraph `name` answers; raises BrokenPlanError where the plan asks wrongly."""
        subgraph = self.supergraph.subgraphs[name]
        schema = self.schema(subgraph)
        parsed = parse(document)
        if errors := validate(schema, parsed):
            raise BrokenPlanError(f"{name} refuses {document}: {errors[0].message}")
        result = execute_sync(
            schema,
            parsed,
            Thing("", 0),
            variable_values=dict(variables),
            field_resolver=lambda thing, info, **arguments: self._resolve(subgraph, thing, info, arguments),
            type_resolver=lambda thing, _info, _type: self._type_of(subgraph, thing),
        )
        for error in result.errors or ():
            raise BrokenPlanError(f"{name} answers {document} with: {error.message}") from error
        return result.data

    def _type_of(self, subgraph: Subgraph, thing: Thing) -> str:
        if thing.type_name in subgraph.types:
            return thing.type_name
        for interface in sorted(self.supergraph.types[thing.type_name].interfaces):
            known = subgraph.types.get(interface)
            if known is not None and known.is_interface_object:
                return interface
        raise BrokenPlanError(f"{subgraph.name} cannot name a {thing.type_name}.")

    def _resolve(
        self, subgraph: Subgraph, thing: Thing, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]
    ) -> Any:
        if info.field_name == "_entities":
            return [self._entity(subgraph, sent) for sent in arguments["representations"]]
        here = info.parent_type.name
        said = subgraph.types[here].fields[info.field_name]
        real = thing.type_name or here
        self._check(subgraph, subgraph.types[here], thing, info.field_name, said)
        value = self.value(Thing(real, thing.number), info.field_name, arguments)
        provided = (*_below(self.supergraph, thing.provided, info.field_name, real), *said.provides)
        return _with_provided(value, provided)

    def _check(
        self, subgraph: Subgraph, type_: SubgraphType, thing: Thing, name: str, said: SubgraphField
    ) -> None:
        where = f"{type_.name}.{name} in {subgraph.name}"
        if said.overridden:
            raise BrokenPlanError(f"{where} was overridden.")
        if said.requires:
            self._check_sent(where, thing, said.requires, thing.sent or {})
        elif said.external and not any(_named(self.supergraph, thing.provided, name, thing.type_name)):
            raise BrokenPlanError(f"{where} is external.")

    def _check_sent(self, where: str, thing: Thing, required: FieldSet, sent: Any) -> None:
        for item in required:
            if not isinstance(item, FieldItem):
                if thing.type_name in self.supergraph.types[item.type_condition].possible:
                    self._check_sent(where, thing, item.items, sent)
                continue
            if item.name not in sent:
                raise BrokenPlanError(f"{where} requires {item.name}, which was not sent.")
            self._check_value(where, self.value(thing, item.name, _arguments(item)), item, sent[item.name])

    def _check_value(self, where: str, value: Any, item: FieldItem, sent: Any) -> None:
        if isinstance(value, list):
            for one, other in zip(value, sent, strict=True):
                self._check_value(where, one, item, other)
        elif isinstance(value, Thing):
            self._check_sent(where, value, item.items, sent)
        elif value != sent:
            raise BrokenPlanError(f"{where} was sent a wrong {item.name}: {sent!r}, not {value!r}.")

    def _entity(self, subgraph: Subgraph, sent: dict[str, Any]) -> Thing:
        """The one thing that has a key's values."""
        name = sent["__typename"]
        type_ = subgraph.types.get(name)
        if type_ is None:
            raise BrokenPlanError(f"{subgraph.name} does not know {name}.")
        for key in type_.keys:
            if not key.resolvable:
                continue
            for real in self.supergraph.types[name].possible:
                for number in range(_COUNT):
                    thing = Thing(real, number, sent=sent)
                    try:
                        self._check_sent("key", thing, key.fields, sent)
                    except BrokenPlanError:
                        continue
                    return thing
        raise BrokenPlanError(f"{subgraph.name} finds no {name} by {sent}.")

    # The services' schemas

    @cached_property
    def _arguments_of(self) -> dict[tuple[str, str], tuple[InputValueDefinitionNode, ...]]:
        return {
            (node.name.value, item.name.value): tuple(item.arguments or ())
            for node in self._document.definitions
            if isinstance(node, TypeDefinitionNode)
            for item in getattr(node, "fields", None) or ()
            if isinstance(item, FieldDefinitionNode)
        }

    def schema(self, subgraph: Subgraph) -> GraphQLSchema:
        """The subgraph's executable schema, as the supergraph tells it."""
        if subgraph.name not in self._schemas:
            self._schemas[subgraph.name] = build_schema(self._sdl(subgraph), assume_valid=True)
        return self._schemas[subgraph.name]

    def _sdl(self, subgraph: Subgraph) -> str:
        parts = ["scalar _Any"]
        entities = [name for name, type_ in subgraph.types.items() if type_.keys and type_.is_object]
        if entities:
            parts.append("union _Entity = " + " | ".join(entities))
        for name, type_ in subgraph.types.items():
            if type_.kind in (Kind.LEAF, Kind.INPUT):
                continue
            parts.append(self._type_sdl(subgraph, name, type_, bool(entities)))
        for node in self._document.definitions:
            if isinstance(node, TypeDefinitionNode) and node.name.value in subgraph.types:
                known = subgraph.types[node.name.value]
                if known.kind in (Kind.LEAF, Kind.INPUT):
                    parts.append(print_ast(node))
        if self.supergraph.query_type not in subgraph.types:
            parts.append("type Query { _entities(representations: [_Any!]!): [_Entity]! }")
        return "\n".join(parts)

    def _type_sdl(self, subgraph: Subgraph, name: str, type_: SubgraphType, has_entities: bool) -> str:
        if type_.kind is Kind.UNION:
            return f"union {name} = {' | '.join(sorted(type_.possible))}"
        lines = [self._field_sdl(name, key, said) for key, said in type_.fields.items()]
        if name == self.supergraph.query_type:
            lines.append("_service: String")
            if has_entities:
                lines.append("_entities(representations: [_Any!]!): [_Entity]!")
        interfaces = [
            other.name
            for other in subgraph.types.values()
            if other.kind is Kind.INTERFACE
            and not other.is_interface_object
            and other.name != name
            and (name in other.possible or other.name in self.supergraph.types[name].interfaces)
        ]
        implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
        word = "type" if type_.is_object else "interface"
        return f"{word} {name}{implements} {{\n" + "\n".join(lines) + "\n}"

    def _field_sdl(self, type_name: str, name: str, said: SubgraphField) -> str:
        arguments = [print_ast(node) for node in self._arguments_of.get((type_name, name), ())]
        inside = f"({', '.join(arguments)})" if arguments else ""
        return f"{name}{inside}: {said.type.text}"


def _hash(seed: str) -> int:
    return zlib.crc32(seed.encode())


def _arguments(item: FieldItem) -> dict[str, Any]:
    """The arguments of a field in a field set."""
    field_node = parse_value(f"{{{item.arguments}}}")
    found: dict[str, Any] = value_from_ast_untyped(field_node)
    return found


def _named(supergraph: Supergraph, items: FieldSet, name: str, type_name: str) -> list[FieldItem]:
    found: list[FieldItem] = []
    for item in items:
        if isinstance(item, FieldItem):
            found += [item] if item.name == name else []
        elif type_name in supergraph.types[item.type_condition].possible:
            found += _named(supergraph, item.items, name, type_name)
    return found


def _below(supergraph: Supergraph, items: FieldSet, name: str, type_name: str) -> FieldSet:
    return tuple(inner for item in _named(supergraph, items, name, type_name) for inner in item.items)


def _with_provided(value: Any, provided: FieldSet) -> Any:
    if isinstance(value, list):
        return [_with_provided(item, provided) for item in value]
    if isinstance(value, Thing):
        return Thing(value.type_name, value.number, provided)
    return value
