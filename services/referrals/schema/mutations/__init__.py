"""All that can be done: each area's changes, in one type."""

from __future__ import annotations

import strawberry

from services.referrals.schema.closings import ClosingMutations
from services.referrals.schema.conflicts import ConflictMutations
from services.referrals.schema.mutations.accounting import AccountMutations
from services.referrals.schema.mutations.appointments import AppointmentMutations
from services.referrals.schema.mutations.attachments import AttachmentMutations
from services.referrals.schema.mutations.clients import ClientMutations
from services.referrals.schema.mutations.consents import ConsentMutations
from services.referrals.schema.mutations.duplicates import DuplicateMutations
from services.referrals.schema.mutations.emergencies import EmergencyMutations
from services.referrals.schema.mutations.household import HouseholdMutations
from services.referrals.schema.mutations.keeping import KeepingMutations
from services.referrals.schema.mutations.limits import LimitsMutations
from services.referrals.schema.mutations.others import OtherMutations
from services.referrals.schema.mutations.referrals import ReferralMutations
from services.referrals.schema.mutations.reports import ReportMutations
from services.referrals.schema.mutations.thread import ThreadMutations
from services.referrals.schema.mutations.working import WorkMutations
from services.referrals.schema.privileged import PrivilegedMutations
from services.referrals.schema.queries.feed import WebhookMutations
from services.referrals.schema.slips import SlipMutations


@strawberry.type
class Mutation(
    AppointmentMutations,
    EmergencyMutations,
    AccountMutations,
    LimitsMutations,
    PrivilegedMutations,
    ClosingMutations,
    ConflictMutations,
    AttachmentMutations,
    ClientMutations,
    ConsentMutations,
    DuplicateMutations,
    KeepingMutations,
    ReferralMutations,
    OtherMutations,
    ReportMutations,
    ThreadMutations,
    HouseholdMutations,
    SlipMutations,
    WorkMutations,
    WebhookMutations,  # type: ignore[misc]
):
    pass
