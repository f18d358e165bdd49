"""The audit of this service."""

from __future__ import annotations

import strawberry

from services.grants.schema.context import Info
from vereda.audit.graph import READING as AUDIT_READING
from vereda.audit.graph import AuditLog
from vereda.graph import one_of


@strawberry.type
class AuditQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*AUDIT_READING),
        description="What this service did and showed, provably whole.",
    )
    def grants_audit(self, info: Info) -> AuditLog | None:
        info.context.caller.require(*AUDIT_READING)
        return AuditLog(service="grants")
