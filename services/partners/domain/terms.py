"""Closed sets of the directory. There is deliberately no organisation kind for law or immigration enforcement (R30)."""

from __future__ import annotations

from enum import StrEnum


class OrganizationKind(StrEnum):
    LEGAL = "LEGAL"
    CLINIC = "CLINIC"
    ADULT_SCHOOL = "ADULT_SCHOOL"
    CBO = "CBO"
    FAITH = "FAITH"
    LIBRARY = "LIBRARY"
    LOCAL_GOV = "LOCAL_GOV"
    UNIVERSITY = "UNIVERSITY"
    FUNDER = "FUNDER"
    NETWORK = "NETWORK"


class OrganizationStatus(StrEnum):
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    LEFT = "LEFT"


class ServiceStatus(StrEnum):
    """HSDS `service.status`."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DEFUNCT = "DEFUNCT"
    TEMPORARILY_CLOSED = "TEMPORARILY_CLOSED"


class Sensitivity(StrEnum):
    """How much the mere kind of a service tells about its client."""

    NORMAL = "NORMAL"
    LEGAL = "LEGAL"
    SURVIVOR = "SURVIVOR"
    HEALTH = "HEALTH"
    SUD = "SUD"


class LocationType(StrEnum):
    """HSDS `location.location_type`."""

    PHYSICAL = "PHYSICAL"
    POSTAL = "POSTAL"
    VIRTUAL = "VIRTUAL"


class Visibility(StrEnum):
    """Who may see a location's address (R17)."""

    PUBLIC = "PUBLIC"
    PARTNERS = "PARTNERS"
    TRUSTED = "TRUSTED"
    OWNER = "OWNER"


class LanguageModality(StrEnum):
    SPOKEN = "SPOKEN"
    WRITTEN = "WRITTEN"
    SIGNED = "SIGNED"


class LanguageVia(StrEnum):
    STAFF = "STAFF"
    INTERPRETER = "INTERPRETER"
    PHONE_LINE = "PHONE_LINE"


class PractitionerRole(StrEnum):
    ATTORNEY = "ATTORNEY"
    FULL_REP = "FULL_REP"
    PARTIAL_REP = "PARTIAL_REP"
    LAW_STUDENT = "LAW_STUDENT"
    NAVIGATOR = "NAVIGATOR"
    INTERPRETER = "INTERPRETER"
    ADVISOR = "ADVISOR"


class AccreditationLevel(StrEnum):
    """PARTIAL: before DHS only. FULL: before DHS and the immigration courts (EOIR)."""

    PARTIAL = "PARTIAL"
    FULL = "FULL"


class CredentialStatus(StrEnum):
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    TERMINATED = "TERMINATED"
    WITHDRAWN = "WITHDRAWN"
    SUSPENDED = "SUSPENDED"


class WorkshopStatus(StrEnum):
    PLANNED = "PLANNED"
    PUBLISHED = "PUBLISHED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


class AgeBand(StrEnum):
    """How old somebody is, no nearer than this (R3): the same bands as in a client's record."""

    UNDER_18 = "UNDER_18"
    FROM_18_TO_25 = "FROM_18_TO_25"
    FROM_26_TO_40 = "FROM_26_TO_40"
    FROM_41_TO_64 = "FROM_41_TO_64"
    FROM_65 = "FROM_65"


class Urgency(StrEnum):
    """An emergency is not a referral: call 911 or 988."""

    ROUTINE = "ROUTINE"
    SOON = "SOON"
    URGENT = "URGENT"


class RuleKind(StrEnum):
    """What a rule of eligibility asks for."""

    AGE = "AGE"
    INCOME_FPL = "INCOME_FPL"
    COUNTY = "COUNTY"
    RESIDENCE = "RESIDENCE"
    ATTESTATION = "ATTESTATION"
    DOCUMENT = "DOCUMENT"
