"""The engine's one promise, over graphs that are drawn together with how they are split: the federated answer is
what one service that knows everything would give, byte for byte; the subgraphs are only asked what they can answer."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.gateway.oracle.answering import assert_answered, assert_failed_alike
from tests.gateway.oracle.cases import Case, cases
from tests.support.trying import examples

pytestmark = pytest.mark.oracle


@examples(90)
@given(case=cases())
def test_the_federated_answer_is_that_of_one_service_that_knows_everything(case: Case) -> None:
    for asked in case.asked:
        assert_answered(case.world, asked)


@examples(60)
@given(case=cases(failing=True))
def test_where_fields_fail_the_same_data_is_left_and_the_same_fields_are_to_blame(case: Case) -> None:
    for asked in case.asked:
        assert_failed_alike(case.world, asked)
