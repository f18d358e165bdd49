"""People who sign in: what `vereda oauth person` does, through the gateway's own register."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final
from uuid import UUID

from vereda.database import Database
from vereda.errors import OperatorError
from vereda.operating import gateway_database, organization_id
from vereda.settings import load_settings

_OPERATOR: Final = "operator"


async def invite(
    email: str,
    *,
    organization: str,
    role: str,
    name: str,
    locale: str,
    organization_name: str | None,
) -> str:
    """Make somebody a member; the link by which they set a password, or that they need none.

    Raises: OperatorError when something given makes no sense.
    """
    async with gateway_database() as database:
        invitee = await _register().add_person(
            database,
            email=email,
            display_name=name,
            organization=organization_id(organization),
            role=_role(role),
            by=_OPERATOR,
            organization_name=organization_name,
            locale=locale,
        )
    if invitee.token is None:
        return f"{email} is a member now, and signs in as before."
    return _link(invitee.token)


async def listing(organization: str) -> str:
    """One line for each member. Raises: OperatorError."""
    async with gateway_database() as database:
        members = await _register().members(database, organization_id(organization))
    return "\n".join(
        f"{one.person_id}  {one.role:<26} {_status(one):<24} {one.email:<32} {one.display_name}"
        for one in members
    )


async def set_role(person: str, organization: str, role: str) -> None:
    """Raises: OperatorError when there is no such member or role."""
    async with gateway_database() as database:
        who = await _find(database, person)
        await _register().set_role(database, who, organization_id(organization), _role(role), by=_OPERATOR)


async def disable(person: str) -> None:
    """Raises: OperatorError when there is no such person."""
    async with gateway_database() as database:
        await _register().disable(database, await _find(database, person), by=_OPERATOR)


async def enable(person: str) -> None:
    """Raises: OperatorError when there is no such person."""
    async with gateway_database() as database:
        await _register().enable(database, await _find(database, person), by=_OPERATOR)


async def reset(person: str, *, factors: bool) -> str:
    """The link by which they set a new password. Raises: OperatorError when there is no such person."""
    async with gateway_database() as database:
        who = await _find(database, person)
        return _link(await _register().reset(database, who, by=_OPERATOR, factors=factors))


async def _find(database: Database, person: str) -> UUID:
    """Whom an id or an e-mail address names."""
    found: UUID | None = await _register().find_person(database, person)
    if found is None:
        raise OperatorError(f"There is nobody with the id or e-mail address {person}.")
    return found


def _status(member: Any) -> str:
    if member.disabled_at is not None:
        return "disabled"
    if not member.has_password:
        return "has not joined"
    return "joined" if member.has_second_factor else "without a second factor"


def _role(name: str) -> Any:
    roles: Any = import_module("gateway.store").Role
    try:
        return roles(name)
    except ValueError:
        raise OperatorError(f"There is no role {name!r}: one of {', '.join(roles)}.") from None


def _link(token: str) -> str:
    return str(import_module("gateway.people.invitations").link_of(load_settings(), token))


def _register() -> Any:
    return import_module("gateway.people.register")
