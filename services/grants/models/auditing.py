"""The audit of this service, as the kernel has it for each."""

from __future__ import annotations

from services.grants.models.tables import Base
from vereda.models import (
    AuditCheckpointColumns,
    AuditEntryColumns,
    AuditLeafColumns,
    AuditQueueColumns,
)


class AuditEntry(AuditEntryColumns, Base):
    pass


class AuditQueue(AuditQueueColumns, Base):
    pass


class AuditLeaf(AuditLeafColumns, Base):
    pass


class AuditCheckpoint(AuditCheckpointColumns, Base):
    pass
