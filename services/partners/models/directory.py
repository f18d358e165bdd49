"""Organisations, what they do, where, and how much room there is."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.domain.capacity import CapacitySource, CapacityStatus
from services.partners.domain.terms import (
    LanguageModality,
    LanguageVia,
    LocationType,
    OrganizationKind,
    OrganizationStatus,
    Sensitivity,
    ServiceStatus,
    Visibility,
)
from services.partners.domain.words import ACCENTED, PLAIN
from services.partners.models.tables import Attached, Base, Dated, Owned, Sourced
from vereda.models import (
    AuditCheckpointColumns,
    AuditEntryColumns,
    AuditLeafColumns,
    AuditQueueColumns,
    Identified,
    Timestamped,
    Versioned,
    code_column,
)

_FOLDED = f"translate(lower({{}}), '{ACCENTED}', '{PLAIN}')"


def _searchable(*columns: str) -> Computed:
    joined = _FOLDED.format(" || ' ' || ".join(f"coalesce({column}, '')" for column in columns))
    return Computed(f"to_tsvector('english', {joined}) || to_tsvector('spanish', {joined})", persisted=True)


class Organization(Identified, Timestamped, Versioned, Sourced, Base):
    """HSDS organization. It owns itself: `id` is its tenant."""

    __tablename__ = "organizations"
    __table_args__ = (
        Index(None, "name", "id"),
        Index(None, "kind"),
        Index(None, "search", postgresql_using="gin"),
    )

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str]
    alternate_name: Mapped[str | None]
    description: Mapped[str | None]
    kind: Mapped[OrganizationKind] = code_column(OrganizationKind)
    status: Mapped[OrganizationStatus] = code_column(OrganizationStatus, default=OrganizationStatus.ACTIVE)
    website: Mapped[str | None]
    email: Mapped[str | None]
    counties: Mapped[list[str]] = mapped_column(default=list)
    year_incorporated: Mapped[int | None]
    verified_at: Mapped[datetime | None]
    search: Mapped[Any] = mapped_column(
        TSVECTOR, _searchable("name", "alternate_name", "description"), deferred=True
    )


class Program(Identified, Timestamped, Owned, Sourced, Base):
    """HSDS program: services of one organisation that belong together."""

    __tablename__ = "programs"
    __table_args__ = (Index(None, "organization_id", "id"),)

    name: Mapped[str]
    alternate_name: Mapped[str | None]
    description: Mapped[str | None]


class Location(Identified, Timestamped, Versioned, Owned, Sourced, Base):
    """HSDS location. Where `visibility` keeps it back, nothing here is nearer than its town (R17, `domain/visibility.py`)."""

    __tablename__ = "locations"
    __table_args__ = (
        CheckConstraint("visibility IN ('PUBLIC', 'PARTNERS') OR postal_code IS NULL", name="kept_back"),
        Index(None, "organization_id", "id"),
        Index(None, "latitude", "longitude"),
    )

    name: Mapped[str | None]
    alternate_name: Mapped[str | None]
    description: Mapped[str | None]
    location_type: Mapped[LocationType] = code_column(LocationType, default=LocationType.PHYSICAL)
    visibility: Mapped[Visibility] = code_column(Visibility, default=Visibility.PUBLIC)
    city: Mapped[str | None]
    state_province: Mapped[str | None]
    county_fips: Mapped[str | None] = mapped_column(String(5))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    rural: Mapped[bool] = mapped_column(default=False)
    transportation: Mapped[str | None]
    accessibility: Mapped[list[str]] = mapped_column(default=list)


class Address(Identified, Owned, Sourced, Dated, Base):
    """HSDS address: in a table of its own, so that row-level security can keep a confidential one from other readers."""

    __tablename__ = "addresses"
    __table_args__ = (Index(None, "organization_id", "location_id"), Index(None, "location_id"))

    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"))
    attention: Mapped[str | None]
    address_1: Mapped[str]
    address_2: Mapped[str | None]
    city: Mapped[str | None]
    region: Mapped[str | None]
    state_province: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str] = mapped_column(String(2), default="US")
    address_type: Mapped[str] = mapped_column(String(20), default="physical")


class Service(Identified, Timestamped, Versioned, Owned, Sourced, Base):
    """HSDS service, with what a referral needs to know: its kind step by step (R13) and how sensitive that kind is."""

    __tablename__ = "services"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "name", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "term_codes", postgresql_using="gin"),
    )

    program_id: Mapped[UUID | None] = mapped_column(ForeignKey("programs.id"))
    name: Mapped[str]
    name_es: Mapped[str | None]
    alternate_name: Mapped[str | None]
    description: Mapped[str | None]
    description_es: Mapped[str | None]
    status: Mapped[ServiceStatus] = code_column(ServiceStatus, default=ServiceStatus.ACTIVE)
    sensitivity: Mapped[Sensitivity] = code_column(Sensitivity, default=Sensitivity.NORMAL)
    term_codes: Mapped[list[str]] = mapped_column(default=list)
    url: Mapped[str | None]
    email: Mapped[str | None]
    eligibility_description: Mapped[str | None]
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    application_process: Mapped[str | None]
    fees_description: Mapped[str | None]
    interpretation_services: Mapped[str | None]
    alert: Mapped[str | None]
    required_documents: Mapped[list[str]] = mapped_column(default=list)
    verified_at: Mapped[datetime | None]


class ServiceAtLocation(Identified, Owned, Sourced, Dated, Base):
    """HSDS service_at_location: a service is offered here."""

    __tablename__ = "services_at_locations"
    __table_args__ = (
        UniqueConstraint("service_id", "location_id"),
        Index(None, "organization_id", "service_id"),
        Index(None, "location_id"),
    )

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"))
    description: Mapped[str | None]


class Contact(Identified, Attached, Base):
    """HSDS contact: a person or desk to ask."""

    __tablename__ = "contacts"
    __table_args__ = (Index(None, "organization_id", "id"),)

    name: Mapped[str | None]
    title: Mapped[str | None]
    department: Mapped[str | None]
    email: Mapped[str | None]


class Phone(Identified, Attached, Base):
    """HSDS phone."""

    __tablename__ = "phones"
    __table_args__ = (Index(None, "organization_id", "id"),)

    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contacts.id"))
    number: Mapped[str]
    extension: Mapped[str | None]
    type: Mapped[str | None]
    description: Mapped[str | None]


class Schedule(Identified, Attached, Base):
    """HSDS schedule: opening hours by the recurrence parts of RFC 5545."""

    __tablename__ = "schedules"
    __table_args__ = (Index(None, "organization_id", "id"),)

    freq: Mapped[str | None] = mapped_column(String(10))
    interval: Mapped[int | None]
    byday: Mapped[str | None]
    bymonthday: Mapped[str | None]
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    description: Mapped[str | None]


class ServiceArea(Identified, Owned, Sourced, Dated, Base):
    """HSDS service_area: where a service's clients may live."""

    __tablename__ = "service_areas"
    __table_args__ = (Index(None, "organization_id", "service_id"), Index(None, "service_id"))

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    name: Mapped[str | None]
    description: Mapped[str | None]
    extent: Mapped[str | None]
    county_fips: Mapped[str | None] = mapped_column(String(5))


class LanguageOffer(Identified, Attached, Base):
    """HSDS language, with how it is used and by whom: a staff member is not a phone line."""

    __tablename__ = "language_offers"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "code", "service_id"),
        Index(
            "ix_language_offers_of_whole",
            "organization_id",
            postgresql_where=text("service_id IS NULL AND location_id IS NULL"),
        ),
    )

    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str | None]
    modality: Mapped[LanguageModality] = code_column(LanguageModality, default=LanguageModality.SPOKEN)
    via: Mapped[LanguageVia] = code_column(LanguageVia, default=LanguageVia.STAFF)
    note: Mapped[str | None]


class TaxonomyTerm(Identified, Sourced, Base):
    """HSDS taxonomy_term. Ours is the scheme `vereda`; an imported package brings its own. Read by all, kept by nobody."""

    __tablename__ = "taxonomy_terms"
    __table_args__ = (Index(None, "parent_code"), Index(None, "scheme", "code"))

    scheme: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str]
    name_es: Mapped[str | None]
    description: Mapped[str | None]
    parent_code: Mapped[str | None] = mapped_column(String(200))


class Taxonomy(Identified, Sourced, Base):
    """HSDS taxonomy: what is known of a scheme beside its terms. A scheme of which nothing is known has no row."""

    __tablename__ = "taxonomies"

    scheme: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str]
    description: Mapped[str | None]
    uri: Mapped[str | None]
    version: Mapped[str | None]


class CapacityReport(Identified, Owned, Base):
    """How much room a service has, as reported at a moment, for a time. Append-only: the newest one counts."""

    __tablename__ = "capacity_reports"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index("ix_capacity_reports_newest", "service_id", text("reported_at DESC")),
        CheckConstraint("available >= 0", name="available"),
    )

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    status: Mapped[CapacityStatus] = code_column(CapacityStatus)
    available: Mapped[int | None]
    maximum: Mapped[int | None]
    unit: Mapped[str] = mapped_column(String(40), default="case")
    estimated_wait_days: Mapped[int | None]
    source: Mapped[CapacitySource] = code_column(CapacitySource, default=CapacitySource.REPORTED)
    reported_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditEntry(AuditEntryColumns, Base):
    pass


class AuditQueue(AuditQueueColumns, Base):
    pass


class AuditLeaf(AuditLeafColumns, Base):
    pass


class AuditCheckpoint(AuditCheckpointColumns, Base):
    pass
