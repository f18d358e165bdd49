"""The demo network's organisations, services and staff. All names are invented; none is a real organisation's."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from vereda.caller import Scope
from vereda.demo.places import COUNTIES, County, Place
from vereda.ids import seeded_id

#: The instant that demo ids carry; what happened when is told relative to the day of loading.
EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
SEED: Final = 20260101


@dataclass(frozen=True, slots=True)
class Organization:
    slug: str
    name: str
    kind: str
    county: County
    place: Place
    description: str

    @property
    def id(self) -> UUID:
        return seeded_id("demo-organization", self.slug, EPOCH)


@dataclass(frozen=True, slots=True)
class Service:
    organization: Organization
    key: str
    name: str
    name_es: str
    terms: tuple[str, ...]
    languages: tuple[str, ...]
    available: int

    @property
    def id(self) -> UUID:
        return seeded_id("demo-service", f"{self.organization.slug}/{self.key}", EPOCH)


@dataclass(frozen=True, slots=True)
class Representative:
    """A practitioner of a legal provider. `level` is None for the attorney."""

    organization: Organization
    number: int
    role: str
    level: str | None
    weekly_hours: int

    @property
    def id(self) -> UUID:
        return seeded_id("demo-representative", f"{self.organization.slug}/{self.number}", EPOCH)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A client of the API (OAuth 2 client credentials); its secret is made by the installation."""

    client_id: str
    name: str
    organization: UUID
    scopes: tuple[Scope, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    organizations: tuple[Organization, ...]
    services: tuple[Service, ...]
    representatives: tuple[Representative, ...]
    sign_ins: tuple[SignIn, ...] = field(default=())

    def by_slug(self, slug: str) -> Organization:
        return next(one for one in self.organizations if one.slug == slug)

    def of_kind(self, kind: str) -> list[Organization]:
        return [one for one in self.organizations if one.kind == kind]


CLINIC: Final = "valle-claro-clinic"
LEGAL: Final = "puente-firme-legal"
SCHOOL: Final = "sierra-vista-adult-school"
ALLY: Final = "amanecer-youth-network"
COORDINATOR: Final = "vereda-valley-collaborative"
FUNDER: Final = "almond-grove-fund"

_KINDS: Final = (
    ("CLINIC", "{} Health Clinic", "A community clinic: primary care, dental care, counselling."),
    ("ADULT_SCHOOL", "{} Adult School", "Classes for adults, by day and in the evening."),
    ("CBO", "{} Community House", "Help with everyday life, by neighbours."),
    ("CBO", "{} Workers' Center", "Help for people who work in the fields and packing houses."),
    ("FAITH", "{} Parish Outreach", "A parish that opens its doors to newcomers."),
    ("LIBRARY", "{} Public Library", "Books, computers, and quiet rooms for appointments."),
)
_FIRST_WORDS: Final = (
    "Valle Claro", "Sierra Vista", "Rio Manso", "Three Willows", "Campo Nuevo", "Sol de Mayo", "Blue Heron", "Dos Puentes",
    "Olive Row", "Cedar Bend", "Agua Fresca", "Marigold", "Rosa Blanca", "Long Meadow", "Alameda Vieja", "Granada Lane",
    "High Canal", "Nopal Road", "Pomelo", "Vina Alta", "Westside", "Quail Creek", "Casa Abierta", "Tierra Firme",
    "Lupine Hill", "Old Mill", "Santa Lucina", "Clover Gate", "Manzanita Flat", "El Roble", "Sunfield", "Kettle Plain",
    "Arroyo Hondo", "Plum Street", "Larkspur", "Molino", "Cottonwood", "Estrella", "Juniper Way", "Luz del Valle",
    "Morning Dove", "Naranjo", "Poplar", "Redbud", "Salvia", "Tres Hermanas", "Valley Oak", "Yarrow",
)  # fmt: skip
_NAMED: Final = (
    (LEGAL, "Puente Firme Legal Aid", "LEGAL", 0, 0, "Immigration legal help, recognised by the DOJ."),
    ("norte-sur-legal", "Norte Sur Legal Project", "LEGAL", 1, 0, "Immigration legal help, recognised by the DOJ."),
    ("delta-justice-desk", "Delta Justice Desk", "LEGAL", 5, 0, "Immigration legal help, recognised by the DOJ."),
    ("huerta-rights-office", "Huerta Rights Office", "LEGAL", 7, 0, "Immigration legal help, recognised by the DOJ."),
    (ALLY, "Amanecer Youth Network", "NETWORK", 0, 0, "An allied network of students and young entrepreneurs."),
    (COORDINATOR, "Vereda Valley Collaborative", "NETWORK", 0, 0, "Coordinates the partners of the valley."),
    (FUNDER, "Almond Grove Fund", "FUNDER", 0, 0, "Makes small grants to people who start a business."),
    ("san-lucas-university", "San Lucas University", "UNIVERSITY", 2, 0, "Law students and teachers who volunteer."),
    ("tulare-lakebed-county-office", "Lakebed Newcomers Office", "LOCAL_GOV", 7, 0, "A welcome desk of local government."),
    ("orchard-business-circle", "Orchard Business Circle", "CBO", 0, 1, "Trains people who open a business."),
    ("mixteco-voices", "Voces del Llano", "CBO", 1, 2, "Interpreters of Indigenous languages."),
    ("refugio-luz", "Refugio Luz", "CBO", 6, 0, "Shelter and counsel for survivors."),
)  # fmt: skip

_OFFERS: Final[dict[str, tuple[tuple[str, str, str, tuple[str, ...]], ...]]] = {
    "CLINIC": (
        ("primary", "Primary care", "Atención primaria", ("health.primary",)),
        ("dental", "Dental care", "Atención dental", ("health.dental",)),
        ("counselling", "Counselling", "Consejería", ("health.behavioral",)),
        ("enrolment", "Help with health coverage", "Ayuda con cobertura médica", ("health.enrollment",)),
    ),
    "ADULT_SCHOOL": (
        ("esl", "English classes", "Clases de inglés", ("education.esl",)),
        ("civics", "Citizenship classes", "Clases de ciudadanía", ("education.civics",)),
        ("ged", "High-school equivalency", "Equivalencia de preparatoria", ("education.ged",)),
        ("vocational", "Vocational training", "Capacitación vocacional", ("education.vocational",)),
    ),
    "CBO": (
        ("food", "Food pantry", "Despensa de alimentos", ("basic.food",)),
        ("rent", "Rent assistance", "Asistencia de renta", ("basic.rent",)),
        ("transport", "Rides to appointments", "Transporte a citas", ("basic.transport",)),
        ("interpreting", "Interpreting", "Interpretación", ("language.interpreting",)),
    ),
    "FAITH": (
        ("food", "Community kitchen", "Cocina comunitaria", ("basic.food",)),
        ("transport", "Rides to court and clinic", "Transporte a la corte y clínica", ("basic.transport",)),
    ),
    "LIBRARY": (
        ("esl", "Conversation circle", "Círculo de conversación", ("education.esl",)),
        ("computers", "Computer help", "Ayuda con computadoras", ("education.vocational",)),
    ),
    "LEGAL": (
        ("daca-renewal", "DACA renewal", "Renovación de DACA", ("legal.immigration.daca_renewal",)),
        ("naturalization", "Naturalization", "Naturalización", ("legal.immigration.naturalization",)),
        (
            "consultation",
            "Immigration consultation",
            "Consulta de inmigración",
            ("legal.immigration.consultation",),
        ),
        ("family", "Family petitions", "Peticiones familiares", ("legal.immigration.family",)),
        ("survivors", "Relief for survivors", "Alivio para sobrevivientes", ("legal.immigration.survivor",)),
    ),
    "NETWORK": (("business", "Entrepreneurship coaching", "Asesoría empresarial", ("business.training",)),),
    "FUNDER": (("grants", "Small grants", "Pequeñas subvenciones", ("business.grants",)),),
    "UNIVERSITY": (
        ("workers", "Workers' rights clinic", "Clínica de derechos laborales", ("legal.employment",)),
        ("tenants", "Tenants' rights clinic", "Clínica de derechos de inquilinos", ("legal.housing",)),
    ),
    "LOCAL_GOV": (
        ("licensing", "Business licence desk", "Ventanilla de licencias", ("business.licensing",)),
    ),
}
_EXTRA: Final = {
    "orchard-business-circle": (
        "training",
        "Immigrant Entrepreneurs",
        "Emprendedores",
        ("business.training",),
    ),
    "refugio-luz": ("shelter", "Emergency shelter", "Refugio de emergencia", ("basic.shelter",)),
}
_OTHER_LANGUAGES: Final = ("mxb", "hmn", "pan", "tgl", "arb", "zap")


def build() -> Network:
    """The whole network: 60 organisations, 200 services, nine legal practitioners, five sign-ins."""
    organizations = _organizations()
    services = _services(organizations)
    network = Network(organizations, services, _representatives(organizations))
    return Network(organizations, services, network.representatives, _sign_ins(network))


def _organizations() -> tuple[Organization, ...]:
    words = iter(_FIRST_WORDS)
    made = []
    for index, county in enumerate(COUNTIES):
        for number, (kind, pattern, description) in enumerate(_KINDS):
            word = next(words)
            name = pattern.format(word)
            place = county.places[(index + number) % len(county.places)]
            made.append(Organization(_slug(name), name, kind, county, place, description))
    # The story's clinic and school are in Fresno itself, within reach of the legal provider.
    fresno = COUNTIES[0]
    made[0] = Organization(
        CLINIC, "Valle Claro Health Clinic", "CLINIC", fresno, fresno.places[0], made[0].description
    )
    made[1] = Organization(
        SCHOOL, "Sierra Vista Adult School", "ADULT_SCHOOL", fresno, fresno.places[0], made[1].description
    )
    for slug, name, kind, county_index, place_index, description in _NAMED:
        county = COUNTIES[county_index]
        made.append(Organization(slug, name, kind, county, county.places[place_index], description))
    return tuple(made)


def _services(organizations: tuple[Organization, ...]) -> tuple[Service, ...]:
    chance = random.Random(SEED)  # noqa: S311
    made = []
    for organization in organizations:
        offers = _OFFERS[organization.kind]
        if organization.slug in _EXTRA:
            offers = (_EXTRA[organization.slug], *offers)
        for key, name, name_es, terms in offers:
            languages = ("eng", "spa", *chance.sample(_OTHER_LANGUAGES, chance.choice((0, 0, 1, 2))))
            made.append(Service(organization, key, name, name_es, terms, languages, chance.randint(0, 12)))
    return tuple(made)


def _representatives(organizations: tuple[Organization, ...]) -> tuple[Representative, ...]:
    """As scarce as in life: eight accredited representatives and one part-time attorney for eight counties."""
    legal = [one for one in organizations if one.kind == "LEGAL"]
    made = [Representative(legal[0], 0, "ATTORNEY", None, 20)]
    for number in range(8):
        full = number % 4 == 0
        role, level = ("FULL_REP", "FULL") if full else ("PARTIAL_REP", "PARTIAL")
        made.append(Representative(legal[number % len(legal)], number + 1, role, level, 32))
    return tuple(made)


def _sign_ins(network: Network) -> tuple[SignIn, ...]:
    reading = (Scope.DIRECTORY_READ, Scope.CLIENT_READ)
    sending = (Scope.REFERRAL_SEND, Scope.CONSENT_MANAGE, Scope.BOOKING_WRITE)
    keeping = (Scope.DIRECTORY_WRITE, Scope.CAPACITY_WRITE, Scope.WORKSHOP_PLAN)

    def id_of(slug: str) -> UUID:
        return network.by_slug(slug).id

    return (
        SignIn(
            "demo-clinic",
            "Valle Claro's health-record system",
            id_of(CLINIC),
            (*reading, *sending, *keeping, Scope.REFERRAL_RECEIVE, Scope.COHORT_WRITE, Scope.GRANT_APPLY),
            ("case_worker",),
        ),
        SignIn(
            "demo-legal",
            "Puente Firme's case management",
            id_of(LEGAL),
            (*reading, *sending, *keeping, Scope.REFERRAL_RECEIVE),
            ("legal_staff",),
        ),
        SignIn(
            "demo-school",
            "Sierra Vista's registry",
            id_of(SCHOOL),
            (*reading, *sending, *keeping, Scope.REFERRAL_RECEIVE, Scope.COHORT_WRITE),
            ("instructor",),
        ),
        SignIn(
            "demo-ally",
            "Amanecer's integration script",
            id_of(ALLY),
            (Scope.DIRECTORY_READ, Scope.GRANT_APPLY, Scope.REPORT_READ),
            ("integration",),
        ),
        SignIn(
            "demo-coordinator",
            "The collaborative's coordinator",
            id_of(COORDINATOR),
            (Scope.DIRECTORY_READ, Scope.DIRECTORY_WRITE, Scope.REPORT_READ, Scope.ADMIN_NETWORK),
            ("coordinator",),
        ),
    )


def _slug(name: str) -> str:
    return "-".join("".join(c for c in word if c.isalnum()) for word in name.lower().split())
