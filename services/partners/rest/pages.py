"""Answers of the HSDS API: one object, a page of them, or a line for each."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from services.partners.rest.asked import Asked
from vereda.errors import ClientError, ErrorCode

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
#: Whoever asked may keep it, and asks whether it still holds before showing it again (RFC 9111 §5.2.2).
_KEPT: Final = "private, no-cache"
#: Bytes of an answer: less than what a gateway takes of a service.
LARGEST: Final = 24 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """Some of `total` objects."""

    contents: Sequence[Any]
    total: int


def answered(request: Request, body: bytes, media_type: str = JSON, **headers: str) -> Response:
    """`body` under a strong validator; nothing but the validator to whom has it already (RFC 9110 §13.1.2).

    Raises: ClientError BAD_USER_INPUT when it is too large to be sent.
    """
    if len(body) > LARGEST:
        message = "The answer would be too large: ask for fewer at once by `per_page`, or not for `full`."
        raise ClientError(ErrorCode.BAD_USER_INPUT, message)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": _KEPT, "Vary": "Accept", **headers}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=kept)
    return Response(body, 200, kept, media_type)


def single(request: Request, found: Mapping[str, Any] | None, what: str) -> Response:
    """Raises: ClientError NOT_FOUND."""
    if found is None:
        raise ClientError(ErrorCode.NOT_FOUND, f"There is no such {what}, or you may not know of it.")
    return answered(request, orjson.dumps(found))


def listed(request: Request, asked: Asked, page: Page) -> Response:
    """The envelope of a page (OpenAPI of HSDS 3.0, `Page`), or its objects a line each; `Link` leads to the other pages
    (RFC 8288)."""
    last = max(1, math.ceil(page.total / asked.per_page))
    links = {"Link": link} if (link := _links(request, asked, last)) else {}
    if asked.lines:
        body = b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in page.contents)
        return answered(request, body, LINES, **links)
    envelope = {
        "total_items": page.total,
        "total_pages": math.ceil(page.total / asked.per_page),
        "page_number": asked.page,
        "size": len(page.contents),
        "first_page": asked.page == 1,
        "last_page": asked.page >= last,
        "empty": not page.contents,
        "contents": page.contents,
    }
    return answered(request, orjson.dumps(envelope), **links)


def _links(request: Request, asked: Asked, last: int) -> str:
    pages = {"first": 1, "prev": asked.page - 1, "next": asked.page + 1, "last": last}
    given = [
        (name, value) for name, value in request.query_params.items() if name not in ("page", "per_page")
    ]
    return ", ".join(
        f'<?{urlencode([*given, ("page", str(page)), ("per_page", str(asked.per_page))])}>; rel="{name}"'
        for name, page in pages.items()
        if 1 <= page <= last and last > 1
    )


def _has(header: str, tag: str) -> bool:
    """By the weak comparison (RFC 9110 §8.8.3.2)."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in header.split(","))
