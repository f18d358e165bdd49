"""Small parts of the directory that have no life of their own."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

import strawberry

from services.partners import models
from services.partners.domain.recurrence import is_closed, rrule
from services.partners.domain.terms import (
    AccreditationLevel,
    CredentialStatus,
    LanguageModality,
    LanguageVia,
    RuleKind,
)
from services.partners.schema import kept
from services.partners.schema.context import Info, kept_with
from services.partners.schema.kept import Described
from vereda.mapping import from_row


@strawberry.type(description="HSDS address.")
class Address(Described):
    attention: str | None
    address_1: str
    address_2: str | None
    city: str | None
    region: str | None
    state_province: str | None
    postal_code: str | None
    country: str
    address_type: str = strawberry.field(description="`physical`, `postal` or `virtual`.")


@strawberry.type(description="HSDS contact: a person or desk to ask.")
class Contact(Described):
    id: strawberry.ID
    name: str | None
    title: str | None
    department: str | None
    email: str | None

    @strawberry.field
    async def phones(self, info: Info) -> list[Phone]:
        rows = await info.context.loaders.phones_of_contact.load(UUID(str(self.id)))
        return [from_row(Phone, row) for row in rows]


@strawberry.type(description="HSDS phone.")
class Phone(Described):
    id: strawberry.ID
    number: str
    extension: str | None
    type: str | None
    description: str | None


@strawberry.type(
    description="HSDS schedule: when it is open, by the recurrence parts of RFC 5545, in local time; or, with `closed`, when it"
    " is not: a holiday."
)
class Schedule(Described):
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

    dtstart: date | None = kept.day("dtstart", "The first day, from which the recurrence is counted.")
    until: date | None = kept.day("until", "The last day.")
    count: float | None = kept.number("count", "How often it recurs.")
    timezone: float | None = kept.number("timezone", "Hours from UTC, as its source says.")
    wkst: str | None = kept.text("wkst", "The day that weeks begin on.")
    byweekno: str | None = kept.text("byweekno")
    byyearday: str | None = kept.text("byyearday")
    schedule_link: str | None = kept.text("schedule_link")
    attending_type: str | None = kept.text("attending_type")
    notes: str | None = kept.text("notes")

    @strawberry.field(description="Whether it tells of days or hours that are closed.")
    def closed(self) -> bool:
        return is_closed(self.opens_at, self.closes_at, self.description)

    @strawberry.field(
        description="The recurrence as one rule (RFC 5545 §3.3.10), such as `FREQ=WEEKLY;BYDAY=MO,WE`; null where none is said."
    )
    async def rrule(self, info: Info) -> str | None:
        more = (await kept_with(self, info)).said
        own = {name: getattr(self, name) for name in ("freq", "interval", "byday", "bymonthday")}
        return rrule({**more, **own})


@strawberry.type(description="HSDS service_area: where the clients of a service may live.")
class ServiceArea(Described):
    id: strawberry.ID
    name: str | None
    description: str | None
    extent: str | None
    county_fips: str | None
    extent_type: str | None = kept.text("extent_type", "What `extent` is written in, such as `geojson`.")
    uri: str | None = kept.text("uri")


@strawberry.type(description="A language that a service can be had in (HSDS language).")
class LanguageOffer(Described):
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
    ended_on: date | None = strawberry.field(description="Since when it is no more ACTIVE.")
    confirmed_on: date | None = strawberry.field(
        description="When somebody else than its owner last found it so: the network's coordinator, or the Department's roster."
    )

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
    ended_on: date | None = strawberry.field(description="Since when it is no more ACTIVE.")
    confirmed_on: date | None = strawberry.field(
        description="When somebody else than its owner last found it so: the network's coordinator, or the Department's roster."
    )


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
