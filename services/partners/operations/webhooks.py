"""Whom this service tells outside of the network, and under which scopes the feed is read for them."""

from __future__ import annotations

from typing import Final

from services.partners.events import EVENTS
from services.partners.models import IdempotencyRecord, WebhookDelivery, WebhookEndpoint
from services.partners.operations.feeding import FEED
from vereda.caller import Scope
from vereda.webhooks.keeping import Webhooks

#: Any of these opens the feed.
READING: Final = (Scope.DIRECTORY_READ,)
WEBHOOKS: Final = Webhooks(FEED, WebhookEndpoint, WebhookDelivery, IdempotencyRecord, EVENTS, READING)
