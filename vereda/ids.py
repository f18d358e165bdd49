"""Identifiers: UUIDv7 (RFC 9562 §5.7), sortable by time, opaque in the API."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from vereda.errors import ClientError, ErrorCode

_VERSION_7: Final = 0x7 << 76
_VARIANT_RFC: Final = 0b10 << 62


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()


def seeded_id(kind: str, name: str, at: datetime) -> UUID:
    """A UUIDv7 of the instant `at` whose random bits come from `kind` and `name`: the same on every run.

    For the demo network and for imports, whose records must keep their ids when they are loaded again.
    """
    bits = int.from_bytes(hashlib.sha256(f"{kind}\x00{name}".encode()).digest()[:10], "big")
    milliseconds = int(at.timestamp() * 1000) & (2**48 - 1)
    random_a, random_b = bits >> 62 & 0xFFF, bits & (2**62 - 1)
    return UUID(int=milliseconds << 80 | _VERSION_7 | random_a << 64 | _VARIANT_RFC | random_b)


def parse_id(value: Any, field: str) -> UUID:
    """The id that a client sent in `field`.

    Raises: ClientError BAD_USER_INPUT when it is not an id of ours.
    """
    try:
        return UUID(str(value))
    except ValueError:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, f"`{field}` is not an id. Use an id that the API returned."
        ) from None
