"""The demo network's reports: what its organisations counted on their forms, and a year of published figures."""

from __future__ import annotations

import random
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.tallies import FORMS
from services.referrals.models import TallyLine, TallyReport
from services.referrals.operations.reports import NEEDS, publish_period, settled_periods
from vereda.demo.network import EPOCH, SEED, Network, Organization
from vereda.ids import seeded_id
from vereda.periods import Period

_QUARTERS: Final = 4
#: Who counts on a form, and about how many on a line in a quarter.
_BUSY: Final = {
    "CDSS_DACA": ("LEGAL", 24),
    "CDSS_NATURALIZATION": ("LEGAL", 30),
    "CDSS_OTHER_REMEDIES": ("LEGAL", 18),
    "OUTREACH": ("CBO", 60),
    "DOJ_ANNUAL": ("LEGAL", 140),
}


async def load(session: AsyncSession, network: Network, now: datetime) -> None:
    """Write counts for the newest settled periods of every form, and publish those and the needs of a year."""
    chance = random.Random(SEED)  # noqa: S311
    reports: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for form, (kind, busy) in _BUSY.items():
        for of in _newest(form, now):
            for one in network.of_kind(kind):
                _count(reports, lines, form, of, one, busy, chance)
    await session.execute(insert(TallyReport), reports)
    await session.execute(insert(TallyLine), lines)
    for measure in (NEEDS, *FORMS):
        for of in _newest(measure, now):
            await publish_period(session, measure, of, now)


def _newest(measure: str, now: datetime) -> list[Period]:
    many = 1 if measure in FORMS and FORMS[measure].yearly else _QUARTERS
    return list(islice(settled_periods(measure, now), many))


def _count(
    reports: list[dict[str, Any]],
    lines: list[dict[str, Any]],
    form: str,
    of: Period,
    one: Organization,
    busy: int,
    chance: random.Random,
) -> None:
    id_ = seeded_id("demo-tally", f"{form}/{of.name}/{one.slug}", EPOCH)
    reports.append(
        {
            "id": id_,
            "organization_id": one.id,
            "form": form,
            "period": of.name,
            "submitted_by": "demo",
            "version": 1,
        }
    )
    lines.extend(
        {
            "report_id": id_,
            "organization_id": one.id,
            "line": line.code,
            "county": one.county.fips,
            "count": chance.randint(busy // 2, busy * 3 // 2),
        }
        for line in FORMS[form].lines
    )
