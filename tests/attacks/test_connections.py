"""Bytes that two readers of HTTP would read differently, or that are none: each is refused, and nothing behind them is
taken for a request (RFC 9110, RFC 9112)."""

from __future__ import annotations

import asyncio

import pytest

from tests.attacks.target import Target
from tests.attacks.wire import Answer

_BODY = b'{"query":"{ motto }"}'
_CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(_BODY), _BODY)
_CHUNKED = b"Transfer-Encoding: chunked\r\n"
#: What a smuggler would have taken for a request of its own.
_HIDDEN = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
_LENGTH = b"Content-Length: %d\r\n" % len(_BODY)


def request(
    *lines: bytes,
    body: bytes = _BODY,
    host: bytes = b"Host: localhost\r\n",
    start: bytes = b"POST /graphql HTTP/1.1",
) -> bytes:
    """A GraphQL request with these further header lines; no length is added."""
    head = (start + b"\r\n", host, b"Content-Type: application/json\r\nConnection: close\r\n", *lines)
    return b"".join(head) + b"\r\n" + body


async def answer_to(target: Target, sent: bytes) -> Answer:
    """The one answer to these bytes, sent with the caller's token."""
    start, _, rest = sent.partition(b"\r\n")
    token = b"\r\nAuthorization: Bearer %b\r\n" % target.token.encode()
    [answer] = await target.raw(start + token + rest)
    return answer


HOSTS = {
    "none": b"",
    "two": b"Host: localhost\r\nHost: elsewhere.example\r\n",
    "empty": b"Host: \r\n",
    "with a space": b"Host: localhost elsewhere.example\r\n",
    "with a path": b"Host: localhost/graphql\r\n",
    "with a user": b"Host: admin@localhost\r\n",
    "a list": b"Host: localhost, elsewhere.example\r\n",
    "a URL": b"Host: http://localhost\r\n",
    "with a port that is no number": b"Host: localhost:http\r\n",
    "with a port beyond all ports": b"Host: localhost:65536\r\n",
    "with a query": b"Host: localhost?x\r\n",
    "with a quote": b'Host: localhost"\r\n',
}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
async def test_a_malformed_host_is_refused(target: Target, host: bytes) -> None:
    """RFC 9112 §3.2, CVE-2026-48710."""
    answer = await answer_to(target, request(_LENGTH, host=host))

    assert answer.status == 400
    assert target.documents() == ""


@pytest.fixture(autouse=True)
def nothing_asked_yet(target: Target) -> None:
    target.asked.clear()


#: Each says in two ways how long its body is, or in one way that has two readings.
FRAMINGS = {
    "a length and chunks": request(b"Content-Length: 6\r\n", _CHUNKED, body=b"0\r\n\r\n" + _HIDDEN),
    "chunks and a length": request(_CHUNKED, b"Content-Length: 6\r\n", body=b"0\r\n\r\n" + _HIDDEN),
    "two lengths": request(_LENGTH, b"Content-Length: 3\r\n", body=_BODY + _HIDDEN),
    "the same length twice": request(_LENGTH, _LENGTH),
    "a list of lengths": request(b"Content-Length: 21, 21\r\n"),
    "a length with a sign": request(b"Content-Length: +21\r\n"),
    "a negative length": request(b"Content-Length: -1\r\n"),
    "a length in hexadecimal": request(b"Content-Length: 0x15\r\n"),
    "a length with a space in it": request(b"Content-Length: 2 1\r\n"),
    "a length beyond 64 bits": request(b"Content-Length: 99999999999999999999999\r\n"),
    "a length of nothing": request(b"Content-Length: \r\n"),
    "a length whose name ends with a space": request(b"Content-Length : 21\r\n", body=_BODY + _HIDDEN),
    "chunks, twice": request(_CHUNKED, _CHUNKED, body=_CHUNKS),
    "chunks that are not last": request(b"Transfer-Encoding: chunked, identity\r\n", body=_CHUNKS),
    "chunks of something compressed": request(b"Transfer-Encoding: gzip, chunked\r\n", body=_CHUNKS),
    "a coding that only looks like chunks": request(b"Transfer-Encoding: xchunked\r\n", body=_CHUNKS),
    "a coding behind a vertical tab": request(b"Transfer-Encoding: \x0bchunked\r\n", body=_CHUNKS),
    "a coding on a folded line": request(b"Transfer-Encoding:\r\n chunked\r\n", body=_CHUNKS),
    "a coding in quotes": request(b'Transfer-Encoding: "chunked"\r\n', body=_CHUNKS),
    "a coding in HTTP/1.0": request(_CHUNKED, body=_CHUNKS, start=b"POST /graphql HTTP/1.0"),
    "a chunk's size with a sign": request(_CHUNKED, body=b"+15\r\n" + _BODY + b"\r\n0\r\n\r\n"),
    "a chunk's size with 0x": request(_CHUNKED, body=b"0x15\r\n" + _BODY + b"\r\n0\r\n\r\n"),
    "a chunk's size beyond 64 bits": request(_CHUNKED, body=b"f" * 17 + b"\r\n" + _BODY + b"\r\n0\r\n\r\n"),
    "chunks with bare line feeds": request(_CHUNKED, body=b"15\n" + _BODY + b"\n0\n\n"),
    "a chunk longer than it says": request(_CHUNKED, body=b"10\r\n" + _BODY + b"\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("sent", FRAMINGS.values(), ids=FRAMINGS.keys())
async def test_a_body_whose_end_is_told_in_two_ways_is_refused(target: Target, sent: bytes) -> None:
    """RFC 9112 §6.3, §7.1: request smuggling. One answer, and the connection ends."""
    answer = await answer_to(target, sent)

    assert answer.status == 400
    assert target.documents() == ""


async def test_what_follows_a_whole_body_is_no_request_when_the_connection_was_to_close(
    target: Target,
) -> None:
    answer = await answer_to(target, request(_CHUNKED, body=_CHUNKS + _HIDDEN))

    assert answer.json() == {"data": {"motto": "nobody alone"}}


HEADS = {
    "bare line feeds": request(_LENGTH).replace(b"\r\n", b"\n"),
    "a bare carriage return in a value": request(_LENGTH, b"X: a\rSet-Cookie: b=c\r\n"),
    "a request id that would add a header": request(_LENGTH, b"X-Request-Id: a\rSet-Cookie: b=c\r\n"),
    "a zero byte in a value": request(_LENGTH, b"X: a\0b\r\n"),
    "a folded line": request(_LENGTH, b"X: a\r\n b\r\n"),
    "a space before the colon": request(_LENGTH, b"X : a\r\n"),
    "no colon": request(_LENGTH, b"X\r\n"),
    "a first line that begins with a space": request(_LENGTH, host=b" Host: localhost\r\n"),
    "a target that is no ASCII": request(_LENGTH, start=b"POST /graph\xffql HTTP/1.1"),
    "a version of tomorrow": request(_LENGTH, start=b"POST /graphql HTTP/9.9"),
    "another protocol": request(_LENGTH, start=b"POST /graphql ICE/1.0"),
    "a method of its own": request(_LENGTH, start=b"STEAL /graphql HTTP/1.1"),
    "a method in small letters": request(_LENGTH, start=b"post /graphql HTTP/1.1"),
    "a tunnel": request(start=b"CONNECT elsewhere.example:443 HTTP/1.1", body=b""),
    "no version": b"GET /graphql\r\n\r\n",
    "HTTP/2 unasked": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
    "nothing that is anything": b"\0\xff" * 500,
}


@pytest.mark.parametrize("sent", HEADS.values(), ids=HEADS.keys())
async def test_a_head_that_is_none_is_refused_and_ends_the_connection(target: Target, sent: bytes) -> None:
    """RFC 9112 §2.2, §5; RFC 9110 §5.5: header injection. No word of it is repeated."""
    [answer] = await target.raw(sent)

    assert answer.status == 400
    assert b"Set-Cookie" not in answer.raw
    assert target.documents() == ""


TOO_LARGE = {
    "ten thousand headers": request(_LENGTH, *(b"X%d: y\r\n" % number for number in range(10_000))),
    "a target of forty kilobytes": request(_LENGTH, start=b"POST /graphql?" + b"a" * 40_000 + b" HTTP/1.1"),
    "a header's name of a hundred kilobytes": request(_LENGTH, b"a" * 100_000 + b": x\r\n"),
    "trailers without end": request(
        _CHUNKED, body=_CHUNKS.removesuffix(b"\r\n") + b"X: y\r\n" * 30_000 + b"\r\n"
    ),
}


@pytest.mark.parametrize("sent", TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_a_head_without_end_is_refused(target: Target, sent: bytes) -> None:
    """RFC 6585 §5."""
    answer = await answer_to(target, sent)

    assert answer.status == 431


async def test_trailers_add_nothing_to_the_head(target: Target) -> None:
    """RFC 9110 §6.5.1: a proxy that strips a header does not strip it from the trailers."""
    trailers = b"Authorization: Bearer x\r\nHost: elsewhere.example\r\nContent-Encoding: gzip\r\n\r\n"
    answer = await answer_to(target, request(_CHUNKED, body=_CHUNKS.removesuffix(b"\r\n") + trailers))

    assert answer.json() == {"data": {"motto": "nobody alone"}}


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "PROPFIND"])
async def test_other_methods_are_refused_and_repeat_nothing(target: Target, method: str) -> None:
    """RFC 9110 §9.3.8: TRACE would repeat the caller's credentials to a page."""
    answer = await answer_to(
        target, request(_LENGTH, b"X-Echo: repeated\r\n", start=method.encode() + b" /graphql HTTP/1.1")
    )

    assert answer.status == 405
    assert answer.header("allow") == "GET, POST"
    assert b"repeated" not in answer.raw
    assert target.token.encode() not in answer.raw


async def test_head_is_refused_without_a_body(target: Target) -> None:
    [answer] = await target.raw(request(start=b"HEAD /graphql HTTP/1.1", body=b""))

    assert (answer.status, answer.raw.partition(b"\r\n\r\n")[2]) == (405, b"")


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"POST http://elsewhere.example/graphql HTTP/1.1", 200),
        (b"POST http://elsewhere.example:99/metrics HTTP/1.1", 405),
        (b"OPTIONS * HTTP/1.1", 404),
        (b"POST //graphql HTTP/1.1", 404),
        (b"POST /graphql/ HTTP/1.1", 404),
        (b"POST /graphql%00 HTTP/1.1", 404),
        (b"POST /graphql/../metrics HTTP/1.1", 404),
        (b"POST /%2e%2e/graphql HTTP/1.1", 404),
        (b"GET /x%0d%0aSet-Cookie:%20a=b HTTP/1.1", 404),
    ],
)
async def test_targets_of_other_forms_lead_nowhere_else(target: Target, start: bytes, status: int) -> None:
    """RFC 9112 §3.2: absolute targets name a path of ours; nobody is asked elsewhere, and no path is tidied up."""
    answer = await answer_to(target, request(_LENGTH, start=start))

    assert answer.status == status
    assert not answer.header("set-cookie")


@pytest.mark.parametrize(
    "given", ["<script>alert(1)</script>", "x" * 5000, "a,b", "..%0d%0aX: y", "\xff\xfe12345678"]
)
async def test_a_request_id_of_another_shape_is_not_repeated(target: Target, given: str) -> None:
    answer = await answer_to(target, request(_LENGTH, b"X-Request-Id: " + given.encode("latin-1") + b"\r\n"))

    assert answer.json() == {"data": {"motto": "nobody alone"}}
    assert given.encode("latin-1") not in answer.raw
    assert {asked.headers["x-request-id"] for asked in target.asked} == {answer.header("x-request-id")}


async def test_no_header_makes_a_caller_another(target: Target) -> None:
    """What proxies say of a caller is believed of nobody."""
    pretended = (
        b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: elsewhere.example\r\nForwarded: host=elsewhere.example\r\n"
        b"X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\nX-HTTP-Method-Override: DELETE\r\n"
        b"Txn-Token: forged\r\nX-User: admin\r\n"
    )
    answer = await answer_to(target, request(_LENGTH, pretended))

    assert answer.json() == {"data": {"motto": "nobody alone"}}
    assert b"elsewhere.example" not in answer.raw
    [asked] = target.asked
    assert asked.headers["txn-token"] != "forged"
    assert not asked.headers.keys() & {"x-forwarded-for", "x-forwarded-host", "forwarded", "x-user"}


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c", b"TLS/1.3"])
async def test_nothing_is_upgraded_to(target: Target, upgrade: bytes) -> None:
    """A WebSocket is no way around the checks of a request (GHSA-vwq7-hg4r-q8vm): there is none, and no HTTP/2 inside."""
    upgrading = (
        b"Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: "
        + upgrade
        + b"\r\nHTTP2-Settings: AAMAAABk\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    [answer] = await target.raw(b"GET /graphql HTTP/1.1\r\nHost: localhost\r\n" + upgrading + _HIDDEN)

    assert answer.status in (400, 401)


async def test_requests_one_behind_the_other_are_answered_in_order(target: Target) -> None:
    """Each with its own caller: the second of these has no token."""
    keeping = request(_LENGTH, b"Authorization: Bearer " + target.token.encode() + b"\r\n").replace(
        b"Connection: close\r\n", b""
    )
    last = request(_LENGTH)

    answers = await target.raw(keeping + keeping + last)

    assert [answer.status for answer in answers] == [200, 200, 401]


async def test_a_body_that_is_too_large_is_refused_before_it_is_asked_for(target: Target) -> None:
    """RFC 9110 §10.1.1: no leave to send it."""
    answer = await answer_to(
        target, request(b"Expect: 100-continue\r\nContent-Length: 99999999\r\n", body=b"")
    )

    assert answer.status == 413


@pytest.mark.parametrize("path", ["/graphql", "/oauth/token", "/oauth/introspect", "/sign-in"])
async def test_who_goes_away_in_the_middle_leaves_nothing_behind(target: Target, path: str) -> None:
    """No exception in the log (looked for when the gateway ends), and the next one is answered."""
    kind = b"application/json" if path == "/graphql" else b"application/x-www-form-urlencoded"
    head = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\n" % (path.encode(), kind)
    for sent in (b"Content-Length: 100\r\n\r\ngrant_type=", b"Transfer-Encoding: chunked\r\n\r\nff\r\ngrant"):
        _reader, writer = await asyncio.open_connection(target.host, target.port)
        writer.write(head + b"Authorization: Bearer " + target.token.encode() + b"\r\n" + sent)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()

    assert (await answer_to(target, request(_LENGTH))).status == 200
