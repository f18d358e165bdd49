"""What is kept of webhooks: endpoints, each with its place in the feed, and a log of what was sent, without what it said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from vereda.models import Identified, Versioned, code_column


class WebhookState(StrEnum):
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    """Its organisation wants nothing sent for now."""
    STOPPED = "STOPPED"
    """Nothing can be sent: `problem` says why. It goes on where it stopped when it is made active again."""


class WebhookProblem(StrEnum):
    """Why a request to an endpoint did not succeed, or why it was stopped. None tells what a network has inside."""

    UNREACHABLE = "UNREACHABLE"
    TIMED_OUT = "TIMED_OUT"
    REDIRECTED = "REDIRECTED"
    REFUSED = "REFUSED"
    GONE = "GONE"
    CURSOR_LOST = "CURSOR_LOST"


class WebhookEndpointColumns(Identified, Versioned):
    """Where an organisation is told, of what, and how far it has been.

    `types`: beginnings of types, none for all; `secret` and `former_secret` are sealed (`vereda.webhooks.keeping`).
    `cursor`: of the last event that is dealt with, at `place`. Who delivers holds the `lease` until `leased_until`.
    """

    __tablename__ = "webhook_endpoints"

    organization_id: Mapped[UUID]
    created_by: Mapped[str] = mapped_column(String(120))
    url: Mapped[str]
    types: Mapped[list[str]]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    former_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_until: Mapped[datetime | None]
    state: Mapped[WebhookState] = code_column(WebhookState, default=WebhookState.ACTIVE)
    problem: Mapped[WebhookProblem | None] = code_column(WebhookProblem)
    cursor: Mapped[str]
    place: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failing_since: Mapped[datetime | None]
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    slow: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    test_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            Index("ix_webhook_endpoints_organization_id_id", "organization_id", "id"),
            Index("ix_webhook_endpoints_due_at", "due_at"),
        )


class WebhookDeliveryColumns(Identified):
    """One request that was sent, or was to be. `took_ms`: until its answer, or until that was not waited for any more.

    `problem`: none where it succeeded; `dead_letter`: after it no more was tried.
    """

    __tablename__ = "webhook_deliveries"

    organization_id: Mapped[UUID]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(String(120))
    attempt: Mapped[int]
    at: Mapped[datetime]
    problem: Mapped[WebhookProblem | None] = code_column(WebhookProblem)
    status: Mapped[int | None]
    took_ms: Mapped[int]
    dead_letter: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            Index("ix_webhook_deliveries_endpoint_id_id", "endpoint_id", "id"),
            Index("ix_webhook_deliveries_organization_id_id", "organization_id", "id"),
            Index("ix_webhook_deliveries_at", "at"),
        )
