"""The supergraph's reader, held against what was drawn: the oracle's strict subgraphs are only as strict as it is."""

from __future__ import annotations

from hypothesis import given

from gateway.supergraph import load
from gateway.supergraph.fieldsets import parse_field_set
from gateway.supergraph.model import SubgraphField, SubgraphType
from tests.gateway.oracle.composing import supergraph_sdl
from tests.gateway.oracle.drawing import graphs
from tests.gateway.oracle.graphs import Field, Graph, Type
from tests.support.trying import examples


@examples(60)
@given(graph=graphs())
def test_each_subgraph_is_read_as_it_was_drawn(graph: Graph) -> None:
    read = load(supergraph_sdl(graph))

    assert list(read.subgraphs) == list(graph.subgraphs)
    for name, types in graph.subgraphs.items():
        for type_name, type_ in types.items():
            there = read.subgraphs[name].types[type_name]
            assert _said_of_type(there) == _drawn_type(type_)
            assert there.possible == set(graph.members(name, type_name)) or type_name in ("Query", "Mutation")
            # Who answers a field that was taken over under a label is decided for each request, not by the reader.
            labelled = {field_name for field_name, field in there.fields.items() if field.label is not None}
            drawn = {
                field.name: _drawn_field(field)
                for field in type_.fields.values()
                if not field.lost and field.name not in labelled
            }
            said = {
                field_name: _said_of_field(field)
                for field_name, field in there.fields.items()
                if not field.overridden and field_name not in labelled
            }
            assert said == drawn


@examples(60)
@given(graph=graphs())
def test_clients_see_all_that_is_not_hidden(graph: Graph) -> None:
    api = load(supergraph_sdl(graph)).api_schema

    for type_name in graph.type_names():
        declared = {name: None for _, type_ in graph.declaring(type_name) for name in type_.fields}
        visible = {name for name in declared if f"{type_name}.{name}" not in graph.hidden}
        assert visible <= set(getattr(api.type_map[type_name], "fields", {}))
        for coordinate in graph.hidden:
            owner, _, name = coordinate.partition(".")
            assert name not in api.type_map[owner].fields  # type: ignore[union-attr]


def _drawn_type(type_: Type) -> tuple[object, ...]:
    keys = {(parse_field_set(key), resolvable) for key, resolvable in type_.keys.items()}
    return type_.is_interface_object, keys


def _said_of_type(type_: SubgraphType) -> tuple[object, ...]:
    return type_.is_interface_object, {(key.fields, key.resolvable) for key in type_.keys}


def _drawn_field(field: Field) -> tuple[object, ...]:
    requires = parse_field_set(field.requires) if field.requires else ()
    provides = parse_field_set(field.provides) if field.provides else ()
    return field.type, field.external, requires, provides


def _said_of_field(field: SubgraphField) -> tuple[object, ...]:
    return field.type.text, field.external, field.requires, field.provides
