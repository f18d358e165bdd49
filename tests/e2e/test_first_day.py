"""What a new user meets: the network comes up, the printed request works, the story is true."""

from __future__ import annotations

import asyncio
import json
import re
import shutil

import httpx
import pytest

from tests.support.running import RunningNetwork
from vereda.demo.caller import PartnerSystem
from vereda.demo.loading import sign_in_secret
from vereda.settings import Settings

pytestmark = pytest.mark.processes


def system(network: RunningNetwork, client_id: str) -> PartnerSystem:
    settings = Settings(home=network.home)
    return PartnerSystem(network.url, client_id, sign_in_secret(settings, client_id))


@pytest.mark.skipif(shutil.which("curl") is None, reason="the printed request is for curl")
async def test_the_printed_token_and_query_work_when_pasted(network: RunningNetwork) -> None:
    lines = network.output.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith("TOKEN="))
    pasted = "\n".join(line.strip() for line in lines[start : start + 3])

    process = await asyncio.create_subprocess_exec("sh", "-c", pasted, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()

    answer = json.loads(output)
    assert len(answer["data"]["services"]["nodes"]) == 3
    assert "errors" not in answer


async def test_the_story_is_told_and_true(network: RunningNetwork) -> None:
    status, output = await network.run("demo")

    assert status == 0, output
    assert output.rstrip().endswith("was asked of one gateway.")
    assert output.count("== ") >= 11


async def test_a_token_is_printed_for_each_sign_in(network: RunningNetwork) -> None:
    for client_id in ("demo-clinic", "demo-legal", "demo-school", "demo-ally", "demo-coordinator"):
        status, output = await network.run("token", client_id)
        assert (status, output.count(".")) == (0, 2)
    assert (await network.run("token", "nobody"))[0] == 1


async def test_the_demo_network_is_as_large_as_it_says(network: RunningNetwork) -> None:
    coordinator = system(network, "demo-coordinator")

    async def count(field: str) -> int:
        total, after = 0, None
        while True:
            document = f"query($after: String) {{ {field} {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
            page = (await coordinator.ask(document, {"after": after}))["data"][field.split("(")[0]]
            total, after = total + len(page["nodes"]), page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return total

    assert await count("organizations(first: 100, after: $after)") == 60
    assert await count("services(first: 100, after: $after)") == 200
    assert await count("workshops(first: 100, after: $after)") == 120
    assert await count("cohorts(first: 100, after: $after)") == 3


async def test_one_query_is_answered_by_all_three_services(network: RunningNetwork) -> None:
    document = """{ organizations(first: 5, filter: {kinds: [ADULT_SCHOOL]}) { nodes { name
      referralsToYou(first: 1) { nodes { status } } cohortsHosted(first: 1) { nodes { year } } } } }"""

    answer = await system(network, "demo-clinic").ask(document)

    assert "errors" not in answer
    assert len(answer["data"]["organizations"]["nodes"]) == 5


@pytest.mark.parametrize("offset", [1, 2, 3], ids=["partners", "referrals", "grants"])
async def test_a_service_takes_neither_no_token_nor_an_access_token(
    network: RunningNetwork, offset: int
) -> None:
    clinic = system(network, "demo-clinic")
    await clinic.sign_in()
    url = f"http://127.0.0.1:{network.port + offset}/graphql"

    async with httpx.AsyncClient() as http:
        for headers in ({}, {"Authorization": f"Bearer {clinic.token}"}, {"Txn-Token": str(clinic.token)}):
            answer = await http.post(url, json={"query": "{ __typename }"}, headers=headers)
            assert answer.status_code == 401
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_gateway_takes_no_request_without_a_token(network: RunningNetwork) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{network.url}/graphql", json={"query": "{ __typename }"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_request_id_goes_from_the_gateway_through_every_service(network: RunningNetwork) -> None:
    clinic = system(network, "demo-clinic")
    await clinic.sign_in()
    headers = {"Authorization": f"Bearer {clinic.token}", "X-Request-Id": "trace-me-through-1234"}
    document = """{ organizations(first: 1, filter: {kinds: [ADULT_SCHOOL]}) { nodes {
      referralsToYou(first: 1) { nodes { status } } cohortsHosted(first: 1) { nodes { year } } } } }"""

    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{network.url}/graphql", json={"query": document}, headers=headers)

    assert answer.headers["x-request-id"] == "trace-me-through-1234"
    async with asyncio.timeout(5):
        while (
            len(logged := re.findall(r"^(\w+) +\|.*trace-me-through-1234", network.output, re.MULTILINE)) < 4
        ):
            await asyncio.sleep(0.05)
    assert set(logged) == {"gateway", "partners", "referrals", "grants"}


async def test_every_process_says_whether_it_is_live_and_ready(network: RunningNetwork) -> None:
    async with httpx.AsyncClient() as http:
        for port in range(network.port, network.port + 4):
            for probe in ("live", "ready"):
                answer = await http.get(f"http://127.0.0.1:{port}/health/{probe}")
                assert (answer.status_code, answer.json()["status"]) == (200, probe)


async def test_the_doctor_finds_nothing_wrong(network: RunningNetwork) -> None:
    status, output = await network.run("doctor")

    assert status == 0, output
    assert network.url in output
