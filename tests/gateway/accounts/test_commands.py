"""`vereda oauth ...`: what an operator does with people and systems, on a real database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from typer.testing import CliRunner

from gateway.people import invitations, register
from gateway.store import Role
from tests.gateway.accounts.conftest import Accounts
from tests.support.databases import Databases
from vereda.cli import app
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.settings import Settings

#: Runs `vereda` with these arguments; what it printed. Raises: OperatorError, as the command line catches it.
Vereda = Callable[..., Awaitable[str]]


@pytest.fixture
def vereda(
    accounts: Accounts, databases: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Vereda:
    monkeypatch.setenv("VEREDA_HOME", str(settings.home))
    monkeypatch.setenv("VEREDA_GATEWAY_DATABASE_URL", databases.urls["gateway"])

    async def run(*arguments: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        if isinstance(result.exception, OperatorError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run


def invitation(organization: UUID, email: str, role: str = "case_worker") -> list[str]:
    there = ["--organization", str(organization)]
    return ["oauth", "person", "invite", email, *there, "--role", role, "--name", "Inés Robledo"]


async def test_an_operator_invites_somebody_and_hands_the_link_over(
    accounts: Accounts, vereda: Vereda
) -> None:
    organization, email = new_id(), f"ines-{new_id()}@clinic.example.org"

    link = await vereda(*invitation(organization, email))
    members = await vereda("oauth", "person", "list", "--organization", str(organization))

    token = re.search(r"^https?://\S+/invitation\?token=(\S+)$", link)
    assert token is not None
    whom = await invitations.whom(accounts.database, token[1])
    assert whom is not None
    assert whom.email == email
    assert re.fullmatch(
        rf"{whom.person_id}  case_worker +has not joined +{re.escape(email)} +Inés Robledo", members
    )


async def test_who_can_sign_in_already_needs_no_link(accounts: Accounts, vereda: Vereda) -> None:
    them, organization = await accounts.worker(), new_id()

    said = await vereda(*invitation(organization, them.email, "auditor"))

    assert said == f"{them.email} is a member now, and signs in as before."
    assert await accounts.role(them, organization) is Role.AUDITOR


async def test_an_operator_changes_a_role_disables_and_enables(accounts: Accounts, vereda: Vereda) -> None:
    them = await accounts.worker()
    there = ["--organization", str(them.organization)]

    await vereda("oauth", "person", "role", them.email, *there, "--role", "supervisor")
    await vereda("oauth", "person", "disable", str(them.id))
    disabled = await register.find_account(accounts.database, them.email)
    await vereda("oauth", "person", "enable", them.email.upper())
    enabled = await register.find_account(accounts.database, them.email)

    assert await accounts.role(them) is Role.SUPERVISOR
    assert disabled is None
    assert enabled is not None


async def test_a_reset_prints_the_link_to_a_new_password(accounts: Accounts, vereda: Vereda) -> None:
    them = await accounts.worker()

    link = await vereda("oauth", "person", "reset", them.email, "--factors")

    whom = await invitations.whom(accounts.database, link.partition("token=")[2])
    assert whom is not None
    assert (whom.person_id, whom.purpose) == (them.id, invitations.Purpose.RESET)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (invitation(new_id(), "nobody"), "e-mail"),
        (invitation(new_id(), "a@example.org", "emperor"), "no role 'emperor': one of case_worker"),
        (["oauth", "person", "list", "--organization", "clinic"], "clinic is not an organisation's id"),
        (["oauth", "person", "disable", "nobody@example.org"], "nobody with the id or e-mail address"),
        (
            ["oauth", "person", "role", str(new_id()), "--organization", str(new_id()), "--role", "auditor"],
            "nobody",
        ),
    ],
)
async def test_what_makes_no_sense_is_said_in_one_sentence(
    vereda: Vereda, arguments: list[str], problem: str
) -> None:
    with pytest.raises(OperatorError, match=re.escape(problem)):
        await vereda(*arguments)
