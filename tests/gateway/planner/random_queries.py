"""Random operations that are valid for a schema, for property tests."""

from __future__ import annotations

from typing import Any

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    parse,
    validate,
)
from hypothesis import assume
from hypothesis import strategies as st

_CONDITIONS = (
    "",
    "",
    "",
    "",
    "",
    " @include(if: $yes)",
    " @skip(if: $no)",
    " @include(if: $no)",
    " @skip(if: $yes)",
)
VARIABLES = {"yes": True, "no": False}


@st.composite
def operations(draw: st.DrawFn, schema: GraphQLSchema, depth: int = 4) -> DocumentNode:
    """A query with aliases, fragments, arguments and conditions. `$yes` is true, `$no` is false."""
    assert schema.query_type is not None
    body = _selections(draw, schema, schema.query_type, depth)
    document = parse(f"query ($yes: Boolean!, $no: Boolean!) {body}")
    rules = [error for error in validate(schema, document) if "is never used" not in error.message]
    assume(not rules)
    return document


def _selections(draw: st.DrawFn, schema: GraphQLSchema, type_: GraphQLNamedType, depth: int) -> str:
    fields: dict[str, GraphQLField] = dict(getattr(type_, "fields", {}))
    if depth <= 0:
        fields = {
            name: item for name, item in fields.items() if not is_composite_type(get_named_type(item.type))
        }
    choices = [*fields, "__typename"]
    if is_abstract_type(type_):
        choices += ["...", "...", "..."]
    elif draw(st.integers(0, 5)) == 0:
        choices += ["..."]
    chosen = draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4))
    return "{ " + " ".join(_selection(draw, schema, type_, fields, name, depth) for name in chosen) + " }"


def _selection(
    draw: st.DrawFn,
    schema: GraphQLSchema,
    type_: GraphQLNamedType,
    fields: dict[str, GraphQLField],
    name: str,
    depth: int,
) -> str:
    condition = draw(st.sampled_from(_CONDITIONS))
    if name == "...":
        target = _fragment_type(draw, schema, type_)
        return f"... on {target.name}{condition} {_selections(draw, schema, target, depth)}"
    alias = draw(st.sampled_from(["", "", "", "a: ", "b: ", "id: ", "name: "]))
    if name == "__typename":
        return f"{alias}__typename{condition}"
    field = fields[name]
    said = [f"{key}: {_value(item.type)}" for key, item in field.args.items() if is_non_null_type(item.type)]
    text = f"{alias}{name}" + (f"({', '.join(said)})" if said else "") + condition
    named = get_named_type(field.type)
    return f"{text} {_selections(draw, schema, named, depth - 1)}" if is_composite_type(named) else text


def _fragment_type(draw: st.DrawFn, schema: GraphQLSchema, type_: GraphQLNamedType) -> GraphQLNamedType:
    """A type that a fragment on `type_` may name: itself, a member, or an overlapping abstract type."""
    members: set[GraphQLObjectType] = set(_members(schema, type_))
    overlapping: list[GraphQLNamedType] = [
        other
        for other in schema.type_map.values()
        if is_composite_type(other)
        and not other.name.startswith("__")
        and members & set(_members(schema, other))
    ]
    return draw(st.sampled_from(overlapping or [type_]))


def _members(schema: GraphQLSchema, type_: Any) -> tuple[GraphQLObjectType, ...]:
    return tuple(schema.get_possible_types(type_)) if is_abstract_type(type_) else (type_,)


def _value(type_: GraphQLInputType) -> str:
    """Some literal of an input type."""
    if is_non_null_type(type_):
        return _value(type_.of_type)
    if is_list_type(type_):
        return f"[{_value(type_.of_type)}]"
    if is_enum_type(type_):
        return str(next(iter(type_.values)))
    if is_input_object_type(type_):
        inner = [
            f"{k}: {_value(item.type)}" for k, item in type_.fields.items() if is_non_null_type(item.type)
        ]
        return "{" + ", ".join(inner) + "}"
    return {"Int": "1", "Float": "1.5", "Boolean": "true"}.get(get_named_type(type_).name, '"x"')
