"""What the planner decides greedily is held against every other way to decide (for operations small enough)."""

from __future__ import annotations

import pytest
from hypothesis import given

from gateway.planner import Planner
from tests.gateway.oracle.cases import Case, cases
from tests.gateway.oracle.choosing import cost_of, other_costs
from tests.support.trying import examples

pytestmark = pytest.mark.oracle

#: Other plans that are looked at for one operation.
_MOST = 100


@examples(50)
@given(case=cases())
def test_no_other_choice_of_subgraphs_takes_fewer_steps_or_as_many_with_fewer_requests(case: Case) -> None:
    supergraph = case.world.supergraph
    for asked in case.queries:
        planned = cost_of(Planner(supergraph).plan(asked.whole))

        assert all(planned <= other for other in other_costs(supergraph, asked.whole, _MOST))
