"""Scalars of our graph that GraphQL itself does not have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

_MONEY: Final = re.compile(r"(-?)([0-9]{1,12})\.([0-9]{2}) ([A-Z]{3})")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money: whole `cents` (minor units) of an ISO 4217 `currency`."""

    cents: int
    currency: str = "USD"

    def __str__(self) -> str:
        whole, rest = divmod(abs(self.cents), 100)
        return f"{'-' if self.cents < 0 else ''}{whole}.{rest:02d} {self.currency}"


def parse_money(value: Any) -> Amount:
    """`"5000.00 USD"` as an Amount. Raises: ValueError, saying the form."""
    match = _MONEY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('Money is written "5000.00 USD": two decimals, a space, an ISO 4217 currency.')
    sign, whole, rest, currency = match.groups()
    cents = int(whole) * 100 + int(rest)
    return Amount(-cents if sign else cents, currency)


#: An `Amount` in the graph. Annotate fields with it; resolvers give and take `Amount`.
Money = NewType("Money", Amount)


def parse_moment(value: Any) -> datetime:
    """An instant, `"2027-05-01T09:00:00-07:00"` (RFC 3339). Raises: ValueError where the offset from UTC is missing."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:  # whose words quote what was sent (R34)
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError('An instant is written "2027-05-01T09:00:00-07:00", with its offset from UTC, or Z.')
    return moment


SCALARS: Final[dict[object, ScalarDefinition]] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description='An instant with its offset from UTC (RFC 3339), such as "2027-05-01T16:00:00+00:00".',
        serialize=datetime.isoformat,
        parse_value=parse_moment,
    ),
    Money: strawberry.scalar(
        name="Money",
        description='An amount with its ISO 4217 currency, such as "5000.00 USD".',
        serialize=str,
        parse_value=parse_money,
    ),
}
