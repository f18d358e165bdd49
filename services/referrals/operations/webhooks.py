"""Whom this service tells outside of the network, and under which scopes the feed is read for them."""

from __future__ import annotations

from typing import Final

from services.referrals.events import EVENTS
from services.referrals.models import IdempotencyRecord, WebhookDelivery, WebhookEndpoint
from services.referrals.operations.feeding import FEED
from vereda.caller import Scope
from vereda.webhooks.keeping import Webhooks

#: Any of these opens the feed.
READING: Final = (Scope.CLIENT_READ,)
WEBHOOKS: Final = Webhooks(FEED, WebhookEndpoint, WebhookDelivery, IdempotencyRecord, EVENTS, READING)
