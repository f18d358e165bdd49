"""Compressed answers of subgraphs (RFC 9110 §8.4): read, bounded by their real size, and refused when broken."""

from __future__ import annotations

import gzip
import zlib

import pytest

from gateway.transport import HttpTransport, SubgraphUnavailableError, TransportLimits
from gateway.transport.pool import Address
from tests.gateway.transport.servers import answer, answering, running

TEXT = b'{"data":{"name":"' + b"x" * 5_000 + b'"}}'


def coded(body: bytes, coding: str) -> bytes:
    return answer(body, extra=b"Content-Encoding: %s\r\n" % coding.encode())


def chunked(body: bytes, coding: str) -> bytes:
    parts = [body[at : at + 7] for at in range(0, len(body), 7)]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: {coding}\r\n\r\n"
    return head.encode() + sent


async def ask(raw: bytes, **limits: int) -> bytes:
    async with running(answering(raw)) as server:
        transport = HttpTransport({"books": server.url}, TransportLimits(**limits))  # type: ignore[arg-type]
        try:
            return (await transport.send("books", b"{}", {})).body
        finally:
            await transport.close()


@pytest.mark.parametrize("sent", [coded, chunked])
@pytest.mark.parametrize(
    ("coding", "compress"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
)
async def test_a_compressed_answer_is_read(sent, coding, compress) -> None:  # type: ignore[no-untyped-def]
    assert await ask(sent(compress(TEXT), coding)) == TEXT


async def test_an_empty_body_needs_no_compression() -> None:
    assert await ask(coded(b"", "gzip")) == b""


async def test_the_limit_is_on_what_comes_out() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    assert len(bomb) < 20_000

    with pytest.raises(SubgraphUnavailableError, match="too large"):
        await ask(coded(bomb, "gzip"), largest_answer=1_000_000)


@pytest.mark.parametrize(
    ("body", "coding", "said"),
    [
        (b"not gzip at all", "gzip", "compression is broken"),
        (gzip.compress(TEXT)[:-20], "gzip", "compression is broken"),
        (TEXT, "br", "not asked for"),
    ],
    ids=["not-compressed", "broken-off", "another-coding"],
)
async def test_what_cannot_be_read_is_no_answer(body: bytes, coding: str, said: str) -> None:
    with pytest.raises(SubgraphUnavailableError, match=said):
        await ask(coded(body, coding))


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:1/", True),
        ("http://[::1]:1/", True),
        ("http://localhost/", True),
        ("http://a/", False),
    ],
)
def test_compression_is_asked_for_where_a_network_lies_between(url: str, here: bool) -> None:
    assert Address.of(url).is_loopback is here
