"""A small made-up world behind any supergraph, and its subgraphs as strict services over it.

Every object is a type and a number, and every field a function of them, so that the right answer to any query
is known without federation. A strict subgraph answers only what its schema lets it answer: a field that is
`@external`, overridden, or whose `@requires` were not sent is a broken plan and raises `BrokenPlanError`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    Visitor,
    build_ast_schema,
    execute_sync,
    parse,
    parse_type,
    parse_value,
    print_ast,
    print_schema,
    validate,
    value_from_ast_untyped,
    visit,
)

from gateway.supergraph import Supergraph, load
from gateway.supergraph.fieldsets import FieldItem, FieldSet
from gateway.supergraph.model import Kind, Subgraph, SubgraphField, SubgraphType
from tests.gateway.planner.schemas import Schemas

#: Numbers of each type's objects. Small, so that keys are found by looking at all.
_COUNT = 3
#: How long lists are.
_LENGTHS = (1, 2, 2, 3, 1, 2, 0)


class BrokenPlanError(AssertionError):
    """A subgraph was asked for what it cannot answer."""


class FieldFailsError(Exception):
    """What a failing field raises, whoever is asked."""

    #: A code that the gateway passes on, as it would any refusal of a service.
    extensions = {"code": "FORBIDDEN"}  # noqa: RUF012 (graphql-core looks for the attribute)


@dataclass(frozen=True)
class Thing:
    """An object: its real type and number. `provided` and `sent`: what the way to it brought along."""

    type_name: str
    number: int
    provided: FieldSet = field(default=(), compare=False)
    sent: Any = field(default=None, compare=False)


class World:
    """What is true, and who may say it."""

    def __init__(
        self, sdl: str, *, nulls: int = 0, failing: Collection[str] = (), labels: Collection[str] = ()
    ) -> None:
        """`nulls`: one in so many values that may be null is null; 0 for none. `failing`: coordinates
        ("Book.pages") of fields that raise for some objects and not for others. `labels`: of `@override`s in force.
        """
        self.labels = frozenset(labels)
        self.supergraph: Supergraph = load(sdl).under(self.labels)
        self._schemas = Schemas(self.supergraph, parse(sdl, no_location=True))
        self._nulls = nulls
        self._failing = frozenset(failing)
        self._requests: dict[tuple[str, str], DocumentNode] = {}

    # The truth

    def truth(self, document: DocumentNode, variables: Mapping[str, Any]) -> Any:
        """The answer to an operation by one imaginary service that knows everything."""
        result = self.told(document, variables)
        assert not result.errors, result.errors
        return result.data

    def told(self, document: DocumentNode, variables: Mapping[str, Any]) -> ExecutionResult:
        """The same with its errors, where fields fail."""
        return self._told(self.supergraph.api_schema, document, variables)

    def all_failures(self, document: DocumentNode, variables: Mapping[str, Any]) -> list[GraphQLError]:
        """Every field that fails, those too that would not be looked at since something around them is null."""
        return self._told(self.nullable_schema, document, variables).errors or []

    @cached_property
    def nullable_schema(self) -> GraphQLSchema:
        """The API with no promises, so that no null takes its parent away."""
        return build_ast_schema(visit(parse(print_schema(self.supergraph.api_schema)), _WithoutPromises()))

    def _told(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> ExecutionResult:
        return execute_sync(
            schema,
            document,
            Thing("", 0),
            variable_values=dict(variables),
            field_resolver=lambda thing, info, **arguments: self.value(
                Thing(info.parent_type.name, thing.number), info.field_name, arguments
            ),
            type_resolver=lambda thing, _info, _type: thing.type_name,
        )

    def value(self, thing: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
        """A field of a thing, the same whoever is asked. Raises FieldFailsError."""
        if f"{thing.type_name}.{name}" in self._failing and _hash(f"{thing.number}!{name}") % 2:
            raise FieldFailsError(f"{thing.type_name}.{name} fails.")
        known = self._public_arguments(thing.type_name, name)
        public = {key: value for key, value in arguments.items() if key in known}
        said = json.dumps(public, sort_keys=True, default=str) if public else ""
        type_ = self.supergraph.types[thing.type_name].fields[name].text
        seed = f"{thing.type_name}:{thing.number}.{name}{said}"
        return self._value(type_, seed, thing, name, _hash(said) if said else 0)

    def _public_arguments(self, type_name: str, name: str) -> Collection[str]:
        """What a client cannot say must not make a difference."""
        type_ = self.supergraph.api_schema.get_type(type_name)
        if isinstance(type_, GraphQLObjectType) and name in type_.fields:
            return type_.fields[name].args
        return {argument.name.value for argument in self._schemas.arguments(type_name, name)}

    def _value(self, type_: str, seed: str, thing: Thing, name: str, shift: int) -> Any:
        if not type_.endswith("!") and self._is_null(seed, thing, name):
            return None
        type_ = type_.removesuffix("!")
        if type_.startswith("["):
            length = _LENGTHS[_hash(f"{seed}#") % len(_LENGTHS)]
            return [
                self._value(type_[1:-1], f"{seed}[{index}]", thing, name, shift + index)
                for index in range(length)
            ]
        known = self.supergraph.types.get(type_)
        if known is not None and known.kind is not Kind.LEAF:
            allowed = self._allowed(thing.type_name, name)
            # Different owners have different things here, so that nested keys tell owners apart.
            number = (thing.number + shift + _hash(name)) % _COUNT
            if type_ == self.supergraph.query_type:
                number = 0  # there is one
            return Thing(allowed[_hash(seed + "type") % len(allowed)], number)
        return self._leaf(type_, seed)

    def _is_null(self, seed: str, thing: Thing, name: str) -> bool:
        if not self._nulls or _hash(f"{seed}?") % self._nulls:
            return False
        return f"{thing.type_name}.{name}" not in self._identifying and not self._is_promised(thing, name)

    def _is_promised(self, thing: Thing, name: str) -> bool:
        """Whether some subgraph says more of a field than the supergraph: that it is never null."""
        type_ = self.supergraph.types[thing.type_name].fields[name]
        return any(said.type != type_ for _, said in self._declared(thing.type_name, name))

    @cached_property
    def _identifying(self) -> set[str]:
        """Coordinates of what each key begins with: that alone must tell an entity."""
        found: set[str] = set()
        for subgraph in self.supergraph.subgraphs.values():
            for type_ in subgraph.types.values():
                for key in type_.keys:
                    for owner in self.supergraph.types[type_.name].possible:
                        self._add_identifying(key.fields[:1], owner, found)
        return found

    def _add_identifying(self, items: FieldSet, type_name: str, found: set[str]) -> None:
        for item in items:
            assert isinstance(item, FieldItem), "a key has no fragments"
            found.add(f"{type_name}.{item.name}")
            self._add_identifying(item.items, self.supergraph.types[type_name].fields[item.name].named, found)

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
        sets = [
            subgraph.types[said.type.named].possible
            for subgraph, said in self._declared(type_name, name)
            if said.type.named in subgraph.types
        ]
        common = frozenset.intersection(*sets).intersection(self.supergraph.api_schema.type_map)
        assert common, f"{type_name}.{name} has no common answer"
        return sorted(common)

    def _declared(self, type_name: str, name: str) -> Iterator[tuple[Subgraph, SubgraphField]]:
        """All that subgraphs say of an object's field, on itself or on an `@interfaceObject` that stands for it."""
        for subgraph in self.supergraph.subgraphs.values():
            for owner in (type_name, *self.supergraph.types[type_name].interfaces):
                type_ = subgraph.types.get(owner)
                if type_ is not None and (owner == type_name or type_.is_interface_object):
                    said = type_.fields.get(name)
                    if said is not None:
                        yield subgraph, said

    # The services

    def answer(
        self, name: str, document: str, variables: Mapping[str, Any], operation_name: str | None = None
    ) -> ExecutionResult:
        """What the strict subgraph `name` answers; raises BrokenPlanError where the plan asks wrongly."""
        subgraph = self.supergraph.subgraphs[name]
        result = execute_sync(
            self._schemas.of(subgraph),
            self.request(subgraph, document),
            Thing("", 0),
            variable_values=dict(variables),
            operation_name=operation_name,
            field_resolver=lambda thing, info, **arguments: self._resolve(subgraph, thing, info, arguments),
            type_resolver=lambda thing, _info, _type: self._type_of(subgraph, thing),
        )
        for error in result.errors or ():
            if not isinstance(error.original_error, FieldFailsError):
                raise BrokenPlanError(f"{name} answers {document} with: {error.message}") from error
        return result

    def request(self, subgraph: Subgraph, document: str) -> DocumentNode:
        """A request's document, which must be valid against the subgraph's own schema."""
        known = self._requests.get((subgraph.name, document))
        if known is None:
            known = parse(document)
            if errors := validate(self._schemas.of(subgraph), known):
                raise BrokenPlanError(f"{subgraph.name} refuses {document}: {errors[0].message}")
            self._requests[subgraph.name, document] = known
        return known

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
            self._check_value(
                where, self.value(thing, item.name, self._said(thing, item)), item, sent[item.name]
            )

    def _said(self, thing: Thing, item: FieldItem) -> dict[str, Any]:
        """The arguments of a field in a field set, with those that go without saying."""
        given = parse_value(f"{{{item.arguments}}}")
        defaults = {
            node.name.value: value_from_ast_untyped(node.default_value)
            for node in self._schemas.arguments(thing.type_name, item.name)
            if node.default_value is not None
        }
        return {**defaults, **value_from_ast_untyped(given)}

    def _check_value(self, where: str, value: Any, item: FieldItem, sent: Any) -> None:
        if isinstance(value, list) and isinstance(sent, list) and len(value) == len(sent):
            for one, other in zip(value, sent, strict=True):
                self._check_value(where, one, item, other)
        elif isinstance(value, Thing) and isinstance(sent, dict):
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


class _WithoutPromises(Visitor):
    """Makes each field nullable, and what is in its lists."""

    def enter_field_definition(self, node: FieldDefinitionNode, *_: object) -> FieldDefinitionNode:
        return FieldDefinitionNode(
            name=node.name, arguments=node.arguments, type=parse_type(print_ast(node.type).replace("!", ""))
        )


def _hash(seed: str) -> int:
    return zlib.crc32(seed.encode())


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
