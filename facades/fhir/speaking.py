"""FHIR over HTTP: media types, bounded bodies, versions in ETags (R4 §3.1.0)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from facades.fhir.outcomes import RefusedError, outcome, refused
from facades.fhir.seeing import Resource

FHIR_JSON: Final = "application/fhir+json"
JSON_PATCH: Final = "application/json-patch+json"
#: Bytes of the largest body, and the seconds in which it has to come: a Bundle of a referral has some ten thousand.
MOST_BYTES: Final = 512 * 1024
_BODY_S: Final = 10.0
_TAKEN: Final = (FHIR_JSON, "application/json")
_FORMATS: Final = (*_TAKEN, "json")
_ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,9})"')
#: Elements of the largest body: a referral's has a few hundred.
MOST_PARTS: Final = 5_000
#: Deepest nesting of lists and objects that is read.
_DEEPEST: Final = 32


def told(resource: Resource, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer. Nothing of it is kept by anybody on the way; of a versioned resource the version is its ETag."""
    extra = dict(headers or {})
    version = resource.get("meta", {}).get("versionId")
    if version is not None:
        extra["ETag"] = f'W/"{version}"'
    return Response(
        orjson.dumps(resource),
        status,
        {"Cache-Control": "no-store", **extra},
        media_type=f"{FHIR_JSON}; fhirVersion=4.0",
    )


def told_refusal(error: RefusedError) -> Response:
    return told(outcome(error.issues), error.status, error.headers)


def check_accepts(request: Request) -> None:
    """Raises: RefusedError 406 where the sender does not take what we answer in. `_format` goes before Accept."""
    wanted = request.query_params.get("_format")
    if wanted is not None:
        if wanted.replace(" ", "+").partition(";")[0] not in _FORMATS:
            raise refused(406, f"Answers are {FHIR_JSON}.")
        return
    ranges = [
        one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "*/*").split(",")
    ]
    if not {*ranges} & {"*/*", "application/*", *_TAKEN}:
        raise refused(406, f"Answers are {FHIR_JSON}: say in Accept that you take it.")


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_resource(request: Request, *kinds: str) -> dict[str, Any]:
    """The resource in the body, one of `kinds`. Raises: RefusedError 400, 413, 415."""
    if media_type(request) not in _TAKEN:
        raise refused(415, f"The body must be {FHIR_JSON}.")
    body = await read_json(request)
    if not isinstance(body, dict) or body.get("resourceType") not in kinds:
        raise refused(400, f"The body must be a {' or '.join(kinds)}.", kind="structure")
    return body


async def read_json(request: Request) -> Any:
    """Raises: RefusedError 400, 408, 413, 415."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise refused(415, "Compressed bodies are not taken.")
    chunks, size = [], 0
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MOST_BYTES:
                    raise refused(413, f"The body has more than {MOST_BYTES} bytes.")
                chunks.append(chunk)
    except TimeoutError:
        raise refused(408, "The body did not arrive in time.", kind="timeout") from None
    try:
        body = orjson.loads(b"".join(chunks))
    except orjson.JSONDecodeError:
        raise refused(400, "The body is not JSON in UTF-8.", kind="structure") from None
    _check_shape(body)
    return body


def _check_shape(body: Any) -> None:
    """Raises: RefusedError 400, 413 for lists and objects too deep inside of each other, or too many parts: each costs time
    to look at, however small it is."""
    level, parts = [body], 0
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        parts += len(level)
        if parts > MOST_PARTS:
            raise refused(413, f"The body has more than {MOST_PARTS} elements.")
        if not level:
            return
    raise refused(400, "The body is nested too deeply.", kind="structure")


def if_match(request: Request) -> int | None:
    """The version that the sender last read (R4 §3.1.0.5). Raises: RefusedError 400."""
    said = request.headers.get("if-match")
    if said is None:
        return None
    found = _ETAG.fullmatch(said.strip())
    if found is None:
        raise refused(400, 'If-Match must hold one version, as W/"3".')
    return int(found[1])
