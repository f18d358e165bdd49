"""Which paths are passed on, as an operator says it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.passing.prefixes import PATHS_VARIABLE, UnpassableError, passed_paths, target
from vereda.errors import OperatorError


def test_prefixes_are_written_with_their_subgraphs() -> None:
    said = {PATHS_VARIABLE: " /hsds/3.0=partners , /feed=grants"}

    assert passed_paths(said) == {"/hsds/3.0": "partners", "/feed": "grants"}
    assert passed_paths({}) == {}


@pytest.mark.parametrize(
    "said",
    ["partners", "/hsds=", "hsds=partners", "/=partners", "/hsds/=partners", "/hsds/../x=p", "/a//b=p", "/a b=p",
     "/hsds=partners,/hsds/3.0=grants", "/hsds=partners,/hsds=grants"],
)  # fmt: skip
def test_what_makes_no_sense_is_told_at_start(said: str) -> None:
    with pytest.raises(OperatorError, match=PATHS_VARIABLE):
        passed_paths({PATHS_VARIABLE: said})


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_is_asked_for_fits_on_one_line_of_a_request(path: bytes, query: bytes) -> None:
    try:
        found = target(b"/hsds/" + path, query)
    except UnpassableError:
        return

    assert found.isascii()
    assert not any(character <= " " or character == "\x7f" for character in found)
    assert "/../" not in f"{found.partition('?')[0]}/"
