"""Awards: paid by tranches, accounted for, never more than was promised, whatever happens at once (DOMAIN 4.9)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from services.grants.domain.money import (
    BOOKED,
    Account,
    EntryKind,
    Tranche,
    is_due,
    is_reference,
    tranche_amounts,
)
from services.grants.models import Award, AwardReturn, Disbursement, FundingRound, LedgerEntry
from tests.grants.programmes import HALVES, Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id


async def test_an_award_is_paid_by_its_schedule_receipted_and_closed(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"])

    first = await programmes.disburse(award, 1)
    await programmes.receipt(award, "2500.00 USD")
    await programmes.disburse(award, 2, "CHECK-18")
    await programmes.receipt(award, "2500.00 USD")
    closing = await programmes.settle(award, "BEGIN_CLOSEOUT")
    closed = await programmes.settle(award, "CLOSE")

    assert (first["award"]["state"], first["award"]["disbursed"]) == ("DISBURSING", "2500.00 USD")
    assert (closing["award"]["state"], closed["award"]["state"]) == ("CLOSEOUT", "CLOSED")
    seen = await programmes.award(award["application"], programmes.clinic)
    assert [(one["amount"], one["payerReference"]) for one in seen["tranches"]] == [
        ("2500.00 USD", "CHECK-17"),
        ("2500.00 USD", "CHECK-18"),
    ]
    assert [one["kind"] for one in seen["ledger"]] == [
        "AWARDED", "DISBURSED", "RECEIPT_ACCEPTED", "DISBURSED", "RECEIPT_ACCEPTED",
    ]  # fmt: skip


async def test_the_second_tranche_waits_until_receipts_reach_the_programs_rule(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round(tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"])
    await programmes.disburse(award, 1)

    without = await programmes.disburse(award, 2)
    await programmes.receipt(award, "1999.99 USD")
    nearly = await programmes.disburse(award, 2)
    await programmes.receipt(award, "0.01 USD", accept=False)
    refused = await programmes.disburse(award, 2)
    await programmes.receipt(award, "0.01 USD")
    enough = await programmes.disburse(award, 2)

    assert {one["__typename"] for one in (without, nearly, refused)} == {"TrancheNotDue"}
    assert enough["award"]["disbursed"] == "5000.00 USD"


async def test_nothing_is_paid_before_the_agreement_or_out_of_turn_or_twice(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"], signed=False)

    early = await programmes.disburse(award, 1)
    await programmes.move(programmes.clinic, award["application"], "SIGN_AGREEMENT")
    second_first = await programmes.disburse(award, 2)
    await programmes.disburse(award, 1)
    twice = await programmes.disburse(award, 1)
    third = await programmes.disburse(award, 3)

    assert (early["__typename"], early["state"]) == ("GrantMoveNotAllowed", "APPROVED")
    assert {one["__typename"] for one in (second_first, twice, third)} == {"TrancheNotDue"}


async def test_a_tranche_is_paid_once_by_payers_at_once(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"])

    answers = await asyncio.gather(*(programmes.disburse(award, 1, f"CHECK-{n}") for n in range(4)))

    assert Counter(one["__typename"] for one in answers) == {"AwardSaved": 1, "TrancheNotDue": 3}
    assert (await programmes.award(award["application"]))["disbursed"] == "2500.00 USD"


async def test_receipts_accepted_at_once_never_cover_more_than_was_paid(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"])
    await programmes.disburse(award, 1)

    answers = await asyncio.gather(*(programmes.receipt(award, "1000.00 USD") for _ in range(4)))

    assert Counter(one["__typename"] for one in answers) == {"ReceiptSaved": 2, "AwardExceeded": 2}
    assert (await programmes.award(award["application"]))["receipted"] == "2000.00 USD"


async def test_approvals_at_once_of_one_person_through_two_organisations_make_one_award(
    programmes: Programmes,
) -> None:
    """The funder knows them by one handle, whoever helped them apply."""
    round_, tiers = await programmes.round()
    person, first_clinic = new_id(), programmes.clinic
    waiting = []
    for clinic in (first_clinic, caller_of()):
        programmes.clinic = clinic
        proof = programmes.proof("GRANT_APPLICATION", recipient_handle=person)
        made = (await programmes.apply(round_, tiers["1000.00 USD"], proof=proof))["application"]
        await programmes.move(clinic, made, "SUBMIT")
        for step in ("SCREEN", "REVIEW"):
            await programmes.move(programmes.funder, made, step)
        waiting.append(made)

    versions = [await _version(programmes, one["id"]) for one in waiting]
    answers = await asyncio.gather(
        *(_approve(programmes, one["id"], version) for one, version in zip(waiting, versions, strict=True))
    )

    assert sorted(answers) == ["AlreadyThere", "GrantApplicationSaved"]


async def test_a_rescinded_award_gives_back_what_was_not_paid(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(budget="5000.00 USD", tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"])
    await programmes.disburse(award, 1)

    await programmes.move(programmes.funder, award["application"], "RESCIND", decision="TERMS_NOT_KEPT")
    later = await programmes.disburse(award, 2)
    given_back = await programmes.give_back(award, "2500.00 USD")

    assert later["__typename"] == "GrantMoveNotAllowed"
    assert given_back["award"]["returned"] == "2500.00 USD"
    assert (await programmes.award(award["application"]))["released"] == "2500.00 USD"
    again = await programmes.awarded(round_, tiers["5000.00 USD"])
    assert again["amount"] == "5000.00 USD"


async def test_an_award_is_closed_or_returned_only_when_every_cent_is_accounted_for(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round(tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"])
    await programmes.disburse(award, 1)
    await programmes.settle(award, "BEGIN_CLOSEOUT")

    open_ = await programmes.settle(award, "CLOSE")
    partly = await programmes.give_back(award, "2000.00 USD")
    not_all = await programmes.settle(award, "RETURN")
    more_than_out = await programmes.give_back(award, "500.01 USD")
    await programmes.give_back(award, "500.00 USD")
    done = await programmes.settle(award, "RETURN")

    assert (open_["__typename"], not_all["__typename"]) == ("GrantMoveNotAllowed", "GrantMoveNotAllowed")
    assert (partly["__typename"], more_than_out["__typename"]) == ("AwardSaved", "AwardExceeded")
    assert (done["award"]["state"], done["award"]["released"]) == ("RETURNED", "2500.00 USD")


async def test_only_the_funder_pays_and_only_the_applicants_side_records_receipts(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round()
    award = await programmes.awarded(round_, tiers["5000.00 USD"])

    by_applicant = await programmes.disburse(award, 1, by=programmes.clinic)
    by_stranger = await programmes.disburse(award, 1, by=caller_of())
    await programmes.disburse(award, 1)
    programmes.clinic, funder_as_clinic = programmes.funder, programmes.clinic
    recorded_by_funder = await programmes.receipt(award, "1.00 USD")

    assert (by_applicant["__typename"], by_stranger["__typename"]) == ("NotAllowed", "NotFound")
    assert recorded_by_funder["__typename"] == "NotAllowed"
    assert funder_as_clinic.organization != programmes.funder.organization


@pytest.mark.parametrize(
    "reference",
    [
        "",
        " CHECK",
        "DE89 3704 0044 0532 0130 00",
        "021000021",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "a" * 41,
    ],
)
def test_a_reference_that_could_be_of_a_bank_is_none(reference: str) -> None:
    assert not is_reference(reference)


@pytest.mark.parametrize("reference", ["CHECK-17", "CHK-2026-00417", "PO 118/2", "Q3_run#4"])
def test_a_payers_own_reference_is_one(reference: str) -> None:
    assert is_reference(reference)


async def test_no_bank_data_is_stored(programmes: Programmes) -> None:
    round_, tiers = await programmes.round()
    award = await programmes.awarded(round_, tiers["5000.00 USD"])

    refused = await programmes.disburse(award, 1, "40052013")

    assert refused["problems"] == [{"field": "payerReference"}]


@given(st.integers(1, 10**9), st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_tranches_make_the_award_to_the_cent(cents: int, parts: list[int]) -> None:
    whole = [*parts[:-1], 100 - sum(parts[:-1])] if sum(parts[:-1]) < 100 else [100]
    tranches = [Tranche(one) for one in whole]

    amounts = tranche_amounts(cents, tranches)

    assert sum(amounts) == cents
    assert all(one >= 0 for one in amounts)


@given(st.integers(0, 100), st.integers(1, 10**6))
def test_a_tranche_is_due_exactly_from_its_percentage_on(percent: int, paid: int) -> None:
    needed = -(-percent * paid // 100)

    assert is_due(Tranche(50, percent), paid, needed)
    assert percent == 0 or not is_due(Tranche(50, percent), paid, needed - 1)


def test_each_kind_of_entry_is_balanced_and_every_account_is_used() -> None:
    assert set(BOOKED) == set(EntryKind)
    assert all(debit is not credit for debit, credit in BOOKED.values())
    assert {account for pair in BOOKED.values() for account in pair} == set(Account)


@pytest.mark.parametrize(
    "tranches",
    [
        [],
        [{"percent": 99}],
        [{"percent": 50}, {"percent": 50, "receiptsPercent": 101}],
        [{"percent": 100, "receiptsPercent": 10}],
    ],
)
async def test_a_schedule_that_makes_no_sense_is_refused(
    programmes: Programmes, tranches: list[dict[str, int]]
) -> None:
    with pytest.raises(KeyError, match="fundingProgram"):
        await programmes.round(tranches=tranches)


# What the database keeps, asked past the operations by statements of the funder's own.


async def test_the_database_refuses_money_against_the_rules_whoever_writes_it(
    programmes: Programmes, database: Database
) -> None:
    round_, tiers = await programmes.round(tranches=HALVES)
    award = await programmes.awarded(round_, tiers["5000.00 USD"])
    funder = programmes.funder
    own = {
        "id": new_id(),
        "organization_id": funder.organization,
        "recipient_id": programmes.clinic.organization,
        "award_id": UUID(award["id"]),
        "payer_reference": "CHECK-1",
    }

    def pay(number: int, cents: int) -> Any:
        values = {**own, "number": number, "amount_cents": cents, "paid_at": text("now()")}
        return insert(Disbursement).values(values)

    back = {**own, "amount_cents": 1, "received_at": text("now()")}
    assert "tranche_by_schedule" in await _refusal(database, funder, pay(2, 250_000))
    assert "tranche_by_schedule" in await _refusal(database, funder, pay(1, 250_001))
    assert "ck_awards_accounted" in await _refusal(database, funder, insert(AwardReturn).values(back))
    await programmes.disburse(award, 1)
    assert "tranche_after_receipts" in await _refusal(database, funder, pay(2, 250_000))
    for statement in (
        "UPDATE awards SET amount_cents = 1",
        "UPDATE disbursements SET amount_cents = 1",
        "UPDATE ledger_entries SET amount_cents = 1",
        "DELETE FROM ledger_entries",
        "UPDATE funding_rounds SET awarded_cents = 0",
        "UPDATE grant_applications SET awarded_cents = 1",
    ):
        assert "42501" in await _refusal(database, funder, text(statement)), statement
    assert "append-only" in await _refusal(
        database, system_caller(funder.organization), text("DELETE FROM ledger_entries")
    )


async def _refusal(database: Database, caller: Caller, statement: Any) -> str:
    """What Postgres says to a statement that it refuses: its code, constraint and message."""
    with pytest.raises(DBAPIError) as refused:
        async with database.transaction(caller) as session:
            await session.execute(statement)
    cause = refused.value.orig.__cause__ if refused.value.orig else None
    return f"{getattr(cause, 'sqlstate', '')} {getattr(cause, 'constraint_name', '')} {refused.value}"


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_done_at_once_the_ledger_sums_to_zero_and_no_limit_is_passed(
    programmes: Programmes, database: Database, seed: int
) -> None:
    """Random steps on three awards in a round for two and a half of them, four at a time."""
    chance = random.Random(seed)
    round_, tiers = await programmes.round(budget="25000.00 USD", tranches=HALVES)
    awards = [await programmes.awarded(round_, tiers["10000.00 USD"]) for _ in range(2)]
    late = await programmes.reviewed(round_, tiers["10000.00 USD"])

    def step() -> Any:
        award, cents = chance.choice(awards), chance.choice((100_00, 2_500_00, 5_000_00))
        amount = f"{cents // 100}.00 USD"
        return chance.choice(
            (
                lambda: programmes.disburse(award, 1),
                lambda: programmes.disburse(award, 2),
                lambda: programmes.receipt(award, amount),
                lambda: programmes.receipt(award, amount),
                lambda: programmes.give_back(award, amount),
                lambda: programmes.settle(award, chance.choice(("BEGIN_CLOSEOUT", "CLOSE", "RETURN"))),
                lambda: programmes.move(
                    programmes.funder, award["application"], "RESCIND", decision="TERMS_NOT_KEPT"
                ),
                lambda: programmes.move(programmes.funder, late, "APPROVE"),
            )
        )()

    for _ in range(6):
        await asyncio.gather(*(step() for _ in range(4)))
        await _adds_up(database, UUID(round_))


async def _adds_up(database: Database, round_id: UUID) -> None:
    async with database.transaction(system_caller(new_id())) as session:
        round_ = await session.get_one(FundingRound, round_id)
        awards = list(await session.scalars(select(Award).where(Award.round_id == round_id)))
        entries = list(await session.scalars(select(LedgerEntry).where(LedgerEntry.round_id == round_id)))
    balance: Counter[Account] = Counter()
    for entry in entries:
        assert (entry.debit, entry.credit) == BOOKED[entry.kind]
        balance[entry.debit] += entry.amount_cents
        balance[entry.credit] -= entry.amount_cents

    kept = sum(one.amount_cents - one.released_cents - one.returned_cents for one in awards)
    assert sum(balance.values()) == 0
    assert kept == round_.awarded_cents <= round_.budget_cents
    assert balance[Account.BUDGET] == round_.budget_cents - round_.awarded_cents >= 0
    assert balance[Account.COMMITTED] == sum(
        one.amount_cents - one.disbursed_cents - one.released_cents for one in awards
    )
    assert balance[Account.ADVANCED] == sum(
        one.disbursed_cents - one.receipted_cents - one.returned_cents for one in awards
    )
    assert balance[Account.SPENT] == sum(one.receipted_cents for one in awards)
    assert all(one.disbursed_cents <= one.amount_cents for one in awards)


async def _version(programmes: Programmes, id_: str) -> int:
    document = "query($id: ID!) { grantApplication(id: $id) { version } }"
    return int(
        (await programmes.grants.data(programmes.funder, document, id=id_))["grantApplication"]["version"]
    )


async def _approve(programmes: Programmes, id_: str, version: int) -> str:
    document = """mutation($input: MoveGrantApplicationInput!) {
      moveGrantApplication(input: $input) { __typename } }"""
    given = {"idempotencyKey": str(new_id()), "id": id_, "expectedVersion": version, "move": "APPROVE"}
    return str(
        (await programmes.grants.data(programmes.funder, document, input=given))["moveGrantApplication"][
            "__typename"
        ]
    )
