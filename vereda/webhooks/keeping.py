"""One service's webhooks: its tables, and secrets sealed at rest.

A secret has to be had in clear to sign with, so it cannot be a digest. It is sealed under a key of the installation that
no database holds: who has a copy of the database cannot sign in our name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from vereda.caller import Caller, Scope
from vereda.feed.catalogue import EventType, Shown, family
from vereda.feed.reading import Feed
from vereda.models import IdempotencyColumns
from vereda.sealing import seal, unseal
from vereda.secrets import Secrets
from vereda.settings import Settings
from vereda.webhooks.tables import WebhookDeliveryColumns, WebhookEndpointColumns

#: What each service's catalogue has of its webhooks.
WEBHOOK_EVENTS: Final = family(
    "webhook",
    "webhook endpoint",
    Shown.MAKER,
    registered="an endpoint was registered",
    changed="it was changed, or made active or paused",
    rotated="it has another secret",
    replayed="it goes on from another place",
    test_asked="a request to try it was asked for",
    removed="it is removed",
    stopped="for three days, or for good, nothing could be sent to it: look at why, and make it active again",
)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """`types`: all that the service tells; `reading`: scopes that open its feed, under which it is read for delivery."""

    feed: Feed
    endpoints: type[WebhookEndpointColumns]
    deliveries: type[WebhookDeliveryColumns]
    records: type[IdempotencyColumns]
    types: Mapping[str, EventType]
    reading: tuple[Scope, ...]

    @property
    def name(self) -> str:
        return self.feed.service

    def reader(self, endpoint: UUID, organization: UUID) -> Caller:
        """In whose name the feed is read for an endpoint: its organisation's, with what opens the feed and nothing more."""
        scopes = frozenset(scope.value for scope in self.reading)
        return Caller(f"webhook {endpoint}", organization, scopes, request_id=f"webhooks-{self.name}")


class WebhookSeal:
    """Seals endpoints' secrets."""

    def __init__(self, settings: Settings) -> None:
        secret = Secrets(settings.home / "secrets").get("webhooks")
        self._key = hashlib.sha256(f"webhooks\x00{secret}".encode()).digest()

    def seal(self, endpoint: UUID, secret: str) -> bytes:
        return seal(self._key, secret, endpoint.bytes)

    def live(
        self,
        endpoint: UUID,
        secret: bytes,
        former: bytes | None,
        former_until: datetime | None,
        now: datetime,
    ) -> list[str]:
        """The secrets that sign at `now`, the newest first. Raises: SealBrokenError."""
        found = [unseal(self._key, secret, endpoint.bytes)]
        if former is not None and former_until is not None and now < former_until:
            found.append(unseal(self._key, former, endpoint.bytes))
        return found
