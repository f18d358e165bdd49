"""The actual cost of an operation, counted in its answer by a function that was written for it.

Source: IBM's GraphQL Cost Directives specification §5.1.3, query response analysis. What is null costs nothing, but the
arguments that were given with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
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

#: From an answer's data and the operation's variables to its cost.
Count: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], float]

_FREE: Final = "free"


def compile_count(
    weights: Weights, shaper: Shaper, operation: OperationDefinitionNode, entity_types: Collection[str]
) -> Count:
    """The function for one assignment of the operation's conditions, which `shaper` knows.

    `entity_types`: object types of which one object may stand in many places of an answer; it is looked through once.
    """
    writer = _Writer(weights, shaper, entity_types)
    root = writer.selection(shaper.root_type(operation), (operation.selection_set,))
    with writer.source.block("def count(data, v):"):
        writer.source.line(f"return {root}(data, v, {{}})")
    count: Count = writer.source.build("count")
    return count


class _Writer:
    """Writes one function for each selection, inner ones first. Each takes an object, the variables, and `m`: what
    was counted already, by function and object."""

    def __init__(self, weights: Weights, shaper: Shaper, entity_types: Collection[str]) -> None:
        self.source = Source()
        self.source.constant(_FREE, lambda *_: 0)
        self._weights = weights
        self._shaper = shaper
        self._entity_types = entity_types
        self._known: dict[tuple[str, tuple[int, ...]], str] = {}

    def selection(self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...]) -> str:
        """The name of the function that counts what is selected of an object."""
        key = (type_.name, tuple(map(id, sets)))
        known = self._known.get(key)
        if known is None:
            make = (
                self._abstract if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType) else self._object
            )
            known = self._known[key] = make(type_, sets)  # type: ignore[arg-type]
        return known

    def _object(self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]) -> str:
        statements = [
            statement
            for key, nodes in self._shaper.collect(type_, sets).items()
            for statement in self._field(type_, key, nodes)
        ]
        if not statements:
            return _FREE
        name = f"object_{len(self._known)}_{type_.name}"
        shared = type_.name in self._entity_types
        with self.source.block(f"def {name}(o, v, m):"):
            if shared:
                self.source.line(f"key = ({name!r}, id(o))")
                self.source.line("n = m.get(key)")
                self.source.line("if n is not None: return n")
            self.source.line("n = 0")
            for statement in statements:
                self.source.line(statement)
            if shared:
                self.source.line("m[key] = n")
            self.source.line("return n")
        return name

    def _abstract(
        self, type_: GraphQLInterfaceType | GraphQLUnionType, sets: tuple[SelectionSetNode, ...]
    ) -> str:
        """By the object's `__typename`, where that is asked for; else by its keys: of types that have the same, the one
        that costs the most."""
        possible = self._weights.schema.get_possible_types(type_)
        functions = {one.name: self.selection(one, sets) for one in possible}
        if set(functions.values()) <= {_FREE}:
            return _FREE
        named = {self._type_key(one, sets) for one in possible}
        by_keys: dict[tuple[str, ...], list[str]] = {}
        for one in possible:
            keys = tuple(self._shaper.collect(one, sets))
            if functions[one.name] not in by_keys.setdefault(keys, []):
                by_keys[keys].append(functions[one.name])
        name = f"abstract_{len(self._known)}_{type_.name}"
        entries = ", ".join(f"{key!r}: {function}" for key, function in functions.items())
        with self.source.block(f"def {name}(o, v, m):"):
            if len(named) == 1 and None not in named:
                self.source.line(f"return {{{entries}}}.get(o[{named.pop()!r}], {_FREE})(o, v, m)")
            else:
                lists = ", ".join(f"{keys!r}: ({', '.join(found)},)" for keys, found in by_keys.items())
                self.source.line(f"found = {{{lists}}}.get(tuple(o), ())")
                self.source.line("return max([f(o, v, m) for f in found], default=0)")
        return name

    def _type_key(self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]) -> str | None:
        """The response key under which an object says its type."""
        for key, nodes in self._shaper.collect(type_, sets).items():
            if nodes[0].name.value == "__typename":
                return key
        return None

    def _field(self, owner: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Iterable[str]:
        """Statements that add a field's cost to `n`."""
        name = nodes[0].name.value
        if name.startswith("__"):
            return
        charge = self._weights.charge(owner, name)
        arguments = self._arguments(owner, nodes[0])
        type_ = owner.fields[name].type
        named = get_named_type(type_)
        inside = _FREE
        if is_composite_type(named):
            sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
            inside = self.selection(named, sets)
        if not charge.weight and not arguments and inside == _FREE:
            return
        items = _items("x", charge.list_depth) if charge.list_depth else "1"
        own = f"{charge.weight} * {items}" if charge.weight else "0"
        yield f"x = o.get({key!r})"
        if charge.weight < 0 or arguments:  # §5.3.2.2: a field never costs less than nothing
            yield f"n += max(0, {' + '.join([f'(0 if x is None else {own})', *arguments])})"
            own = "0"
        within = "0" if inside == _FREE else _within("x", type_, inside)
        if own != "0" or within != "0":
            yield f"if x is not None: n += {own} + {within}"

    def _arguments(self, owner: GraphQLObjectType, node: FieldNode) -> list[str]:
        """Expressions for what the arguments cost that cost anything."""
        found = []
        charge = self._weights.charge(owner, node.name.value)
        for given in node.arguments or ():
            argument = charge.arguments[given.name.value]
            if argument.counts:
                cost = partial(self._weights.of_argument, argument, given.value)
                found.append(
                    f"{self.source.constant('argued', cost)}(v)" if varies(given.value) else str(cost({}))
                )
        return found


def _items(variable: str, depth: int) -> str:
    """How many innermost items a list, or a list of lists, has that are not null."""
    if depth == 1:
        return f"(len({variable}) - {variable}.count(None))"
    item = variable + "i"
    return f"sum([{_items(item, depth - 1)} for {item} in {variable} if {item} is not None])"


def _within(variable: str, type_: GraphQLOutputType, function: str) -> str:
    """What the objects of a value that is not null cost inside."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLList):
        item = variable + "i"
        within = _within(item, inner.of_type, function)
        return f"sum([{within} for {item} in {variable} if {item} is not None])"
    return f"{function}({variable}, v, m)"
