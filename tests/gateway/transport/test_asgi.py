"""Subgraphs mounted in the gateway's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.transport import AsgiTransport, SubgraphUnavailableError
from vereda.telemetry import request_id

events: list[str] = []


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    events.append("started")
    yield
    events.append("stopped")


async def graphql(request: Request) -> Response:
    body = await request.body()
    if body == b"hang":
        await asyncio.sleep(60)
    if body == b"break":
        raise RuntimeError("secret detail")
    if body == b"stream":
        return StreamingResponse(iter([b'{"data":', b"null}"]))
    if body == b"large":
        return PlainTextResponse("x" * 2_000)
    told = {name: request.headers[name] for name in ("txn-token", "x-request-id", "content-type")}
    return JSONResponse({"body": body.decode(), **told}, status_code=203)


async def ready(_request: Request) -> Response:
    return PlainTextResponse("", 503)


def books() -> Starlette:
    routes = [Route("/graphql", graphql, methods=["POST"]), Route("/health/ready", ready)]
    return Starlette(routes=routes, lifespan=lifespan)


@asynccontextmanager
async def transport() -> AsyncIterator[AsgiTransport]:
    made = AsgiTransport({"books": books()}, answer_timeout_s=0.2, largest_answer=1_000)
    await made.start()
    yield made
    await made.close()


async def test_an_application_is_started_asked_and_stopped() -> None:
    events.clear()
    token = request_id.set("test-request-1")
    async with transport() as asked:
        answer = await asked.send("books", b"{}", {"Txn-Token": "abc"})
    request_id.reset(token)

    assert answer.status == 203
    assert answer.body == (
        b'{"body":"{}","txn-token":"abc","x-request-id":"test-request-1","content-type":"application/json"}'
    )
    assert events == ["started", "stopped"]
    assert asked.counts == {("books", "answered"): 1}


async def test_a_streamed_answer_is_put_together() -> None:
    async with transport() as asked:
        assert (await asked.send("books", b"stream", {})).body == b'{"data":null}'


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("books", b"hang", "no answer within 0.2 s"),
        ("books", b"break", "it failed"),
        ("books", b"large", "too large"),
        ("shops", b"{}", "not in this process"),
    ],
)
async def test_what_gives_no_answer_is_unavailable(name: str, body: bytes, said: str) -> None:
    async with transport() as asked:
        with pytest.raises(SubgraphUnavailableError, match=said):
            await asked.send(name, body, {})


async def test_readiness_is_the_applications_own() -> None:
    async with transport() as asked:
        with pytest.raises(SubgraphUnavailableError, match="503"):
            await asked.check("books")


async def test_an_application_that_does_not_start_is_named() -> None:
    @asynccontextmanager
    async def failing(_app: Starlette) -> AsyncIterator[None]:
        raise RuntimeError("no database")
        yield

    with pytest.raises(RuntimeError, match="shops did not start"):
        await AsgiTransport({"books": books(), "shops": Starlette(lifespan=failing)}).start()


async def test_an_application_without_a_lifespan_is_taken_as_it_is() -> None:
    async def bare(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"bare"})

    asked = AsgiTransport({"books": bare})
    await asked.start()

    assert (await asked.send("books", b"{}", {})).body == b"bare"
    await asked.close()
