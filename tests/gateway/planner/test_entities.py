"""Fetching entities: which subgraph is asked, by which key, and how often (Federation 2 §entities)."""

from __future__ import annotations

from tests.gateway.planner.asking import assert_answers, expected, fetches, plan, services, text


def test_what_one_subgraph_answers_is_one_request() -> None:
    planned = text("care", "{ services { name provider { title } } }")

    assert planned == expected(
        """
        QueryPlan {
          Fetch(service: "directory") {
            {
              services {
                name
                provider {
                  title
                }
              }
            }
          },
        }
        """
    )


def test_an_entity_is_asked_for_by_its_key() -> None:
    planned = text("care", "{ services { name openPlaces } }")

    assert planned == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "directory") {
              {
                services {
                  name
                  __typename
                  id
                }
              }
            },
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
        }
        """
    )


def test_a_nested_key_is_sent_nested() -> None:
    planned = text("care", '{ service(id: "s") { stars } }')

    assert "registry {\n" in planned
    assert_answers("care", '{ service(id: "s") { stars } }')


def test_two_subgraphs_without_a_common_key_are_joined_through_a_third() -> None:
    query = "{ topRated(limit: 1) { reviews { service { openPlaces } } } }"

    planned = plan("care", query)

    assert services(planned) == ["ratings", "directory", "availability"]
    assert_answers("care", query)


def test_a_key_that_is_not_resolvable_is_never_asked_with() -> None:
    planned = plan("care", "{ topRated(limit: 1) { title } }")

    assert services(planned) == ["ratings", "directory"]


def test_root_fields_of_several_subgraphs_run_in_parallel() -> None:
    planned = text("care", "{ services { name } topRated(limit: 2) { rating } }")

    assert planned.startswith("QueryPlan {\n  Parallel {\n    Fetch")


def test_a_shared_value_is_put_together_from_both_roots_at_once() -> None:
    query = "{ county { fips label openPlaces } }"

    planned = plan("care", query)

    assert sorted(services(planned)) == ["availability", "directory"]
    assert "Parallel" in text("care", query)
    assert_answers("care", query)


def test_requests_to_one_subgraph_at_one_path_are_one() -> None:
    planned = plan("care", "{ services { openPlaces waitDays phone } }")

    assert services(planned) == ["directory", "availability"]


def test_an_overridden_field_is_asked_of_its_new_owner() -> None:
    planned = plan("care", "{ services { phone } }")

    assert services(planned) == ["directory", "availability"]


def test_a_shareable_field_is_asked_where_the_plan_already_is() -> None:
    assert services(plan("care", "{ busiest { address { city } } }")) == ["availability"]
    assert services(plan("care", "{ services { address { city } } }")) == ["directory"]


def test_provided_fields_save_a_request_on_that_path_only() -> None:
    provided = plan("care", "{ busiest { provider { title } } }")
    not_provided = plan("care", "{ topRated(limit: 1) { reviews { service { summary } } } }")

    assert services(provided) == ["availability"]
    assert services(not_provided) == ["ratings"]
    assert services(plan("care", "{ topRated(limit: 1) { title } }")) == ["ratings", "directory"]


def test_the_plan_of_equal_input_is_equal() -> None:
    query = "{ services { name rank provider { trusted } } busiest { code } }"

    assert plan("care", query) == plan("care", query)


def test_fetch_ids_are_unique_and_operation_names_follow_them() -> None:
    planned = fetches(plan("care", "query Find { services { name openPlaces } topRated(limit: 1) { npi } }"))

    assert len({fetch.id for fetch in planned}) == len(planned)
    assert {fetch.operation_name for fetch in planned} == {f"Find__{fetch.id}" for fetch in planned}
