"""The wall's one promise, over graphs that are drawn together with who may see what: each caller gets what the definition
leaves of the whole answer, and no service is asked for the rest."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.gateway.authorization.trying import Case, assert_guarded, cases
from tests.support.trying import examples

pytestmark = pytest.mark.oracle


@examples(50)
@given(case=cases())
def test_each_caller_gets_what_the_definition_leaves_and_nobody_is_asked_for_the_rest(case: Case) -> None:
    assert_guarded(case)
