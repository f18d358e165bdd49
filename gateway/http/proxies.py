"""Who really asks, where proxies of our own stand between: what they say of it is believed, what others say is not."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from vereda.errors import OperatorError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: More hops than this are nobody's network; the rest is not looked at.
_MOST_HOPS: Final = 20


def networks(text: str) -> tuple[Network, ...]:
    """The networks in `VEREDA_TRUSTED_PROXIES`, with commas between them: `10.0.0.0/8,192.0.2.7`.

    Raises: OperatorError when one is none.
    """
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise OperatorError(
            f"VEREDA_TRUSTED_PROXIES must be networks with commas between them: {error}."
        ) from None


class TrustedProxies:
    """ASGI middleware: of a request that a trusted proxy passes on, `client` is whom the nearest proxy that is not trusted,
    or the caller itself, is known by in `X-Forwarded-For`. All other requests stay as they are."""

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client") is not None:
            peer, port = scope["client"]
            caller = self.caller(peer, Headers(scope=scope).getlist("x-forwarded-for"))
            if caller != peer:
                scope = {**scope, "client": (caller, port)}
        await self._app(scope, receive, send)

    def caller(self, peer: str, forwarded: Iterable[str]) -> str:
        """Each proxy adds at the end whom it was asked by: so from the end on, for as long as that is a trusted one."""
        hops = [hop for line in forwarded for hop in line.split(",")][-_MOST_HOPS:]
        caller = peer
        while self._is_trusted(caller) and hops:
            hop = _address(hops.pop())
            if hop is None:
                break
            caller = hop
        return caller

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self._trusted)


def _address(hop: str) -> str | None:
    """The address in an entry, which some proxies write with a port."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
