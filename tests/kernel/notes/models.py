from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from vereda.models import (
    FeedEntryColumns,
    FeedHeadColumns,
    FeedQueueColumns,
    IdempotencyColumns,
    Identified,
    OutboxColumns,
    Tables,
    Timestamped,
    Versioned,
    service_metadata,
)
from vereda.webhooks.tables import WebhookDeliveryColumns, WebhookEndpointColumns


class Base(Tables):
    __abstract__ = True
    metadata = service_metadata()


class Note(Identified, Timestamped, Versioned, Base):
    __tablename__ = "notes"
    __table_args__ = (Index(None, "organization_id", "id"),)

    organization_id: Mapped[UUID]
    text: Mapped[str]
    rank: Mapped[int] = mapped_column(default=0)


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
