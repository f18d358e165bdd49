"""What is fetched of others: from public addresses only, over TLS, in bounds (OWASP ASVS 5 §1.3.6)."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.outbound import FetchError, Outbound
from tests.support.certificates import server_context

HOST = "keys.example.org"
FORBIDDEN = (
    "127.0.0.1",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
)


def resolving(*addresses: str) -> Outbound:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return Outbound(resolve=resolve)


@pytest.mark.parametrize("address", FORBIDDEN)
@pytest.mark.parametrize("beside", [(), ("93.184.215.14",)])
async def test_a_host_with_an_address_of_our_own_networks_is_not_asked(
    address: str, beside: tuple[str, ...]
) -> None:
    with pytest.raises(FetchError, match="network"):
        await resolving(*beside, address).json(f"https://{HOST}/jwks.json")


async def test_private_networks_are_asked_when_the_operator_says_so_but_never_what_clouds_keep_there() -> (
    None
):
    outbound = Outbound(private=True)

    assert not outbound._forbidden("10.0.0.1")
    assert not outbound._forbidden("100.64.0.1")
    for address in ("169.254.169.254", "127.0.0.1", "::1", "fe80::1", "0.0.0.0"):
        assert outbound._forbidden(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example.org/jwks.json",
        "http://127.0.0.1:9/jwks.json",
        "ftp://keys.example.org/",
        "file:///etc/passwd",
        "https://user:secret@keys.example.org/",
        "https://keys.example.org/#fragment",
        "https:///jwks.json",
        "//keys.example.org/",
        "jwks.json",
        "https://[::1",
        "",
    ],
)
async def test_only_plain_https_urls_are_asked(url: str) -> None:
    with pytest.raises(FetchError):
        await Outbound().json(url)


class Server:
    """An https server whose certificate is for `HOST`, on loopback, where `outbound` finds that host."""

    def __init__(self, folder: Path) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}"
        self.requests: list[str] = []
        self.names: list[str | None] = []
        self.slow = False
        self.context, self.pem = server_context(folder, HOST)
        self.context.sni_callback = lambda _socket, name, _context: self.names.append(name)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if self.slow:
            await asyncio.sleep(5)
        writer.write(self.answer)
        writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.context)
        port = server.sockets[0].getsockname()[1]
        yield f"https://{HOST}:{port}/jwks.json?a=b"
        server.close()

    def outbound(self, *, timeout_s: float = 5.0) -> Outbound:
        async def resolve(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        return Outbound(
            loopback=True,
            timeout_s=timeout_s,
            resolve=resolve,
            trust=lambda: ssl.create_default_context(cafile=str(self.pem)),
        )


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


async def test_the_address_that_was_checked_is_asked_by_the_name_that_was_given(server: Server) -> None:
    """No second look-up that could say something else (DNS rebinding); the certificate must bear the name."""
    server.answer = b'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"keys": []}'

    async with server.running() as url:
        document = await server.outbound().json(url)

    assert document == {"keys": []}
    assert server.names == [HOST]
    [request] = server.requests
    assert request.startswith("GET /jwks.json?a=b HTTP/1.1\r\n")
    assert f"host: {HOST}:" in request.lower()
    assert "authorization" not in request.lower()
    assert "cookie" not in request.lower()


async def test_a_certificate_for_another_name_is_refused(server: Server) -> None:
    async with server.running() as url:
        with pytest.raises(FetchError):
            await server.outbound().json(url.replace(HOST, "other.example.org"))

    assert server.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nlocation: https://169.254.169.254/\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"[" * 70_000,
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"[" * 60_000,
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\n\r\n{}",
        b"no HTTP at all\r\n\r\n",
    ],
)
async def test_what_is_no_document_of_bounded_size_is_refused(server: Server, answer: bytes) -> None:
    server.answer = answer

    async with server.running() as url:
        with pytest.raises(FetchError):
            await server.outbound().json(url)

    assert len(server.requests) == 1, "no redirect is followed"


async def test_a_slow_server_is_not_waited_for(server: Server) -> None:
    server.slow = True

    async with server.running() as url:
        with pytest.raises(FetchError, match="TimeoutError"):
            await server.outbound(timeout_s=0.05).json(url)


async def test_no_proxy_of_the_environment_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async with server.running() as url:
        assert await server.outbound().json(url) == {}


def test_the_addresses_tried_are_addresses() -> None:
    assert len({ipaddress.ip_address(one) for one in FORBIDDEN}) == len(FORBIDDEN)
