"""No other site can make a browser change anything: two defences, each enough alone.

A token in every form is a keyed digest of a cookie that only this browser has and no script can read; it needs no
store. And the browser itself says where a request comes from, in `Sec-Fetch-Site` (W3C Fetch Metadata) or `Origin`
(RFC 6454 §7), by the rule of Go's `net/http.CrossOriginProtection`, only stricter: a request that says neither is
refused.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from gateway.people.cookies import SESSION, VISIT, value_of

FIELD: Final = "csrf_token"
_USE: Final = b"vereda csrf token"


def token_for(cookie: str) -> str:
    """The token of the browser whose session or visit cookie has this value."""
    return base64.urlsafe_b64encode(hmac.digest(cookie.encode(), _USE, "sha256")).decode().rstrip("=")


def csrf_ok(request: Request, form: Mapping[str, str]) -> bool:
    """Whether a page of ours, shown in this browser, made the request with this `form`."""
    given = form.get(FIELD, "").encode()
    cookies = (value_of(request, name) for name in (SESSION, VISIT))
    tokens = [token_for(cookie).encode() for cookie in cookies if cookie]
    return same_origin(request) and any(hmac.compare_digest(given, token) for token in tokens)


def same_origin(request: Request) -> bool:
    """Whether the browser says that a page of this very origin asks."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")
