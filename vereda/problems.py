"""Problem details for answers that are no GraphQL (RFC 9457): what went wrong, to which request, under a stable code."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import orjson
from starlette.background import BackgroundTask
from starlette.responses import Response

from vereda.telemetry import request_id

MEDIA_TYPE: Final = "application/problem+json"


def problem_body(status: int, code: str, detail: str, **more: str) -> bytes:
    """The document. `code` is one of docs/errors.md; `detail` is for people and repeats nothing that a client sent (R34).

    `type` names the code, so that a client may tell problems apart by either (RFC 9457 §3.1.1).
    """
    return orjson.dumps(
        {
            "type": f"urn:vereda:error:{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "code": code,
            "requestId": request_id.get(),
            **more,
        }
    )


def problem(
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    background: BackgroundTask | None = None,
    **more: str,
) -> Response:
    """The answer that holds it; it is never stored."""
    return Response(
        problem_body(status, code, detail, **more),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
        background,
    )
