"""Random operations that are valid for a schema, for property tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    GraphQLField,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
    parse,
    value_from_ast_untyped,
    visit,
)
from hypothesis import strategies as st

from tests.gateway.planner.dice import Dice

#: `$yes` is true and `$no` is false; `$usual` is true where nobody says otherwise. None is the likeliest.
_CONDITIONS: Final = (
    *("",) * 16,
    " @include(if: $yes)", " @skip(if: $no)", " @include(if: $no)", " @skip(if: $yes)",
    " @include(if: $usual)", " @skip(if: $usual)", " @include(if: true)", " @skip(if: true)", " @include(if: $yes) @skip(if: $no)", " @skip(if: $no) @include(if: $no)",
)  # fmt: skip
_DEFERRALS: Final = (" @defer", " @defer", " @defer(if: $yes)", " @defer(if: $no)", " @defer(if: false)")
_ALIASES: Final = ("", "", "", "", "a", "b", "id", "note")
#: Fields that one operation asks for at most, so that every example is quick.
_MOST_FIELDS: Final = 25
#: Depth is counted in halves: a field goes down two, a fragment one.
_FIELD, _FRAGMENT = 2, 1


@dataclass(frozen=True, eq=False)
class Asked:
    """An operation as a client sends it. Compared by identity."""

    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def document(self) -> DocumentNode:
        return parse(self.text)

    @cached_property
    def whole(self) -> DocumentNode:
        """The document without `@defer`, which asks for the same."""
        return visit(self.document, _Whole())

    @property
    def completed(self) -> dict[str, Any]:
        """The variables, with the defaults of those that are left out."""
        operation = self.document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        defaults = {
            node.variable.name.value: value_from_ast_untyped(node.default_value)
            for node in operation.variable_definitions or ()
            if node.default_value is not None
        }
        return {**defaults, **self.variables}


class _Whole(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> Any:
        return REMOVE if node.name.value == "defer" else None


@st.composite
def operations(draw: st.DrawFn, schema: GraphQLSchema) -> Asked:
    """A query, as hypothesis draws it."""
    return random_operation(Dice.of(draw), schema)


def random_operation(
    dice: Dice,
    schema: GraphQLSchema,
    depth: int = 4,
    kind: str = "query",
    liked: Collection[str] = (),
    merged: Collection[str] = (),
    defers: bool = False,
) -> Asked:
    """A query or mutation with aliases, fragments, arguments, variables and conditions, `depth` levels deep.

    `liked`: coordinates ("Book.pages") of fields that are asked more often than others. `merged`: types of which no
    two fields share a response key. `defers`: with `@defer` on some fragments.
    """
    root = schema.mutation_type if kind == "mutation" else schema.query_type
    assert root is not None
    drawing = _Drawing(dice, schema, liked, merged, defers)
    body = drawing.selections(root, depth * _FIELD, _Taken())
    definitions = ", ".join(drawing.definitions[name] for name in sorted(drawing.definitions))
    head = f"{kind}{dice.pick(('', '', ' Report'))}{f'({definitions})' if definitions else ''}"
    return Asked("\n".join([f"{head} {body}", *drawing.fragments]), drawing.variables)


@dataclass
class _Taken:
    """What stands at each response key of one place of the answer ("GraphQL §Field Selection Merging")."""

    by_key: dict[str, list[tuple[GraphQLNamedType, str, str, GraphQLField]]] = field(default_factory=dict)
    below: dict[str, _Taken] = field(default_factory=dict)

    def fits(
        self,
        key: str,
        owner: GraphQLNamedType,
        name: str,
        said: str,
        asked: GraphQLField,
        merged: Collection[str],
    ) -> bool:
        return all(
            (name == other_name and said == other_said and str(asked.type) == str(other.type))
            or (
                is_object_type(owner)
                and is_object_type(other_owner)
                and owner is not other_owner
                and not (owner.name in merged and other_owner.name in merged)
                and _shape(asked.type) == _shape(other.type)
            )
            for other_owner, other_name, other_said, other in self.by_key.get(key, ())
        )


class _Drawing:
    """One operation in the making."""

    def __init__(
        self,
        dice: Dice,
        schema: GraphQLSchema,
        liked: Collection[str],
        merged: Collection[str],
        defers: bool,
    ) -> None:
        self._dice = dice
        self._merged = merged
        self._defers = defers
        self._schema = schema
        self._liked = liked
        self._left = _MOST_FIELDS
        self.variables: dict[str, Any] = {}
        self.definitions: dict[str, str] = {}
        self.fragments: list[str] = []

    def selections(self, type_: GraphQLNamedType, depth: int, taken: _Taken) -> str:
        """`{ … }` on a type."""
        fields: dict[str, GraphQLField] = dict(getattr(type_, "fields", {}))
        if depth < _FIELD or self._left <= 0:
            fields = {
                name: item
                for name, item in fields.items()
                if not is_composite_type(get_named_type(item.type))
            }
        choices = [*fields, "__typename"]
        for name, item in fields.items():
            if is_composite_type(get_named_type(item.type)) or f"{type_.name}.{name}" in self._liked:
                choices += [name] * 2
        if depth >= _FRAGMENT and self._left > 0:
            choices += ["..."] * (4 if is_abstract_type(type_) else self._dice.number(0, 1))
        least = 2 if len(choices) > 2 else 1
        chosen = [self._dice.pick(choices) for _ in range(self._dice.number(least, 4))]
        parts = [self._selection(type_, fields, name, depth, taken) for name in chosen]
        return "{ " + " ".join(parts) + " }"

    def _selection(
        self, type_: GraphQLNamedType, fields: dict[str, GraphQLField], name: str, depth: int, taken: _Taken
    ) -> str:
        self._left -= 1
        condition = self._condition()
        if name == "...":
            return self._fragment(type_, condition, depth, taken)
        if name == "__typename":
            asked, said = GraphQLField(self._schema.type_map["String"]), ""  # type: ignore[arg-type]
            said_type: GraphQLNamedType = type_
        else:
            asked, said_type = fields[name], type_
            said = self._arguments(asked)
        key = self._key(name, said_type, said, asked, taken)
        text = ("" if key == name else f"{key}: ") + name + said + condition
        named = get_named_type(asked.type)
        if not is_composite_type(named):
            return text
        return f"{text} {self.selections(named, depth - _FIELD, taken.below.setdefault(key, _Taken()))}"

    def _key(self, name: str, owner: GraphQLNamedType, said: str, asked: GraphQLField, taken: _Taken) -> str:
        """An alias, or the name itself, under which nothing else stands; a new one where it must be."""
        key = self._dice.pick(_ALIASES) or name
        count = 0
        while not taken.fits(key, owner, name, said, asked, self._merged):
            count += 1
            key = f"{name}_{count}"
        taken.by_key.setdefault(key, []).append((owner, name, said, asked))
        return key

    def _fragment(self, type_: GraphQLNamedType, condition: str, depth: int, taken: _Taken) -> str:
        """Inline, named, or without a type of its own."""
        target = self._fragment_type(type_)
        if self._defers and self._one_in(3):
            condition += self._dice.pick(_DEFERRALS)
            self._define_used(condition)
        if target is type_ and self._one_in(3):
            return f"...{condition} {self.selections(type_, depth - _FRAGMENT, taken)}"
        body = self.selections(target, depth - _FRAGMENT, taken)
        if self._one_in(4):
            name = f"Part{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {target.name} {body}")
            return f"...{name}{condition}"
        return f"... on {target.name}{condition} {body}"

    def _fragment_type(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        """A type that a fragment on `type_` may name: itself, a member, or an overlapping abstract type."""
        members: set[GraphQLObjectType] = set(_members(self._schema, type_))
        overlapping: list[GraphQLNamedType] = [
            other
            for other in self._schema.type_map.values()
            if is_composite_type(other)
            and not other.name.startswith("__")
            and members & set(_members(self._schema, other))
        ]
        return self._dice.pick(overlapping or [type_])

    def _condition(self) -> str:
        condition = self._dice.pick(_CONDITIONS)
        self._define_used(condition)
        return condition

    def _define_used(self, condition: str) -> None:
        for name, value in (("yes", True), ("no", False)):
            if f"${name}" in condition:
                self._define(name, "Boolean!", value)
        if "$usual" in condition:
            self.definitions["usual"] = "$usual: Boolean! = true"

    # Arguments

    def _arguments(self, asked: GraphQLField) -> str:
        given = [
            f"{name}: {self._value(argument.type, 2)}"
            for name, argument in asked.args.items()
            if is_required_argument(argument) or self._one_in(2)
        ]
        return f"({', '.join(given)})" if given else ""

    def _value(self, type_: GraphQLInputType, depth: int) -> str:
        """A literal of an input type, or a variable."""
        if self._one_in(3):
            return self._variable(type_)
        return _literal(self._plain(type_, depth), type_)

    def _variable(self, type_: GraphQLInputType) -> str:
        """A variable with a value; or, where none is needed, with a default or without a value."""
        name = "representations" if not self.definitions and self._one_in(8) else f"v{len(self.definitions)}"
        value = self._plain(type_, 1)
        default = ""
        if self._one_in(3):
            default = f" = {_literal(self._plain(type_, 0), type_)}"
            if default == " = null":
                default = ""
        self._define(name, f"{type_}{default}", value)
        if (default or not is_non_null_type(type_)) and self._one_in(3):
            del self.variables[name]
        return f"${name}"

    def _plain(self, type_: GraphQLInputType, depth: int) -> Any:
        """Some value, as JSON has it."""
        if is_non_null_type(type_):
            return self._plain_value(type_.of_type, depth)
        return None if self._one_in(6) else self._plain_value(type_, depth)

    def _plain_value(self, type_: GraphQLInputType, depth: int) -> Any:
        if is_list_type(type_):
            return [self._plain(type_.of_type, depth - 1) for _ in range(self._dice.number(0, 2))]
        if is_enum_type(type_):
            return self._dice.pick(sorted(type_.values))
        if is_input_object_type(type_):
            return {
                name: self._plain(item.type, depth - 1)
                for name, item in type_.fields.items()
                if is_required_input_field(item) or (depth > 0 and self._one_in(2))
            }
        named = get_named_type(type_).name
        return {"Int": self._dice.number(0, 2), "Float": 1.5, "Boolean": True}.get(named, "x")

    def _define(self, name: str, type_: str, value: Any) -> None:
        self.definitions[name] = f"${name}: {type_}"
        self.variables[name] = value

    def _one_in(self, count: int) -> bool:
        return self._dice.number(1, count) == count


def _members(schema: GraphQLSchema, type_: Any) -> tuple[GraphQLObjectType, ...]:
    return tuple(schema.get_possible_types(type_)) if is_abstract_type(type_) else (type_,)


def _shape(type_: Any) -> str:
    """What two fields that never stand on one object must have in common to share a response key."""
    named = get_named_type(type_)
    return str(type_).replace(named.name, "{}") if is_composite_type(named) else str(type_)


def _literal(value: Any, type_: Any) -> str:
    """A JSON value as GraphQL text."""
    if value is None:
        return "null"
    bare = type_.of_type if is_non_null_type(type_) else type_
    if isinstance(value, list):
        return f"[{', '.join(_literal(item, bare.of_type) for item in value)}]"
    if isinstance(value, dict):
        inside = (f"{name}: {_literal(item, bare.fields[name].type)}" for name, item in value.items())
        return f"{{{', '.join(inside)}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) and not is_enum_type(bare) else str(value)
