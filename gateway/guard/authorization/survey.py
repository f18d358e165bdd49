"""Which demands an operation could run into, whoever asks: the rest of the rules makes no difference to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    NullValueNode,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    visit,
)

from gateway.guard.authorization.rules import Mask, Rules


@dataclass(slots=True)
class Given:
    """What the arguments of one field ask for: by what is written, and whose variables decide the rest."""

    mask: Mask = 0
    variables: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Survey:
    """`looked_at`: every demand that a decision about the operation can hang on. `given`: by the `id` of a field's node,
    which the document keeps alive. `variables`: what may be asked for because of a variable's value."""

    looked_at: Mask
    given: Mapping[int, Given]
    variables: Mapping[str, Mask]


def survey(rules: Rules, schema: GraphQLSchema, document: DocumentNode) -> Survey:
    """Look through a valid document with one operation."""
    info = TypeInfo(schema)
    surveyor = _Surveyor(rules, schema, info)
    visit(document, TypeInfoVisitor(info, surveyor))
    return Survey(surveyor.looked_at, surveyor.given, surveyor.variables)


def value_mask(rules: Rules, type_: GraphQLInputType, value: Any) -> Mask:
    """What a JSON value for an input type asks for: null and what is left out ask for nothing."""
    if value is None:
        return 0
    if isinstance(type_, GraphQLNonNull):
        return value_mask(rules, type_.of_type, value)
    if isinstance(type_, GraphQLList):
        items = value if isinstance(value, list) else [value]
        return _union(value_mask(rules, type_.of_type, item) for item in items)
    found = rules.type(type_.name)
    if isinstance(type_, GraphQLInputObjectType) and isinstance(value, Mapping):
        for name, item in value.items():
            inner = type_.fields.get(name)
            if inner is not None and item is not None:
                found |= rules.inputs.get(f"{type_.name}.{name}", 0) | value_mask(rules, inner.type, item)
    return found


def _union(masks: Iterable[Mask]) -> Mask:
    found = 0
    for mask in masks:
        found |= mask
    return found


class _Surveyor(Visitor):
    def __init__(self, rules: Rules, schema: GraphQLSchema, info: TypeInfo) -> None:
        super().__init__()
        self._rules = rules
        self._schema = schema
        self._info = info
        self._within: list[tuple[FieldNode, tuple[str, ...]]] = []
        self._reachable: dict[str, Mask] = {}
        self.looked_at: Mask = 0
        self.given: dict[int, Given] = {}
        self.variables: dict[str, Mask] = {}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._info.get_parent_type()
        assert parent is not None, "validation has seen to it"
        owners = self._schema.get_possible_types(parent) if is_abstract_type(parent) else (parent,)
        names = tuple(owner.name for owner in owners)
        mistaken = (self._rules.mistaken.get(name, ()) for name in names)
        for name in {*names, *(other for others in mistaken for other in others)}:
            self.looked_at |= self._rules.type(name)
            self.looked_at |= self._rules.field(name, node.name.value).looked_at
        self._within.append((node, (parent.name, *names)))

    def leave_field(self, *_: object) -> None:
        self._within.pop()

    def enter_variable_definition(self, *_: object) -> bool:
        """What a default asks for is asked for where the variable is used."""
        return False

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        coordinates: tuple[str, ...] = ()
        if self._within and self._info.get_directive() is None:
            asked, owners = self._within[-1]
            coordinates = tuple(f"{owner}.{asked.name.value}({node.name.value}:)" for owner in owners)
        self._position(node.value, coordinates)

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        owner = get_named_type(self._info.get_parent_input_type())
        self._position(node.value, (f"{owner}.{node.name.value}",))

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self._variable(node, 0)

    def enter_value(self, *_: object) -> None:
        """A value that is written out. Null says nothing, and a list what is in it."""
        named = get_named_type(self._info.get_input_type())
        if named is not None:
            self._asks(self._rules.type(named.name))

    enter_boolean_value = enter_int_value = enter_float_value = enter_value
    enter_string_value = enter_enum_value = enter_object_value = enter_value

    def _position(self, value: ValueNode, coordinates: tuple[str, ...]) -> None:
        """An argument or an input field that has a value."""
        mask = 0
        for coordinate in coordinates:
            mask |= self._rules.inputs.get(coordinate, 0)
        if isinstance(value, VariableNode):
            self._variable(value, mask)
        elif not isinstance(value, NullValueNode):
            self._asks(mask)

    def _asks(self, mask: Mask) -> None:
        self.looked_at |= mask
        if mask and self._within:
            self._given().mask |= mask

    def _variable(self, node: VariableNode, mask: Mask) -> None:
        """What a variable asks for is known when its value is."""
        named = get_named_type(self._info.get_input_type())
        reachable = mask | (self._reach(named) if named is not None else 0)
        if reachable:
            name = node.name.value
            self.looked_at |= reachable
            self.variables[name] = self.variables.get(name, 0) | mask
            if self._within:
                self._given().variables.add(name)

    def _given(self) -> Given:
        return self.given.setdefault(id(self._within[-1][0]), Given())

    def _reach(self, type_: GraphQLNamedType) -> Mask:
        """All that a value of an input type can ask for."""
        found = self._reachable.get(type_.name)
        if found is not None:
            return found
        found, seen, waiting = 0, {type_.name}, [type_]
        while waiting:
            owner = waiting.pop()
            found |= self._rules.type(owner.name)
            for name, item in owner.fields.items() if isinstance(owner, GraphQLInputObjectType) else ():
                found |= self._rules.inputs.get(f"{owner.name}.{name}", 0)
                inner = get_named_type(item.type)
                if inner.name not in seen:
                    seen.add(inner.name)
                    waiting.append(inner)
        self._reachable[type_.name] = found
        return found
