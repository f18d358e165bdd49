"""Reads a GraphQL request out of an HTTP request (GraphQL over HTTP §request)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive

from gateway.codes import GatewayCode
from gateway.guard.trusted import named, named_by_hash
from gateway.guard.trusted.naming import is_name
from gateway.http.media import is_json
from gateway.request import GraphQLRequest

#: Headers that a browser sends to another site only after asking it first (Fetch §CORS-preflight).
_PREFLIGHTED: Final = ("graphql-preflight", "apollo-require-preflight", "x-apollo-operation-name")
#: Parameters of a URL that are texts; others are JSON.
_TEXTS: Final = ("query", "documentId", "operationName")


class HttpRefusedError(Exception):
    """The HTTP request is refused with `status`."""

    def __init__(
        self, status: int, code: GatewayCode, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def check_get(headers: Headers) -> None:
    """Refuse a GET that another site's page could have caused: it must have something a simple request cannot.

    Raises: HttpRefusedError.
    """
    content_type = headers.get("content-type")
    if content_type is not None and not is_json(content_type):
        raise HttpRefusedError(
            415, GatewayCode.UNSUPPORTED_MEDIA_TYPE, "A GET request's Content-Type must be application/json."
        )
    if content_type is None and not any(name in headers for name in _PREFLIGHTED):
        raise HttpRefusedError(
            400,
            GatewayCode.CSRF_PREVENTED,
            "A GET request must carry the header GraphQL-Preflight, or Content-Type: application/json.",
        )


def check_post(headers: Headers, largest_body: int) -> None:
    """Raises: HttpRefusedError for a body that is not JSON, is compressed, or says that it is too large."""
    if not is_json(headers.get("content-type")):
        raise HttpRefusedError(
            415, GatewayCode.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json in UTF-8."
        )
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise HttpRefusedError(415, GatewayCode.UNSUPPORTED_MEDIA_TYPE, "Compressed bodies are not taken.")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > largest_body:
        raise _too_large(largest_body)


def from_query(parameters: QueryParams) -> GraphQLRequest:
    """The request in a URL. Raises: HttpRefusedError."""
    given: dict[str, Any] = {key: parameters[key] for key in _TEXTS if key in parameters}
    for key in ("variables", "extensions"):
        if parameters.get(key):
            given[key] = _loaded(parameters[key].encode(errors="replace"), f"The parameter {key}")
    return from_parameters(given, read_only=True)


def from_body(body: bytes) -> GraphQLRequest:
    """The request in a body. Raises: HttpRefusedError."""
    return from_parameters(_loaded(body, "The body"))


def from_parameters(given: Any, *, read_only: bool = False) -> GraphQLRequest:
    """Raises: HttpRefusedError when the parameters are not those of a GraphQL request."""
    if isinstance(given, list):
        raise HttpRefusedError(
            400, GatewayCode.BATCHING_NOT_SUPPORTED, "Send one operation in a request; batches are not taken."
        )
    if not isinstance(given, dict):
        raise _bad("The body must be a JSON object.")
    query, name = given.get("query"), given.get("operationName")
    variables, extensions = given.get("variables"), given.get("extensions")
    for key, value in (("variables", variables), ("extensions", extensions)):
        if value is not None and not isinstance(value, dict):
            raise _bad(f"{key} must be an object.")
    if name is not None and not isinstance(name, str):
        raise _bad("operationName must be a string.")
    document_name = None
    if extensions or "documentId" in given:
        document_name = _document_name(query, given, extensions)
    if query is None and document_name is not None:
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise _bad("query must be a string that holds a GraphQL document.")
    return GraphQLRequest(query, name or None, variables or {}, read_only, document_name=document_name)


async def read_body(receive: Receive, largest: int, timeout_s: float) -> bytes:
    """Raises: HttpRefusedError when the body is too large, too slow, or broken off."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise _bad("The request was broken off.")
                chunk = message.get("body", b"")
                size += len(chunk)
                if size > largest:
                    raise _too_large(largest)
                chunks.append(chunk)
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError:
        raise HttpRefusedError(
            408,
            GatewayCode.BODY_TOO_SLOW,
            f"The body did not arrive within {timeout_s:g} s.",
            {"Connection": "close"},
        ) from None


def _document_name(query: Any, given: Mapping[str, Any], extensions: Mapping[str, Any] | None) -> str | None:
    """The name by which the document is asked for, or that comes with it: `documentId` (GraphQL over HTTP, appendix A) or
    `extensions.persistedQuery.sha256Hash` (Apollo). A hash that comes with a document must be that document's.
    """
    name = given.get("documentId")
    if name is not None and not (isinstance(name, str) and is_name(name)):
        raise _bad(
            "documentId must be sha256: and the 64 hexadecimal digits of the document's hash, in lower case."
        )
    persisted = (extensions or {}).get("persistedQuery")
    if isinstance(persisted, dict):
        given_hash = persisted.get("sha256Hash")
        by_hash = named_by_hash(given_hash) if isinstance(given_hash, str) else None
        if by_hash is None or (name is not None and name != by_hash):
            raise _mismatch()
        name = by_hash
    if name is not None and query is not None and not (isinstance(query, str) and named(query) == name):
        raise _mismatch()
    return name


def _mismatch() -> HttpRefusedError:
    return HttpRefusedError(
        400, GatewayCode.PERSISTED_QUERY_MISMATCH, "The provided sha does not match the query."
    )


def _loaded(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _bad(f"{what} is not JSON in UTF-8.") from None


def _bad(message: str) -> HttpRefusedError:
    return HttpRefusedError(400, GatewayCode.BAD_REQUEST, message)


def _too_large(largest: int) -> HttpRefusedError:
    return HttpRefusedError(
        413, GatewayCode.BODY_TOO_LARGE, f"The body has more than {largest} bytes.", {"Connection": "close"}
    )
