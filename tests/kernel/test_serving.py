"""A server that is told to end breaks no connection without having said so in the answer before."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from vereda.draining import DRAINING
from vereda.serving import Server, configuration


@pytest.fixture(autouse=True)
def not_draining() -> Iterator[None]:
    yield
    DRAINING.begun = False


async def test_an_answer_whose_head_is_out_keeps_its_connection_and_the_next_one_ends_it() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    callers: list[tuple[str, int]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = [(b"content-length", b"4")]
        callers.append(scope["client"])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ha", "more_body": True})
        begun.set()
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"lf"})

    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = configuration(app, "127.0.0.1", 0)
    config.lifespan = "off"
    server = Server(config, drain_s=600)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            asked = asyncio.create_task(client.get(url))
            await begun.wait()
            server.handle_exit(signal.SIGTERM, None)
            go_on.set()
            first, second = await asked, await client.get(url)
    finally:
        server.should_exit = True
        await serving

    assert first.text == second.text == "half"
    assert "connection" not in first.headers
    assert second.headers["connection"] == "close"
    assert callers == [callers[0]] * 2, "the second one came over another connection"
