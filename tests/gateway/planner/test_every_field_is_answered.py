"""The planner's one promise, tried on random operations: asked of subgraphs that refuse what they cannot answer
(external, overridden, not provided, requirements not sent, unknown to their schema), the planned requests give
exactly what one service that knows everything would give. The graphs here are composed ones; `tests.gateway.oracle`
draws its own."""

from __future__ import annotations

import pytest
from graphql import validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.planner.asking import world
from tests.gateway.planner.random_queries import operations
from tests.gateway.planner.running import planned_answer


@pytest.mark.parametrize("name", ["care", "library", "accounts", "desk"])
@given(data=st.data())
@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
def test_every_field_of_a_random_operation_is_fetched_where_it_can_be_answered(
    name: str, data: st.DataObject
) -> None:
    here = world(name)
    asked = data.draw(operations(here.supergraph.api_schema))
    assert not validate(here.supergraph.api_schema, asked.document)

    assert planned_answer(here, asked.document, asked.completed) == here.truth(
        asked.document, asked.variables
    )
