"""Appointments of referred clients, and the seats of workshops that are booked by them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.appointments import AppointmentMode, AppointmentStatus
from services.referrals.domain.lifecycle import Party
from services.referrals.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned, code_column


class Appointment(Identified, Timestamped, Versioned, Base):
    """When a referred client is expected: with the recipient, or at one of its workshops. No client data here."""

    __tablename__ = "appointments"
    __table_args__ = (
        Index(None, "organization_id", "starts_at"),
        Index(None, "sender_id", "starts_at"),
        Index(None, "referral_id"),
        Index(None, "ends_at"),
        Index(None, "workshop_id", postgresql_where=text("workshop_id IS NOT NULL")),
        Index("uq_appointments_check_in_code", "workshop_id", "check_in_code", unique=True),
    )

    #: The recipient of the referral, who expects the client.
    organization_id: Mapped[UUID]
    sender_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    workshop_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    mode: Mapped[AppointmentMode] = code_column(AppointmentMode, default=AppointmentMode.IN_PERSON)
    #: Of the interpreter who is to be there, ISO 639-3.
    interpreter_language: Mapped[str | None] = mapped_column(String(3))
    status: Mapped[AppointmentStatus] = code_column(AppointmentStatus, default=AppointmentStatus.PROPOSED)
    proposed_by: Mapped[Party] = code_column(Party)
    #: How many seats the host's signed word gave the workshop when this one was booked, and when that was said.
    seats_stated: Mapped[int | None]
    stated_at: Mapped[datetime | None]
    #: Handed to the client, and said at the door: random, and of nobody. Of seats alone.
    check_in_code: Mapped[str | None] = mapped_column(String(8))


class WorkshopSeats(Base):
    """How many of a workshop's seats are taken. Kept by a trigger alone; it cannot be oversold."""

    __tablename__ = "workshop_seats"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= seats", name="not_oversold"),
        Index(None, "organization_id", "workshop_id"),
    )

    workshop_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    seats: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    stated_at: Mapped[datetime]
    #: As the directory stated last: then nobody books a seat any more.
    called_off: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    #: When the directory was last asked what became of the workshop.
    followed_at: Mapped[datetime | None]


class CheckInTries(Base):
    """Wrong codes that were tried at the door of a workshop, since when: no code is guessed."""

    __tablename__ = "check_in_tries"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    workshop_id: Mapped[UUID] = mapped_column(primary_key=True)
    wrong: Mapped[int]
    since: Mapped[datetime]


class PublishedBookings(Base):
    """How many booked a workshop, as every member may know it (R31): None for 1 to 10. Kept by a trigger alone."""

    __tablename__ = "published_bookings"

    workshop_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    taken: Mapped[int | None]
