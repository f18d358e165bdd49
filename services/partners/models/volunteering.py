"""Shifts of workshops, and who comes to help: workers of partners, and nobody's clients (DOMAIN 4.7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.domain.volunteering import RequestState, ShiftRole, VolunteerState
from services.partners.models.tables import Base, Owned
from vereda.models import Identified, Timestamped, Versioned, code_column


class WorkshopShift(Identified, Timestamped, Versioned, Owned, Base):
    """A role at a workshop, for a time, and how many are wanted in it. `filled` is kept by a trigger alone, and the
    table's own check refuses the one too many, however many accept at once."""

    __tablename__ = "workshop_shifts"
    __table_args__ = (
        CheckConstraint("wanted > 0 AND filled >= 0 AND filled <= wanted", name="not_overfilled"),
        Index(None, "organization_id", "id"),
        Index(None, "workshop_id"),
        Index(None, "starts_at", "id", postgresql_where=text("filled < wanted")),
    )

    workshop_id: Mapped[UUID] = mapped_column(ForeignKey("workshops.id"))
    role: Mapped[ShiftRole] = code_column(ShiftRole)
    #: ISO 639-3, or a group of languages that goes by one name.
    language: Mapped[str | None] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    wanted: Mapped[int]
    filled: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class VolunteerRequest(Identified, Timestamped, Versioned, Owned, Base):
    """That a host (`organization_id`) asks a partner for people. Seen by the two of them."""

    __tablename__ = "volunteer_requests"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "asked_id", "id"),
        Index(
            "uq_volunteer_requests_open",
            "shift_id",
            "asked_id",
            unique=True,
            postgresql_where=text("state = 'ASKED'"),
        ),
    )

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("workshop_shifts.id"))
    asked_id: Mapped[UUID]
    people: Mapped[int]
    state: Mapped[RequestState] = code_column(RequestState, default=RequestState.ASKED)


class Volunteer(Identified, Timestamped, Versioned, Owned, Base):
    """Somebody whom a partner (`organization_id`) sends to a shift, named as one of its practitioners or not."""

    __tablename__ = "volunteers"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "shift_id"),
        Index(
            "uq_volunteers_coming",
            "shift_id",
            "practitioner_id",
            unique=True,
            postgresql_where=text("state = 'COMING'"),
        ),
    )

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("workshop_shifts.id"))
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("volunteer_requests.id"))
    practitioner_id: Mapped[UUID | None] = mapped_column(ForeignKey("practitioners.id"))
    state: Mapped[VolunteerState] = code_column(VolunteerState, default=VolunteerState.COMING)
