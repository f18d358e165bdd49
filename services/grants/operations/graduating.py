"""Who completed a course, by certificates that name nobody, and how far the people of a season came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.certificates import certificate_code, code_digest
from services.grants.domain.cohorts import CohortStatus, Season
from services.grants.domain.progress import Path
from services.grants.models import Certificate, Cohort, Participant
from services.grants.operations.progress import paths_of
from vereda.secrets import Secrets
from vereda.settings import Settings


def code_of(settings: Settings, participant: UUID) -> str:
    """The code of a participant's certificate; whether there is one is another matter."""
    key = Secrets(settings.home / "secrets").get("certificates").encode()
    return certificate_code(key, participant)


def give_certificate(session: AsyncSession, settings: Settings, row: Participant) -> None:
    """Write down that somebody completed a course, under a digest of the code that they may show."""
    digest = code_digest(code_of(settings, row.id))
    if digest is None or row.completed_at is None:
        raise ValueError("only what is completed is certified")
    session.add(
        Certificate(
            code_digest=digest,
            organization_id=row.organization_id,
            cohort_id=row.cohort_id,
            completed_on=row.completed_at.date(),
        )
    )


@dataclass(frozen=True, slots=True)
class SeasonPaths:
    """How far everybody came who was admitted to an organisation's cohorts of one season."""

    season: Season
    year: int
    cohorts: int
    paths: list[Path]


async def seasons_of(
    session: AsyncSession, organization: UUID, program: UUID | None, most: int
) -> Sequence[SeasonPaths]:
    """The newest seasons in which an organisation held cohorts, of one course or of all, the newest first."""
    held = (
        select(Cohort)
        .where(Cohort.organization_id == organization, Cohort.status != CohortStatus.CANCELLED)
        .order_by(Cohort.starts_on.desc(), Cohort.id)
        .limit(most)
    )
    if program is not None:
        held = held.where(Cohort.program_id == program)
    grouped: dict[tuple[int, Season], list[UUID]] = {}
    for row in await session.scalars(held):
        grouped.setdefault((row.year, row.season), []).append(row.id)
    paths = await paths_of(session, [one for ids in grouped.values() for one in ids])
    return [
        SeasonPaths(season, year, len(ids), [path for one in ids for path in paths.get(one, ())])
        for (year, season), ids in grouped.items()
    ]
