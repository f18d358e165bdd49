"""Possible duplicates, and links, as who works with clients sees them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from services.referrals import models
from services.referrals.domain.resemblance import Likeness
from services.referrals.domain.resemblance import Resemblance as Compared
from services.referrals.operations.clients import handle_of
from services.referrals.schema.context import Info

strawberry.enum(Likeness, name="ClientLikeness", description="In what two records are alike, or differ.")


@strawberry.type(description="A record of your organisation's that may be of the same person.")
class PossibleDuplicate:
    handle: strawberry.ID
    score: int = strawberry.field(description="0 to 100; from 60 on it is shown.")
    likenesses: list[Likeness]

    @classmethod
    def of(cls, info: Info, row: models.Client, found: Compared) -> PossibleDuplicate:
        handle = strawberry.ID(str(handle_of(info.context, row)))
        return cls(handle=handle, score=found.score, likenesses=list(found.likenesses))


@strawberry.type(description="That two records are of one person. It merges nothing, and changes no consent.")
class ClientLink:
    id: strawberry.ID
    other: strawberry.ID | None = strawberry.field(
        description="Handle of the other record, where asked of one."
    )
    evidence: list[Likeness]
    linked_at: datetime
    unlinked_at: datetime | None

    @classmethod
    def of(cls, row: models.ClientLink, other: UUID | None = None) -> ClientLink:
        return cls(
            id=strawberry.ID(str(row.id)),
            other=strawberry.ID(str(other)) if other else None,
            evidence=[Likeness(one) for one in row.evidence],
            linked_at=row.linked_at,
            unlinked_at=row.unlinked_at,
        )
