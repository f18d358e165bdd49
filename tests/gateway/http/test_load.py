"""Too much at once, or in a minute: refused early, with the status and headers that tell a client what to do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.guard import Limits
from gateway.identity import Authenticator, Identity
from tests.gateway.http.network import Network, network, serving
from tests.gateway.http.test_graphql_over_http import refusal

BODY = {"query": "{ latest }"}


class ByName:
    """`Authorization: Bearer <name>`."""

    async def authenticate(self, request: Request) -> Identity:
        name = request.headers.get("authorization", "Bearer nobody").removeprefix("Bearer ")
        return Identity(name, client_id=name)


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


class Held:
    """A subgraph whose answers wait until they are let go."""

    def __init__(self) -> None:
        self._came = asyncio.Semaphore(0)
        self._go = asyncio.Event()

    async def answer(self, _request: Request) -> JSONResponse:
        self._came.release()
        await self._go.wait()
        return JSONResponse({"data": {"latest": "late"}})

    async def asked(self) -> None:
        """Wait until one more request has come."""
        await asyncio.wait_for(self._came.acquire(), 10)

    def let_go(self) -> None:
        self._go.set()


@asynccontextmanager
async def holding(
    folder: Path, limits: Limits, authenticator: Authenticator | None = None
) -> AsyncIterator[tuple[Network, Held]]:
    held = Held()
    app = Starlette(routes=[Route("/graphql", held.answer, methods=["POST"])])
    async with (
        serving(app) as base,
        network(folder, authenticator, reviews_url=f"{base}/graphql", limits=limits) as net,
    ):
        try:
            yield net, held
        finally:
            held.let_go()


async def test_more_requests_at_once_than_may_be_are_turned_away_and_the_others_answered(
    tmp_path: Path,
) -> None:
    async with holding(tmp_path, Limits(requests=2)) as (net, held):
        first = [asyncio.create_task(net.client.post("/graphql", json=BODY)) for _ in range(2)]
        for _ in first:
            await held.asked()
        refused = await net.client.post("/graphql", json=BODY)
        metrics = (await net.client.get("/metrics")).text
        held.let_go()
        answers = [await task for task in first]
        afterwards = await net.client.post("/graphql", json=BODY)

    assert refusal(refused) == (503, "OVERLOADED")
    assert refused.headers["retry-after"] == "1"
    assert "vereda_gateway_requests_in_flight 2\n" in metrics
    assert [answer.json() for answer in (*answers, afterwards)] == [{"data": {"latest": "late"}}] * 3


async def test_one_client_does_not_take_everybodys_place(tmp_path: Path) -> None:
    async with holding(tmp_path, Limits(client_requests=1), ByName()) as (net, held):
        first = asyncio.create_task(net.client.post("/graphql", json=BODY, headers=as_("a")))
        await held.asked()
        second = await net.client.post("/graphql", json=BODY, headers=as_("a"))
        other = asyncio.create_task(net.client.post("/graphql", json=BODY, headers=as_("b")))
        await held.asked()
        held.let_go()
        answers = [await first, await other]

    assert refusal(second) == (429, "RATE_LIMITED")
    assert second.headers["retry-after"] == "1"
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_client_is_told_what_it_has_left_and_refused_when_it_has_nothing(tmp_path: Path) -> None:
    query = {"query": "{ books(first: 5) { title } }"}  # estimated 5, counted 2: the network has two books
    async with network(tmp_path, ByName(), limits=Limits(cost_per_minute=20)) as net:
        answers = [await net.client.post("/graphql", json=query, headers=as_("a")) for _ in range(12)]
        other = await net.client.post("/graphql", json=query, headers=as_("b"))
        asked = len(net.catalog.headers)

    told = [answer for answer in answers if answer.status_code == 200]
    refused = answers[len(told) :]
    assert asked == len(told) + 1
    assert len(refused) > 0
    assert told[0].headers["ratelimit-policy"] == '"client";q=20;qu="cost";w=60'
    assert left(told[0]) == 18
    for answer in refused:
        assert refusal(answer) == (429, "RATE_LIMITED")
        assert int(answer.headers["retry-after"]) == reset(answer) > 0
    assert other.status_code == 200


async def test_nobody_in_particular_is_told_nothing(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        answer = await net.client.post("/graphql", json=BODY)

    assert not [name for name in answer.headers if name.startswith("ratelimit")]


async def test_documents_that_are_refused_are_paid_for(tmp_path: Path) -> None:
    body = {"query": "{ wrong }"}
    async with network(tmp_path, ByName(), limits=Limits(cost_per_minute=60)) as net:
        wrong = [await net.client.post("/graphql", json=body, headers=as_("a")) for _ in range(8)]

    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in wrong]
    assert codes[:6] == ["GRAPHQL_VALIDATION_FAILED"] * 6
    assert codes[-1] == "RATE_LIMITED"


def left(answer: httpx.Response) -> int:
    return int(re.findall(r"r=(\d+)", answer.headers["ratelimit"])[0])


def reset(answer: httpx.Response) -> int:
    return int(re.findall(r"t=(\d+)", answer.headers["ratelimit"])[0])
