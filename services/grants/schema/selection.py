"""Applications to cohorts, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from services.grants import models
from services.grants.domain.selection import SelectionState, judgement
from services.grants.operations.selection import criteria_of
from services.grants.schema.consents import ASSURED, enter_seat, holding, shown
from services.grants.schema.context import SEATS, Info
from services.grants.schema.extended import Client, Organization
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.mapping import from_row

if TYPE_CHECKING:
    from services.grants.schema.training import Cohort, Participant

_Cohort = Annotated["Cohort", strawberry.lazy("services.grants.schema.training")]
_Participant = Annotated["Participant", strawberry.lazy("services.grants.schema.training")]


@strawberry.type(description="What applicants are judged by, from 0 to `maximum` points.")
class SelectionCriterion:
    code: str
    name: str
    name_es: str
    maximum: int


@strawberry.type(
    description="What reviewers said of an application. Nobody reads a score before two are there."
)
class Selection:
    reviews: int
    recused: int = strawberry.field(description="Reviewers who said that they must not judge it.")
    average: float | None = strawberry.field(
        description="In percent of all points; `null` before two reviews."
    )
    disagreement: float | None = strawberry.field(
        description="Between the highest and the lowest review, in percent of all points."
    )


@strawberry.federation.type(
    keys=["id"], requires_scopes=one_of(*SEATS), description="A client's wish for a seat in a cohort."
)
class CohortApplication:
    id: strawberry.ID
    state: SelectionState
    applied_at: datetime
    decided_at: datetime | None
    version: int
    row: strawberry.Private[models.CohortApplication]
    assurance: strawberry.Private[str | None]

    @classmethod
    def of(cls, info: Info, row: models.CohortApplication, assurance: str | None = None) -> CohortApplication:
        info.context.caller.require(*SEATS)
        enter_seat(info, row)
        return from_row(cls, row, row=row, assurance=assurance)

    @classmethod
    async def resolve_reference(
        cls, info: Info, id: strawberry.ID, client: dict[str, str | None] | None = None
    ) -> CohortApplication | None:
        """`client`: with its `assurance`, which `selection` requires of referrals."""
        info.context.caller.require(*SEATS)
        row = await info.context.loaders.cohort_application.load(parse_id(id, "id"))
        return cls.of(info, row, (client or {}).get("assurance")) if row else None

    @strawberry.field
    async def cohort(self, info: Info) -> _Cohort:
        from services.grants.schema.training import Cohort

        return Cohort.of(await info.context.loaders.cohort.load(self.row.cohort_id))

    @strawberry.field(description="Under your own handle.")
    def client(self, info: Info) -> Client | None:
        host = self.row.organization_id == info.context.caller.organization
        return Client.of(self.row.host_handle if host else self.row.sponsor_handle)

    @strawberry.field(description="The organisation that brought the client.")
    def sponsor(self) -> Organization | None:
        return Organization.of(self.row.sponsor_id)

    @strawberry.field(description="Their seat or place on the waiting list, once they were chosen.")
    async def participant(self, info: Info) -> _Participant | None:
        from services.grants.schema.training import Participant

        if self.row.participant_id is None:
            return None
        row = await info.context.loaders.participant.load(self.row.participant_id)
        return Participant.of(info, row) if row else None

    @strawberry.federation.field(
        requires=[ASSURED], description="What reviewers said: for the host, while consent holds."
    )
    async def selection(self, info: Info) -> Selection | None:
        if self.row.organization_id != info.context.caller.organization:
            return None
        held = await holding(info, self.assurance, str(self.row.host_handle))
        if not shown(info, self.row.consent_id, held):
            return None
        rubric = await info.context.loaders.selection_rubric.load(self.row.cohort_id)
        reviews = await info.context.loaders.selection_reviews.load(self.row.id)
        scores = [one.scores for one in reviews if one.scores is not None]
        found = judgement(criteria_of(rubric), scores)
        return Selection(
            reviews=len(scores),
            recused=len(reviews) - len(scores),
            average=found.average if found else None,
            disagreement=found.disagreement if found else None,
        )
