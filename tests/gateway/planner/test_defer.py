"""`@defer`: what can wait is planned apart from what is answered first (GraphQL incremental delivery §@defer)."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planner import to_json
from gateway.planner.plan import Condition, Defer, QueryPlan
from tests.gateway.planner.asking import expected, fetches, plan, services, text, world
from tests.gateway.planner.running import Run, project


def deferring(query: str) -> Defer:
    node = plan("care", query).node
    assert isinstance(node, Defer)
    return node


def test_a_deferred_fragment_waits_for_the_fetch_that_leads_to_it() -> None:
    planned = text("care", '{ services { name ... @defer(label: "places") { openPlaces } } }')

    assert planned == expected(
        """
        QueryPlan {
          Defer {
            Primary {
              Fetch(service: "directory") {
                {
                  services {
                    name
                    __typename
                    id
                  }
                }
              },
            },
            Deferred(depends: [0], path: "services.@", label: "places") {
              {
                openPlaces
              }:
              Flatten(path: "services.@") {
                Fetch(service: "availability") {
                  {
                    ... on Service {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Service {
                      openPlaces
                    }
                  }
                },
              },
            },
          },
        }
        """
    )


def test_what_is_answered_first_does_not_wait_for_a_field_that_can() -> None:
    """The same subgraph is asked twice at one place: once at once, once later."""
    node = deferring("{ services { openPlaces ... @defer { waitDays: openPlaces } } }")

    assert [fetch.subgraph for fetch in fetches(QueryPlan(node))] == [
        "directory",
        "availability",
        "availability",
    ]
    assert len(node.deferred) == 1


def test_fields_that_come_with_the_first_answer_anyway_are_not_put_off() -> None:
    planned = plan("care", "{ services { name ... @defer { code } } }")

    assert services(planned) == ["directory"]
    assert not isinstance(planned.node, Defer)


def test_each_fragment_is_a_part_of_its_own() -> None:
    node = deferring(
        '{ services { id ... @defer(label: "a") { openPlaces } ...B @defer(label: "b") } } fragment B on Service { stars }'
    )

    assert [(part.label, part.path) for part in node.deferred] == [
        ("a", ("services", "@")),
        ("b", ("services", "@")),
    ]


def test_a_deferred_fragment_below_another_is_deferred_once_more() -> None:
    node = deferring(
        '{ services { id ... @defer(label: "outer") { openPlaces ... @defer(label: "inner") { stars } } } }'
    )

    assert [part.label for part in node.deferred] == ["outer", "inner"]
    assert [fetch.subgraph for fetch in fetches(QueryPlan(node))] == ["directory", "availability", "ratings"]


def test_a_boolean_decides_between_two_plans() -> None:
    query = "query($later: Boolean!) { services { id ... @defer(if: $later) { openPlaces } } }"

    node = plan("care", query).node

    assert isinstance(node, Condition)
    assert isinstance(node.if_clause, Defer)
    assert not isinstance(node.else_clause, Defer)
    numbers = [fetch.id for fetch in fetches(plan("care", query))]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(("said", "is_deferred"), [("true", True), ("false", False)])
def test_a_literal_decides_at_once(said: str, is_deferred: bool) -> None:
    planned = plan("care", f"{{ services {{ id ... @defer(if: {said}) {{ openPlaces }} }} }}")

    assert isinstance(planned.node, Defer) is is_deferred


def test_many_booleans_do_not_multiply_the_plan_without_end() -> None:
    names = [f"v{number}" for number in range(12)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    parts = " ".join(f"... @defer(if: ${name}) {{ {name}: openPlaces }}" for name in names)

    planned = plan("care", f"query({declared}) {{ services {{ id {parts} }} }}")

    assert len(fetches(planned)) <= 8 * 5


def test_json_tells_the_part_as_the_fields_tools_do() -> None:
    found = to_json(plan("care", '{ services { name ... @defer(label: "places") { openPlaces } } }'))

    assert found["node"]["kind"] == "Defer"
    (part,) = found["node"]["deferred"]
    assert part["depends"] == [{"id": "0"}]
    assert (part["label"], part["queryPath"], part["subselection"]) == (
        "places",
        ["services", "@"],
        "{ openPlaces }",
    )


@pytest.mark.parametrize(
    "query",
    [
        "{ services { name ... @defer { openPlaces provider { title } } ... @defer { stars } } }",
        "{ services { name openPlaces ... @defer { openPlaces stars provider { rating title } } } }",
        "{ services { ... @defer { urgency } } }",
        "{ ... @defer { services { urgency } } }",
    ],
)
def test_the_answer_is_the_same_with_and_without(query: str) -> None:
    here, plain = world("care"), parse(query.replace("@defer", ""))

    merged = Run(here, {}).all_of(plan("care", query))

    assert project(here, plain, merged, {}) == here.truth(plain, {})
