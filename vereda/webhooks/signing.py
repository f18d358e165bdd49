"""Signatures by which a receiver knows that a request is ours, and when it was made: Standard Webhooks, symmetric (`v1`)."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
#: How many bytes a secret has (Standard Webhooks, "Signature scheme").
_FEWEST, _MOST = 24, 64
_NEW: Final = 32


class BadSecretError(ValueError):
    """It is no secret of Standard Webhooks."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_NEW)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises: BadSecretError."""
    if not secret.startswith(PREFIX):
        raise BadSecretError
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecretError from None
    if not _FEWEST <= len(key) <= _MOST:
        raise BadSecretError
    return key


def signed(id_: str, timestamp: int, body: bytes, secrets_: Sequence[str]) -> dict[str, str]:
    """The headers of a request: one signature for each live secret, so that its receiver may know either.

    `timestamp`: of this try, in seconds since 1970; `id_` is the same at each try.
    """
    said = f"{id_}.{timestamp}.".encode() + body
    signatures = (hmac.digest(key_of(one), said, "sha256") for one in secrets_)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }
