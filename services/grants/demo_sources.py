"""Where the demo network's money comes from, and what of it is passed on to organisations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.sources import DeliverableState
from services.grants.models import Deliverable, FundingSource, SourceDraw, SubAward, SubAwardAmendment
from vereda.demo.network import EPOCH
from vereda.ids import seeded_id

_TOTAL_CENTS: Final = 100_000_000
_PASS_THROUGH_PERCENT: Final = 75
#: By round: what its budget takes from the source, together as much as the source demands for people.
_DRAWN_CENTS: Final = {"past": 50_000_000, "current": 25_000_000}
#: To whom, for what, how much, and how many reports are accepted, handed in, and due.
_PASSED_ON: Final = (
    ("school", "Training of two cohorts a year", 12_000_000, (2, 1, 1)),
    ("ally", "Advice at participants' sides", 6_000_000, (1, 0, 2)),
)


async def load(
    session: AsyncSession, funder: UUID, recipients: dict[str, UUID], rounds: dict[str, UUID], now: datetime
) -> None:
    """Write a source of `funder`'s that its rounds draw on, and sub-awards to `recipients`."""
    source = seeded_id("demo-source", "state", EPOCH)
    begin = (now - timedelta(days=300)).date()
    end = begin + timedelta(days=730)
    await session.execute(
        insert(FundingSource),
        [
            {
                "id": source,
                "organization_id": funder,
                "name": "State funds for small businesses",
                "given_by": "The state",
                "currency": "USD",
                "total_cents": _TOTAL_CENTS,
                "pass_through_percent": _PASS_THROUGH_PERCENT,
                "starts_on": begin,
                "ends_on": end,
                "granted_cents": sum(_DRAWN_CENTS.values()),
                "other_cents": sum(cents for _, _, cents, _ in _PASSED_ON),
            }
        ],
    )
    await session.execute(
        insert(SourceDraw),
        [
            {
                "id": seeded_id("demo-draw", name, EPOCH),
                "organization_id": funder,
                "source_id": source,
                "round_id": rounds[name],
                "amount_cents": cents,
                "drawn_at": now - timedelta(days=210 if name == "past" else 6),
            }
            for name, cents in _DRAWN_CENTS.items()
        ],
    )
    awards, amendments, owed = [], [], []
    for name, purpose, cents, reports in _PASSED_ON:
        id_ = seeded_id("demo-sub-award", name, EPOCH)
        both = {"organization_id": funder, "recipient_id": recipients[name]}
        awards.append(
            {
                "id": id_,
                **both,
                "source_id": source,
                "purpose": purpose,
                "currency": "USD",
                "amount_cents": cents,
                "starts_on": begin,
                "ends_on": end,
                "amendments": 1,
            }
        )
        amendments.append(
            {
                "sub_award_id": id_,
                "number": 1,
                **both,
                "amount_cents": cents,
                "ends_on": end,
                "made_at": now - timedelta(days=100),
            }
        )
        owed += _reports(id_, both, reports, now)
    for model, rows in ((SubAward, awards), (SubAwardAmendment, amendments), (Deliverable, owed)):
        await session.execute(insert(model), rows)


def _reports(
    sub_award: UUID, both: dict[str, UUID], reports: tuple[int, int, int], now: datetime
) -> list[dict[str, Any]]:
    """One a quarter, the accepted ones first; what is due is due from ten days ahead."""
    states = [
        state
        for state, times in zip(
            (DeliverableState.ACCEPTED, DeliverableState.SUBMITTED, DeliverableState.DUE),
            reports,
            strict=True,
        )
        for _ in range(times)
    ]
    first_due = states.index(DeliverableState.DUE)
    made = []
    for number, state in enumerate(states):
        due = (now + timedelta(days=10 + 91 * (number - first_due))).date()
        made.append(
            {
                "id": seeded_id("demo-deliverable", f"{sub_award}/{number}", EPOCH),
                **both,
                "sub_award_id": sub_award,
                "name": f"Report {number + 1}",
                "due_on": due,
                "state": state,
                "submitted_at": None
                if state is DeliverableState.DUE
                else datetime.combine(due - timedelta(days=3), now.timetz()),
                "version": 1,
            }
        )
    return made
