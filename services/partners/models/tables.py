"""What the directory's tables have in common, and those of the kernel."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from vereda.models import (
    FeedEntryColumns,
    FeedHeadColumns,
    FeedQueueColumns,
    IdempotencyColumns,
    OutboxColumns,
    Tables,
    service_metadata,
)
from vereda.webhooks.tables import WebhookDeliveryColumns, WebhookEndpointColumns


class Base(Tables):
    __abstract__ = True
    metadata = service_metadata()


class Sourced:
    """Where a record came from: the importing source's name and its own identifier there; both None when made here."""

    source: Mapped[str | None] = mapped_column(String(80))
    source_id: Mapped[str | None] = mapped_column(String(200))
    #: What the source says by HSDS names and the directory has no column for: see `exchange.kept`.
    source_fields: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'::jsonb"), deferred=True
    )

    @property
    def kept_as(self) -> tuple[type[Any], UUID]:
        """By what `source_fields` are loaded, where they are wanted: the table and the row."""
        return type(self), self.id  # type: ignore[attr-defined]


class Owned:
    """The organisation that a record belongs to."""

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))


class Dated:
    """When the row was last changed: what it says counts as a change of what it hangs on."""

    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Attached(Owned, Sourced, Dated):
    """What HSDS hangs on an organisation, or more closely on one of its services or locations."""

    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"), index=True)
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id"), index=True)


class OutboxEvent(OutboxColumns, Base):
    pass


class FeedQueue(FeedQueueColumns, Base):
    pass


class FeedEntry(FeedEntryColumns, Base):
    pass


class FeedHead(FeedHeadColumns, Base):
    pass


class IdempotencyRecord(IdempotencyColumns, Base):
    pass


class WebhookEndpoint(WebhookEndpointColumns, Base):
    pass


class WebhookDelivery(WebhookDeliveryColumns, Base):
    pass
