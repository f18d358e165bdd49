"""An interface's field asked of its implementations, where these provide what the interface does not."""

from __future__ import annotations

from graphql import parse

from gateway.planner import Planner
from gateway.supergraph import load
from tests.gateway.planner.asking import fetches, services

#: Where a letter is answered by a letter, the post office tells the answer's weight with it; of a parcel it cannot.
POST = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query
}

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__field(
  graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean,
  override: String, usedOverridden: Boolean
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true,
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
  OFFICE @join__graph(name: "office", url: "http://office")
  SCALES @join__graph(name: "scales", url: "http://scales")
}

type Query @join__type(graph: OFFICE) @join__type(graph: SCALES) {
  sent: Item @join__field(graph: OFFICE)
}

interface Item @join__type(graph: OFFICE) {
  answer: Item
}

type Letter implements Item
  @join__implements(graph: OFFICE, interface: "Item")
  @join__type(graph: OFFICE, key: "id")
  @join__type(graph: SCALES, key: "id") {
  id: ID!
  answer: Letter @join__field(graph: OFFICE, provides: "weight")
  weight: Int @join__field(graph: OFFICE, external: true) @join__field(graph: SCALES)
  stamp: Int @join__field(graph: SCALES)
}
"""


def plan(query: str) -> list[str]:
    supergraph = load(POST)
    return services(Planner(supergraph).plan(parse(query)))


def test_what_an_implementation_provides_saves_a_request() -> None:
    planned = Planner(load(POST)).plan(parse("{ sent { answer { ... on Letter { weight } } } }"))

    assert services(planned) == ["office"]
    assert "sent { __typename ... on Letter { answer { weight } } }" in fetches(planned)[0].document


def test_what_nobody_provides_is_asked_for_still() -> None:
    assert plan("{ sent { answer { ... on Letter { weight stamp } } } }") == ["office", "scales"]
