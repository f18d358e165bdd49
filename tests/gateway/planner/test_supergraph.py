"""Reading a supergraph SDL: what clients see, what subgraphs answer, what callers must bring."""

from __future__ import annotations

import pytest
from graphql import parse, print_schema

from gateway.planner import Planner, PlanningError
from gateway.supergraph import Authorization, ListSize, SupergraphError, load
from tests.gateway.planner.asking import SUPERGRAPHS, services, world

_HEAD = """
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
enum join__Graph { A @join__graph(name: "first-one", url: "http://a") B @join__graph(name: "b", url: "http://b") }
"""


def test_the_public_schema_has_no_federation_in_it() -> None:
    printed = print_schema(world("care").supergraph.api_schema)

    assert not [word for word in ("join__", "link", "@tag", "FieldSet", "policy") if word in printed]


def test_inaccessible_parts_are_hidden() -> None:
    fields = world("care").supergraph.api_schema.get_type("Service").fields  # type: ignore[union-attr]

    assert "internalNote" not in fields
    assert "internalNote" in world("care").supergraph.types["Service"].fields


def test_subgraphs_go_by_their_published_names() -> None:
    supergraph = load(_HEAD + "type Query @join__type(graph: A) @join__type(graph: B) { x: Int }")

    assert [(item.name, item.url) for item in supergraph.subgraphs.values()] == [
        ("first-one", "http://a"),
        ("b", "http://b"),
    ]


def test_what_a_caller_must_bring_is_told_by_field() -> None:
    said = world("care").supergraph.authorization

    assert said["Provider.notes"] == Authorization(True, scopes=(("notes:read", "staff"), ("admin",)))
    assert "Provider.title" not in said


def test_costs_and_list_sizes_are_told_by_coordinate() -> None:
    supergraph = world("care").supergraph

    assert supergraph.costs["Service.openPlaces"] == 5
    assert supergraph.list_sizes["Query.services"] == ListSize(
        slicing_arguments=("first",), require_one_slicing_argument=False
    )


def test_a_field_without_join_field_is_answered_by_every_subgraph_of_its_type() -> None:
    supergraph = load(_HEAD + "type Query @join__type(graph: A) @join__type(graph: B) { x: Int }")

    assert all("x" in item.types["Query"].fields for item in supergraph.subgraphs.values())


def test_an_override_with_a_label_holds_only_when_the_label_is_given() -> None:
    sdl = (
        _HEAD
        + """type Query @join__type(graph: A) @join__type(graph: B) {
      x: Int @join__field(graph: A) @join__field(graph: B, override: "first-one", overrideLabel: "half")
    }"""
    )
    document = parse("{ x }")

    assert services(Planner(load(sdl)).plan(document)) == ["first-one"]
    assert services(Planner(load(sdl).under(frozenset({"half"}))).plan(document)) == ["b"]


def test_a_field_overridden_but_still_used_is_left_to_its_new_owner() -> None:
    sdl = (
        _HEAD
        + """type Query @join__type(graph: A) @join__type(graph: B) {
      x: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "first-one")
    }"""
    )

    assert services(Planner(load(sdl)).plan(parse("{ x }"))) == ["b"]


def test_federation_1_supergraphs_are_read() -> None:
    supergraph = load(
        """
        schema @core(feature: "https://specs.apollo.dev/core/v0.1")
          @core(feature: "https://specs.apollo.dev/join/v0.1") { query: Query }
        directive @core(feature: String!) repeatable on SCHEMA
        directive @join__field(graph: join__Graph, requires: String, provides: String) on FIELD_DEFINITION
        directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT | INTERFACE
        directive @join__owner(graph: join__Graph!) on OBJECT | INTERFACE
        directive @join__graph(name: String!, url: String!) on ENUM_VALUE
        enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
        type Query { book: Book @join__field(graph: A) }
        type Book @join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
          id: ID! @join__field(graph: A)
          size: Size @join__field(graph: A)
          stock: Int @join__field(graph: B)
        }
        type Size { width: Int }
        """
    )

    planned = Planner(supergraph).plan(parse("{ book { size { width } stock } }"))

    assert services(planned) == ["a", "b"]


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        ("type Query {", "Syntax Error"),
        ("type Query { x: Int }", "no `join__Graph` enum"),
        (_HEAD + "type Thing @join__type(graph: A) { x: Int }", "no query type"),
        (_HEAD + "type Query @join__type(graph: C) { x: Int }", "names the subgraph C"),
        (
            _HEAD + "type Query @join__type(graph: A) { x: Int @join__field(graph: B) }",
            "no `@join__type` on Query",
        ),
        (_HEAD + 'type Query @join__type(graph: A, key: "id {") { x: Int }', "not a field set"),
        (_HEAD + "type Query @join__type(graph: A) { x: Missing }", "Missing"),
    ],
)
def test_a_broken_supergraph_is_refused_with_a_reason(sdl: str, message: str) -> None:
    with pytest.raises(SupergraphError, match=message):
        load(sdl)


def test_every_composed_supergraph_of_the_tests_loads() -> None:
    names = sorted(path.stem for path in SUPERGRAPHS.glob("*.graphql"))

    assert names == ["accounts", "care", "desk", "library"]
    assert all(world(name).supergraph.subgraphs for name in names)


def test_a_field_with_an_argument_from_a_context_cannot_be_asked_for_and_the_rest_can() -> None:
    sdl = (
        _HEAD
        + """type Query @join__type(graph: A) {
      x: Int
      y: Int @join__field(graph: A, contextArguments: [{context: "a__c", name: "n", type: "Int", selection: "{ n }"}])
    }"""
    )

    assert services(Planner(load(sdl)).plan(parse("{ x }"))) == ["first-one"]
    with pytest.raises(PlanningError, match=r"Query\.y"):
        Planner(load(sdl)).plan(parse("{ y }"))
