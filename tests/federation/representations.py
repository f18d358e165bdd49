"""What a representation says: which keys it holds, what it lacks, and what it should not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from graphql import FieldNode, GraphQLSchema, SelectionSetNode, get_named_type, is_composite_type

from tests.federation.sdl import fields_for

Row: TypeAlias = Mapping[str, Any]


def has_key(schema: GraphQLSchema, type_name: str, row: Row, key: SelectionSetNode, sent: Row) -> bool:
    """Whether an object has the key that was sent."""
    return all(
        _same(row.get(node.name.value), sent.get(node.name.value), node.selection_set)
        for node in fields_for(schema, type_name, key)
    )


def is_told(schema: GraphQLSchema, type_name: str, key: SelectionSetNode, sent: Row) -> bool:
    """Whether a representation holds a whole key of which not everything is null."""
    return missing(schema, type_name, key, sent) is None and any(_leaves(sent, key))


def missing(schema: GraphQLSchema, type_name: str, selected: SelectionSetNode, sent: Any) -> str | None:
    """The first field of a field set that a representation does not bring."""
    for node in fields_for(schema, type_name, selected):
        name = node.name.value
        if name not in sent:
            return f"{type_name}.{name}"
        if node.selection_set is None:
            continue
        declared = _named(schema, type_name, name)
        for item in _flat(sent[name]):
            inner = str(item.get("__typename", declared))
            if found := missing(schema, inner, node.selection_set, item):
                return found
    return None


def undeclared(schema: GraphQLSchema, type_name: str, sent: Row) -> str | None:
    """The first field of a representation that the type has not."""
    type_: Any = schema.get_type(type_name)
    for name, value in sent.items():
        if name == "__typename":
            continue
        if type_ is None or name not in getattr(type_, "fields", {}):
            return f"{type_name}.{name}"
        for item in _flat(value):
            if is_composite_type(get_named_type(type_.fields[name].type)):
                inner = str(item.get("__typename", _named(schema, type_name, name)))
                if found := undeclared(schema, inner, item):
                    return found
    return None


def _named(schema: GraphQLSchema, type_name: str, field_name: str) -> str:
    type_: Any = schema.get_type(type_name)
    named: str = get_named_type(type_.fields[field_name].type).name
    return named


def _flat(value: Any) -> Iterator[Row]:
    """The objects in a value: itself, or those of its lists."""
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, Mapping):
        yield value


def _leaves(sent: Any, selected: SelectionSetNode) -> Iterator[bool]:
    """For each leaf of a key, whether it is there; an empty list says something too."""
    for node in selected.selections:
        assert isinstance(node, FieldNode)
        value = sent[node.name.value]
        if node.selection_set is None or value is None or value == []:
            yield value is not None
        for item in _flat(value) if node.selection_set is not None else ():
            yield from _leaves(item, node.selection_set)


def _same(known: Any, sent: Any, selected: SelectionSetNode | None) -> bool:
    """Whether a value is the one that was sent, as far as the key looks."""
    if isinstance(known, list | tuple) and isinstance(sent, list):
        return len(known) == len(sent) and all(
            _same(one, other, selected) for one, other in zip(known, sent, strict=True)
        )
    if selected is None or known is None or sent is None:
        return bool(known == sent)
    return all(
        _same(known.get(node.name.value), sent.get(node.name.value), node.selection_set)
        for node in selected.selections
        if isinstance(node, FieldNode)
    )
