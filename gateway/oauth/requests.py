"""What a client sends to an OAuth endpoint: one form, and the credentials it authenticates with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final
from urllib.parse import parse_qsl, unquote

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request

from gateway.jose import Jwt, JwtRefusedError
from gateway.oauth.client import AuthMethod
from gateway.oauth.errors import InvalidTargetError, UnknownClientError

_LARGEST_BODY: Final = 16 * 1024
_MOST_PARAMETERS: Final = 32
#: RFC 7523 §2.2.
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Secret:
    """A client's id and secret (RFC 6749 §2.3.1)."""

    method: ClassVar = AuthMethod.SECRET
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A JWT that a client signed (RFC 7521 §4.2), and whom it says it is from: not yet known to be true."""

    method: ClassVar = AuthMethod.ASSERTION
    client_id: str
    jwt: Jwt = field(repr=False)


Credentials = Secret | Assertion


async def read_form(request: Request) -> dict[str, str]:
    """The parameters of a form body; those without a value count as left out (RFC 6749 §3.2).

    Raises: InvalidRequestError when the body is no form, too large, or says one thing twice; InvalidTargetError.
    """
    pairs = await read_pairs(request)
    form = dict(pairs)
    resources = {value for name, value in pairs if name == "resource"}
    if len(form) != len(pairs) - max(0, sum(name == "resource" for name, _ in pairs) - 1):
        raise InvalidRequestError("A parameter is there more than once.")
    if len(resources) > 1:  # RFC 8707 §2 lets a client ask for several; here is one
        raise InvalidTargetError()
    return form


async def read_pairs(request: Request) -> list[tuple[str, str]]:
    """The same, where some things may be said twice. Raises: InvalidRequestError."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise InvalidRequestError("Send the parameters as application/x-www-form-urlencoded.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise InvalidRequestError("The request is too large.", status_code=413)
    try:
        return parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequestError("The form cannot be read.") from None


def credentials_of(request: Request, form: Mapping[str, str]) -> Credentials:
    """What the client authenticates with: a secret, by HTTP Basic or in the form, or an assertion; never two of them
    (RFC 6749 §2.3, RFC 7521 §4.2).

    Raises: UnknownClientError when there is nothing, InvalidRequestError when there is too much.
    """
    headers = request.headers.getlist("authorization")
    asserted = "client_assertion" in form or "client_assertion_type" in form
    if len(headers) + asserted + ("client_secret" in form) > 1:
        raise InvalidRequestError("Authenticate in one way only.")
    if asserted:
        found: Credentials = _assertion(form)
    elif headers:
        found = _basic(headers[0])
    else:
        found = Secret(form.get("client_id", ""), form.get("client_secret", ""))
    if not found.client_id or (isinstance(found, Secret) and not found.secret):
        raise UnknownClientError()
    if form.get("client_id", found.client_id) != found.client_id:
        raise InvalidRequestError("The client_id is not that of the credentials.")
    return found


def _assertion(form: Mapping[str, str]) -> Assertion:
    """RFC 7521 §4.2: the client is the subject."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidRequestError("The client_assertion_type must be that of a JWT (RFC 7523 2.2).")
    try:
        jwt = Jwt.read(form.get("client_assertion", ""))
    except JwtRefusedError:
        raise UnknownClientError() from None
    subject = jwt.claimed.get("sub")
    return Assertion(subject if isinstance(subject, str) else "", jwt)


def _basic(header: str) -> Secret:
    """RFC 6749 §2.3.1: both parts are form-encoded first. A `+` is left alone: secrets have it, but no spaces."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise UnknownClientError()
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        return Secret(unquote(client_id, errors="strict"), unquote(secret, errors="strict"))
    except (binascii.Error, ValueError):
        raise UnknownClientError() from None
