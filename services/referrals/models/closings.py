"""What came of workshops, in numbers that name nobody: their hosts' own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.models.tables import Base
from vereda.models import Timestamped, Versioned


class WorkshopClosing(Timestamped, Versioned, Base):
    """A workshop that was held, as its host closed it. `organization_id` is part of the key: nobody closes another's."""

    __tablename__ = "workshop_closings"
    __table_args__ = (Index(None, "organization_id", "held_at"), Index(None, "held_at"))

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    workshop_id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(10))
    held_at: Mapped[datetime]
    attended: Mapped[int]
    no_shows: Mapped[int]
    walk_ins: Mapped[int]
    taken_on: Mapped[int]


class WorkshopTally(Base):
    """How many were counted on a line of a form at one workshop."""

    __tablename__ = "workshop_tallies"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "workshop_id"],
            ["workshop_closings.organization_id", "workshop_closings.workshop_id"],
            name="fk_workshop_tallies_closing",
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    workshop_id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(40), primary_key=True)
    line: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int]
