"""docker-compose.yml says the same as `vereda up`, and what it tells each process is enough for it to run."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from tests.support.running import free_ports
from vereda.ids import new_id
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision
from vereda.settings import DATABASES, SERVICES, Settings
from vereda.supervisor import programs

ROOT = Path(__file__).parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_it_runs_the_programs_of_the_supervisor() -> None:
    supervised = {p.name: p.target for p in programs(Settings(), dict.fromkeys(DATABASES, "postgresql://x"))}

    assert {name: COMPOSE[name]["command"][0] for name in supervised} == supervised
    assert set(COMPOSE) == {*supervised, "postgres"}


@pytest.mark.parametrize("name", DATABASES)
def test_each_process_is_given_its_own_database_and_no_others(name: str) -> None:
    urls = {
        key: value for key, value in COMPOSE[name]["environment"].items() if key.endswith("_DATABASE_URL")
    }

    assert list(urls) == [f"VEREDA_{name.upper()}_DATABASE_URL"]
    assert f"vereda_{name}:${{{name.upper()}_PASSWORD" in next(iter(urls.values()))


def test_nothing_but_the_gateway_is_published_and_that_on_loopback() -> None:
    published = {name: service["ports"] for name, service in COMPOSE.items() if "ports" in service}

    assert published == {"gateway": ["127.0.0.1:4000:4000"]}


def test_no_secret_is_written_down() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    example = (ROOT / "deploy" / "example.env").read_text()

    written = re.findall(r"^ +\w*PASSWORD: (.*)$", compose, re.MULTILINE) + re.findall(
        r"//\w+:([^@\s]*)@", compose
    )

    assert len(written) == 9
    assert all(re.fullmatch(r"\$\{\w+:\?\}", value) for value in written)
    assert re.findall(r"^\w*PASSWORD=(.*)$", example, re.MULTILINE) == [""] * 5


@pytest_asyncio.fixture
async def containers(postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[tuple[int, str]]:
    """The four processes with exactly the file's environment, host names and ports put in: first port, an access token's issuer."""
    first = free_ports(4)
    ports = {"gateway": first, **{name: first + 1 + index for index, name in enumerate(SERVICES)}}
    passwords = {name: new_id().hex for name in DATABASES}
    urls = await provision(postgres.admin_url, passwords, prefix=f"compose{new_id().hex[-6:]}_")
    running = []
    for name in (*SERVICES, "gateway"):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VEREDA_")}
        for key, value in COMPOSE[name]["environment"].items():
            for host, port in ports.items():
                value = re.sub(rf"//{host}:\d+", f"//127.0.0.1:{port}", value)
            environment[key] = value
        environment |= {
            f"VEREDA_{name.upper()}_DATABASE_URL": urls[name],
            "VEREDA_HOME": str(tmp_path / name),
            "VEREDA_ISSUER": "https://graph.example.org",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vereda.serving",
            COMPOSE[name]["command"][0],
            "--host",
            "127.0.0.1",
            "--port",
            str(ports[name]),
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        running.append(process)
    yield first, urls["gateway"]
    for process in running:
        process.terminate()
    await asyncio.gather(*(process.wait() for process in running))


@pytest.mark.processes
async def test_processes_with_keys_of_their_own_trust_each_other_by_their_published_keys(
    containers: tuple[int, str],
) -> None:
    first, gateway_database = containers
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{first}") as http:
        async with asyncio.timeout(60):
            while not await ready(http):
                await asyncio.sleep(0.1)
        secret = await add_client(gateway_database)
        token = await http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("coordinator", secret)
        )
        headers = {"Authorization": f"Bearer {token.json()['access_token']}"}

        answer = await http.post(
            "/graphql", json={"query": "{ counties { name } cohorts { nodes { id } } }"}, headers=headers
        )
        introspection = await http.post(
            "/graphql", json={"query": "{ __schema { types { name } } }"}, headers=headers
        )

    assert "errors" not in answer.json(), answer.json()
    assert len(answer.json()["data"]["counties"]) == 8
    assert answer.json()["data"]["cohorts"] == {"nodes": []}
    assert introspection.json()["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"


async def ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/health/ready")).status_code == 200
    except httpx.HTTPError:
        return False


async def add_client(gateway_database: str) -> str:
    """What the operator does first: `vereda client add`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "vereda.cli",
        *("client", "add", "coordinator", "--organization", str(new_id()), "--name", "Coordinator"),
        *("--scope", "directory:read", "--scope", "admin:network"),
        env={**os.environ, "VEREDA_GATEWAY_DATABASE_URL": gateway_database},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().strip()
