"""Whom this service tells outside of the network, and under which scopes the feed is read for them."""

from __future__ import annotations

from typing import Final

from services.grants.events import EVENTS
from services.grants.models import IdempotencyRecord, WebhookDelivery, WebhookEndpoint
from services.grants.operations.feeding import FEED
from vereda.caller import Scope
from vereda.webhooks.keeping import Webhooks

#: Any of these opens the feed.
READING: Final = (
    Scope.CLIENT_READ,
    Scope.COHORT_WRITE,
    Scope.GRANT_APPLY,
    Scope.GRANT_REVIEW,
    Scope.GRANT_PAY,
)
WEBHOOKS: Final = Webhooks(FEED, WebhookEndpoint, WebhookDelivery, IdempotencyRecord, EVENTS, READING)
