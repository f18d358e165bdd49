"""Money crosses the API as text, exact to the cent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vereda.scalars import Amount, parse_money

amounts = st.builds(
    Amount,
    cents=st.integers(min_value=-99_999_999_999_999, max_value=99_999_999_999_999),
    currency=st.from_regex(re.compile(r"[A-Z]{3}", re.ASCII), fullmatch=True),
)


@given(amounts)
def test_an_amount_that_is_written_and_read_again_is_the_same(amount: Amount) -> None:
    assert parse_money(str(amount)) == amount


@pytest.mark.parametrize(
    ("cents", "written"),
    [
        (500_000, "5000.00 USD"),
        (1, "0.01 USD"),
        (0, "0.00 USD"),
        (-1, "-0.01 USD"),
        (-12_345, "-123.45 USD"),
    ],
)
def test_an_amount_is_written_with_two_decimals_and_its_currency(cents: int, written: str) -> None:
    assert str(Amount(cents)) == written


@pytest.mark.parametrize(
    "given_",
    [
        "5000 USD",
        "5000.0 USD",
        "5000.000 USD",
        "5,000.00 USD",
        "5000.00",
        "5000.00USD",
        "5000.00 usd",
        "5000.00 USDT",
        "$5000.00",
        "+5.00 USD",
        "--5.00 USD",
        ".50 USD",
        " 5.00 USD",
        "5.00 USD\n",
        "1e3.00 USD",
        "٥.٠٠ USD",
        "9999999999999.00 USD",
        "",
        5000,
        50.0,
        True,
        None,
        {"cents": 1},
    ],
)
def test_money_in_another_form_is_refused_with_the_form_that_is_right(given_: object) -> None:
    with pytest.raises(ValueError, match=re.escape('Money is written "5000.00 USD"')):
        parse_money(given_)
