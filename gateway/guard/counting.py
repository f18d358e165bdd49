"""The actual cost of an operation, counted in its answer by a function that was written for it.

All that no answer changes is added up when the function is written: an object that is surely there costs what it costs.
What is left to look at is what may be null, how long lists are, and of which type an object is; of an operation that asks
for nothing of the kind a number is left.

Source: IBM's GraphQL Cost Directives specification §5.1.3, query response analysis. What is null costs nothing, but the
arguments that were given with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from graphql import (
    FieldNode,
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from gateway.executor.generating import Source
from gateway.executor.shaping import Shaper
from gateway.guard.weights import Weights, varies

#: From an answer's data, which is as the schema says, and the operation's variables to its cost.
Count: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], float]


def compile_count(
    weights: Weights, shaper: Shaper, operation: OperationDefinitionNode, entity_types: Collection[str]
) -> Count | float:
    """The function for one assignment of the operation's conditions, which `shaper` knows; or its one value.

    `entity_types`: object types of which one object may stand in many places of an answer; it is looked through once.
    """
    writer = _Writer(weights, shaper, entity_types)
    root = writer.selection(shaper.root_type(operation), (operation.selection_set,))
    if root.function is None:
        return root.fixed
    with writer.source.block("def count(data, v):"):
        writer.source.line(f"m = [{', '.join(writer.kept)}]")
        writer.source.line(f"return {root.fixed} + {root.of('data')}")
    count: Count = writer.source.build("count")
    return count


@dataclass(frozen=True, slots=True)
class _Cost:
    """What is selected of one object: `fixed`, and what `function` says of the object at `path` inside it."""

    fixed: float
    function: str | None = None
    path: str = ""

    def of(self, object_: str) -> str:
        """The expression for the part that is not fixed."""
        return f"{self.function}({object_}{self.path}, m)"


_FREE: Final = _Cost(0)
#: The function for objects of which nobody knows the type.
_NOTHING: Final = "nothing"


class _Writer:
    """Writes one function for each selection that an answer has a say in, inner ones first.

    Each takes an object, and `m`, which has a place for each of `kept`: a dictionary of what objects were counted as
    already, or what arguments cost that variables have a say in.
    """

    def __init__(self, weights: Weights, shaper: Shaper, entity_types: Collection[str]) -> None:
        self.source = Source()
        self.source.constant(_NOTHING, lambda _object, _kept: 0)
        self.kept: list[str] = []
        self._weights = weights
        self._shaper = shaper
        self._entity_types = entity_types
        self._known: dict[tuple[str, tuple[int, ...]], _Cost] = {}
        self._names = 0

    def selection(self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...]) -> _Cost:
        """What is selected of an object of this type."""
        key = (type_.name, tuple(map(id, sets)))
        known = self._known.get(key)
        if known is None:
            make = (
                self._abstract if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType) else self._object
            )
            known = self._known[key] = make(type_, sets)  # type: ignore[arg-type]
        return known

    def _object(self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]) -> _Cost:
        fields = [
            self._field(type_, key, nodes)
            for key, nodes in self._shaper.collect(type_, sets).items()
            if not nodes[0].name.value.startswith("__")  # introspection has bounds of its own
        ]
        fixed = sum(field.fixed for field in fields)
        varying = [field for field in fields if field.expression]
        if not varying:
            return _Cost(fixed)
        if len(varying) == 1 and varying[0].inside is not None:
            inside = varying[0].inside
            return _Cost(fixed, inside.function, f"[{varying[0].key!r}]{inside.path}")
        total = " + ".join(field.expression for field in varying)
        # Looking it up would cost more than lengths do.
        if type_.name not in self._entity_types or all(field.quick for field in varying):
            return _Cost(fixed, self._function(f"return {total}"))
        known = self._place("{}")
        lines = (
            f"n = {known}.get(id(o))",
            f"if n is None: n = {known}[id(o)] = {total}",
            "return n",
        )
        return _Cost(fixed, self._function(*lines))

    def _abstract(
        self, type_: GraphQLInterfaceType | GraphQLUnionType, sets: tuple[SelectionSetNode, ...]
    ) -> _Cost:
        """By the object's `__typename`, where that is asked for; else by its keys: of types that have the same, the one
        that costs the most."""
        possible = self._weights.schema.get_possible_types(type_)
        costs = {one.name: self.selection(one, sets) for one in possible}
        if set(costs.values()) <= {_FREE}:
            return _FREE
        functions = {name: self._whole(cost) for name, cost in costs.items()}
        named = {self._type_key(one, sets) for one in possible}
        if len(named) == 1 and None not in named:
            table = self._table(functions)
            return _Cost(0, self._function(f"return {table}(o[{named.pop()!r}], {_NOTHING})(o, m)"))
        by_keys: dict[tuple[str, ...], list[str]] = {}
        for one in possible:
            keys = tuple(self._shaper.collect(one, sets))
            if functions[one.name] not in by_keys.setdefault(keys, []):
                by_keys[keys].append(functions[one.name])
        table = self._table({keys: f"({', '.join(found)},)" for keys, found in by_keys.items()})
        found = f"{table}(tuple(o), ())"
        return _Cost(0, self._function(f"return max([f(o, m) for f in {found}], default=0)"))

    def _type_key(self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]) -> str | None:
        """The response key under which an object says its type."""
        for key, nodes in self._shaper.collect(type_, sets).items():
            if nodes[0].name.value == "__typename":
                return key
        return None

    def _field(self, owner: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> _Field:
        name = nodes[0].name.value
        charge = self._weights.charge(owner, name)
        type_ = owner.fields[name].type
        named = get_named_type(type_)
        inside = _FREE
        if is_composite_type(named):
            sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
            inside = self.selection(named, sets)
        fixed, varying = self._arguments(owner, nodes[0])
        if charge.weight >= 0 and not fixed and not varying:
            return self._value(key, type_, charge.weight + inside.fixed, inside)
        # §5.3.2.2: with its arguments, a field never costs less than nothing.
        within = self._value(key, type_, inside.fixed, inside)
        own = self._value(key, type_, charge.weight, _FREE)
        if not own.expression and not varying:
            return _Field(key, max(0, own.fixed + fixed) + within.fixed, within.expression, within.quick)
        parts = [str(own.fixed + fixed), *([own.expression] if own.expression else ()), *varying]
        at_least = f"max(0, {' + '.join(parts)})"
        expression = f"{at_least} + {within.expression}" if within.expression else at_least
        return _Field(key, within.fixed, expression, within.quick and own.quick)

    def _value(self, key: str, type_: GraphQLOutputType, each: float, inside: _Cost) -> _Field:
        """A field's value of which each innermost item costs `each`, and what is not fixed inside."""
        if not each and inside.function is None:
            return _Field(key, 0)
        value = f"o[{key!r}]"
        required = isinstance(type_, GraphQLNonNull)
        inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if not isinstance(inner, GraphQLList):
            if required:
                passed_on = inside if inside.function is not None else None
                return _Field(key, each, inside.of(value) if passed_on else "", True, passed_on)
            within = f" + {inside.of('x')}" if inside.function is not None else ""
            return _Field(
                key,
                0,
                f"(0 if (x := {value}) is None else {each}{within})",
                inside.function is None,
            )
        at_once = _is_counted_at_once(inner.of_type)
        quick = at_once and inside.function is None
        if required and at_once and each:  # read where its length is asked for, without another look at it
            within = f" + {_within('x', inner.of_type, inside)}" if inside.function is not None else ""
            return _Field(key, 0, f"{each} * len(x := {value}){within}", quick)
        parts = [f"{each} * {_items('x', inner.of_type)}"] if each else []
        if inside.function is not None:
            parts.append(_within("x", inner.of_type, inside))
        return _Field(key, 0, f"(0 if (x := {value}) is None else {' + '.join(parts)})", quick)

    def _arguments(self, owner: GraphQLObjectType, node: FieldNode) -> tuple[float, list[str]]:
        """What the arguments cost whatever variables are, and expressions for those that hang on them."""
        fixed, varying = 0.0, []
        charge = self._weights.charge(owner, node.name.value)
        for given in node.arguments or ():
            argument = charge.arguments[given.name.value]
            if not argument.counts:
                continue
            cost = partial(self._weights.of_argument, argument, given.value)
            if varies(given.value):
                varying.append(self._place(f"{self.source.constant('argued', cost)}(v)"))
            else:
                fixed += cost({})
        return fixed, varying

    def _whole(self, cost: _Cost) -> str:
        """The name of a function for all that an object costs."""
        if cost.function is None:
            return self._function(f"return {cost.fixed}")
        return self._function(f"return {cost.fixed} + {cost.of('o')}")

    def _function(self, *lines: str) -> str:
        name = self._name("count")
        with self.source.block(f"def {name}(o, m):"):
            for line in lines:
                self.source.line(line)
        return name

    def _table(self, entries: Mapping[Any, str]) -> str:
        name = self._name("table")
        self.source.line(
            f"{name} = {{{', '.join(f'{key!r}: {value}' for key, value in entries.items())}}}.get"
        )
        return name

    def _place(self, made: str) -> str:
        """A place in `m` for what each count makes anew."""
        self.kept.append(made)
        return f"m[{len(self.kept) - 1}]"

    def _name(self, what: str) -> str:
        self._names += 1
        return f"{what}_{self._names}"


@dataclass(frozen=True, slots=True)
class _Field:
    """What one field adds: `fixed`, and an expression of the object `o` and of `m`, or none.

    `quick`: the expression takes no longer where there is more to look through. `inside`: the expression is nothing but
    this, of the field's value.
    """

    key: str
    fixed: float
    expression: str = ""
    quick: bool = True
    inside: _Cost | None = None


def _is_counted_at_once(item: GraphQLOutputType) -> bool:
    """Whether a list's length says how many innermost items it has."""
    return isinstance(item, GraphQLNonNull) and not isinstance(item.of_type, GraphQLList)


def _items(variable: str, item: GraphQLOutputType) -> str:
    """How many innermost items a list, or a list of lists, has that are not null."""
    inner = item.of_type if isinstance(item, GraphQLNonNull) else item
    if isinstance(inner, GraphQLList):
        one = variable + "i"
        return f"sum([{_items(one, inner.of_type)} for {one} in {variable} if {one} is not None])"
    if isinstance(item, GraphQLNonNull):
        return f"len({variable})"
    return f"(len({variable}) - {variable}.count(None))"


def _within(variable: str, item: GraphQLOutputType, inside: _Cost) -> str:
    """What is not fixed of the items of a list that is not null."""
    inner = item.of_type if isinstance(item, GraphQLNonNull) else item
    one = variable + "i"
    each = _within(one, inner.of_type, inside) if isinstance(inner, GraphQLList) else inside.of(one)
    present = "" if isinstance(item, GraphQLNonNull) else f" if {one} is not None"
    return f"sum([{each} for {one} in {variable}{present}])"
