"""What was completed, and how far seasons came."""

from __future__ import annotations

from typing import Final

import strawberry
from sqlalchemy import select

from services.grants import models
from services.grants.domain.certificates import code_digest
from services.grants.operations.graduating import seasons_of
from services.grants.schema.context import SEATS, Info
from services.grants.schema.graduating import Certificate, SeasonFunnel
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id

#: Of cohorts, the newest: twenty years of two a year.
_MOST_COHORTS: Final = 40


@strawberry.type
class GraduatingQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="What a certificate stands for, by the code that its holder shows; `null` for a code that none has.",
    )
    async def certificate(self, info: Info, code: str) -> Certificate | None:
        info.context.caller.require(Scope.DIRECTORY_READ)
        digest = code_digest(code)
        if digest is None:
            return None
        async with info.context.read() as session:
            row = await session.scalar(
                select(models.Certificate).where(models.Certificate.code_digest == digest)
            )
        return Certificate.of(row) if row else None

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS),
        description="From admission to a licence, by season, of the newest cohorts that you host, of one course or of all.",
    )
    async def season_funnels(
        self, info: Info, program: strawberry.ID | None = None
    ) -> list[SeasonFunnel] | None:
        info.context.caller.require(*SEATS)
        course = parse_id(program, "program") if program is not None else None
        async with info.context.read() as session:
            found = await seasons_of(session, info.context.caller.organization, course, _MOST_COHORTS)
        return [SeasonFunnel.of(one) for one in found]
