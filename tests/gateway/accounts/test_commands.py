"""`vereda oauth ...`: what an operator does with people and systems, on a real database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from gateway.hashing import matches
from gateway.oauth import clients
from gateway.people import invitations, register
from gateway.store import Role
from tests.gateway.accounts.office import Accounts
from tests.support.databases import Databases
from vereda.cli import app
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.keys import KeyRing
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

    # Where passkeys work: mails lead there, too.
    token = re.search(r"^http://localhost:\d+/invitation\?token=(\S+)$", link)
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


async def test_an_operator_registers_shows_changes_and_rotates_a_system(
    accounts: Accounts, vereda: Vereda
) -> None:
    client_id, organization = f"records-{new_id()}", str(new_id())
    named = ["--organization", organization, "--name", "Records", "--scope", "client:read"]

    async def works(secret: str) -> bool:
        known = await clients.find(accounts.database, client_id)
        assert known is not None
        return any(matches(one, secret) for one in known.secret_hashes)

    first = await vereda("oauth", "client", "add", client_id, *named)
    changed = await vereda(
        "oauth", "client", "change", client_id, "--scope", "report:read", "--dpop-required"
    )
    shown = await vereda("oauth", "client", "show", client_id)
    second = await vereda("oauth", "client", "rotate", client_id, "--compromised")
    listed = await vereda("client", "list")

    assert changed == f"{client_id} is changed."
    assert re.search(r"^scopes +report:read$", shown, re.MULTILINE)
    assert re.search(r"^dpop required +True$", shown, re.MULTILINE)
    assert re.search(rf"^organization +{organization}$", shown, re.MULTILINE)
    assert first not in shown
    assert [await works(first), await works(second)] == [False, True]
    assert re.search(rf"^{client_id} +may sign in +Records$", listed, re.MULTILINE)


async def test_a_system_with_keys_of_its_own_gets_no_secret(
    accounts: Accounts, vereda: Vereda, settings: Settings
) -> None:
    client_id, file = f"records-{new_id()}", KeyRing(settings.keys / "a-partner").folder / "jwks.json"
    named = ["--organization", str(new_id()), "--name", "Records", "--scope", "client:read"]

    added = await vereda("oauth", "client", "add", client_id, *named, "--jwks", str(file))
    known = await clients.find(accounts.database, client_id)
    elsewhere = await vereda(
        "oauth", "client", "rotate", client_id, "--jwks-uri", "https://clinic.example.org/jwks.json"
    )
    moved = await clients.find(accounts.database, client_id)

    assert added == f"{client_id} may sign in with its keys."
    assert known is not None
    assert moved is not None
    assert (known.client.jwks_uri, known.secret_hashes) == (None, ())
    assert elsewhere == f"{client_id} may sign in with these keys, and with nothing else."
    assert (moved.client.jwks, moved.client.jwks_uri) == (None, "https://clinic.example.org/jwks.json")


async def test_a_system_is_disabled_and_enabled(accounts: Accounts, vereda: Vereda) -> None:
    client_id = f"records-{new_id()}"
    named = ["--organization", str(new_id()), "--name", "Records", "--scope", "client:read"]
    await vereda("client", "add", client_id, *named)

    async def disabled() -> bool:
        known = await clients.find(accounts.database, client_id)
        assert known is not None
        return known.client.disabled_at is not None

    before = await disabled()
    await vereda("oauth", "client", "disable", client_id)
    between = await disabled()
    await vereda("oauth", "client", "enable", client_id)

    assert [before, between, await disabled()] == [False, True, False]


async def test_an_id_that_is_taken_is_not_taken_over(vereda: Vereda) -> None:
    client_id = f"records-{new_id()}"
    named = ["--organization", str(new_id()), "--name", "Records", "--scope", "client:read"]
    await vereda("client", "add", client_id, *named)

    with pytest.raises(OperatorError, match="already"):
        await vereda("client", "add", client_id, *named)


async def test_an_operator_registers_what_a_system_may_run(vereda: Vereda, tmp_path: Path) -> None:
    client_id = f"records-{new_id()}"
    named = ["--organization", str(new_id()), "--name", "Records", "--scope", "client:read"]
    (tmp_path / "one.graphql").write_text("{ counties { name } }")
    (tmp_path / "many.json").write_text('{"who": "{ viewer { id } }"}')
    (tmp_path / "broken.json").write_text("[")
    files = [str(tmp_path / name) for name in ("one.graphql", "many.json")]
    await vereda("oauth", "client", "add", client_id, *named)

    printed = await vereda("oauth", "client", "documents", client_id, *files)

    assert printed.splitlines() == [
        f"{sha256(b'{ counties { name } }').hexdigest()}  {files[0]}",
        f"{sha256(b'{ viewer { id } }').hexdigest()}  {files[1]} who",
    ]
    with pytest.raises(OperatorError, match=r"broken\.json cannot be read"):
        await vereda("oauth", "client", "documents", client_id, str(tmp_path / "broken.json"))
