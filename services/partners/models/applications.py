"""Applications for DOJ recognition and accreditation, their checklists, and the reminders that were given (DOMAIN 4.8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.domain.applications import RaForm, RaItem, RaPurpose, RaStage
from services.partners.models.tables import Base, Owned
from vereda.models import Identified, Timestamped, Versioned, code_column

_STILL_OPEN: Final = text("stage IN ('PREPARING', 'READY', 'FILED', 'PENDING')")


class RaApplication(Identified, Timestamped, Versioned, Owned, Base):
    """One form, from its preparation to its decision. Seen by its organisation and the network's coordinator alone."""

    __tablename__ = "ra_applications"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        # One at a time for the same thing: also where two are started at the same moment.
        Index(
            "ix_ra_applications_one_open",
            "organization_id",
            "purpose",
            "practitioner_id",
            "location_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=_STILL_OPEN,
        ),
    )

    form: Mapped[RaForm] = code_column(RaForm)
    purpose: Mapped[RaPurpose] = code_column(RaPurpose)
    stage: Mapped[RaStage] = code_column(RaStage, default=RaStage.PREPARING)
    practitioner_id: Mapped[UUID | None] = mapped_column(ForeignKey("practitioners.id"))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id"))
    #: What is renewed or extended; once approved, what came of it.
    recognition_id: Mapped[UUID | None] = mapped_column(ForeignKey("recognitions.id"))
    accreditation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accreditations.id"))
    filed_on: Mapped[date | None]
    served_uscis_on: Mapped[date | None]
    decided_on: Mapped[date | None]


class RaChecklistItem(Owned, Base):
    """One thing that was got ready for an application. What is not here is still open."""

    __tablename__ = "ra_checklist_items"
    __table_args__ = (Index(None, "organization_id"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("ra_applications.id"), primary_key=True)
    item: Mapped[RaItem] = code_column(RaItem, primary_key=True)
    done_on: Mapped[date]


class CredentialReminder(Owned, Base):
    """That the holder was reminded of the end of a credential. A renewed one has another end, and is reminded of anew."""

    __tablename__ = "credential_reminders"
    __table_args__ = (Index(None, "organization_id"),)

    credential_id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_on: Mapped[date] = mapped_column(primary_key=True)
    months: Mapped[int] = mapped_column(primary_key=True)
    given_at: Mapped[datetime]
