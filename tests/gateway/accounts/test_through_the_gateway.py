"""Accounts behind the whole gateway, as a browser and a system meet them, and alone, as another router would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from gateway import main
from gateway.accounts import app as accounts_app
from gateway.oauth import clients
from gateway.people.cookies import SESSION, digest
from gateway.people.events import SERVER
from gateway.store import Role, Session
from services.partners.app import SERVICE as PARTNERS
from tests.gateway.accounts.office import Accounts, Worker
from tests.gateway.http.network import serving
from tests.support.databases import Databases
from tests.support.directory import Directory
from vereda.caller import Scope
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.service import create_app
from vereda.settings import Settings
from vereda.tokens import HEADER, mint

pytestmark = pytest.mark.servers

SECRET = "correct-horse-battery-staple-7"
WHO_AND_WHOM = """
{
  viewer { name kind organization { name } }
  members { nodes { email role organization { name } } }
}
"""


@dataclass
class Gateway:
    """The network's own gateway over a directory on loopback, asked in several ways."""

    http: httpx.AsyncClient
    accounts: Accounts
    directory: Directory

    async def organization(self, name: str) -> UUID:
        return (await self.directory.organization(name)).id

    async def token(self, organization: UUID, *scopes: Scope) -> dict[str, str]:
        """What a system of the organisation sends with each request."""
        client_id = f"system-{new_id()}"
        await clients.register(
            self.accounts.database,
            clients.Registration(
                client_id=client_id, secret=SECRET, organization=organization, name="A system", scopes=scopes
            ),
        )
        answer = await self.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, SECRET)
        )
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def browser(self, worker: Worker) -> dict[str, str]:
        """What the browser sends in which somebody has just signed in."""
        value, now = f"session-of-{worker.id}", datetime.now(UTC)
        async with self.accounts.database.transaction(SERVER) as session:
            session.add(
                Session(
                    digest=digest(value),
                    person_id=worker.id,
                    organization_id=worker.organization,
                    factors=["mfa", "otp", "pwd"],
                    browser="Firefox",
                    authenticated_at=now,
                    last_seen_at=now,
                    expires_at=now + timedelta(hours=1),
                )
            )
        return {"Cookie": f"{SESSION}={value}", "Sec-Fetch-Site": "same-origin"}

    async def ask(self, headers: dict[str, str], query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@asynccontextmanager
async def partners(databases: Databases, settings: Settings) -> AsyncIterator[tuple[str, Directory]]:
    database = await databases.migrated("partners_beside_accounts", PARTNERS.folder)
    async with serving(create_app(PARTNERS, settings, database)) as url:
        yield f"{url}/graphql", Directory(database)


@pytest_asyncio.fixture
async def gateway(
    databases: Databases, settings: Settings, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    async with partners(databases, settings) as (url, directory):
        monkeypatch.setenv("VEREDA_HOME", str(settings.home))
        monkeypatch.setenv("VEREDA_GATEWAY_DATABASE_URL", databases.urls["gateway"])
        monkeypatch.setenv("VEREDA_SUBGRAPH_URLS", f"partners={url}")
        async with serving(main.create()) as base, httpx.AsyncClient(base_url=base) as http:
            yield Gateway(http, accounts, directory)


async def test_an_administrator_administers_from_a_browser_with_the_directory_beside(
    gateway: Gateway,
) -> None:
    clinic = await gateway.organization("Clínica Sol")
    me = await gateway.accounts.administrator(clinic)
    browser = await gateway.browser(me)

    seen = await gateway.ask(browser, WHO_AND_WHOM)
    invited = await gateway.ask(
        browser,
        "mutation($i: InviteMemberInput!) { inviteMember(input: $i) { ... on MemberInvited {"
        " member { role organization { name } } } } }",
        i={
            "email": f"{new_id()}@sol.example.org",
            "displayName": "Inés",
            "role": "ORGANIZATION_ADMINISTRATOR",
        },
    )

    here = {"name": "Clínica Sol"}
    assert seen["data"] == {
        "viewer": {"name": "Marisol Quintero", "kind": "PERSON", "organization": here},
        "members": {
            "nodes": [{"email": me.email, "role": "ORGANIZATION_ADMINISTRATOR", "organization": here}]
        },
    }
    assert invited["data"]["inviteMember"]["member"] == {
        "role": "ORGANIZATION_ADMINISTRATOR",
        "organization": here,
    }


async def test_a_system_without_the_scope_gets_what_is_for_everybody_and_no_more(gateway: Gateway) -> None:
    clinic = await gateway.organization("Clínica Luna")
    system = await gateway.token(clinic, Scope.DIRECTORY_READ)

    answer = await gateway.ask(system, WHO_AND_WHOM)

    assert answer["data"]["viewer"] == {
        "name": "A system",
        "kind": "API_CLIENT",
        "organization": {"name": "Clínica Luna"},
    }
    assert answer["data"]["members"] is None
    assert [error["path"] for error in answer["errors"]] == [["members"]]


async def test_the_gateway_is_ready_with_its_own_subgraph_wherever_the_supergraph_says_that_it_is(
    gateway: Gateway,
) -> None:
    checks = (await gateway.http.get("/health/ready")).json()["checks"]

    assert (checks["accounts"], checks["partners"], checks["grants"]) == ("ok", "ok", "failing")


async def test_served_alone_it_answers_nobody_without_a_transaction_token(
    databases: Databases,
    settings: Settings,
    accounts: Accounts,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    me = await accounts.worker(Role.AUDITOR)
    monkeypatch.setenv("VEREDA_HOME", str(settings.home))
    monkeypatch.setenv("VEREDA_GATEWAY_DATABASE_URL", databases.urls["gateway"])
    tokens = {
        "none": {},
        "forged": {HEADER: mint(KeyRing(tmp_path / "stranger"), me.caller())},
        "genuine": {HEADER: mint(KeyRing(settings.keys / "transaction"), me.caller())},
    }

    async with serving(accounts_app.create()) as base, httpx.AsyncClient(base_url=base) as http:
        answers = {
            name: await http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
            for name, headers in tokens.items()
        }

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "none": 401,
        "forged": 401,
        "genuine": 200,
    }
    assert answers["genuine"].json()["data"] == {"viewer": {"id": str(me.id)}}
    assert not (settings.keys / "accounts").exists()
