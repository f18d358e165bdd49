"""Programmes and money. People appear here only by the handles that their organisations have for them (R19)."""

from __future__ import annotations

from services.grants.models.attendance import AttendanceMark, TrainingSession
from services.grants.models.auditing import AuditCheckpoint, AuditEntry, AuditLeaf, AuditQueue
from services.grants.models.awards import (
    Award,
    AwardReturn,
    Disbursement,
    FundingTranche,
    LedgerEntry,
    Receipt,
)
from services.grants.models.certificates import Certificate
from services.grants.models.delivery import (
    FeedEntry,
    FeedHead,
    FeedQueue,
    IdempotencyRecord,
    OutboxEvent,
    WebhookDelivery,
    WebhookEndpoint,
)
from services.grants.models.documents import GrantDocument, GrantDocumentPart
from services.grants.models.eligibility import EligibilityQuestionnaire
from services.grants.models.follow_ups import FollowUp
from services.grants.models.funding import (
    ApplicationEvent,
    FundingProgram,
    FundingRound,
    FundingTier,
    GrantApplication,
)
from services.grants.models.funnels import PublishedFunnel
from services.grants.models.numbers import PublishedGrants, PublishedOutcomes
from services.grants.models.progress import AssistanceContact, Milestone, Venture
from services.grants.models.reviews import GrantReview, RubricCriterion
from services.grants.models.selection import CohortApplication, SelectionReview, SelectionRubric
from services.grants.models.sources import (
    Deliverable,
    FundingSource,
    SourceDraw,
    SubAward,
    SubAwardAmendment,
)
from services.grants.models.tables import Base
from services.grants.models.training import Cohort, Participant, TrainingProgram

__all__ = [
    "ApplicationEvent",
    "AssistanceContact",
    "AttendanceMark",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditLeaf",
    "AuditQueue",
    "Award",
    "AwardReturn",
    "Base",
    "Certificate",
    "Cohort",
    "CohortApplication",
    "Deliverable",
    "Disbursement",
    "EligibilityQuestionnaire",
    "FeedEntry",
    "FeedHead",
    "FeedQueue",
    "FollowUp",
    "FundingProgram",
    "FundingRound",
    "FundingSource",
    "FundingTier",
    "FundingTranche",
    "GrantApplication",
    "GrantDocument",
    "GrantDocumentPart",
    "GrantReview",
    "IdempotencyRecord",
    "LedgerEntry",
    "Milestone",
    "OutboxEvent",
    "Participant",
    "PublishedFunnel",
    "PublishedGrants",
    "PublishedOutcomes",
    "Receipt",
    "RubricCriterion",
    "SelectionReview",
    "SelectionRubric",
    "SourceDraw",
    "SubAward",
    "SubAwardAmendment",
    "TrainingProgram",
    "TrainingSession",
    "Venture",
    "WebhookDelivery",
    "WebhookEndpoint",
]
