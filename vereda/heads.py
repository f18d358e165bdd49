"""What holds for every answer and every request head, whatever the route."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: RFC 9110 §7.2, without the parts of RFC 3986 hosts that no client sends.
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_CLOSE: Final = {"Connection": "close"}
_LARGEST_HEAD: Final = 32 * 1024
_DEFAULTS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)
_HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class HeadGuard:
    """ASGI middleware: refuses a malformed `Host` (RFC 9112 §3.2), a transfer coding that nobody here undoes (§6.1) and an
    oversized head; safe answers by default."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        """`https`: browsers reach this server by https, and are told to use nothing else (RFC 6797)."""
        self.app = app
        self._defaults = (*_DEFAULTS, _HTTPS_ONLY) if https else _DEFAULTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                said = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *[one for one in self._defaults if one[0] not in said]]
            await send(message)

        refusal = _refusal(scope)
        await (refusal or self.app)(scope, receive, send_safely)


def _refusal(scope: Scope) -> ASGIApp | None:
    head = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    codings, hosts = [], []
    for name, value in scope["headers"]:  # one look for all: every request is looked at
        head += len(name) + len(value)
        if name == b"host":
            hosts.append(value)
        elif name == b"transfer-encoding":
            codings.append(value.lower())
    if head > _LARGEST_HEAD:
        return PlainTextResponse("The request's head is too large.\n", 431, _CLOSE)
    if codings and (codings != [b"chunked"] or scope["http_version"] != "1.1"):
        return PlainTextResponse("The only transfer coding here is chunked, of HTTP/1.1.\n", 400, _CLOSE)
    if not hosts and scope["http_version"] == "1.0":
        return None
    if len(hosts) != 1 or not _makes_sense(hosts[0]):
        return PlainTextResponse("The Host header makes no sense.\n", 400, _CLOSE)
    return None


def _makes_sense(host: bytes) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and int(found[1] or 0) < 65_536
