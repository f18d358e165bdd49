"""The cost of an operation, written down as the specification says it, with no thought of speed.

The operation is walked field by field, for one object at a time; nothing is kept, compiled or added up before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_non_null_type,
    value_from_ast_untyped,
)
from graphql.utilities import get_default_value_ast

from gateway.supergraph import ListSize, Supergraph
from tests.gateway.planner.dice import Dice


class Reference:
    def __init__(
        self, supergraph: Supergraph, document: DocumentNode, variables: Mapping[str, Any], list_size: int
    ) -> None:
        self.schema: GraphQLSchema = supergraph.api_schema
        self.costs, self.sizes = supergraph.costs, supergraph.list_sizes
        self.variables = dict(variables)
        self.list_size = list_size
        self.fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        (self.operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self.root = self.schema.get_root_type(self.operation.operation)

    # What is asked of an object: GraphQL §6.3.2

    def collected(self, type_: GraphQLObjectType, sets: list[Any]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        for selection_set in sets:
            for node in selection_set.selections:
                if not all(self.holds(directive) for directive in node.directives or ()):
                    continue
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                    continue
                fragment = self.fragments[node.name.value] if node.kind == "fragment_spread" else node
                condition = fragment.type_condition
                on = type_ if condition is None else self.schema.get_type(condition.name.value)
                if on is type_ or (is_abstract_type(on) and self.schema.is_sub_type(on, type_)):
                    for key, nodes in self.collected(type_, [fragment.selection_set]).items():
                        found.setdefault(key, []).extend(nodes)
        return found

    def holds(self, directive: Any) -> bool:
        value = value_from_ast_untyped(directive.arguments[0].value, self.variables)
        return value is (directive.name.value == "include")

    # §5.3.2.2, §7: weights

    def weight(self, type_: GraphQLObjectType, name: str) -> float:
        said = self.costs.get(f"{type_.name}.{name}")
        if said is None:
            named = get_named_type(type_.fields[name].type)
            if is_abstract_type(named):
                said = max(self.costs.get(t.name, 1) for t in self.schema.get_possible_types(named))
            else:
                said = self.costs.get(named.name, 1 if is_composite_type(named) else 0)
        return said + (10 if type_.name == "Mutation" else 0)

    def input_cost(self, coordinate: str, type_: Any, value: Any) -> float:
        """`coordinate`: of the argument or input field that holds the value."""
        if value is None or isinstance(value, type(...)):
            return 0
        type_ = get_nullable_type(type_)
        if isinstance(type_, GraphQLList):
            values = value if isinstance(value, list) else [value]
            return sum(self.input_cost(coordinate, type_.of_type, item) for item in values)
        weight = self.costs.get(coordinate)
        if not isinstance(type_, GraphQLInputObjectType):
            return self.costs.get(type_.name, 0) if weight is None else weight
        inside = [
            self.input_cost(f"{type_.name}.{key}", type_.fields[key].type, item)
            for key, item in value.items()
        ]
        return (1 if weight is None else weight) + sum(inside)

    def given(self, node: FieldNode) -> dict[str, Any]:
        values = {}
        for argument in node.arguments or ():
            value = value_from_ast_untyped(argument.value, self.variables)
            if repr(value) != "Undefined":
                values[argument.name.value] = value
        return values

    def arguments(self, type_: GraphQLObjectType, node: FieldNode) -> float:
        name = node.name.value
        declared = type_.fields[name].args
        return sum(
            self.input_cost(f"{type_.name}.{name}({key}:)", declared[key].type, value)
            for key, value in self.given(node).items()
        )

    # §8: sizes

    def sizing(self, type_: GraphQLObjectType, name: str) -> ListSize | None:
        said = self.sizes.get(f"{type_.name}.{name}")
        field = type_.fields[name]
        if said is None and ("first" in field.args or "last" in field.args):
            slicing = tuple(key for key in ("first", "last") if key in field.args)
            is_list = isinstance(get_nullable_type(field.type), GraphQLList)
            return ListSize(None, slicing, () if is_list else ("edges", "nodes"), False)
        return said

    def size(self, type_: GraphQLObjectType, node: FieldNode, said: ListSize) -> int:
        given, declared = self.given(node), type_.fields[node.name.value].args
        sizes = []
        for path in said.slicing_arguments:
            name, *within = path.split(".")
            default = get_default_value_ast(declared[name])
            value = given[name] if name in given else default and value_from_ast_untyped(default)
            for step in within:
                value = value.get(step) if isinstance(value, dict) else None
            if value is not None:
                sizes.append(value)
        if not sizes:
            return self.list_size if said.assumed_size is None else said.assumed_size
        return max(0, *sizes)

    def slices_given(self, type_: GraphQLObjectType, node: FieldNode) -> int:
        said = self.sizing(type_, node.name.value)
        assert said is not None
        return sum(self.given(node).get(name) is not None for name in said.slicing_arguments)

    # §5.1.1: before

    def estimated(self) -> float:
        assert self.root is not None
        return self.of_object(self.root, [self.operation.selection_set], {})

    def of_object(self, type_: Any, sets: list[Any], sized: Mapping[str, int]) -> float:
        if is_abstract_type(type_):
            return max(self.of_object(one, sets, sized) for one in self.schema.get_possible_types(type_))
        return sum(self.of_field(type_, nodes, sized) for nodes in self.collected(type_, sets).values())

    def of_field(self, type_: GraphQLObjectType, nodes: list[FieldNode], sized: Mapping[str, int]) -> float:
        name = nodes[0].name.value
        if name.startswith("__"):
            return 0
        said = self.sizing(type_, name)
        size = None if said is None else self.size(type_, nodes[0], said)
        depth = str(type_.fields[name].type).count("[")
        own = sized.get(name, None if said is None or said.sized_fields else size)
        items = 1
        if depth:
            items = (self.list_size if own is None else own) * self.list_size ** (depth - 1)
        weight = self.weight(type_, name)
        if weight < 0:  # what lowers the cost must be there in every answer
            counted = 1 if is_non_null_type(type_.fields[name].type) and not depth else 0
        else:
            counted = items
        cost = max(0, counted * weight + self.arguments(type_, nodes[0]))
        named = get_named_type(type_.fields[name].type)
        if not is_composite_type(named):
            return cost
        below = dict.fromkeys(said.sized_fields, size) if said is not None and size is not None else {}
        sets = [node.selection_set for node in nodes]
        for _ in range(items):
            cost += self.of_object(named, sets, below)
        return cost

    # An answer as the schema allows it, with lists no longer than they are taken to be

    def answer(self, dice: Dice) -> Typed:
        assert self.root is not None
        return self.an_object(dice, self.root, [self.operation.selection_set], {})

    def an_object(self, dice: Dice, type_: Any, sets: list[Any], sized: Mapping[str, int]) -> Typed:
        if is_abstract_type(type_):
            type_ = dice.pick(sorted(self.schema.get_possible_types(type_), key=str))
        made = Typed(type_.name)
        for key, nodes in self.collected(type_, sets).items():
            made[key] = self.a_value(dice, type_, nodes, sized)
        return made

    def a_value(
        self, dice: Dice, type_: GraphQLObjectType, nodes: list[FieldNode], sized: Mapping[str, int]
    ) -> Any:
        name = nodes[0].name.value
        if name == "__typename":
            return type_.name
        said = self.sizing(type_, name)
        size = None if said is None else self.size(type_, nodes[0], said)
        own = sized.get(name, None if said is None or said.sized_fields else size)
        below = dict.fromkeys(said.sized_fields, size) if said is not None and size is not None else {}
        sets = [node.selection_set for node in nodes]

        def made(of: Any, most: int) -> Any:
            if not is_non_null_type(of) and dice.number(0, 5) == 5:
                return None
            of = get_nullable_type(of)
            if isinstance(of, GraphQLList):
                return [made(of.of_type, self.list_size) for _ in range(dice.number(0, min(most, 3)))]
            return self.an_object(dice, of, sets, below) if is_composite_type(of) else 1

        return made(type_.fields[name].type, self.list_size if own is None else own)

    # §5.1.3: after

    def actual(self, data: Mapping[str, Any]) -> float:
        assert self.root is not None
        return self.in_object(self.root, [self.operation.selection_set], data)

    def in_object(self, type_: GraphQLObjectType, sets: list[Any], data: Mapping[str, Any]) -> float:
        cost = 0.0
        for key, nodes in self.collected(type_, sets).items():
            name = nodes[0].name.value
            if name.startswith("__"):
                continue
            items = flattened(data[key])
            cost += max(0, len(items) * self.weight(type_, name) + self.arguments(type_, nodes[0]))
            if is_composite_type(get_named_type(type_.fields[name].type)):
                for item in items:
                    own = self.schema.get_type(item.type_name)
                    assert isinstance(own, GraphQLObjectType)
                    cost += self.in_object(own, [node.selection_set for node in nodes], item)
        return cost


class Typed(dict[str, Any]):
    """An object of an answer, whose type is known to us even where it is not asked for."""

    def __init__(self, type_name: str) -> None:
        super().__init__()
        self.type_name = type_name


def flattened(value: Any) -> list[Any]:
    """The innermost items that are not null."""
    if isinstance(value, list):
        return [item for inner in value for item in flattened(inner)]
    return [] if value is None else [value]
