"""Publishing, once for each cohort that is over, how far its people came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.cohorts import SEATED, CohortStatus
from services.grants.domain.progress import FunnelStage, Path, furthest
from services.grants.models import Cohort, PublishedFunnel
from services.grants.operations.progress import paths_of
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.suppression import Hidden, NotShowableError, published

_BATCH: Final = 20
#: After the last day: what is entered later is in no published figure.
SETTLED_AFTER: Final = timedelta(days=15)


async def publish_funnels(context: RequestContext[Any]) -> int:
    """Publish a batch of cohorts that are over. Returns how many.

    Of those who kept their seat, whose number everybody reads in `Cohort.admitted` anyway: together with it a table of all who
    ever had one would tell how few left.
    """
    async with context.write() as session:
        number = await publish_over(session, context.now)
        mark_recorded(session)
        return number


async def publish_over(session: AsyncSession, now: datetime) -> int:
    """Publish a batch of cohorts that are over, and settled. Returns how many."""
    there = exists().where(PublishedFunnel.cohort_id == Cohort.id)
    over = await session.scalars(
        select(Cohort)
        .where(
            Cohort.ends_on < (now - SETTLED_AFTER).date(),
            Cohort.status != CohortStatus.CANCELLED,
            ~there,
        )
        .order_by(Cohort.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    cohorts = over.all()
    paths = await paths_of(session, [one.id for one in cohorts], SEATED)
    session.add_all(
        PublishedFunnel(
            cohort_id=one.id,
            organization_id=one.organization_id,
            figures=suppressed(paths.get(one.id, ())),
            published_at=now,
        )
        for one in cohorts
    )
    await session.flush()
    return len(cohorts)


def suppressed(paths: Iterable[Path]) -> dict[str, int | str]:
    """For each stage how many came to it and no further, or the mark in its place; nothing where too few were counted."""
    ends = Counter(furthest(path).value for path in paths)
    stages = [stage.value for stage in FunnelStage]
    try:
        figures = published({"stage": stages}, [({"stage": stage}, ends[stage]) for stage in stages])
    except NotShowableError:
        return {}
    if not isinstance(figures[()], int):
        return {}  # everybody reads how many seats were kept: a total that has to be hidden is not hidden by us
    shown = {stage: figures[(("stage", stage),)] for stage in stages}
    return {stage: one.value if isinstance(one, Hidden) else one for stage, one in shown.items()}
