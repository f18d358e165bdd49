"""What the kernel keeps for every service: events to deliver, and the keys of writes."""

from __future__ import annotations

from services.grants.models.tables import Base
from vereda.models import (
    IdempotencyColumns,
    OutboxColumns,
)


class OutboxEvent(OutboxColumns, Base):
    pass


class IdempotencyRecord(IdempotencyColumns, Base):
    pass
