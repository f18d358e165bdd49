"""The edges of programmes and money, each loaded for a whole page at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.models import (
    ApplicationEvent,
    AssistanceContact,
    AuditEntry,
    Award,
    AwardReturn,
    Cohort,
    CohortApplication,
    Deliverable,
    Disbursement,
    EligibilityQuestionnaire,
    FollowUp,
    FundingProgram,
    FundingRound,
    FundingTier,
    FundingTranche,
    GrantApplication,
    GrantDocument,
    GrantDocumentPart,
    GrantReview,
    LedgerEntry,
    Milestone,
    Participant,
    PublishedFunnel,
    PublishedGrants,
    Receipt,
    RubricCriterion,
    SelectionReview,
    SelectionRubric,
    SubAward,
    SubAwardAmendment,
    TrainingProgram,
    TrainingSession,
    Venture,
)
from services.grants.operations import attendance, progress
from services.grants.operations.region import Load, courses_of
from vereda.context import RequestContext
from vereda.database import among
from vereda.loading import by_key, lists_by, pages_by, pages_under, rows_by
from vereda.pagination import Order, Page, PageRequest, paginate_many

DISCLOSURE_ORDER = (Order(AuditEntry.id, descending=True),)
COHORT_ORDER = (Order(Cohort.starts_on, descending=True), Order(Cohort.id))
GRADUATE_ORDER = (Order(Participant.completed_at), Order(Participant.id))
COHORT_APPLICATION_ORDER = (Order(CohortApplication.id),)
FOLLOW_UP_ORDER = (Order(FollowUp.due_on), Order(FollowUp.id))
PARTICIPANT_ORDER = (Order(Participant.id),)
APPLICATION_ORDER = (Order(GrantApplication.id, descending=True),)
AWARD_ORDER = (Order(Award.id, descending=True),)
LEDGER_ORDER = (Order(LedgerEntry.occurred_at), Order(LedgerEntry.id))
ROUND_ORDER = (Order(FundingRound.opens_at, descending=True), Order(FundingRound.id))
PROGRAM_ORDER = (Order(FundingProgram.name), Order(FundingProgram.id))
TRAINING_ORDER = (Order(TrainingProgram.name), Order(TrainingProgram.id))


async def graduates_of(
    session: AsyncSession, cohorts: Sequence[UUID], page: PageRequest
) -> Mapping[UUID, Page[Participant]]:
    """Who completed each cohort, by the day."""
    done = select(Participant).where(Participant.completed_at.is_not(None))
    return await paginate_many(
        session, Participant, done, Participant.cohort_id, cohorts, GRADUATE_ORDER, page
    )


async def eligibility_at(
    session: AsyncSession, versions: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], EligibilityQuestionnaire]:
    """Questionnaires by their program and version."""
    named = tuple_(EligibilityQuestionnaire.program_id, EligibilityQuestionnaire.version)
    rows = await session.scalars(select(EligibilityQuestionnaire).where(named.in_(versions)))
    return {(row.program_id, row.version): row for row in rows}


async def document_parts_at(
    session: AsyncSession, places: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], GrantDocumentPart]:
    """The parts at these places: document and number."""
    rows = await session.scalars(
        select(GrantDocumentPart).where(
            tuple_(GrantDocumentPart.attachment_id, GrantDocumentPart.number).in_(places)
        )
    )
    return {(row.attachment_id, row.number): row for row in rows}


class Loaders:
    """One request's loaders. Row-level security decides what any of them finds."""

    def __init__(self, context: RequestContext[Loaders]) -> None:
        own = context.caller.organization

        async def participations(
            session: AsyncSession, handles: Sequence[UUID]
        ) -> dict[UUID, list[Participant]]:
            """Seats of the caller's own clients, whether they brought them or host them."""
            rows = await session.scalars(
                select(Participant)
                .where(among(Participant.sponsor_handle, handles) | among(Participant.host_handle, handles))
                .order_by(Participant.id)
            )
            found: dict[UUID, list[Participant]] = {}
            for row in rows:
                handle = row.sponsor_handle if row.sponsor_id == own else row.host_handle
                found.setdefault(handle, []).append(row)
            return found

        async def applications(
            session: AsyncSession, handles: Sequence[UUID]
        ) -> dict[UUID, list[GrantApplication]]:
            rows = await session.scalars(
                select(GrantApplication)
                .where(
                    among(GrantApplication.applicant_handle, handles)
                    | among(GrantApplication.funder_handle, handles)
                )
                .order_by(GrantApplication.id)
            )
            found: dict[UUID, list[GrantApplication]] = {}
            for row in rows:
                handle = row.applicant_handle if row.organization_id == own else row.funder_handle
                found.setdefault(handle, []).append(row)
            return found

        self.disclosures_of_client = pages_under(context, AuditEntry.client_id, DISCLOSURE_ORDER)
        self.participations = by_key(context, participations)
        self.applications_of_client = by_key(context, applications)
        self.sessions = lists_by(context, TrainingSession.cohort_id, TrainingSession.starts_at)
        self.marks = by_key(context, attendance.marks_of)
        self.mark_counts = by_key(context, attendance.counts_of)
        self.standings = by_key(context, attendance.standings_of)
        self.assistance = lists_by(
            context, AssistanceContact.participant_id, AssistanceContact.occurred_on, AssistanceContact.id
        )
        self.milestones = lists_by(context, Milestone.participant_id, Milestone.occurred_on, Milestone.id)
        self.follow_ups = lists_by(context, FollowUp.participant_id, FollowUp.due_on)
        self.published_funnel = rows_by(context, PublishedFunnel.cohort_id)
        self.venture = rows_by(context, Venture.participant_id)
        self.paths = by_key(context, progress.paths_of)
        self.cohort_application = rows_by(context, CohortApplication.id)
        self.cohort_applications = pages_under(context, CohortApplication.cohort_id, COHORT_APPLICATION_ORDER)
        self.selection_rubric = rows_by(context, SelectionRubric.cohort_id)
        self.selection_reviews = lists_by(context, SelectionReview.application_id, SelectionReview.reviewer)
        self.training_program = rows_by(context, TrainingProgram.id)
        self.cohort = rows_by(context, Cohort.id)
        self.participant = rows_by(context, Participant.id)
        self.funding_program = rows_by(context, FundingProgram.id)
        self.tier = rows_by(context, FundingTier.id)
        self.funding_round = rows_by(context, FundingRound.id)
        self.application = rows_by(context, GrantApplication.id)
        self.eligibility = by_key(context, eligibility_at)
        self.tiers = lists_by(context, FundingTier.program_id, FundingTier.amount_cents)
        self.events = lists_by(context, ApplicationEvent.application_id, ApplicationEvent.sequence)
        self.award = rows_by(context, Award.id)
        self.award_of_application = rows_by(context, Award.application_id)
        self.receipt = rows_by(context, Receipt.id)
        self.tranches = lists_by(context, FundingTranche.program_id, FundingTranche.number)
        self.sub_award = rows_by(context, SubAward.id)
        self.amendments = lists_by(context, SubAwardAmendment.sub_award_id, SubAwardAmendment.number)
        self.deliverables = lists_by(context, Deliverable.sub_award_id, Deliverable.due_on)
        self.rubric = lists_by(context, RubricCriterion.program_id, RubricCriterion.number)
        self.reviews = lists_by(context, GrantReview.application_id, GrantReview.seat)
        self.disbursements = lists_by(context, Disbursement.award_id, Disbursement.number)
        self.documents = lists_by(context, GrantDocument.application_id, GrantDocument.id)
        self.documents_of_receipt = lists_by(context, GrantDocument.receipt_id, GrantDocument.id)
        self.document_part = by_key(context, document_parts_at)
        self.receipts = lists_by(context, Receipt.award_id, Receipt.id)
        self.returns = lists_by(context, AwardReturn.award_id, AwardReturn.id)
        self.ledger_of_award = lists_by(context, LedgerEntry.award_id, LedgerEntry.occurred_at)
        self.ledger_of_round = pages_under(context, LedgerEntry.round_id, LEDGER_ORDER)
        self.cohorts_of_program = pages_under(context, Cohort.program_id, COHORT_ORDER)
        self.cohorts_hosted = pages_under(context, Cohort.organization_id, COHORT_ORDER)
        self.participants = pages_under(context, Participant.cohort_id, PARTICIPANT_ORDER)
        self.graduates = pages_by(context, graduates_of)
        self.region = Load(rows_by(context, PublishedGrants.year).load, by_key(context, courses_of).load)
        self.rounds = pages_under(context, FundingRound.program_id, ROUND_ORDER)
        self.applications = pages_under(context, GrantApplication.round_id, APPLICATION_ORDER)
        self.funding_programs = pages_under(context, FundingProgram.organization_id, PROGRAM_ORDER)
