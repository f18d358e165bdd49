"""People and hand-offs. What identifies a person is sealed; what is plain here is what must outlive its erasure.

Row-level security (policies/) reads: an organisation knows a client by its own handle alone, a consent as its
capturer or recipient, a referral as its sender or recipient.
"""

from __future__ import annotations

from services.referrals.models.appointments import Appointment, CheckInTries, PublishedBookings, WorkshopSeats
from services.referrals.models.attachments import Attachment, AttachmentPart
from services.referrals.models.auditing import AuditCheckpoint, AuditEntry, AuditLeaf, AuditQueue
from services.referrals.models.clients import Client, ClientHandle, DataKey
from services.referrals.models.closings import WorkshopClosing, WorkshopTally
from services.referrals.models.conflicts import ConflictCheck, ConflictSet, ConflictSetting
from services.referrals.models.consents import (
    Consent,
    ConsentScript,
    DestructionConfirmation,
    Disclosure,
)
from services.referrals.models.delivery import (
    FeedEntry,
    FeedHead,
    FeedQueue,
    IdempotencyRecord,
    OutboxEvent,
    WebhookDelivery,
    WebhookEndpoint,
)
from services.referrals.models.emergencies import EmergencyAccess, EmergencyReview
from services.referrals.models.household import HouseholdMember
from services.referrals.models.keeping import Erasure, HeldRow, LegalDemand, LegalHold
from services.referrals.models.links import ClientLink
from services.referrals.models.privileged import CompartmentKey, PrivilegedNote
from services.referrals.models.referrals import ContactAttempt, Referral, ReferralEvent, ReferralOffer
from services.referrals.models.reports import PublishedReport, TallyLine, TallyReport
from services.referrals.models.slips import ReferralSlip, SlipTries
from services.referrals.models.tables import Base
from services.referrals.models.thread import Message, MessageRead
from services.referrals.models.work import EVERY_SERVICE, Escalation, Holiday, ResponseLimits, Task
from services.referrals.models.working import Assignment, HandOff

__all__ = [
    "EVERY_SERVICE",
    "Appointment",
    "Assignment",
    "Attachment",
    "AttachmentPart",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditLeaf",
    "AuditQueue",
    "Base",
    "CheckInTries",
    "Client",
    "ClientHandle",
    "ClientLink",
    "CompartmentKey",
    "ConflictCheck",
    "ConflictSet",
    "ConflictSetting",
    "Consent",
    "ConsentScript",
    "ContactAttempt",
    "DataKey",
    "DestructionConfirmation",
    "Disclosure",
    "EmergencyAccess",
    "EmergencyReview",
    "Erasure",
    "Escalation",
    "FeedEntry",
    "FeedHead",
    "FeedQueue",
    "HandOff",
    "HeldRow",
    "Holiday",
    "HouseholdMember",
    "IdempotencyRecord",
    "LegalDemand",
    "LegalHold",
    "Message",
    "MessageRead",
    "OutboxEvent",
    "PrivilegedNote",
    "PublishedBookings",
    "PublishedReport",
    "Referral",
    "ReferralEvent",
    "ReferralOffer",
    "ReferralSlip",
    "ResponseLimits",
    "SlipTries",
    "TallyLine",
    "TallyReport",
    "Task",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WorkshopClosing",
    "WorkshopSeats",
    "WorkshopTally",
]
