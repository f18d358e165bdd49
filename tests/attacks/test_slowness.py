"""Who sends slowly, or not at all, is not waited for. The times are shortened here, and nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn

from gateway.app import create_app
from gateway.guard import Limits
from gateway.identity import NoAuthentication
from gateway.settings import GatewaySettings
from tests.attacks.target import GRAPH, check_decent
from tests.attacks.wire import answers, exchange
from tests.federation.compose import SUPERGRAPH
from vereda import http_protocol
from vereda.serving import configuration

_START = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\n"
_JSON = b"Content-Type: application/json\r\n"


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A gateway that waits for nobody for long."""
    for name in ("HEAD_TIMEOUT_S", "REST_TIMEOUT_S"):
        monkeypatch.setattr(http_protocol, name, 0.3)
    gateway = create_app(GatewaySettings(GRAPH / SUPERGRAPH, limits=Limits(body_s=0.3)), NoAuthentication())
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configuration(gateway, "127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving


SLOW = {
    "a head that does not come": (b"", None),
    "a head that stops": (_START, None),
    "a head that stops within a name": (_START + b"Content-Ty", None),
    "a body that does not come": (_START + _JSON + b"Content-Length: 20\r\n\r\n", 408),
    "a body that stops": (_START + _JSON + b'Content-Length: 20\r\n\r\n{"query"', 408),
    "chunks that stop": (_START + _JSON + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"que\r\n', 408),
    "a chunk's extension without end": (
        _START + _JSON + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 100_000,
        408,
    ),
    "a body that is refused and stops": (_START + b"Content-Length: 20\r\n\r\n1", 415),
    "chunks that are refused and stop": (_START + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", 415),
}


@pytest.mark.parametrize(("sent", "status"), SLOW.values(), ids=SLOW.keys())
async def test_the_connection_is_closed_though_the_caller_keeps_it_open(
    port: int, sent: bytes, status: int | None
) -> None:
    """Slowloris, and its kin that send a body (CVE-2007-6750, CVE-2024-22019)."""
    found = answers(await exchange("127.0.0.1", port, sent))

    for answer in found:
        check_decent(answer)
    assert [answer.status for answer in found] == ([] if status is None else [status])


async def test_a_byte_now_and_then_does_not_keep_a_refused_body_going(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_START + b"Content-Length: 1000\r\n\r\n")

    async def trickle() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    async with asyncio.timeout(5):
        try:
            while await reader.read(1000):
                pass
        except ConnectionResetError:
            pass
    trickling.cancel()
    writer.close()
