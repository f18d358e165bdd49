"""What of a subgraph's answer goes out: data and problems in JSON, under headers that say how they may be kept.

Anything else (a page, a redirect, a failure in a service's own words) is not passed on: it would be read as the gateway's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.codes import GatewayCode
from gateway.http.reading import HttpRefusedError
from gateway.transport import SubgraphAnswer
from vereda.problems import MEDIA_TYPE as PROBLEM

#: Media types of data. No browser runs them, whatever they hold.
_DATA: Final = frozenset({"application/json", "application/x-ndjson", "text/csv"})
_GIVEN: Final = frozenset({200, 304})
#: What a service says of a request that it does not answer. Not 401: the credentials inside are the gateway's own.
_REFUSALS: Final = frozenset({400, 403, 404, 406, 410, 413, 422, 429})
_PASSED: Final = frozenset(
    {"content-type", "etag", "last-modified", "link", "www-authenticate", "retry-after"}
)
#: One caller's answer is nobody else's, and a page that is made to show it runs and loads nothing.
_ALWAYS: Final = {
    "Vary": "Authorization, DPoP, Cookie, Accept, Vereda-Purpose",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


@dataclass(frozen=True, slots=True)
class PassedAnswer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def passed_on(answer: SubgraphAnswer) -> PassedAnswer:
    """The answer as its caller gets it. Raises: HttpRefusedError for one that is not passed on."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status in _GIVEN:
        fits = answer.status == 304 or media_type in _DATA or media_type.endswith("+json")
    else:
        fits = answer.status in _REFUSALS and media_type == PROBLEM
    if not fits:
        raise _unusable(answer.status)
    kept = {name: value for name, value in headers.items() if name in _PASSED}
    said = headers.get("cache-control", "")
    private = answer.status in _GIVEN and "private" in said and "public" not in said
    return PassedAnswer(
        answer.status, answer.body, {**kept, **_ALWAYS, "Cache-Control": said if private else "no-store"}
    )


def _unusable(status: int) -> HttpRefusedError:
    if status >= 500:
        message = "The service that answers here cannot just now: nothing was done, try again."
        return HttpRefusedError(503, GatewayCode.SUBGRAPH_UNAVAILABLE, message, {"Retry-After": "1"})
    message = "The service that answers here answered something that is not passed on."
    return HttpRefusedError(502, GatewayCode.SUBGRAPH_ANSWER_INVALID, message)
