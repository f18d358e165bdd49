"""Interfaces, unions and interface objects, whose members differ between subgraphs."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planner import ClashError, Planner
from gateway.planner.plan import SetValue
from tests.gateway.planner.asking import assert_answers, expected, fetches, plan, services, text, world


def test_an_interface_field_stays_on_the_interface_where_the_subgraph_has_it() -> None:
    planned = text("library", "{ items { id title } }")

    assert planned == expected(
        """
        QueryPlan {
          Fetch(service: "catalogue") {
            {
              items {
                __typename
                id
                title
              }
            }
          },
        }
        """
    )


def test_an_interface_field_of_another_subgraph_is_asked_of_each_implementation_in_one_request() -> None:
    query = "{ items { copies } }"

    assert services(plan("library", query)) == ["catalogue", "lending"]
    assert 'path: "items.@.|[Book,Film,Record]"' in text("library", query)
    assert_answers("library", query)


def test_a_fragment_on_a_type_that_cannot_be_there_costs_nothing() -> None:
    planned = text("library", "{ shelf { ... on Book { due } ... on Record { title } } }")

    assert "Film" not in planned
    assert services(plan("library", "{ featured { ... on Film { minutes } } }")) == ["catalogue"]


def test_a_fragment_on_an_interface_that_a_subgraph_lacks_is_spread_over_its_types() -> None:
    query = "{ shelf { ... on Media { minutes title } } }"

    assert services(plan("library", query)) == ["lending", "catalogue"]
    assert_answers("library", query)


def test_members_that_disagree_on_a_type_are_aliased_apart_and_renamed_back() -> None:
    """`Book.due` is a String and `Film.due` an Int: one response key cannot be both (GraphQL §field merging)."""
    query = "{ items { ... on Book { due } ... on Film { late: due } title } }"

    assert_answers("library", query)


def test_implementations_of_other_nullability_are_renamed_back() -> None:
    """`Item.title` is nullable, but `Book.title` is not: asked of each implementation, one needs an alias."""
    query = "{ shelf { ... on Item { title } } }"

    planned = fetches(plan("library", query))

    assert [rename.to for fetch in planned for rename in fetch.output_rewrites] == ["title"]
    assert_answers("library", query)


def test_union_members_lead_on_to_their_own_subgraphs() -> None:
    assert_answers(
        "library",
        "{ search { __typename ... on Author { born works { ... on Film { director { born } copies } } } } }",
    )


def test_typename_of_an_abstract_field_is_always_fetched() -> None:
    assert "__typename" in fetches(plan("library", "{ featured { title } }"))[0].document


def test_an_interface_object_gets_representations_under_the_interfaces_name() -> None:
    planned = fetches(plan("accounts", "{ accounts { lastSeen } }"))

    assert [fetch.subgraph for fetch in planned] == ["identity", "activity"]
    assert planned[1].input_rewrites == (SetValue(("__typename",), "Account"),)
    assert_answers("accounts", "{ accounts { lastSeen } }")


def test_the_real_type_behind_an_interface_object_is_asked_of_who_knows_it() -> None:
    assert services(plan("accounts", "{ recent { lastSeen } }")) == ["activity"]
    assert services(plan("accounts", "{ recent { lastSeen kind: __typename } }")) == ["activity", "identity"]
    assert_answers("accounts", "{ recent { kind: __typename friends { ... on Worker { desk } } } }")


def test_an_implementation_reaches_fields_of_an_interface_object() -> None:
    assert_answers("accounts", "{ accounts { ... on Client { handle lastSeen friends { email } } } }")


def test_one_alias_for_two_fields_of_types_that_a_subgraph_cannot_tell_apart_is_refused() -> None:
    """To `activity` workers and clients are one object type, in which a response key has one meaning."""
    planner = Planner(world("accounts").supergraph)

    with pytest.raises(
        ClashError, match=r"x stands for \w+ and for \w+ in one place.*: give one of them another"
    ):
        planner.plan(parse("{ recent { ... on Worker { x: lastSeen } ... on Client { x: id } } }"))

    assert_answers("accounts", "{ recent { ... on Worker { x: lastSeen } ... on Client { y: id } } }")
