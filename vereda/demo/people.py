"""The demo network's people: one for each role, with a password and an authenticator app that this installation makes up.

For development only: whoever can read `VEREDA_HOME` can sign in as any of them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from vereda.database import Database
from vereda.demo.network import CLINIC, COORDINATOR, LEGAL, SCHOOL, Network
from vereda.errors import OperatorError
from vereda.secrets import Secrets
from vereda.settings import Environment, Settings


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`workplaces`: slug of an organisation and role there."""

    email: str
    name: str
    workplaces: tuple[tuple[str, str], ...]
    locale: str = "en"


PEOPLE: Final = (
    DemoPerson("marisol@valle-claro.example", "Marisol Quintero", ((CLINIC, "case_worker"),), "es"),
    DemoPerson("dolores@puente-firme.example", "Dolores Aguirre", ((LEGAL, "supervisor"),)),
    DemoPerson(
        "ruben@valle-claro.example",
        "Rubén Castañeda",
        ((CLINIC, "organization_administrator"), (SCHOOL, "organization_administrator")),
    ),
    DemoPerson("imelda@vereda-valley.example", "Imelda Fuentes", ((COORDINATOR, "network_coordinator"),)),
    DemoPerson("tom@vereda-valley.example", "Tom Ashworth", ((COORDINATOR, "auditor"),)),
)


def password(settings: Settings, person: DemoPerson) -> str:
    return Secrets(settings.home / "secrets").get(f"demo-password-{_local(person)}")


def totp_secret(settings: Settings, person: DemoPerson) -> str:
    """The secret of the person's authenticator app, as apps take it (base32)."""
    made = Secrets(settings.home / "secrets").get(f"demo-totp-{_local(person)}")
    return base64.b32encode(hashlib.sha256(made.encode()).digest()[:20]).decode()


def code(settings: Settings, email: str) -> str:
    """What a demo person's authenticator app shows at this moment. Raises: OperatorError when there is no such person."""
    if settings.environment is not Environment.DEVELOPMENT:
        raise OperatorError("The demo's people are there in development only.")
    found = next((one for one in PEOPLE if one.email == email.strip().lower()), None)
    if found is None:
        names = ", ".join(one.email for one in PEOPLE)
        raise OperatorError(f"{email} is none of the demo's people: {names}.")
    shown: str = import_module("gateway.people.totp").current_code(totp_secret(settings, found))
    return shown


async def add_people(database: Database, settings: Settings, network: Network) -> None:
    """Add those who are not there yet, through the gateway's own register."""
    register: Any = import_module("gateway.people.register")
    events: Any = import_module("gateway.people.events")
    people: Any = import_module("gateway.people").People.of(settings, database)
    for one in PEOPLE:
        if await register.find_person(database, one.email) is not None:
            continue
        hashed = await people.hashing.hash(password(settings, one))
        async with database.transaction(events.SERVER) as session:
            [person] = {await _join(session, network, one, slug, role) for slug, role in one.workplaces}
            await register.set_password(session, person, hashed, by="demo")
        await people.totp.install(person, totp_secret(settings, one))


async def _join(session: Any, network: Network, one: DemoPerson, slug: str, role: str) -> Any:
    """Make the person a member; their id."""
    organization = network.by_slug(slug)
    invitee = await import_module("gateway.people.register").add_person(
        session,
        email=one.email,
        display_name=one.name,
        organization=organization.id,
        role=import_module("gateway.store").Role(role),
        by="demo",
        organization_name=organization.name,
        locale=one.locale,
    )
    return invitee.person_id


def _local(person: DemoPerson) -> str:
    return person.email.partition("@")[0]
