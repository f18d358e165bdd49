"""Who does the work, what they are authorised to do, and the workshops that they hold."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.domain.terms import (
    AccreditationLevel,
    CredentialStatus,
    PractitionerRole,
    WorkshopStatus,
)
from services.partners.models.tables import Base, Owned
from vereda.models import Identified, Timestamped, Versioned, code_column


class Practitioner(Identified, Timestamped, Versioned, Owned, Base):
    """Somebody who does the work: an attorney, an accredited representative, a navigator."""

    __tablename__ = "practitioners"
    __table_args__ = (Index(None, "organization_id", "id"),)

    role: Mapped[PractitionerRole] = code_column(PractitionerRole)
    public_name: Mapped[str | None]
    weekly_hours: Mapped[int]
    languages: Mapped[list[str]] = mapped_column(default=list)
    #: First and last day at the organisation, both included; None where it is not known, or not yet.
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]


class Confirmed:
    """What an organisation says of its credential, and who else looked. A trigger keeps it true: the owner cannot confirm,
    and what is changed is unconfirmed again."""

    #: Since when it is no more ACTIVE.
    ended_on: Mapped[date | None]
    confirmed_on: Mapped[date | None]
    #: `roster`, the Department's; or the id of the coordinating organisation.
    confirmed_by: Mapped[str | None] = mapped_column(String(40))


class Recognition(Identified, Confirmed, Owned, Base):
    """DOJ recognition of an organisation (8 CFR 1292.11)."""

    __tablename__ = "recognitions"
    __table_args__ = (Index(None, "organization_id", "expires_on"),)

    granted_on: Mapped[date]
    expires_on: Mapped[date]
    conditional: Mapped[bool] = mapped_column(default=False)
    #: Locations of the organisation, beside its principal office, that the recognition was extended to.
    extension_offices: Mapped[list[UUID]] = mapped_column(default=list, server_default=text("'{}'"))
    status: Mapped[CredentialStatus] = code_column(CredentialStatus, default=CredentialStatus.ACTIVE)
    pending_renewal: Mapped[bool] = mapped_column(default=False)


class Accreditation(Identified, Confirmed, Owned, Base):
    """DOJ accreditation of a representative with one recognised organisation (8 CFR 1292.12)."""

    __tablename__ = "accreditations"
    __table_args__ = (Index(None, "organization_id", "expires_on"), Index(None, "practitioner_id"))

    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioners.id"))
    level: Mapped[AccreditationLevel] = code_column(AccreditationLevel)
    granted_on: Mapped[date]
    expires_on: Mapped[date]
    status: Mapped[CredentialStatus] = code_column(CredentialStatus, default=CredentialStatus.ACTIVE)
    pending_renewal: Mapped[bool] = mapped_column(default=False)


class PopulationFigure(Base):
    """How many immigrants live in a county (FIPS), or in the `region`, as the coordinator set it with its source."""

    __tablename__ = "population_figures"

    area: Mapped[str] = mapped_column(String(6), primary_key=True)
    immigrants: Mapped[int]
    year: Mapped[int]
    source: Mapped[str]
    set_at: Mapped[datetime]


class Workshop(Identified, Timestamped, Versioned, Owned, Base):
    """A free legal workshop: in a town or out in the country, on a day, with so many seats."""

    __tablename__ = "workshops"
    __table_args__ = (Index(None, "organization_id", "id"), Index(None, "starts_at", "id"))

    title: Mapped[str]
    title_es: Mapped[str | None]
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id"))
    county_fips: Mapped[str] = mapped_column(String(5))
    rural: Mapped[bool] = mapped_column(default=False)
    term_codes: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    status: Mapped[WorkshopStatus] = code_column(WorkshopStatus, default=WorkshopStatus.PLANNED)
    practitioner_ids: Mapped[list[UUID]] = mapped_column(default=list)
    #: Why its host planned it although it clashes with others (DOMAIN 4.7).
    override_reason: Mapped[str | None]
    #: Why it was called off.
    cancel_reason: Mapped[str | None]
    #: What its host has to see to before it can be announced again, in words.
    task: Mapped[str | None]
