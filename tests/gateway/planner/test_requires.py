"""Fields that are computed from other subgraphs' fields (Federation 2 §@requires)."""

from __future__ import annotations

import pytest

from tests.gateway.planner.asking import assert_answers, expected, plan, services, text, world
from tests.gateway.planner.running import Run


def test_required_fields_are_fetched_first_and_sent_along() -> None:
    planned = text("care", "{ topRated(limit: 1) { trusted } }")

    assert planned == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings") {
              {
                topRated(limit: 1) {
                  __typename
                  npi
                  rating
                }
              }
            },
            Flatten(path: "topRated.@") {
              Fetch(service: "matching") {
                {
                  ... on Provider {
                    __typename
                    npi
                    rating
                  }
                } =>
                {
                  ... on Provider {
                    trusted
                  }
                }
              },
            },
          },
        }
        """
    )


def test_required_fields_of_several_subgraphs_are_gathered_in_parallel() -> None:
    query = '{ service(id: "s") { urgency } }'

    assert services(plan("care", query)) == ["directory", "availability", "ratings", "matching"]
    assert text("care", query).count("Parallel {") == 1
    assert_answers("care", query)


def test_what_is_required_may_itself_require() -> None:
    query = "{ services { rank } }"

    assert services(plan("care", query))[-2:] == ["matching", "ranking"]
    assert_answers("care", query)


def test_one_field_required_with_two_arguments_needs_two_requests() -> None:
    """A representation has one value for each field, so `waitDays` in weeks and in days cannot be sent together."""
    query = "{ services { wait waitInDays } }"

    assert services(plan("care", query)) == ["directory", "availability", "matching", "matching"]
    assert_answers("care", query)


def test_the_clients_own_arguments_do_not_disturb_required_ones() -> None:
    assert_answers("care", "{ services { wait waitDays(unit: DAYS) } }")
    assert_answers("care", "{ services { waitDays: openPlaces wait id: code rating: name urgency } }")


def test_an_interface_object_requires_a_field_of_the_real_types() -> None:
    query = "{ recent { score } }"

    assert services(plan("accounts", query)) == ["activity", "identity", "scores"]
    assert_answers("accounts", query)


@pytest.mark.parametrize("condition", ["@include(if: $is)", "@skip(if: $is)"])
def test_what_only_a_field_that_is_left_out_requires_is_left_out_with_it(condition: str) -> None:
    """`urgency` is ranked from the provider's rating, for which a service of its own must be asked."""
    query = f"query($is: Boolean!) {{ services {{ id urgency {condition} }} }}"

    for is_asked in (True, False):
        included = is_asked is (condition == "@include(if: $is)")
        here = world("care")
        run = Run(here, {"is": is_asked})
        run.all_of(plan("care", query))

        assert (len(run.requests) > 1) is included, run.requests
        assert_answers("care", query, {"is": is_asked})
