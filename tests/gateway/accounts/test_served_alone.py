"""The subgraph of accounts as a process of its own, for a router that is not ours: with letters, as everywhere."""

from __future__ import annotations

import asyncio
import email
import os
import sys
from email.policy import default
from pathlib import Path

import httpx
import orjson
import pytest

from gateway.people import register
from gateway.store import Role
from tests.support.databases import Databases
from tests.support.running import free_ports
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.ids import new_id
from vereda.keys import key_ring
from vereda.settings import Settings
from vereda.tokens import HEADER, mint

INVITE = """mutation($input: InviteMemberInput!) {
  inviteMember(input: $input) { __typename ... on MemberInvited { byMail member { status } } }
}"""


@pytest.mark.servers
async def test_who_is_invited_gets_their_link(
    database: Database, databases: Databases, tmp_path: Path
) -> None:
    organization, port = new_id(), free_ports(1)
    settings = Settings(home=tmp_path)
    administrator = await register.add_person(
        database,
        email=f"administrator-{new_id()}@clinic.example.org",
        display_name="Ana Duarte",
        organization=organization,
        role=Role.ORGANIZATION_ADMINISTRATOR,
        by="operator",
    )
    caller = Caller(str(administrator.person_id), organization, frozenset({Scope.ADMIN_ORGANIZATION.value}))
    address = f"new-{new_id()}@clinic.example.org"
    body = {
        "query": INVITE,
        "variables": {"input": {"email": address, "displayName": "Inés Robledo", "role": "CASE_WORKER"}},
    }
    told = {
        "VEREDA_HOME": str(tmp_path),
        "VEREDA_GATEWAY_DATABASE_URL": databases.urls["gateway"],
        "VEREDA_MAIL_FROM": "network@example.org",
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VEREDA_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vereda.serving", "gateway.accounts.app:create", "--port", str(port)),
        env=plain | told,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            while not await live(http):
                assert process.returncode is None
                await asyncio.sleep(0.05)
            headers = {HEADER: mint(key_ring(settings, "transaction"), caller)}
            answer = (await http.post("/graphql", json=body, headers=headers)).json()
            while not (mails := list((tmp_path / "outbox").glob("*.eml"))):
                await asyncio.sleep(0.05)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()

    assert answer["data"]["inviteMember"] == {
        "__typename": "MemberInvited",
        "byMail": True,
        "member": {"status": "INVITED"},
    }, orjson.dumps(answer)
    [mail] = [email.message_from_bytes(path.read_bytes(), policy=default) for path in mails]
    assert mail["To"] == address
    assert "http://localhost:4000/invitation?token=" in mail.get_content()


async def live(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/health/live")).status_code == 200
    except httpx.TransportError:
        return False
