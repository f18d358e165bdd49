"""Small parts of the directory that have no life of their own."""

from __future__ import annotations

from datetime import date, time

import strawberry

from services.partners import models
from services.partners.domain.terms import (
    AccreditationLevel,
    CredentialStatus,
    LanguageModality,
    LanguageVia,
    RuleKind,
)
from vereda.mapping import from_row


@strawberry.type(description="HSDS address.")
class Address:
    attention: str | None
    address_1: str
    address_2: str | None
    city: str | None
    region: str | None
    state_province: str | None
    postal_code: str | None
    country: str


@strawberry.type(description="HSDS contact: a person or desk to ask.")
class Contact:
    id: strawberry.ID
    name: str | None
    title: str | None
    department: str | None
    email: str | None


@strawberry.type(description="HSDS phone.")
class Phone:
    id: strawberry.ID
    number: str
    extension: str | None
    type: str | None
    description: str | None


@strawberry.type(description="HSDS schedule: opening hours by the recurrence parts of RFC 5545, local time.")
class Schedule:
    id: strawberry.ID
    freq: str | None
    interval: int | None
    byday: str | None
    bymonthday: str | None
    opens_at: time | None
    closes_at: time | None
    valid_from: date | None
    valid_to: date | None
    description: str | None


@strawberry.type(description="HSDS service_area: where the clients of a service may live.")
class ServiceArea:
    id: strawberry.ID
    name: str | None
    description: str | None
    extent: str | None
    county_fips: str | None


@strawberry.type(description="A language that a service can be had in (HSDS language).")
class LanguageOffer:
    code: str = strawberry.field(description="ISO 639-3.")
    name: str | None
    modality: LanguageModality
    via: LanguageVia
    note: str | None


@strawberry.type(description="DOJ recognition of an organisation (8 CFR 1292.11).")
class Recognition:
    id: strawberry.ID
    granted_on: date
    expires_on: date
    conditional: bool
    extension_offices: list[strawberry.ID] = strawberry.field(
        description="Ids of locations, beside the principal office, that it was extended to."
    )
    status: CredentialStatus
    pending_renewal: bool

    @classmethod
    def of(cls, row: models.Recognition) -> Recognition:
        return from_row(
            cls, row, extension_offices=[strawberry.ID(str(one)) for one in row.extension_offices]
        )


@strawberry.type(description="DOJ accreditation of a representative with one organisation (8 CFR 1292.12).")
class Accreditation:
    id: strawberry.ID
    level: AccreditationLevel
    granted_on: date
    expires_on: date
    status: CredentialStatus
    pending_renewal: bool


@strawberry.type(
    description="One condition of a service. Matching computes AGE and COUNTY; the others are for the person to say, by this"
    " rule's id, and what they say is kept nowhere."
)
class EligibilityRule:
    id: strawberry.ID
    kind: RuleKind
    text: str
    text_es: str | None
    minimum: int | None = strawberry.field(description="Of AGE: years, included.")
    maximum: int | None
    counties: list[strawberry.ID] = strawberry.field(description="Of COUNTY: FIPS codes.")
    percent: int | None = strawberry.field(description="Of INCOME_FPL: percent of the federal poverty line.")
