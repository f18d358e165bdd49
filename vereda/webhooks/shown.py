"""Webhooks as they are shown in the graph: the same types in every service."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import strawberry
from sqlalchemy import select

from vereda.context import RequestContext
from vereda.ids import parse_id
from vereda.webhooks.keeping import Webhooks
from vereda.webhooks.registering import Endpoint
from vereda.webhooks.retrying import TRIED_FOR
from vereda.webhooks.tables import WebhookDeliveryColumns, WebhookProblem, WebhookState

Info = strawberry.Info[RequestContext[Any], None]
_MOST: Final = 100
_GIVES: Final = TRIED_FOR.days

strawberry.enum(
    WebhookState,
    name="WebhookState",
    description="`PAUSED` by its organisation; `STOPPED` by us: `problem` says why. Made active again, it goes on where it was.",
)
strawberry.enum(
    WebhookProblem,
    name="WebhookProblem",
    description="Why a request did not succeed: docs/webhooks.md. `CURSOR_LOST`: what comes next is kept no longer; replay it from"
    " a place that is.",
)


@strawberry.federation.type(
    shareable=True, description="One request to an endpoint, and what came of it; not what it said."
)
class WebhookDelivery:
    id: strawberry.ID
    event: strawberry.ID = strawberry.field(description="`webhook-id`: of the event, the same at each try.")
    type: str
    attempt: int
    at: datetime
    problem: WebhookProblem | None = strawberry.field(description="None: it arrived.")
    status: int | None = strawberry.field(description="Of the HTTP answer, where there was one.")
    took_ms: int
    dead_letter: bool = strawberry.field(description="The last try: it was stopped at this event.")

    @classmethod
    def of(cls, row: WebhookDeliveryColumns) -> WebhookDelivery:
        return cls(
            id=strawberry.ID(str(row.id)),
            event=strawberry.ID(str(row.event_id)),
            type=row.type,
            attempt=row.attempt,
            at=row.at,
            problem=row.problem,
            status=row.status,
            took_ms=row.took_ms,
            dead_letter=row.dead_letter,
        )


@strawberry.federation.type(
    shareable=True, description="Where your organisation is told of what happens in one service."
)
class WebhookEndpoint:
    id: strawberry.ID
    service: str
    url: str
    types: list[str] = strawberry.field(description="Beginnings of the types that are sent; none for all.")
    state: WebhookState
    problem: WebhookProblem | None = strawberry.field(description="What the last request failed for.")
    failing_since: datetime | None = strawberry.field(
        description=f"The first of the failures without a success between; after {_GIVES} days of them it is stopped."
    )
    next_try_at: datetime | None = strawberry.field(description="Of one that fails.")
    cursor: str = strawberry.field(description="How far it has been told, as a cursor of the service's feed.")
    former_secret_until: datetime | None = strawberry.field(
        description="Until then two secrets sign, so that you can change over to the newer."
    )
    created_at: datetime
    version: int
    webhooks: strawberry.Private[Webhooks]

    @strawberry.field(
        description="What was sent, the newest first. `before`: the id of one, to go on from it."
    )
    async def deliveries(
        self, info: Info, first: int = 20, before: strawberry.ID | None = None
    ) -> list[WebhookDelivery]:
        log = self.webhooks.deliveries
        wanted = select(log).where(log.endpoint_id == UUID(self.id)).order_by(log.id.desc())
        if before is not None:
            wanted = wanted.where(log.id < parse_id(before, "before"))
        async with info.context.read() as session:
            rows = await session.scalars(wanted.limit(max(0, min(first, _MOST))))
            return [WebhookDelivery.of(row) for row in rows]

    @strawberry.field(description="The event that it is stopped at.")
    async def dead_letter(self, info: Info) -> WebhookDelivery | None:
        if self.state is not WebhookState.STOPPED:
            return None
        log = self.webhooks.deliveries
        wanted = select(log).where(log.endpoint_id == UUID(self.id), log.dead_letter).order_by(log.id.desc())
        async with info.context.read() as session:
            row = await session.scalar(wanted.limit(1))
            return WebhookDelivery.of(row) if row is not None else None

    @classmethod
    def of(cls, row: Endpoint, webhooks: Webhooks, now: datetime) -> WebhookEndpoint:
        two = row.former_until is not None and now < row.former_until
        return cls(
            id=strawberry.ID(str(row.id)),
            service=webhooks.name,
            url=row.url,
            types=row.types,
            state=row.state,
            problem=row.problem,
            failing_since=row.failing_since,
            next_try_at=row.due_at if row.failures and row.state is WebhookState.ACTIVE else None,
            cursor=row.cursor,
            former_secret_until=row.former_until if two else None,
            created_at=row.created_at,
            version=row.version,
            webhooks=webhooks,
        )
