"""What was done and shown."""

from __future__ import annotations

import strawberry

from services.referrals.schema.context import Info
from vereda.audit.graph import READING, AuditLog
from vereda.graph import one_of


@strawberry.type
class AuditQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*READING), description="What this service did and showed, provably whole."
    )
    def referrals_audit(self, info: Info) -> AuditLog | None:
        info.context.caller.require(*READING)
        return AuditLog(service="referrals")
