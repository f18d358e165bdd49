"""Scalars of our graph that GraphQL itself does not have."""

from __future__ import annotations

import re
from dataclasses import dataclass
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

SCALARS: Final[dict[object, ScalarDefinition]] = {
    Money: strawberry.scalar(
        name="Money",
        description='An amount with its ISO 4217 currency, such as "5000.00 USD".',
        serialize=str,
        parse_value=parse_money,
    ),
}
