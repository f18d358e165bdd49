"""The definition of who may see what, written down as plainly as can be, and a monolith that goes by it.

It shares no code with the gateway's own decision: demands are asked one by one of a caller, each question is answered
anew, and two demands are the same where no caller tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    NullValueNode,
    VariableNode,
    execute_sync,
    get_named_type,
    is_abstract_type,
    is_input_object_type,
)

from gateway.identity import Identity
from gateway.supergraph.fieldsets import FieldItem, FieldSet
from tests.gateway.authorization.annotating import Said, everyone
from tests.gateway.planner.random_queries import Asked
from tests.gateway.planner.world import Thing, World

Demand: TypeAlias = Callable[[Identity], bool]
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True)
class Truth:
    """`told`: what is left of an answer, with the errors that say so. `closed`: each place of the answer that is closed,
    those too that would not be looked at since one around them is."""

    told: ExecutionResult
    closed: frozenset[Path]


class Reference:
    """What one caller may see of a world, by what is said at its coordinates."""

    def __init__(self, world: World, said: Mapping[str, Said], caller: Identity) -> None:
        self.world = world
        self.caller = caller
        self._said = said
        self._types = world.supergraph.types
        self._answers: dict[tuple[str, ...], bool] = {}
        self._truths: dict[Asked, Truth] = {}

    # The definition

    def closes_type(self, name: str) -> bool:
        """Whether objects of a type, or values of it, are closed."""
        if (name,) not in self._answers:
            self._answers[name,] = not all(demand(self.caller) for demand in self._of_type(name))
        return self._answers[name,]

    def closes_field(self, type_name: str, name: str) -> bool:
        """Whether a field of an object type is closed."""
        if (type_name, name) not in self._answers:
            self._answers[type_name, name] = self._closes_field(type_name, name)
        return self._answers[type_name, name]

    def _closes_field(self, type_name: str, name: str) -> bool:
        if type_name.startswith("__") or name.startswith("__"):
            return False
        if not all(demand(self.caller) for demand in self._of_field(type_name, name, ())):
            return True
        named = get_named_type(self._api_type(type_name, name))
        if named is None or not is_abstract_type(named):
            return False
        members = self.world.supergraph.api_schema.get_possible_types(named)
        return bool(members) and all(self.closes_type(member.name) for member in members)

    def _api_type(self, type_name: str, name: str) -> Any:
        known: Any = self.world.supergraph.api_schema.get_type(type_name)
        return known.fields[name].type if known is not None and name in known.fields else None

    def _of_type(self, name: str) -> Iterator[Demand]:
        known = self._types.get(name)
        if known is None:
            return
        if known.kind.value == "interface":
            yield from self._meant_by_interface(name, lambda owner: owner)
        else:
            yield from _demands(self._said.get(name))
        for interface in known.interfaces:
            yield from self._meant_by_interface(interface, lambda owner: owner)

    def _of_field(self, type_name: str, name: str, seen: tuple[str, ...]) -> Iterator[Demand]:
        coordinate = f"{type_name}.{name}"
        if coordinate in seen:
            return
        seen = (*seen, coordinate)
        yield from self._of_type(type_name)
        yield from _demands(self._said.get(coordinate))
        for interface in self._types[type_name].interfaces:
            if name in self._types[interface].fields:
                yield from self._meant_by_interface(interface, lambda owner: f"{owner}.{name}")
        yield from self._of_type(self._types[type_name].fields[name].named)
        for subgraph in self.world.supergraph.subgraphs.values():
            for owner in (type_name, *self._types[type_name].interfaces):
                there = subgraph.types.get(owner)
                if there is not None and there.is_object and name in there.fields:
                    field = there.fields[name]
                    if not field.overridden or field.label is not None:
                        yield from self._of_set(field.requires, (type_name,), seen)

    def _of_set(self, items: FieldSet, owners: tuple[str, ...], seen: tuple[str, ...]) -> Iterator[Demand]:
        """What a field is computed from, of objects of any of these types."""
        if not items:
            return
        for owner in owners:
            yield from self._of_type(owner)
        for item in items:
            if isinstance(item, FieldItem):
                for owner in owners:
                    ref = self._types[owner].fields.get(item.name)
                    if ref is not None:
                        yield from self._of_field(owner, item.name, seen)
                        target = self._types.get(ref.named)
                        yield from self._of_set(item.items, target.possible if target else (), seen)
            else:
                narrower = self._types[item.type_condition].possible
                yield from self._of_set(item.items, tuple(o for o in owners if o in narrower), seen)

    def _meant_by_interface(self, name: str, coordinate: Callable[[str], str]) -> Iterator[Demand]:
        """What is said of an interface and not just derived from what all its types say."""
        members = [self._said.get(coordinate(member)) for member in self._types[name].possible]
        for kind, demand in _by_kind(self._said.get(coordinate(name))):
            of_members = [other for said in members for same, other in _by_kind(said) if same == kind]
            derived = of_members and all(
                demand(caller) is all(other(caller) for other in of_members) for caller in everyone()
            )
            if not derived:
                yield demand

    # The monolith

    def truth(self, asked: Asked) -> Truth:
        """The whole answer to an operation, as far as the caller may see it."""
        if asked not in self._truths:
            told = self._told(self.world.supergraph.api_schema, asked)
            everywhere = self._told(self.world.nullable_schema, asked).errors or ()
            closed = frozenset(tuple(error.path or ()) for error in everywhere)
            self._truths[asked] = Truth(told, closed)
        return self._truths[asked]

    def _told(self, schema: GraphQLSchema, asked: Asked) -> ExecutionResult:
        return execute_sync(
            schema,
            asked.whole,
            Thing("", 0),
            variable_values=dict(asked.variables),
            field_resolver=self._resolve,
            type_resolver=lambda thing, _info, _type: thing.type_name,
        )

    def _resolve(self, thing: Thing, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        owner, name = info.parent_type.name, info.field_name
        if self.closes_field(owner, name) or self._closes_arguments(info, arguments):
            raise GraphQLError("closed")
        value = self.world.value(Thing(owner, thing.number), name, arguments)
        return self._shown(value) if is_abstract_type(get_named_type(info.return_type)) else value

    def _shown(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._shown(item) for item in value]
        if isinstance(value, Thing) and self.closes_type(value.type_name):
            return GraphQLError("closed")
        return value

    # Arguments

    def _closes_arguments(self, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]) -> bool:
        node = info.field_nodes[0]
        field = info.parent_type.fields[info.field_name]
        given = {argument.name.value for argument in node.arguments or () if self._is_given(argument, info)}
        return any(self._closes_value(field.args[name].type, arguments.get(name)) for name in given)

    def _is_given(self, argument: Any, info: GraphQLResolveInfo[Any]) -> bool:
        if isinstance(argument.value, VariableNode):
            return argument.value.name.value in info.variable_values.coerced
        return not isinstance(argument.value, NullValueNode)

    def _closes_value(self, type_: Any, value: Any) -> bool:
        if value is None:
            return False
        if isinstance(type_, GraphQLNonNull):
            return self._closes_value(type_.of_type, value)
        if isinstance(type_, GraphQLList):
            # A list asks for what its items are, whether it has any or not.
            inner = value if isinstance(value, list) else [value]
            return any(self._closes_value(type_.of_type, item) for item in inner)
        if self.closes_type(type_.name):
            return True
        return is_input_object_type(type_) and any(
            self._closes_value(type_.fields[name].type, item) for name, item in value.items()
        )


def _by_kind(said: Said | None) -> Iterator[tuple[str, Demand]]:
    if said is None:
        return
    if said.authenticated:
        yield "authenticated", lambda caller: caller.authenticated
    if said.scopes is not None:
        scopes = said.scopes
        yield "scopes", lambda caller: any(set(wanted) <= caller.scopes for wanted in scopes)
    if said.policies is not None:
        policies = said.policies
        yield "policies", lambda caller: any(set(wanted) <= caller.policies for wanted in policies)


def _demands(said: Said | None) -> Iterator[Demand]:
    return (demand for _, demand in _by_kind(said))
