"""A network of one's own: on an existing Postgres, begun empty, and never mixed with the demo's."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.support.running import RunningNetwork
from vereda.demo.caller import PartnerSystem
from vereda.ids import new_id
from vereda.postgres import EmbeddedPostgres

pytestmark = pytest.mark.processes

REGISTER = """mutation($input: RegisterOrganizationInput!) { registerOrganization(input: $input) {
  ... on OrganizationSaved { organization { id } } } }"""


async def test_a_network_of_ones_own_on_an_existing_postgres_is_left_alone_by_the_demo(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    network = RunningNetwork(tmp_path / "home", VEREDA_DATABASE_URL=postgres.admin_url)
    await network.start("--no-demo")
    status, secret = await network.run(
        *("client", "add", "coordinator", "--organization", str(new_id()), "--name", "Coordinator"),
        *("--scope", "directory:read", "--scope", "admin:network"),
    )
    coordinator = PartnerSystem(network.url, "coordinator", secret.strip())
    given = {"slug": "our-own", "name": "Our own", "kind": "CBO"}
    made = await coordinator.ask(REGISTER, {"input": {"idempotencyKey": "1", "organization": given}})
    await network.stop()

    await network.start()
    seen = await coordinator.ask("{ organizations { nodes { id name } } }")
    await network.stop()

    assert status == 0
    id_ = made["data"]["registerOrganization"]["organization"]["id"]
    assert seen["data"]["organizations"]["nodes"] == [{"id": id_, "name": "Our own"}]
    assert "the demo network is not loaded" in network.output
    assert not (tmp_path / "home" / "postgres").exists()


async def test_a_disabled_system_gets_no_token_any_more(network: RunningNetwork) -> None:
    name = f"leaver-{new_id().hex[-6:]}"
    _, secret = await network.run(
        *(
            "client",
            "add",
            name,
            "--organization",
            str(new_id()),
            "--name",
            "Leaver",
            "--scope",
            "directory:read",
        )
    )
    async with httpx.AsyncClient(base_url=network.url) as http:

        async def sign_in() -> int:
            grant = {"grant_type": "client_credentials"}
            return (await http.post("/oauth/token", data=grant, auth=(name, secret.strip()))).status_code

        before = await sign_in()
        status, _ = await network.run("client", "disable", name)
        after = await sign_in()

    assert (before, status, after) == (200, 0, 401)
    assert name in (await network.run("client", "list"))[1]


async def test_composing_without_node_says_what_is_missing(tmp_path: Path) -> None:
    network = RunningNetwork(tmp_path / "home", PATH=quote(str(tmp_path)))

    status, said = await network.run("schema", "compose")

    assert status == 1
    assert "needs Node" in said
    assert len(said.strip().splitlines()) == 1


async def test_commands_that_need_the_network_say_so_when_nothing_runs(tmp_path: Path) -> None:
    network = RunningNetwork(tmp_path / "home")

    for command in (("demo",), ("token",), ("client", "list")):
        status, said = await network.run(*command)
        assert (status, len(said.strip().splitlines())) == (1, 1)
        assert "vereda up" in said
