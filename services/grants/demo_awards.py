"""What became of the demo network's awards: paid by tranches, receipted, closed or still under way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import BY_NAME, ApplicationMoveName, ApplicationState, Side
from services.grants.domain.money import BOOKED, EntryKind, ReceiptStatus, Spending, Tranche, tranche_amounts
from services.grants.models import (
    Award,
    Disbursement,
    LedgerEntry,
    Receipt,
)
from vereda.demo.network import EPOCH
from vereda.ids import seeded_id

SCHEDULE: Final = (Tranche(50), Tranche(50, 80))
_M: Final = ApplicationMoveName
#: How far awards are, by how many of them each.
_WAYS: Final = (
    ((), 3),
    ((_M.SIGN_AGREEMENT,), 5),
    ((_M.SIGN_AGREEMENT, _M.DISBURSE), 8),
    ((_M.SIGN_AGREEMENT, _M.DISBURSE, _M.DISBURSE), 10),
    ((_M.SIGN_AGREEMENT, _M.DISBURSE, _M.DISBURSE, _M.BEGIN_CLOSEOUT), 6),
    ((_M.SIGN_AGREEMENT, _M.DISBURSE, _M.DISBURSE, _M.BEGIN_CLOSEOUT, _M.CLOSE), 22),
)
#: Of the last tranche, where nothing is closed out yet, only a part is receipted.
_UNFINISHED_PERCENT: Final = 40


@dataclass(slots=True)
class Books:
    """Rows of every table that money is in, as the database itself would have written them."""

    awards: list[dict[str, Any]] = field(default_factory=list)
    disbursements: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def book(
        self, kind: EntryKind, cents: int, at: datetime, round_: dict[str, Any], award: UUID | None, key: str
    ) -> None:
        debit, credit = BOOKED[kind]
        self.entries.append(
            {
                "id": seeded_id("demo-ledger", key, EPOCH),
                "organization_id": round_["organization_id"],
                "recipient_id": round_.get("recipient_id"),
                "round_id": round_["id"],
                "award_id": award,
                "kind": kind,
                "debit": debit,
                "credit": credit,
                "amount_cents": cents,
                "occurred_at": at,
            }
        )

    async def write(self, session: AsyncSession) -> None:
        for model, rows in (
            (Award, self.awards),
            (Disbursement, self.disbursements),
            (Receipt, self.receipts),
            (LedgerEntry, self.entries),
        ):
            await session.execute(insert(model), rows)


def schedule_of(program: UUID, funder: UUID) -> list[dict[str, Any]]:
    """The rows of the program's tranches."""
    return [
        {
            "program_id": program,
            "number": number,
            "organization_id": funder,
            "percent": one.percent,
            "receipts_percent": one.receipts_percent,
        }
        for number, one in enumerate(SCHEDULE, start=1)
    ]


def pay(
    applications: list[dict[str, Any]], events: list[dict[str, Any]], now: datetime, chance: random.Random
) -> Books:
    """Go on with each application that was approved, to where its money is now; changes their states, adds their events."""
    books = Books()
    ways = [way for way, times in _WAYS for _ in range(times)]
    approved = [one for one in applications if one["state"] is ApplicationState.APPROVED]
    for application, way in zip(approved, ways, strict=True):
        _pay_one(books, application, way, events, now, chance)
    return books


def _pay_one(
    books: Books,
    application: dict[str, Any],
    way: tuple[ApplicationMoveName, ...],
    events: list[dict[str, Any]],
    now: datetime,
    chance: random.Random,
) -> None:
    number, funder = str(application["id"]), application["funder_id"]
    award = {
        "id": seeded_id("demo-award", number, EPOCH),
        "organization_id": funder,
        "recipient_id": application["organization_id"],
        "application_id": application["id"],
        "round_id": application["round_id"],
        "participant_handle": application["funder_handle"],
        "amount_cents": application["awarded_cents"],
        "disbursed_cents": 0,
        "receipted_cents": 0,
        "returned_cents": 0,
        "released_cents": 0,
        "awarded_at": application["decided_at"],
    }
    round_ = {"id": application["round_id"], "organization_id": funder, "recipient_id": award["recipient_id"]}
    books.awards.append(award)
    books.book(
        EntryKind.AWARDED,
        award["amount_cents"],
        award["awarded_at"],
        round_,
        award["id"],
        f"{number}/awarded",
    )
    amounts, paid = tranche_amounts(award["amount_cents"], SCHEDULE), 0
    days = _spread(application["decided_at"], now, len(way) + 1, chance)
    for sequence, (move, at) in enumerate(zip(way, days, strict=False), start=6):
        row = BY_NAME[move]
        application["state"] = row.to
        events.append(
            {
                "application_id": application["id"],
                "sequence": sequence,
                "move": move,
                "to_state": row.to,
                "side": row.by,
                "organization_id": funder if row.by is Side.FUNDER else application["organization_id"],
                "actor": "demo",
                "occurred_at": at,
            }
        )
        if move is not ApplicationMoveName.DISBURSE:
            continue
        cents, paid = amounts[paid], paid + 1
        key = f"{number}/{paid}"
        books.disbursements.append(
            {
                "id": seeded_id("demo-disbursement", key, EPOCH),
                "organization_id": funder,
                "recipient_id": award["recipient_id"],
                "award_id": award["id"],
                "number": paid,
                "amount_cents": cents,
                "payer_reference": f"CHECK-{1000 + len(books.disbursements)}",
                "paid_at": at,
            }
        )
        award["disbursed_cents"] += cents
        books.book(EntryKind.DISBURSED, cents, at, round_, award["id"], f"{key}/paid")
        last = (
            paid == way.count(ApplicationMoveName.DISBURSE) and ApplicationMoveName.BEGIN_CLOSEOUT not in way
        )
        spent = cents * _UNFINISHED_PERCENT // 100 if last else cents
        bought = at + timedelta(days=1)
        books.receipts.append(
            {
                "id": seeded_id("demo-receipt", key, EPOCH),
                "organization_id": award["recipient_id"],
                "funder_id": funder,
                "award_id": award["id"],
                "amount_cents": spent,
                "spent_for": chance.choice(tuple(Spending)),
                "spent_on": at.date(),
                "status": ReceiptStatus.ACCEPTED,
                "decided_at": bought,
                "version": 2,
            }
        )
        award["receipted_cents"] += spent
        books.book(EntryKind.RECEIPT_ACCEPTED, spent, bought, round_, award["id"], f"{key}/receipt")


def _spread(begin: datetime, now: datetime, parts: int, chance: random.Random) -> Iterator[datetime]:
    """Moments between the two, in order."""
    step = (now - begin) / (parts + 1)
    for part in range(1, parts + 1):
        yield begin + step * part - timedelta(hours=chance.randint(0, 20))
