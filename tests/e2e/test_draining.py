"""A gateway behind a balancer is told to end: it is not ready at once, answers what still comes, and what is under way."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.gateway.http.network import SUPERGRAPH, serving

pytestmark = pytest.mark.processes

ASKED = {"query": "{ latest }"}


async def test_nothing_that_was_asked_goes_unanswered(tmp_path: Path) -> None:
    came, go = asyncio.Semaphore(0), asyncio.Event()

    async def answer(request: Request) -> JSONResponse:
        if b"Held" in await request.body():
            came.release()
            await go.wait()
        return JSONResponse({"data": {"latest": "x"}})

    async def ready(_request: Request) -> Response:
        return Response("ready")

    subgraph = Starlette(routes=[Route("/graphql", answer, methods=["POST"]), Route("/health/ready", ready)])
    (tmp_path / "supergraph.graphql").write_text(SUPERGRAPH)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with serving(subgraph) as base, asyncio.timeout(60):
        url = f"{base}/graphql"
        gateway = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "vereda.cli", "gateway", "--port", str(port)),
            *("--supergraph", str(tmp_path / "supergraph.graphql")),
            env={
                **os.environ,
                "VEREDA_HOME": str(tmp_path / "home"),
                "VEREDA_SUBGRAPH_URLS": f"catalog={url},reviews={url}",
                "VEREDA_LOG_LEVEL": "ERROR",
                "VEREDA_DRAIN_S": "1.5",
                "VEREDA_GRACE_S": "30",
            },
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                while not await is_ready(client):
                    await asyncio.sleep(0.05)
                held = asyncio.create_task(client.post("/graphql", json={"query": "query Held { latest }"}))
                await came.acquire()
                kept = await client.post("/graphql", json=ASKED)

                gateway.send_signal(signal.SIGTERM)
                while await is_ready(client):
                    await asyncio.sleep(0.01)
                still = await client.post("/graphql", json=ASKED)
                while await listens(port):
                    await asyncio.sleep(0.05)
                under_way = not held.done()
                go.set()
                last = await held
            status = await gateway.wait()
        finally:
            go.set()
            if gateway.returncode is None:
                gateway.kill()
                await gateway.wait()

    assert "connection" not in kept.headers
    assert [kept.json(), still.json(), last.json()] == [{"data": {"latest": "x"}}] * 3
    assert still.headers["connection"] == last.headers["connection"] == "close"
    assert under_way
    assert status in (0, -signal.SIGTERM)


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.ConnectError:
        return False


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
