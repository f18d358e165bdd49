"""The demo network's directory."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.demo_capacity import load_capacity
from services.partners.domain.capacity import CapacityStatus, expires_at
from services.partners.domain.geography import postal_code
from services.partners.domain.records import RecordKind
from services.partners.domain.terms import (
    AccreditationLevel,
    LanguageVia,
    OrganizationKind,
    PractitionerRole,
    RuleKind,
    Visibility,
    WorkshopStatus,
)
from services.partners.domain.visibility import told
from services.partners.models import (
    Accreditation,
    Address,
    CapacityReport,
    ChangeProposal,
    EligibilityRule,
    LanguageOffer,
    Location,
    Organization,
    Phone,
    Practitioner,
    Recognition,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    UnmetNeed,
    Workshop,
)
from services.partners.operations.directory import sensitivity_of
from services.partners.operations.region import take_snapshot
from vereda.demo.network import EPOCH, SEED, Network
from vereda.demo.network import Organization as Member
from vereda.ids import seeded_id
from vereda.periods import PeriodKind, settled

_WORKSHOPS: Final = 120
#: Who may use services of these terms, in their providers' words.
_RULES: Final[dict[str, dict[str, Any]]] = {
    "basic.rent": {
        "kind": RuleKind.INCOME_FPL,
        "percent": 200,
        "text": "The household's income is at most twice the federal poverty line.",
        "text_es": "El ingreso del hogar es, a lo más, el doble de la línea federal de pobreza.",
    },
    "business.grants": {
        "kind": RuleKind.ATTESTATION,
        "text": "You belong to the people whom the State's grant program is for.",
        "text_es": "Usted es parte de la población para la que es el programa de subvenciones del Estado.",
    },
    "education.ged": {
        "kind": RuleKind.AGE,
        "minimum": 18,
        "text": "For adults of 18 years or more.",
        "text_es": "Para personas adultas, de 18 años o más.",
    },
}
_NO_LIMITS: Final[dict[str, Any]] = {"minimum": None, "maximum": None, "percent": None, "counties": []}
#: Languages that the demo's staff speak; the others are spoken by interpreters.
_STAFF_SPEAK: Final = frozenset({"eng", "spa"})
#: What is looked for in vain each month, where, and how often at most.
_UNMET: Final = (
    ("06029", "legal.immigration.asylum", 44),
    ("06107", "legal.immigration.asylum", 38),
    ("06019", "basic.rent", 60),
    ("06047", "basic.rent", 34),
    ("06107", "language.interpreting", 40),
    ("06031", "health.dental", 12),
)
_SHELTER: Final = "refugio-luz"


async def is_empty(session: AsyncSession) -> bool:
    return await session.scalar(select(Organization.id).limit(1)) is None


async def load(session: AsyncSession, network: Network, now: datetime, _home: Any) -> None:
    """Write the directory: organisations first, then what hangs on them."""
    members = network.organizations
    await session.execute(insert(Organization), [_organization(member, now) for member in members])
    await session.execute(insert(Location), [_location(member) for member in members])
    await session.execute(insert(Address), [_address(number, m) for number, m in enumerate(members)])
    await session.execute(insert(Phone), [_phone(number, m) for number, m in enumerate(members)])
    await _services(session, network, now)
    await _legal(session, network, now)
    workshops = _workshops(network, now)
    await session.execute(insert(Workshop), workshops)
    await load_capacity(session, network, now, workshops)
    await _months(session, now)


async def _months(session: AsyncSession, now: datetime) -> None:
    """A year of months that are over: what was looked for in vain, and how the directory stood."""
    chance = random.Random(SEED)  # noqa: S311
    months = list(islice(settled(now, PeriodKind.MONTH, timedelta(0)), 12))
    unmet = [
        {"month": month.name, "county_fips": fips, "kind": kind, "count": chance.randint(most // 2, most)}
        for month in months
        for fips, kind, most in _UNMET
    ]
    await session.execute(insert(UnmetNeed), unmet)
    await session.flush()
    for month in months:
        await take_snapshot(session, month, now, month.last)


def _organization(member: Member, now: datetime) -> dict[str, Any]:
    return {
        "id": member.id,
        "slug": member.slug,
        "name": member.name,
        "description": member.description,
        "kind": OrganizationKind(member.kind),
        "counties": [member.county.fips],
        "website": f"https://{member.slug}.example.org",
        "email": f"hello@{member.slug}.example.org",
        "verified_at": now,
        "version": 1,
    }


def _location(member: Member) -> dict[str, Any]:
    where = postal_code(member.place.zip_code)
    assert where is not None
    visibility = Visibility.OWNER if member.slug == _SHELTER else Visibility.PUBLIC
    return {
        "id": seeded_id("demo-location", member.slug, EPOCH),
        "organization_id": member.id,
        "name": f"{member.name}, {member.place.town}",
        "visibility": visibility,
        "city": member.place.town,
        "state_province": "CA",
        "county_fips": member.county.fips,
        **told(visibility, where),
        "rural": member.place.rural,
        "version": 1,
    }


def _address(number: int, member: Member) -> dict[str, Any]:
    return {
        "id": seeded_id("demo-address", member.slug, EPOCH),
        "organization_id": member.id,
        "location_id": seeded_id("demo-location", member.slug, EPOCH),
        "address_1": f"{100 + 7 * number} Example Street",
        "city": member.place.town,
        "state_province": "CA",
        "postal_code": member.place.zip_code,
    }


def _phone(number: int, member: Member) -> dict[str, Any]:
    return {
        "id": seeded_id("demo-phone", member.slug, EPOCH),
        "organization_id": member.id,
        "number": f"559-555-{100 + number:04d}",  # 555-01xx is set aside for fiction
        "type": "voice",
    }


async def _services(session: AsyncSession, network: Network, now: datetime) -> None:
    services, places, languages, areas, schedules, reports, rules = [], [], [], [], [], [], []
    for service in network.services:
        owner = service.organization
        owned = {"organization_id": owner.id, "service_id": service.id}
        label = f"{owner.slug}/{service.key}"
        sensitivity = sensitivity_of(list(service.terms))
        services.append(
            {
                "id": service.id,
                "organization_id": owner.id,
                "name": service.name,
                "name_es": service.name_es,
                "description": f"{service.name} in {owner.place.town}, free of charge.",
                "description_es": f"{service.name_es} en {owner.place.town}, sin costo.",
                "fees_description": "Free of charge",
                "sensitivity": sensitivity,
                "term_codes": list(service.terms),
                "verified_at": now,
                "version": 1,
            }
        )
        location = seeded_id("demo-location", owner.slug, EPOCH)
        places.append({"id": seeded_id("demo-place", label, EPOCH), **owned, "location_id": location})
        languages += [
            {
                "id": seeded_id("demo-language", f"{label}/{code}", EPOCH),
                **owned,
                "code": code,
                "via": LanguageVia.STAFF if code in _STAFF_SPEAK else LanguageVia.INTERPRETER,
            }
            for code in service.languages
        ]
        rules += [
            {
                "id": seeded_id("demo-rule", f"{label}/{term}", EPOCH),
                **owned,
                "position": 0,
                **_NO_LIMITS,
                **rule,
            }
            for term, rule in _RULES.items()
            if term in service.terms
        ]
        areas.append(
            {
                "id": seeded_id("demo-area", label, EPOCH),
                **owned,
                "name": f"{owner.county.name} County",
                "county_fips": owner.county.fips,
            }
        )
        schedules.append(
            {
                "id": seeded_id("demo-schedule", label, EPOCH),
                **owned,
                "freq": "WEEKLY",
                "byday": "MO,TU,WE,TH,FR",
                "opens_at": time(9),
                "closes_at": time(17),
                "description": "Weekdays, 9 to 5",
            }
        )
        reports.append(
            {
                "id": seeded_id("demo-capacity", label, EPOCH),
                **owned,
                "status": CapacityStatus.CAPACITY if service.available else CapacityStatus.NO_CAPACITY,
                "available": service.available,
                "maximum": 12,
                "reported_at": now,
                "expires_at": expires_at(sensitivity, now),
            }
        )
    for table, rows in (
        (Service, services),
        (ServiceAtLocation, places),
        (LanguageOffer, languages),
        (ServiceArea, areas),
        (Schedule, schedules),
        (CapacityReport, reports),
        (EligibilityRule, rules),
    ):
        await session.execute(insert(table), rows)
    session.add(_proposal(network, services[0]))


def _proposal(network: Network, service: dict[str, Any]) -> ChangeProposal:
    """What a neighbour knows better of the network's first service, for its owner to decide."""
    neighbour = next(one for one in network.organizations if one.id != service["organization_id"])
    return ChangeProposal(
        id=seeded_id("demo-proposal", str(service["id"]), EPOCH),
        organization_id=neighbour.id,
        owner_id=service["organization_id"],
        kind=RecordKind.SERVICE,
        subject_id=service["id"],
        was={"description": service["description"]},
        proposed={"description": f"{service['description']} Ring the second bell."},
        note="Our clients stood before the wrong door.",
    )


async def _legal(session: AsyncSession, network: Network, now: datetime) -> None:
    today = now.date()
    recognitions = [
        {
            "id": seeded_id("demo-recognition", member.slug, EPOCH),
            "organization_id": member.id,
            "granted_on": today - timedelta(days=900),
            "expires_on": today + timedelta(days=1290),
        }
        for member in network.of_kind("LEGAL")
    ]
    practitioners, accreditations = [], []
    for one in network.representatives:
        owned = {"organization_id": one.organization.id}
        practitioners.append(
            {
                "id": one.id,
                **owned,
                "role": PractitionerRole(one.role),
                "weekly_hours": one.weekly_hours,
                "languages": ["eng", "spa"],
            }
        )
        if one.level is not None:
            accreditations.append(
                {
                    "id": seeded_id("demo-accreditation", f"{one.organization.slug}/{one.number}", EPOCH),
                    **owned,
                    "practitioner_id": one.id,
                    "level": AccreditationLevel(one.level),
                    "granted_on": today - timedelta(days=500 + 30 * one.number),
                    "expires_on": today + timedelta(days=595 - 60 * one.number),
                }
            )
    await session.execute(insert(Recognition), recognitions)
    await session.execute(insert(Practitioner), practitioners)
    await session.execute(insert(Accreditation), accreditations)


def _workshops(network: Network, now: datetime) -> list[dict[str, Any]]:
    """Held through the last nine months and planned for the next three, in towns and out in the country."""
    chance = random.Random(SEED)  # noqa: S311
    hosts = network.of_kind("LEGAL")
    by_host = {host.slug: [r for r in network.representatives if r.organization is host] for host in hosts}
    rows = []
    for number in range(_WORKSHOPS):
        host = hosts[number % len(hosts)]
        where = chance.choice(network.of_kind("CBO") + network.of_kind("LIBRARY") + network.of_kind("FAITH"))
        starts = (now + timedelta(days=-270 + 3 * number)).replace(hour=17, minute=0, second=0, microsecond=0)
        past = starts < now
        topic = chance.choice(("naturalization", "daca_renewal", "consultation"))
        rows.append(
            {
                "id": seeded_id("demo-workshop", str(number), EPOCH),
                "organization_id": host.id,
                "title": f"Free legal workshop in {where.place.town}",
                "title_es": f"Taller legal gratuito en {where.place.town}",
                "location_id": seeded_id("demo-location", where.slug, EPOCH),
                "county_fips": where.county.fips,
                "rural": where.place.rural,
                "term_codes": [f"legal.immigration.{topic}"],
                "languages": ["eng", "spa"],
                "starts_at": starts,
                "ends_at": starts + timedelta(hours=4),
                "capacity": chance.choice((30, 40, 60)),
                "status": WorkshopStatus.HELD if past else WorkshopStatus.PUBLISHED,
                "practitioner_ids": [chance.choice(by_host[host.slug]).id],
                "version": 1,
            }
        )
    return rows
