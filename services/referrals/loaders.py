"""The edges of clients, consents and referrals, each loaded for a whole page at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, not_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.appointments import AppointmentStatus
from services.referrals.models import (
    Appointment,
    Assignment,
    Attachment,
    AttachmentPart,
    AuditEntry,
    Client,
    ClientHandle,
    ConflictCheck,
    ConflictSet,
    ConflictSetting,
    Consent,
    ContactAttempt,
    DataKey,
    DestructionConfirmation,
    EmergencyAccess,
    EmergencyReview,
    HandOff,
    HouseholdMember,
    Message,
    MessageRead,
    PublishedBookings,
    PublishedReport,
    Referral,
    ReferralEvent,
    ReferralOffer,
    TallyLine,
    WorkshopClosing,
)
from services.referrals.operations.accounting import NEWEST_FIRST as DISCLOSED_NEWEST_FIRST
from services.referrals.operations.accounting import disclosures
from services.referrals.operations.consents import status_returning
from services.referrals.operations.limits import Pace, pace_of
from services.referrals.operations.room import have_room
from services.referrals.operations.standings import standings
from vereda.caller import Caller
from vereda.context import RequestContext
from vereda.database import among
from vereda.loading import by_key, lists_by, pages_by, pages_under, rows_by
from vereda.pagination import Order, Page, PageRequest, paginate_many

EARLIEST_FIRST = (Order(Appointment.starts_at), Order(Appointment.id))
NEWEST_FIRST = (Order(Referral.id, descending=True),)
MESSAGES_NEWEST_FIRST = (Order(Message.id, descending=True),)
PageLoad = Callable[[AsyncSession, Sequence[UUID], PageRequest], Awaitable[Mapping[UUID, Page[Referral]]]]


class Loaders:
    """One request's loaders. Row-level security decides what any of them finds."""

    def __init__(self, context: RequestContext[Loaders]) -> None:
        own = context.caller.organization

        async def by_handle(session: AsyncSession, handles: Sequence[UUID]) -> dict[UUID, Client]:
            found = await session.execute(
                select(ClientHandle.handle, Client)
                .join(Client, Client.id == ClientHandle.client_id)
                .where(among(ClientHandle.handle, handles), ClientHandle.organization_id == own)
            )
            return {row.handle: row.Client for row in found}

        async def received_of(
            session: AsyncSession, clients: Sequence[UUID]
        ) -> Mapping[UUID, list[Referral]]:
            rows = await session.scalars(
                select(Referral).where(among(Referral.client_id, clients), Referral.recipient_id == own)
            )
            grouped: dict[UUID, list[Referral]] = {}
            for row in rows:
                grouped.setdefault(row.client_id, []).append(row)
            return grouped

        async def published_as(
            session: AsyncSession, wanted: Sequence[tuple[str, str]]
        ) -> dict[tuple[str, str], PublishedReport]:
            named = tuple_(PublishedReport.measure, PublishedReport.period)
            rows = await session.scalars(select(PublishedReport).where(named.in_(wanted)))
            return {(row.measure, row.period): row for row in rows}

        async def unread_of(session: AsyncSession, referrals: Sequence[UUID]) -> Mapping[UUID, int]:
            marked = select(MessageRead.message_id).where(MessageRead.message_id == Message.id)
            found = await session.execute(
                select(Message.referral_id, func.count())
                .where(
                    among(Message.referral_id, referrals),
                    Message.organization_id != own,
                    ~marked.exists(),
                )
                .group_by(Message.referral_id)
            )
            return {row[0]: row[1] for row in found}

        async def parts_at(
            session: AsyncSession, wanted: Sequence[tuple[UUID, int]]
        ) -> dict[tuple[UUID, int], AttachmentPart]:
            named = tuple_(AttachmentPart.attachment_id, AttachmentPart.number)
            rows = await session.scalars(select(AttachmentPart).where(named.in_(wanted)))
            return {(row.attachment_id, row.number): row for row in rows}

        async def disclosed_of(
            session: AsyncSession, clients: Sequence[UUID], page: PageRequest
        ) -> Mapping[UUID, Page[AuditEntry]]:
            wanted, order = disclosures(context.caller), DISCLOSED_NEWEST_FIRST
            return await paginate_many(
                session, AuditEntry, wanted, AuditEntry.client_id, clients, order, page
            )

        self.disclosures_of_client = pages_by(context, disclosed_of)
        self.client_by_handle = by_key(context, by_handle)
        self.received_referrals = by_key(context, received_of)
        self.client = rows_by(context, Client.id)
        self.consent = rows_by(context, Consent.id)
        self.referral = rows_by(context, Referral.id)
        self.keys_of_client = lists_by(context, DataKey.client_id, DataKey.id)
        self.consents_of_client = lists_by(context, Consent.client_id, Consent.id)
        self.published = by_key(context, published_as)
        self.tally_lines = lists_by(context, TallyLine.report_id, TallyLine.line, TallyLine.county)
        self.emergencies_of_client = lists_by(context, EmergencyAccess.client_id, EmergencyAccess.id)
        self.emergency_reviews = lists_by(context, EmergencyReview.access_id, EmergencyReview.organization_id)
        self.destructions = lists_by(
            context, DestructionConfirmation.consent_id, DestructionConfirmation.organization_id
        )
        self.events = lists_by(context, ReferralEvent.referral_id, ReferralEvent.sequence)
        self.assignment = rows_by(context, Assignment.referral_id)
        self.conflict_set = rows_by(context, ConflictSet.referral_id)
        self.conflict_checks = lists_by(
            context, ConflictCheck.referral_id, ConflictCheck.requested_at, ConflictCheck.id
        )
        self.conflict_setting = rows_by(context, ConflictSetting.organization_id)
        self.hand_offs = lists_by(context, HandOff.referral_id, HandOff.id)
        self.household = lists_by(context, HouseholdMember.client_id, HouseholdMember.id)
        self.attachments = lists_by(context, Attachment.referral_id, Attachment.id)
        self.attachment_part = by_key(context, parts_at)
        self.messages_of_referral = pages_under(context, Message.referral_id, MESSAGES_NEWEST_FIRST)
        self.message_read = rows_by(context, MessageRead.message_id)
        self.unread_messages = by_key(context, unread_of)
        self.attempts = lists_by(context, ContactAttempt.referral_id, ContactAttempt.attempted_at)
        self.room = by_key(context, have_room)
        self.pace = by_key(context, _paces)
        self.closing = rows_by(
            context, WorkshopClosing.workshop_id
        )  # one's own: row-level security has no others
        self.appointments = lists_by(context, Appointment.referral_id, Appointment.starts_at, Appointment.id)
        self.published_bookings = rows_by(context, PublishedBookings.workshop_id)
        self.bookings_of_workshop = pages_by(context, _bookings(own, context.now))
        self.children = lists_by(context, Referral.parent_id, Referral.id)
        self.offers = lists_by(context, ReferralOffer.referral_id, ReferralOffer.id)
        self.referrals_of_client = pages_by(context, _of_clients)
        self.referrals_of_service = pages_by(context, _of_services(context.caller))
        self.standing = by_key(context, standings)
        self.received_from = pages_by(context, _between(own, sent_by_them=True))
        self.sent_to = pages_by(context, _between(own, sent_by_them=False, author=context.caller.subject))


async def _of_clients(
    session: AsyncSession, clients: Sequence[UUID], page: PageRequest
) -> Mapping[UUID, Page[Referral]]:
    return await paginate_many(
        session, Referral, select(Referral), Referral.client_id, clients, NEWEST_FIRST, page
    )


def _of_services(caller: Caller) -> PageLoad:
    """Referrals to a service, of those of which the caller may know that they are to it: the ladder's topmost rung (R13)."""
    exact = or_(
        Referral.recipient_id == caller.organization,
        and_(Referral.author == caller.subject, Referral.survivor.is_(False)),
    )

    async def load(
        session: AsyncSession, services: Sequence[UUID], page: PageRequest
    ) -> Mapping[UUID, Page[Referral]]:
        statement = select(Referral).where(exact)
        return await paginate_many(
            session, Referral, statement, Referral.service_id, services, NEWEST_FIRST, page
        )

    return load


def _between(own: UUID, *, sent_by_them: bool, author: str | None = None) -> PageLoad:
    """Referrals between the caller's organisation and each of the others, one way. Those sent of survivors are listed by
    their recipient for their `author` alone: for the rest of the staff it would tell the kind of help (R13)."""
    parent = Referral.sender_id if sent_by_them else Referral.recipient_id
    mine = Referral.recipient_id if sent_by_them else Referral.sender_id

    async def load(
        session: AsyncSession, others: Sequence[UUID], page: PageRequest
    ) -> Mapping[UUID, Page[Referral]]:
        statement = select(Referral).where(mine == own)
        if not sent_by_them:
            statement = statement.where(or_(Referral.survivor.is_(False), Referral.author == author))
        return await paginate_many(session, Referral, statement, parent, others, NEWEST_FIRST, page)

    return load


def _bookings(
    own: UUID, now: datetime
) -> Callable[[AsyncSession, Sequence[UUID], PageRequest], Awaitable[Mapping[UUID, Page[Appointment]]]]:
    """Seats that one's own organisation gives, and those that it booked, as far as it may know of them (R7, R13)."""

    async def load(
        session: AsyncSession, workshops: Sequence[UUID], page: PageRequest
    ) -> Mapping[UUID, Page[Appointment]]:
        statement = (
            select(Appointment)
            .join(Referral, Referral.id == Appointment.referral_id)
            .where(
                Appointment.status != AppointmentStatus.CANCELLED,
                or_(
                    Appointment.organization_id == own,
                    and_(Appointment.sender_id == own, not_(Referral.survivor), status_returning(now)),
                ),
            )
        )
        return await paginate_many(
            session, Appointment, statement, Appointment.workshop_id, workshops, EARLIEST_FIRST, page
        )

    return load


async def _paces(session: AsyncSession, organizations: Sequence[UUID]) -> dict[UUID, Pace]:
    """Of received referrals: one organisation, one's own."""
    return {one: await pace_of(session, one) for one in organizations}
