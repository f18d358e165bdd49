"""What the schema says of costs, put together for each field: `@cost` and `@listSize` with their defaults.

Source: IBM's GraphQL Cost Directives specification §7, §8, read as other federated gateways do ("Federation 2 §demand
control"): one number, in which the weight of a field, or else of its type, counts once for each item of a list.

| of | without `@cost` |
|---|---|
| a field, or an argument, of a scalar or an enum | 0 |
| a field of an object, an interface or a union | 1; the most of the possible types' weights |
| an argument, or an input field, of an input object | 1, and what is in it |
| a field of the mutation type | 10 more |

A list has as many items as its slicing argument says, else `assumedSize`, else the default size. A field that says
nothing by `@listSize` but has an argument `first` or `last` is sliced by those, its connection's `edges` and `nodes`
with it ("Relay cursor connections §arguments").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    value_from_ast_untyped,
)
from graphql.utilities import get_default_value_ast

from gateway.supergraph import ListSize, Supergraph

MUTATION: Final = 10
_COMPOSITE: Final = 1
_RELAY: Final = ("first", "last")
_RELAY_FIELDS: Final = ("edges", "nodes")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument or an input field: its own weight, the type of what it holds, its default as a JSON value."""

    weight: float
    type: GraphQLInputType
    default: Any

    @property
    def counts(self) -> bool:
        """Whether a value of it may cost anything at all."""
        return self.weight != 0 or isinstance(get_named_type(self.type), GraphQLInputObjectType)


@dataclass(frozen=True, slots=True)
class Charge:
    """What one field costs, apart from what is selected in it: `weight` for each item."""

    weight: float
    list_depth: int
    size: ListSize | None
    arguments: Mapping[str, Argument]


class Weights:
    """The weights of one supergraph's API schema."""

    def __init__(self, supergraph: Supergraph, list_size: int) -> None:
        """`list_size`: items of a list of which the schema says nothing."""
        self.schema = supergraph.api_schema
        self.list_size = list_size
        self._costs = supergraph.costs
        self._sizes = supergraph.list_sizes
        self._charges: dict[tuple[str, str], Charge] = {}
        self._inputs: dict[str, dict[str, Argument]] = {}

    def charge(self, owner: GraphQLObjectType, name: str) -> Charge:
        """Of one field. An interface's costs what it costs of the object that stands there (§7.2)."""
        known = self._charges.get((owner.name, name))
        if known is None:
            known = self._charges[owner.name, name] = self._charge(owner, name)
        return known

    def of_argument(self, argument: Argument, node: ValueNode, variables: Mapping[str, Any]) -> float:
        """What an argument costs as it stands in a document. May be negative."""
        return self.of_value(argument, value_from_ast_untyped(node, dict(variables)))

    def of_value(self, argument: Argument, value: Any) -> float:
        """What an argument costs with a value that has been coerced by JSON's rules alone. May be negative."""
        if value is None or value is Undefined or not argument.counts:
            return 0
        return self._of_value(argument.type, argument.weight, value)

    def _of_value(self, type_: GraphQLInputType, weight: float, value: Any) -> float:
        if isinstance(type_, GraphQLNonNull):
            return self._of_value(type_.of_type, weight, value)
        if isinstance(type_, GraphQLList):
            items = value if isinstance(value, list) else [value]
            return sum(self._of_value(type_.of_type, weight, item) for item in items if item is not None)
        if isinstance(type_, GraphQLInputObjectType) and isinstance(value, dict):
            fields = self._fields(type_)
            return weight + sum(
                self.of_value(fields[key], item) for key, item in value.items() if key in fields
            )
        return weight

    def _charge(self, owner: GraphQLObjectType, name: str) -> Charge:
        field = owner.fields[name]
        arguments = {
            key: self._argument(f"{owner.name}.{name}({key}:)", argument)
            for key, argument in field.args.items()
        }
        size = self._sizes.get(f"{owner.name}.{name}") or _relay(field)
        return Charge(self._weight(owner, name, field), _list_depth(field.type), size, arguments)

    def _weight(self, owner: GraphQLObjectType, name: str, field: GraphQLField) -> float:
        weight = self._field_weight(owner.name, name, field)
        return weight + (MUTATION if owner is self.schema.mutation_type else 0)

    def _field_weight(self, owner: str, name: str, field: GraphQLField) -> float:
        said = self._costs.get(f"{owner}.{name}")
        if said is not None:
            return said
        named = get_named_type(field.type)
        if is_abstract_type(named):
            possible = self.schema.get_possible_types(named)
            return max((self._type_weight(type_.name) for type_ in possible), default=_COMPOSITE)
        return (
            self._costs.get(named.name, 0) if not is_composite_type(named) else self._type_weight(named.name)
        )

    def _type_weight(self, name: str) -> float:
        return self._costs.get(name, _COMPOSITE)

    def _argument(self, coordinate: str, argument: GraphQLArgument | GraphQLInputField) -> Argument:
        named = get_named_type(argument.type)
        otherwise = (
            _COMPOSITE if isinstance(named, GraphQLInputObjectType) else self._costs.get(named.name, 0)
        )
        default = get_default_value_ast(argument)
        return Argument(
            self._costs.get(coordinate, otherwise),
            argument.type,
            None if default is None else value_from_ast_untyped(default),
        )

    def _fields(self, type_: GraphQLInputObjectType) -> dict[str, Argument]:
        known = self._inputs.get(type_.name)
        if known is None:
            known = self._inputs[type_.name] = {
                name: self._argument(f"{type_.name}.{name}", field) for name, field in type_.fields.items()
            }
        return known


def varies(node: ValueNode) -> bool:
    """Whether a variable stands anywhere in a value."""
    if isinstance(node, VariableNode):
        return True
    if isinstance(node, ListValueNode):
        return any(varies(value) for value in node.values)
    return isinstance(node, ObjectValueNode) and any(varies(field.value) for field in node.fields)


def _list_depth(type_: GraphQLOutputType) -> int:
    depth = 0
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        depth += isinstance(type_, GraphQLList)
        type_ = type_.of_type
    return depth


def _relay(field: GraphQLField) -> ListSize | None:
    """How a field is sliced that has Relay's arguments and no `@listSize`."""
    slicing = tuple(name for name in _RELAY if name in field.args and _is_int(field.args[name]))
    if not slicing:
        return None
    sized = () if _list_depth(field.type) else _RELAY_FIELDS
    return ListSize(slicing_arguments=slicing, sized_fields=sized, require_one_slicing_argument=False)


def _is_int(argument: GraphQLArgument) -> bool:
    type_ = argument.type.of_type if isinstance(argument.type, GraphQLNonNull) else argument.type
    return isinstance(type_, GraphQLScalarType) and type_.name == "Int"
