"""Operations as clients write them: conditions, variables, aliases, fragments; mutations and subscriptions."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planner import Planner, PlanningError
from gateway.planner.plan import Condition, Fetch, Flatten, Sequence, Subscription
from tests.gateway.planner.asking import (
    SUPERGRAPHS,
    assert_answers,
    expected,
    fetches,
    plan,
    services,
    text,
    world,
)
from tests.gateway.planner.world import World


@pytest.mark.parametrize("query", ["{ __typename }", "{ t: __typename __schema { queryType { name } } }"])
def test_introspection_and_root_typename_are_not_fetched(query: str) -> None:
    assert plan("care", query).node is None


def test_root_typename_beside_other_fields_is_left_out_of_the_request() -> None:
    assert fetches(plan("care", "{ __typename services { id } }"))[0].document == "{ services { id } }"


def test_conditions_go_with_the_fields_that_they_stand_on() -> None:
    query = "query ($x: Boolean!) { services { id name @include(if: $x) } }"

    (fetch,) = fetches(plan("care", query))

    assert fetch.document == "query ($x: Boolean!) { services { id name @include(if: $x) } }"
    assert fetch.variables == ("x",)


def test_a_request_that_hangs_on_a_condition_is_not_made_without_it() -> None:
    query = "query ($x: Boolean!) { services { id openPlaces @skip(if: $x) } }"

    node = plan("care", query).node

    assert isinstance(node, Sequence)
    condition = node.nodes[1]
    assert isinstance(condition, Condition)
    assert condition.variable == "x"
    assert condition.if_clause is None
    assert isinstance(condition.else_clause, Flatten)
    assert_answers("care", query, {"x": True})
    assert_answers("care", query, {"x": False})


def test_a_condition_on_a_parent_covers_the_requests_below_it() -> None:
    node = plan("care", "query ($x: Boolean!) { services @include(if: $x) { id openPlaces } }").node

    assert isinstance(node, Condition)
    assert isinstance(node.if_clause, Sequence)


def test_conditions_of_literals_are_settled_while_planning() -> None:
    planned = plan("care", "{ services { id openPlaces @include(if: false) name @skip(if: false) } }")

    assert fetches(planned)[0].document == "{ services { id name } }"


def test_two_conditions_of_one_kind_both_count() -> None:
    query = "query ($x: Boolean!, $y: Boolean!) { services { id ... @skip(if: $x) { name @skip(if: $y) } } }"

    for x in (True, False):
        for y in (True, False):
            assert_answers("care", query, {"x": x, "y": y})


def test_each_request_gets_only_the_variables_that_it_uses() -> None:
    query = """query Find($first: Int = 5, $unit: Unit!, $language: String) {
      services(first: $first) { name(language: $language) waitDays(unit: $unit) }
    }"""

    directory, availability = fetches(plan("care", query))

    assert directory.variables == ("first", "language")
    assert directory.document.startswith("query Find__0($first: Int = 5, $language: String) ")
    assert availability.variables == ("unit",)
    assert availability.document.startswith("query Find__1($representations: [_Any!]!, $unit: Unit!) ")


def test_a_dollar_in_a_string_is_no_variable() -> None:
    query = (
        'query ($area: String) { services(area: "$area \\" $area") { id } s: services(area: $area) { id } }'
    )

    assert fetches(plan("care", query))[0].variables == ("area",)
    assert_answers("care", query, {"area": "x"})


def test_keys_never_land_on_a_name_that_the_client_chose() -> None:
    query = "{ services { id: name openPlaces } }"

    planned = text("care", query)

    assert "_key_id: id" in planned
    assert_answers("care", query)


def test_fragments_and_repeated_fields_are_one() -> None:
    query = """{ services { ...A ... on Service { provider { npi } } } }
      fragment A on Service { id provider { title } ...B } fragment B on Service { id }"""

    assert fetches(plan("care", query))[0].document == "{ services { id provider { title npi } } }"


def test_mutations_are_strictly_one_after_the_other() -> None:
    planned = text(
        "desk", 'mutation { openTicket(title: "a") { ticket { owner { name } } } hire(name: "b") { name } }'
    )

    assert planned == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "tickets") {
              {
                openTicket(title: "a") {
                  ticket {
                    __typename
                    id
                  }
                }
              }
            },
            Flatten(path: "openTicket.ticket") {
              Fetch(service: "people") {
                {
                  ... on Ticket {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Ticket {
                    owner {
                      name
                    }
                  }
                }
              },
            },
            Fetch(service: "people") {
              {
                hire(name: "b") {
                  name
                }
              }
            },
          },
        }
        """
    )


def test_neighbouring_mutations_of_one_subgraph_are_one_request_which_keeps_their_order() -> None:
    planned = plan("desk", 'mutation { a: closeTicket(id: "1") { id } b: closeTicket(id: "2") { id } }')

    assert [fetch.document for fetch in fetches(planned)] == [
        'mutation { a: closeTicket(id: "1") { id } b: closeTicket(id: "2") { id } }'
    ]


def test_a_mutation_waits_for_what_follows_from_its_neighbour() -> None:
    planned = plan(
        "desk", 'mutation { a: closeTicket(id: "1") { owner { name } } b: closeTicket(id: "2") { id } }'
    )

    assert services(planned) == ["tickets", "people", "tickets"]


def test_a_mutation_that_could_null_its_neighbour_goes_by_itself() -> None:
    """The subgraph promises a ticket, the graph does not: once it fails, nothing else of its request has an answer."""
    promised = (
        (SUPERGRAPHS / "desk.graphql")
        .read_text()
        .replace(
            "closeTicket(id: ID!): Ticket @join__field(graph: TICKETS)",
            'closeTicket(id: ID!): Ticket @join__field(graph: TICKETS, type: "Ticket!")',
        )
    )
    document = parse('mutation { a: closeTicket(id: "1") { id } b: closeTicket(id: "2") { id } }')

    planned = Planner(World(promised).supergraph).plan(document)

    assert services(planned) == ["tickets", "tickets"]


def test_follow_up_requests_of_a_mutation_are_queries() -> None:
    kinds = [
        fetch.kind for fetch in fetches(plan("desk", 'mutation { closeTicket(id: "1") { owner { name } } }'))
    ]

    assert kinds == ["mutation", "query"]


def test_a_subscription_has_its_root_request_and_what_follows_each_event() -> None:
    node = plan("desk", 'subscription { ticketChanged(id: "1") { title owner { name } } }').node

    assert isinstance(node, Subscription)
    assert node.primary.kind == "subscription"
    assert node.primary.subgraph == "tickets"
    assert isinstance(node.rest, Flatten)
    assert isinstance(node.rest.node, Fetch)
    assert node.rest.node.subgraph == "people"


def test_the_query_type_inside_an_answer_may_be_asked_of_anyone() -> None:
    sdl = (SUPERGRAPHS / "desk.graphql").read_text()
    here = World(sdl.replace("type OpenTicket @join__type(graph: TICKETS) {", _WITH_QUERY))
    document = parse('mutation { openTicket(title: "a") { query { owner(name: "b") { name } } } }')

    first, second = fetches(Planner(here.supergraph).plan(document))

    assert (first.subgraph, first.kind) == ("tickets", "mutation")
    assert (second.subgraph, second.kind, second.requires) == ("people", "query", ())
    assert second.document == '{ owner(name: "b") { name } }'


def test_the_operation_is_found_by_name() -> None:
    document = parse("query A { services { id } } query B { busiest { id } }")
    planner = Planner(world("care").supergraph)

    assert services(planner.plan(document, "B")) == ["availability"]
    with pytest.raises(PlanningError, match="several operations"):
        planner.plan(document)
    with pytest.raises(PlanningError, match="'C'"):
        planner.plan(document, "C")


def test_an_operation_that_would_grow_without_bound_is_refused() -> None:
    fragments = "".join(
        f"fragment F{i} on Branch {{ a: items {{ branch {{ ...F{i + 1} }} }} b: items {{ branch {{ ...F{i + 1} }} }} }} "
        for i in range(20)
    )
    document = parse(f"{{ items {{ branch {{ ...F0 }} }} }} {fragments} fragment F20 on Branch {{ name }}")

    with pytest.raises(PlanningError, match="more than"):
        Planner(world("library").supergraph).plan(document)


def test_a_field_that_no_subgraph_can_answer_is_named() -> None:
    here = World(_UNREACHABLE)

    with pytest.raises(PlanningError, match=r"`Query\.thing`"):
        Planner(here.supergraph).plan(parse("{ thing { far } }"))


_WITH_QUERY = "type OpenTicket @join__type(graph: TICKETS) {\n  query: Query!"
_UNREACHABLE = """
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
type Query @join__type(graph: A) @join__type(graph: B) { thing: Thing @join__field(graph: A) }
type Thing @join__type(graph: A) @join__type(graph: B) {
  near: Int @join__field(graph: A)
  far: Int @join__field(graph: B)
}
"""
