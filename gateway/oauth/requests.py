"""What a client sends to an OAuth endpoint: one form, and the credentials it authenticates with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request

from gateway.oauth.errors import UnknownClientError

_LARGEST_BODY: Final = 16 * 1024
_MOST_PARAMETERS: Final = 32


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    secret: str = field(repr=False)


async def read_form(request: Request) -> dict[str, str]:
    """The parameters of a form body; those without a value count as left out (RFC 6749 §3.2).

    Raises: InvalidRequestError when the body is no form, too large, or says one thing twice.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise InvalidRequestError("Send the parameters as application/x-www-form-urlencoded.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise InvalidRequestError("The request is too large.", status_code=413)
    try:
        pairs = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequestError("The form cannot be read.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidRequestError("A parameter is there more than once.")
    return form


def credentials_of(request: Request, form: Mapping[str, str]) -> Credentials:
    """Client id and secret, by HTTP Basic or in the form, never both (RFC 6749 §2.3).

    Raises: UnknownClientError when there are none, InvalidRequestError when there are two.
    """
    headers = request.headers.getlist("authorization")
    if headers and ("client_secret" in form or len(headers) > 1):
        raise InvalidRequestError("Authenticate in one way only.")
    found = (
        _basic(headers[0])
        if headers
        else Credentials(form.get("client_id", ""), form.get("client_secret", ""))
    )
    if not found.client_id or not found.secret:
        raise UnknownClientError()
    if form.get("client_id", found.client_id) != found.client_id:
        raise InvalidRequestError("The client_id is not that of the credentials.")
    return found


def _basic(header: str) -> Credentials:
    """RFC 6749 §2.3.1: both parts are form-encoded first. A `+` is left alone: secrets have it, but no spaces."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise UnknownClientError()
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        return Credentials(unquote(client_id, errors="strict"), unquote(secret, errors="strict"))
    except (binascii.Error, ValueError):
        raise UnknownClientError() from None
