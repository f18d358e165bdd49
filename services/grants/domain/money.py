"""How an award is paid out and accounted for (DOMAIN 4.9). Amounts are whole cents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final


class Account(StrEnum):
    """Where a round's money is. FUNDS is the world outside of the round: what it was given, and so its balance is negative."""

    FUNDS = "FUNDS"
    BUDGET = "BUDGET"
    COMMITTED = "COMMITTED"
    ADVANCED = "ADVANCED"
    SPENT = "SPENT"


class EntryKind(StrEnum):
    """Why money moved from one account to another."""

    ROUND_OPENED = "ROUND_OPENED"
    AWARDED = "AWARDED"
    DISBURSED = "DISBURSED"
    RECEIPT_ACCEPTED = "RECEIPT_ACCEPTED"
    RETURNED = "RETURNED"
    RELEASED = "RELEASED"


#: Each kind's debit and credit: an entry is one amount out of one account into another, and so cannot be unbalanced.
BOOKED: Final[Mapping[EntryKind, tuple[Account, Account]]] = {
    EntryKind.ROUND_OPENED: (Account.BUDGET, Account.FUNDS),
    EntryKind.AWARDED: (Account.COMMITTED, Account.BUDGET),
    EntryKind.DISBURSED: (Account.ADVANCED, Account.COMMITTED),
    EntryKind.RECEIPT_ACCEPTED: (Account.SPENT, Account.ADVANCED),
    EntryKind.RETURNED: (Account.BUDGET, Account.ADVANCED),
    EntryKind.RELEASED: (Account.BUDGET, Account.COMMITTED),
}


class ReceiptStatus(StrEnum):
    RECORDED = "RECORDED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


class Spending(StrEnum):
    """What a grant was spent on. No kind says anything of who somebody is."""

    EQUIPMENT = "EQUIPMENT"
    SUPPLIES = "SUPPLIES"
    LICENSES_AND_FEES = "LICENSES_AND_FEES"
    RENT = "RENT"
    MARKETING = "MARKETING"
    PROFESSIONAL_SERVICES = "PROFESSIONAL_SERVICES"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Tranche:
    """A part of an award: `percent` of it, due once receipts cover `receipts_percent` of what was paid before."""

    percent: int
    receipts_percent: int = 0


def tranche_problems(tranches: Sequence[Tranche]) -> dict[str, str]:
    """What is wrong with a program's schedule, by field; empty where nothing is."""
    if not tranches or sum(one.percent for one in tranches) != 100 or min(t.percent for t in tranches) < 1:
        return {"tranches": "must be parts of 1 percent or more that make 100"}
    if any(not 0 <= one.receipts_percent <= 100 for one in tranches) or tranches[0].receipts_percent:
        return {"tranches": "must wait for receipts of 0 to 100 percent, the first for none"}
    return {}


def tranche_amounts(amount_cents: int, tranches: Iterable[Tranche]) -> tuple[int, ...]:
    """What each tranche of an award pays. They make the award to the cent, whatever the percentages."""
    ends = accumulate((one.percent for one in tranches), initial=0)
    return tuple(amount_cents * end // 100 - amount_cents * begin // 100 for begin, end in pairwise(ends))


def is_due(tranche: Tranche, disbursed_cents: int, receipted_cents: int) -> bool:
    """Whether receipts cover what this tranche waits for."""
    return receipted_cents * 100 >= tranche.receipts_percent * disbursed_cents


_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_#-]{0,39}")
#: An account, routing or card number: eight digits in a row, four groups of four, or an IBAN (ISO 13616).
_OF_A_BANK: Final = re.compile(r"\d{8}|(?:\d{4}[ -]?){3}\d|[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2}", re.IGNORECASE)


def is_reference(text: str) -> bool:
    """Whether a text can be a payer's own reference of a payment, and is no number of a bank account or card."""
    return _REFERENCE.fullmatch(text) is not None and _OF_A_BANK.search(text) is None
