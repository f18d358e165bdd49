"""Whom an external provider vouches for, as a person here: found or made, and what in which organisation by a mapping.

The mapping is a JSON file, a list of rules such as `{"claim": "groups", "value": "clinic-staff", "organization": "<id>",
"name": "Valle Claro Health Clinic", "role": "case_worker"}`. Of each organisation, the first rule that fits counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.outbound import Outbound
from gateway.people import register
from gateway.people.events import SERVER, Event, record
from gateway.people.origins import page_url
from gateway.people.provider import Provider, Vouched
from gateway.store import Membership, Person, Role
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.settings import Settings

CALLBACK: Final = "/sign-in/external/callback"
_BY: Final = "external-provider"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever has `value` in the claim `claim` is `role` in `organization`, which the pages call `name`."""

    claim: str
    value: str
    organization: UUID
    role: Role
    name: str | None = None

    def fits(self, claims: Mapping[str, Any]) -> bool:
        said = claims.get(self.claim)
        return self.value in said if isinstance(said, list) else said == self.value


class External:
    """The provider, and what its claims mean here."""

    def __init__(self, database: Database, provider: Provider, rules: Sequence[Rule]) -> None:
        self._database = database
        self.provider = provider
        self._rules = rules

    async def admit(self, vouched: Vouched) -> UUID | None:
        """The person, with the memberships that the rules give now and no others of these organisations. None for a
        stranger without any, for one who is disabled, and for one whose address is somebody else's here already."""
        given: dict[UUID, Rule] = {}
        for rule in self._rules:
            if rule.fits(vouched.claims):
                given.setdefault(rule.organization, rule)
        async with self._database.transaction(SERVER) as session:
            person = await self._person(session, vouched, may_join=bool(given))
            if person is None or person.disabled_at is not None:
                return None
            await self._bring_up_to_date(session, person.id, given)
            return person.id

    async def _person(self, session: AsyncSession, vouched: Vouched, *, may_join: bool) -> Person | None:
        """Index: ix_people_external_issuer_external_subject, then uq_people_email."""
        known = await session.scalar(
            select(Person)
            .where(Person.external_issuer == vouched.issuer, Person.external_subject == vouched.subject)
            .with_for_update()
        )
        if known is not None or not may_join or vouched.email is None:
            return known
        try:
            email = register.checked_email(vouched.email)
        except OperatorError:
            return None
        person = await session.scalar(
            select(Person).where(func.lower(Person.email) == email.lower()).with_for_update()
        )
        if person is None:
            person = Person(id=new_id(), email=email, display_name=vouched.name or email.partition("@")[0])
            session.add(person)
        elif person.password_hash is not None or person.external_subject is not None:
            return (
                None  # whoever controls an address at a provider does not take over an account that is in use
            )
        person.external_issuer, person.external_subject = vouched.issuer, vouched.subject
        await session.flush()
        await record(session, Event.EXTERNAL_LINKED, person.id, by=_BY)
        return person

    async def _bring_up_to_date(
        self, session: AsyncSession, person: UUID, given: Mapping[UUID, Rule]
    ) -> None:
        for rule in given.values():
            if rule.name is not None:
                await register.name_organization(session, rule.organization, rule.name)
            await register.give_role(session, person, rule.organization, rule.role, by=_BY)
        for organization in {rule.organization for rule in self._rules} - given.keys():
            membership = await session.get(Membership, (person, organization))
            if membership is not None and membership.ended_at is None:
                await register.end_membership(session, person, organization, by=_BY)


def external_of(settings: Settings, database: Database) -> External | None:
    """The provider of the settings; None without one.

    Raises: OperatorError when a setting is missing or the mapping cannot be read.
    """
    if settings.oidc_issuer is None:
        return None
    client_id, secret, mapping = (
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_mapping,
    )
    if client_id is None or secret is None or mapping is None:
        raise OperatorError(
            "VEREDA_OIDC_ISSUER needs VEREDA_OIDC_CLIENT_ID, VEREDA_OIDC_CLIENT_SECRET and VEREDA_OIDC_MAPPING, too."
        )
    provider = Provider(
        Outbound.of(settings),
        issuer=settings.oidc_issuer,
        client_id=client_id,
        client_secret=secret.get_secret_value(),
        redirect_uri=f"{page_url(settings)}{CALLBACK}",
        multi_factor=settings.oidc_multi_factor,
    )
    return External(database, provider, read_rules(mapping))


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Raises: OperatorError saying which rule makes no sense."""
    try:
        listed = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise OperatorError(f"VEREDA_OIDC_MAPPING: {path} cannot be read ({type(error).__name__}).") from None
    if not isinstance(listed, list):
        raise OperatorError(f"VEREDA_OIDC_MAPPING: {path} must be a list of rules.")
    return tuple(_rule(number, one) for number, one in enumerate(listed, 1))


def _rule(number: int, said: Any) -> Rule:
    try:
        claim, value = said["claim"], said["value"]
        organization, role, name = UUID(said["organization"]), Role(said["role"]), said.get("name")
        if not all(isinstance(one, str) for one in (claim, value, name or "")):
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError):
        raise OperatorError(
            f"VEREDA_OIDC_MAPPING: rule {number} needs `claim`, `value`, `organization` (an id) and `role`"
            f" (one of {', '.join(Role)})."
        ) from None
    return Rule(claim, value, organization, role, name)
