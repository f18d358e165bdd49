"""Callers behind proxies: known by what trusted proxies say, and by nothing that anybody else does."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.http.proxies import TrustedProxies, networks
from vereda.errors import OperatorError

TRUSTED = networks("10.0.0.0/8, 192.0.2.7, fd00::/8")


async def app(scope: Any, _receive: Any, _send: Any) -> None:
    scope["seen"](scope["client"])


async def seen(peer: str, *forwarded: str, trusted: Any = TRUSTED) -> str:
    clients: list[tuple[str, int]] = []
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    scope = {"type": "http", "client": (peer, 40_000), "headers": headers, "seen": clients.append}
    await TrustedProxies(app, trusted)(scope, None, None)  # type: ignore[arg-type]
    [(address, port)] = clients
    assert port == 40_000
    return address


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("192.0.2.7", ["203.0.113.9"], "203.0.113.9"),
        ("fd00::1", ["2001:db8::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9:5151"], "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8::1]:5151"], "2001:db8::1"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
    ],
)
async def test_a_trusted_proxy_says_who_asks(peer: str, forwarded: list[str], caller: str) -> None:
    assert await seen(peer, *forwarded) == caller


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1"], "127.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.9, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, "], "10.0.0.1"),
        ("10.0.0.1", ["'; DROP TABLE"], "10.0.0.1"),
        ("10.0.0.1", ["\xff"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1," + "10.0.0.1," * 1_000 + "10.0.0.1"], "10.0.0.1"),
        ("unix", ["198.51.100.1"], "unix"),
    ],
)
async def test_what_the_caller_itself_wrote_there_changes_nothing(
    peer: str, forwarded: list[str], caller: str
) -> None:
    assert await seen(peer, *forwarded) == caller


async def test_with_nobody_trusted_nobody_is_believed() -> None:
    assert await seen("10.0.0.1", "203.0.113.9", trusted=networks("")) == "10.0.0.1"


@pytest.mark.parametrize("text", ["proxy.example.org", "10.0.0.1/8", "*", "10.0.0.0/8;192.0.2.7"])
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(OperatorError, match="VEREDA_TRUSTED_PROXIES"):
        networks(text)
