"""What the kernel keeps for every service: events, the feeds that they have places in, and the keys of writes."""

from __future__ import annotations

from services.referrals.models.tables import Base
from vereda.models import (
    FeedEntryColumns,
    FeedHeadColumns,
    FeedQueueColumns,
    IdempotencyColumns,
    OutboxColumns,
)
from vereda.webhooks.tables import WebhookDeliveryColumns, WebhookEndpointColumns


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
