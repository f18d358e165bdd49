"""JSON documents that others publish and we fetch: a client's keys, an external provider's metadata.

An address that somebody else names could be one of our own network (server-side request forgery, OWASP ASVS 5 §1.3.6).
So: https only; the host's addresses are looked up here, all of them checked, and the one that was checked is the one
connected to; no redirect, no proxy, no credential; bounded in time and bytes.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import httpx
import orjson

from gateway.loopback import is_loopback
from vereda.settings import Environment, Settings

_TIMEOUT_S: Final = 5.0
_LARGEST: Final = 64 * 1024
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
#: `identity`: a small answer must not become a large one while it is unpacked.
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "vereda"}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class FetchError(Exception):
    """The document was not fetched. The message says why, without what was answered."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host. Raises: OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Outbound:
    """Fetches documents, by these settings.

    `private`: addresses of private networks may be asked, too. `loopback`: so may this machine, also by http: in
    development.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        loopback: bool = False,
        timeout_s: float = _TIMEOUT_S,
        resolve: Resolve = look_up,
        trust: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._private = private
        self._loopback = loopback
        self._timeout_s = timeout_s
        self._resolve = resolve
        self._trust = trust or _trusted

    @classmethod
    def of(cls, settings: Settings) -> Outbound:
        return cls(
            private=settings.fetch_from_private_networks,
            loopback=settings.environment is Environment.DEVELOPMENT,
        )

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

    async def json(self, url: str) -> Any:
        """The document at `url`. Raises: FetchError."""
        return await self._asked(url, "GET")

    async def json_for(self, url: str, form: Mapping[str, str], user: str, password: str) -> Any:
        """What `url` answers to a form, for `user` by HTTP Basic (RFC 7617). Raises: FetchError."""
        return await self._asked(url, "POST", data=form, auth=(user, password))

    async def _asked(self, url: str, method: str, **sent: Any) -> Any:
        parsed = self.check_url(url)
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await self._body(parsed, await self._address(parsed), method, sent)
            return orjson.loads(body)
        except (OSError, httpx.HTTPError, TimeoutError, ValueError) as error:
            raise FetchError(f"It cannot be fetched ({type(error).__name__}).") from None

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

    async def _body(self, url: httpx.URL, address: str, method: str, sent: Mapping[str, Any]) -> bytes:
        """Connect to `address`, and ask it as the host of `url`, whose name its certificate must bear."""
        host = url.raw_host.decode("ascii")
        async with (
            httpx.AsyncClient(
                verify=self._trust(), trust_env=False, follow_redirects=False, timeout=self._timeout_s
            ) as client,
            client.stream(
                method,
                url.copy_with(host=address),
                headers={**_HEADERS, "Host": url.netloc.decode("ascii")},
                extensions={"sni_hostname": host},
                **sent,
            ) as answer,
        ):
            if answer.status_code != 200 or "content-encoding" in answer.headers:
                raise FetchError("It was not answered with a document.")
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > _LARGEST:
                    raise FetchError("The document is too large.")
        return bytes(body)


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
