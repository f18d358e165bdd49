"""Legal holds and demands, as those who answer for them see them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from services.referrals import models
from services.referrals.domain.holding import DemandKind, DemandState, HoldReason, HoldState
from services.referrals.operations.demands import particulars_of
from services.referrals.operations.holding import state_of
from services.referrals.operations.vault import vault
from services.referrals.schema.context import Info


@strawberry.type(
    description="That nothing of a client may be destroyed. It gives nobody a right to read anything."
)
class LegalHold:
    id: strawberry.ID
    client_handle: strawberry.ID = strawberry.field(description="Your organisation's own handle.")
    reason: HoldReason
    state: HoldState
    proposed_at: datetime
    placed_at: datetime | None
    lifted_at: datetime | None

    @classmethod
    def of(cls, info: Info, row: models.LegalHold) -> LegalHold:
        return cls(
            id=strawberry.ID(str(row.id)),
            client_handle=_handle(info, row.client_id),
            reason=row.reason,
            state=state_of(row),
            proposed_at=row.proposed_at,
            placed_at=row.placed_at,
            lifted_at=row.lifted_at,
        )


@strawberry.type(description="That somebody wants data of clients, and what was decided about it (R25).")
class LegalDemand:
    id: strawberry.ID
    kind: DemandKind
    served_on: date
    due_on: date | None
    served_by: str | None
    scope: str | None = strawberry.field(description="What they want.")
    counsel: str | None
    client_handles: list[strawberry.ID]
    state: DemandState
    decided_at: datetime | None
    exported_at: datetime | None

    @classmethod
    def of(cls, info: Info, row: models.LegalDemand) -> LegalDemand:
        particulars = particulars_of(info.context, row)
        return cls(
            id=strawberry.ID(str(row.id)),
            kind=row.kind,
            served_on=row.served_on,
            due_on=row.due_on,
            served_by=particulars.served_by if particulars else None,
            scope=particulars.scope if particulars else None,
            counsel=particulars.counsel if particulars else None,
            client_handles=[_handle(info, one) for one in row.clients],
            state=row.state,
            decided_at=row.decided_at,
            exported_at=row.exported_at,
        )


def _handle(info: Info, client: UUID) -> strawberry.ID:
    return strawberry.ID(str(vault(info.context.settings).handle(client, info.context.caller.organization)))
