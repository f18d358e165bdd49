"""The two cookies of a browser: its session, and its visit to the pages before there is one.

Both are `__Host-` (RFC 6265bis §4.1.3.2): no other host, subdomain or path can set them, and JavaScript cannot read
them. On `http://localhost` and `http://127.0.0.1` Chromium and Firefox take such cookies without TLS; Safari does not.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

SESSION: Final = "__Host-vereda"
VISIT: Final = "__Host-vereda-visit"
LANGUAGE: Final = "__Host-vereda-language"

_BYTES: Final = 32
_LONGEST: Final = 64


def new_value() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(_BYTES)


def digest(value: str) -> bytes:
    """What is kept of a cookie's value or a link's token: whoever reads the database can use neither."""
    return sha256(value.encode()).digest()


def value_of(request: Request, name: str) -> str | None:
    """The cookie's value, where it could be one of ours."""
    value = request.cookies.get(name)
    return value if value and len(value) <= _LONGEST and value.isascii() else None


def browser_of(request: Request) -> str | None:
    """What form tokens and challenges are bound to: the session, so that they end with it; before there is one, the
    visit."""
    return value_of(request, SESSION) or value_of(request, VISIT)


def put(response: Response, name: str, value: str, *, max_age_s: int | None = None) -> None:
    """Without `max_age_s` it goes when the browser is closed; the server's own limits hold anyway."""
    response.set_cookie(name, value, max_age=max_age_s, path="/", secure=True, httponly=True, samesite="lax")


def take_back(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
