"""All signing keys are replaced while the network works, and nobody notices: no request fails."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.e2e.test_first_day import system
from tests.kernel.signing import unpacked
from tests.support.running import RunningNetwork
from vereda.demo.story import Story
from vereda.keys import RINGS
from vereda.settings import Settings

pytestmark = pytest.mark.processes

_BOUND_S = 60
OFFER = "{ services(first: 1) { nodes { offer } } }"


async def kids_in_use(network: RunningNetwork) -> set[str]:
    """Which keys sign access tokens and the directory's offers at this moment."""
    clinic = system(network, "demo-clinic")
    access = str((await clinic.sign_in())["access_token"])
    offer = (await clinic.ask(OFFER))["data"]["services"]["nodes"][0]["offer"]
    return {unpacked(token)[0]["kid"] for token in (access, offer)}


async def published(network: RunningNetwork) -> dict[str, list[str]]:
    """The key ids that each key set shows, by its ring."""
    places = {
        "access": f"{network.url}/.well-known/jwks.json",
        "transaction": f"{network.url}/.well-known/transaction-jwks.json",
        "partners": f"http://127.0.0.1:{network.port + 1}/.well-known/jwks.json",
    }
    async with httpx.AsyncClient() as http:
        return {
            name: [key["kid"] for key in (await http.get(url)).json()["keys"]] for name, url in places.items()
        }


async def test_no_request_fails_while_all_keys_rotate(network: RunningNetwork) -> None:
    """Each story is three sign-ins and thirty requests that carry tokens and statements of every ring."""
    turned = asyncio.Event()

    async def work() -> None:
        while True:
            over = turned.is_set()
            await Story(network.url, Settings(home=network.home), lambda _line: None).run()
            if over:  # one more story after the turn
                return

    async with asyncio.timeout(_BOUND_S), asyncio.TaskGroup() as working:
        for _ in range(2):
            working.create_task(work())
        before, old = await kids_in_use(network), await published(network)

        status, output = await network.run("keys", "rotate", "--after", "3")
        new = old
        while any(new[ring] == old[ring] for ring in old):
            new = await published(network)
        announced = {kids[-1] for kids in new.values()}
        while before & await kids_in_use(network):
            await asyncio.sleep(0.1)
        turned.set()

    assert status == 0, output
    assert all(new[ring][:-1] == old[ring] and new[ring][-1] in output for ring in new)
    assert len(output.splitlines()) == len(RINGS)
    assert await kids_in_use(network) <= announced
    assert await published(network) == new  # what was signed with the old ones is good for an hour


async def test_the_keys_are_listed_with_what_each_is_good_for(network: RunningNetwork) -> None:
    status, output = await network.run("keys", "list")

    assert status == 0
    for ring in RINGS:
        assert any(
            line.startswith(ring) and "ES256" in line and "signs since" in line
            for line in output.splitlines()
        )


async def test_a_ring_that_is_not_there_is_named_to_the_operator(network: RunningNetwork) -> None:
    status, output = await network.run("keys", "rotate", "acess")

    assert status == 1
    assert "There is no ring `acess`" in output
    assert "access, transaction" in output
