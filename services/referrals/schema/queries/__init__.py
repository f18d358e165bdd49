"""All that can be asked: each area's roots, in one type."""

from __future__ import annotations

import strawberry

from services.referrals.schema.closings import ClosingQueries
from services.referrals.schema.conflicts import ConflictQueries
from services.referrals.schema.privileged import PrivilegedQueries
from services.referrals.schema.queries.auditing import AuditQueries
from services.referrals.schema.queries.boxes import BoxQueries
from services.referrals.schema.queries.clients import ClientQueries
from services.referrals.schema.queries.duplicates import DuplicateQueries
from services.referrals.schema.queries.emergencies import EmergencyQueries
from services.referrals.schema.queries.feed import FeedQueries
from services.referrals.schema.queries.keeping import KeepingQueries
from services.referrals.schema.queries.referrals import ReferralQueries
from services.referrals.schema.queries.reports import ReportQueries
from services.referrals.schema.queries.work import WorkQueries
from services.referrals.schema.region import RegionQueries


@strawberry.type
class Query(
    EmergencyQueries,
    FeedQueries,
    PrivilegedQueries,
    ClosingQueries,
    ConflictQueries,
    AuditQueries,
    ClientQueries,
    DuplicateQueries,
    KeepingQueries,
    ReferralQueries,
    BoxQueries,
    ReportQueries,
    RegionQueries,
    WorkQueries,
):
    pass
