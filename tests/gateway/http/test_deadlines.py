"""A request has so much time: it is told to the subgraphs, and what is not there when it is over is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.guard import Limits
from gateway.http.wishes import Wishes, read_wishes
from tests.gateway.http.network import network, serving

QUERY = "{ books { title reviews { text } } }"


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """A subgraph that takes requests and gives no answer."""
    ended = asyncio.Event()

    async def hold(_request: Request) -> Response:
        await ended.wait()
        return Response()

    async with serving(Starlette(routes=[Route("/graphql", hold, methods=["POST"])])) as base:
        try:
            yield f"{base}/graphql"
        finally:
            ended.set()


async def test_subgraphs_are_told_what_is_left_of_the_time(tmp_path: Path) -> None:
    async with network(tmp_path, limits=Limits(deadline_s=7)) as net:
        await net.client.post("/graphql", json={"query": QUERY})
        await net.client.post("/graphql", json={"query": QUERY}, headers={"Prefer": "wait=3"})
        await net.client.post("/graphql", json={"query": QUERY}, headers={"X-Request-Deadline": "2000"})
        await net.client.post("/graphql", json={"query": QUERY}, headers={"Prefer": "wait=999"})

    said = [int(headers["x-request-deadline"]) for headers in net.catalog.headers]
    later = [int(headers["x-request-deadline"]) for headers in net.reviews.headers]
    for most, first, second in zip((7000, 3000, 2000, 7000), said, later, strict=True):
        assert 0 < second <= first <= most
        assert first > most - 1500


@pytest.mark.parametrize(
    ("limits", "headers"),
    [(Limits(deadline_s=0.2), {}), (Limits(), {"X-Request-Deadline": "200"})],
)
async def test_what_came_in_time_is_kept_and_the_rest_is_a_named_gap(
    tmp_path: Path, limits: Limits, headers: dict[str, str]
) -> None:
    async with (
        silent() as reviews_url,
        network(tmp_path, reviews_url=reviews_url, limits=limits) as net,
    ):
        response = await net.client.post("/graphql", json={"query": QUERY}, headers=headers)

    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"books": [{"title": f"Book {i}", "reviews": None} for i in "12"]}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DEADLINE_EXCEEDED"]


async def test_who_does_not_wait_causes_no_request(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        response = await net.client.post(
            "/graphql", json={"query": "{ latest }"}, headers={"X-Request-Deadline": "0"}
        )

    assert response.json()["data"] == {"latest": None}
    assert response.json()["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert net.reviews.headers == []


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ([], None),
        ([(b"prefer", b"wait=5")], 5),
        ([(b"prefer", b"respond-async, wait=5")], 5),
        ([(b"prefer", b'return=minimal; x="wait=9", Wait = "5"')], 5),
        ([(b"prefer", b"handling=lenient"), (b"prefer", b"wait=5")], 5),
        ([(b"prefer", b"await=5")], None),
        ([(b"prefer", b"wait=soon")], None),
        ([(b"prefer", b"wait=-1")], None),
        ([(b"x-request-deadline", b"1500")], 1.5),
        ([(b"x-request-deadline", b"1e9")], None),
        ([(b"x-request-deadline", b"-5")], None),
        ([(b"x-request-deadline", b"1500"), (b"prefer", b"wait=1")], 1),
    ],
)
def test_for_how_long_a_caller_waits(headers: list[tuple[bytes, bytes]], wait_s: float | None) -> None:
    assert read_wishes(headers) == Wishes(wait_s=wait_s)


async def test_an_answer_is_so_large_whatever_it_is_made_of(tmp_path: Path) -> None:
    names = " ".join(f"n{number}: __typename" for number in range(20))
    async with network(tmp_path, limits=Limits(answer_bytes=300)) as net:
        answer = (await net.client.post("/graphql", json={"query": f"{{ books {{ {names} }} }}"})).json()

    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["ANSWER_TOO_LARGE"]
