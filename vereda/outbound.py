"""Asking addresses that somebody else names: a client's keys, an external provider's metadata, a partner's webhook.

Such an address could be one of our own network (server-side request forgery, OWASP ASVS 5 §1.3.6). So: https only; the
host's addresses are looked up here, all of them checked, and the one that was checked is the one connected to; no
redirect, no proxy; bounded in time.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any, Final

import httpx

from vereda.loopback import is_loopback

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
#: `identity`: a small answer must not become a large one while it is unpacked.
_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "vereda"}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Trust = Callable[[], ssl.SSLContext]


class FetchError(Exception):
    """It was not asked, or has no answer for us. The message says why, without what was answered."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host. Raises: OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Line:
    """Connections to the one address of a host that was checked."""

    def __init__(self, client: httpx.AsyncClient, url: httpx.URL, address: str) -> None:
        self._client = client
        self._url = url
        self._address = address

    def send(
        self, method: str, headers: dict[str, str], **sent: Any
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """Ask it as the host of the URL, whose name its certificate must bear; the answer's body is still to be read.

        Raises: OSError, httpx.HTTPError.
        """
        host = self._url.raw_host.decode("ascii")
        return self._client.stream(
            method,
            self._url.copy_with(host=self._address),
            headers={**_HEADERS, **headers, "Host": self._url.netloc.decode("ascii")},
            extensions={"sni_hostname": host},
            **sent,
        )


class Outward:
    """Which addresses are asked, by these settings, and lines to them.

    `private`: addresses of private networks may be asked, too. `loopback`: so may this machine, also by http: in
    development.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        loopback: bool = False,
        timeout_s: float,
        resolve: Resolve = look_up,
        trust: Trust | None = None,
    ) -> None:
        self.timeout_s = timeout_s
        self._private = private
        self._loopback = loopback
        self._resolve = resolve
        self._trust = trust or _trusted

    def check_url(self, url: str) -> httpx.URL:
        """The address, when it may be asked as far as can be seen from it. Raises: FetchError."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise FetchError("It is no URL.") from None
        if parsed.userinfo or parsed.fragment or not parsed.host:
            raise FetchError("It must be a plain https URL, without credentials and without a fragment.")
        if parsed.scheme != "https" and not (
            parsed.scheme == "http" and self._loopback and is_loopback(parsed.host)
        ):
            raise FetchError("It must be an https URL.")
        return parsed

    @asynccontextmanager
    async def line(self, url: str) -> AsyncIterator[Line]:
        """A line to the address of `url` that was looked up and checked now, and stays the same while it is open.

        Raises: FetchError; OSError where the host has no address.
        """
        parsed = self.check_url(url)
        address = await self._address(parsed)
        async with httpx.AsyncClient(
            verify=self._trust(), trust_env=False, follow_redirects=False, timeout=self.timeout_s
        ) as client:
            yield Line(client, parsed, address)

    async def _address(self, url: httpx.URL) -> str:
        """Raises: FetchError when the host has any address that must not be asked."""
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._resolve(url.raw_host.decode("ascii"), port)
        if not addresses or any(self._forbidden(address) for address in addresses):
            raise FetchError("Its host is in a network that is not asked.")
        return addresses[0]

    def _forbidden(self, text: str) -> bool:
        address = _innermost(ipaddress.ip_address(text))
        if address.is_loopback:
            return not self._loopback
        if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
            return True  # link-local: where clouds keep their machines' credentials
        return not (address.is_global or self._private)


def _innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does (RFC 4291 §2.5.5.2, RFC 3056, RFC 6052)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()
