"""The estimated cost of an operation, compiled once into a small function of its variables.

All that the variables do not change is added up when the function is written: of most operations a number is left.
Source: IBM's GraphQL Cost Directives specification §5.1.1, static query analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from graphql import (
    FieldNode,
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)

from gateway.codes import GatewayCode
from gateway.executor.generating import Source
from gateway.executor.shaping import Shaper
from gateway.guard.documents import RefusedError
from gateway.guard.limits import Limits
from gateway.guard.weights import Charge, Weights, varies
from gateway.supergraph import ListSize

Variables: TypeAlias = Mapping[str, Any]
#: Raises: RefusedError for a page that is too large, or slicing arguments of which not exactly one is given.
Estimate: TypeAlias = Callable[[Variables], float]

#: A number, or a Python expression where variables have a say.
_Expression: TypeAlias = float | str
#: Names of a connection's fields that hold the list, with its size.
_Sized: TypeAlias = Mapping[str, _Expression]

_NOTHING_SIZED: Final[_Sized] = {}


def compile_estimate(
    weights: Weights, limits: Limits, shaper: Shaper, operation: OperationDefinitionNode
) -> Estimate | float:
    """The function for one assignment of the operation's conditions, which `shaper` knows; or its one value.

    Raises: RefusedError, as the function does, for what no variable changes.
    """
    writer = _Writer(weights, limits, shaper)
    with writer.source.block("def estimate(v):"):
        root = shaper.root_type(operation)
        total = writer.selection(root, (operation.selection_set,), _NOTHING_SIZED)
        writer.source.line(f"return {total}")
    if not isinstance(total, str):
        return total
    estimate: Estimate = writer.source.build("estimate")
    return estimate


class _Writer:
    """Writes a line for each thing that variables decide."""

    def __init__(self, weights: Weights, limits: Limits, shaper: Shaper) -> None:
        self.source = Source()
        self._weights = weights
        self._limits = limits
        self._shaper = shaper
        self._lines = 0
        self._known: dict[tuple[str, tuple[int, ...]], _Expression] = {}

    def selection(
        self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...], sized: _Sized
    ) -> _Expression:
        """What all fields cost that are asked of one object: of the dearest possible type, where there are several."""
        key = (type_.name, tuple(map(id, sets)))
        if not sized and key in self._known:
            return self._known[key]
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            possible = self._weights.schema.get_possible_types(type_)
            result = self._most([self.selection(one, sets, sized) for one in possible])
        else:
            result = self._sum(
                self._field(type_, nodes, sized) for nodes in self._shaper.collect(type_, sets).values()
            )
        if not sized:
            self._known[key] = result
        return result

    def _field(self, owner: GraphQLObjectType, nodes: list[FieldNode], sized: _Sized) -> _Expression:
        name = nodes[0].name.value
        if name.startswith("__"):  # introspection has bounds of its own
            return 0
        charge = self._weights.charge(owner, name)
        given = {node.name.value: node.value for node in nodes[0].arguments or ()}
        size = None if charge.size is None else self._size(charge, charge.size, given)
        inner: _Expression = 0
        named = get_named_type(owner.fields[name].type)
        if is_composite_type(named):
            sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
            fields = charge.size.sized_fields if charge.size is not None else ()
            inner = self.selection(
                named, sets, _NOTHING_SIZED if size is None else dict.fromkeys(fields, size)
            )
        items = self._items(
            charge, sized.get(name, None if charge.size and charge.size.sized_fields else size)
        )
        own = self._sum(
            [
                self._product(_surely(items, charge, owner.fields[name].type), charge.weight),
                *self._arguments(charge, given),
            ]
        )
        return self._sum([self._most([own, 0]), self._product(items, inner)])

    def _items(self, charge: Charge, size: _Expression | None) -> _Expression:
        """How many of its innermost items a field has."""
        if not charge.list_depth:
            return 1
        otherwise = self._weights.list_size
        return self._product(otherwise if size is None else size, otherwise ** (charge.list_depth - 1))

    def _size(self, charge: Charge, said: ListSize, given: Mapping[str, ValueNode]) -> _Expression:
        """By the slicing arguments, the greatest of those that are given; else what is assumed."""
        slices = [_Slice.of(charge, path, given) for path in said.slicing_arguments]
        slicing = _Slicing(
            tuple(slices),
            said.assumed_size if said.assumed_size is not None else self._weights.list_size,
            said.require_one_slicing_argument and bool(slices),
            self._limits.page_size,
        )
        if not any(one.varies for one in slices):
            return slicing.size({})
        return self._line(f"{self.source.constant('slicing', slicing.size)}(v)")

    def _arguments(self, charge: Charge, given: Mapping[str, ValueNode]) -> Iterable[_Expression]:
        for name, value in given.items():
            argument = charge.arguments[name]
            if argument.counts:
                cost = partial(self._weights.of_argument, argument, value)
                if varies(value):
                    yield self._line(f"{self.source.constant('argued', cost)}(v)")
                else:
                    yield cost({})

    def _line(self, expression: str) -> str:
        self._lines += 1
        name = f"n{self._lines}"
        self.source.line(f"{name} = {expression}")
        return name

    def _sum(self, parts: Iterable[_Expression]) -> _Expression:
        known, varying = _apart(parts)
        if not varying:
            return sum(known)
        if len(varying) == 1 and not any(known):
            return varying[0]
        return self._line(" + ".join([*varying, *([str(sum(known))] if any(known) else [])]))

    def _product(self, one: _Expression, other: _Expression) -> _Expression:
        known, varying = _apart((one, other))
        if 0 in known:
            return 0
        if not varying:
            return known[0] * known[1]
        return varying[0] if known == [1] else f"{one} * {other}"

    def _most(self, parts: Sequence[_Expression]) -> _Expression:
        known, varying = _apart(dict.fromkeys(parts))
        most = max(known, default=0)
        return self._line(f"max({', '.join(varying)}, {most})") if varying else most


@dataclass(frozen=True, slots=True)
class _Slice:
    """One slicing argument of one field: where its value is."""

    node: ValueNode | None
    within: tuple[str, ...]
    """Names of input fields that lead from the argument to it (`["page", "first"]` in `slicingArguments: ["page.first"]`)."""
    default: Any

    @classmethod
    def of(cls, charge: Charge, path: str, given: Mapping[str, ValueNode]) -> _Slice:
        name, *within = path.split(".")
        argument = charge.arguments.get(name)
        return cls(given.get(name), tuple(within), None if argument is None else argument.default)

    @property
    def varies(self) -> bool:
        return self.node is not None and varies(self.node)

    def value(self, variables: Variables) -> int | None:
        value = Undefined if self.node is None else value_from_ast_untyped(self.node, dict(variables))
        if value is Undefined:  # not given, or given by a variable that has no value (GraphQL §6.4.1)
            value = self.default
        for name in self.within:
            value = value.get(name) if isinstance(value, dict) else None
        return int(value) if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class _Slicing:
    """The size of one list."""

    slices: tuple[_Slice, ...]
    otherwise: int
    exactly_one: bool
    most: int

    def size(self, variables: Variables) -> int:
        """Raises: RefusedError."""
        sizes = [size for one in self.slices if (size := one.value(variables)) is not None]
        if self.exactly_one and len(sizes) != 1:
            raise RefusedError(
                GatewayCode.SLICING_ARGUMENT_NEEDED,
                "A list needs exactly one of the arguments that say how much of it is asked for.",
            )
        size = max(sizes, default=self.otherwise)
        if sizes and size > self.most:
            raise RefusedError(
                GatewayCode.PAGE_TOO_LARGE,
                f"A page of more than {self.most} items is asked for: ask for less at once.",
            )
        return max(size, 0)


def _surely(items: _Expression, charge: Charge, type_: GraphQLOutputType) -> _Expression:
    """For how many items a field's weight counts. One that lowers the cost counts for what is there in every answer: an
    estimate that took off for more would be less than the answer may cost (§5.1.1: it is an upper bound)."""
    if charge.weight >= 0:
        return items
    return 1 if isinstance(type_, GraphQLNonNull) and not charge.list_depth else 0


def _apart(parts: Iterable[_Expression]) -> tuple[list[float], list[str]]:
    """Numbers, and what variables decide."""
    known: list[float] = []
    varying: list[str] = []
    for part in parts:
        if isinstance(part, str):
            varying.append(part)
        else:
            known.append(part)
    return known, varying
