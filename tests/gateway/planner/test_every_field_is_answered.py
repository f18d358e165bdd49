"""The planner's one promise, tried on random operations: asked of subgraphs that refuse what they cannot answer
(external, overridden, not provided, requirements not sent, unknown to their schema), the planned requests give
exactly what one service that knows everything would give."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.planner.asking import world
from tests.gateway.planner.random_queries import VARIABLES, operations
from tests.gateway.planner.running import planned_answer


@pytest.mark.parametrize("name", ["care", "library", "accounts", "desk"])
@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
def test_every_field_of_a_random_operation_is_fetched_where_it_can_be_answered(
    name: str, data: st.DataObject
) -> None:
    here = world(name)
    document = data.draw(operations(here.supergraph.api_schema))

    assert planned_answer(here, document, VARIABLES) == here.truth(document, VARIABLES)
