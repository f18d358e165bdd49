"""The seal under which Postgres believes who a transaction is for: an HMAC-SHA256 (RFC 2104) over the caller.

Settings of a transaction can be made by any statement in it. The key lies in a table that the role of requests cannot
read, in the two forms that the formula needs (the database has no HMAC of its own), and in the memory of the process.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from vereda.caller import Caller

#: The block size of SHA-256: a key of this length is used as it is.
_BLOCK_BYTES: Final = 64
_INNER, _OUTER = 0x36, 0x5C


def new_seal() -> dict[str, bytes]:
    """A new key, as the database keeps it: `inner` and `outer`."""
    key = secrets.token_bytes(_BLOCK_BYTES)
    return {"inner": _xor(key, _INNER), "outer": _xor(key, _OUTER)}


class Seal:
    """Seals callers with the key whose inner form is `inner`."""

    def __init__(self, inner: bytes) -> None:
        self._key = _xor(inner, _INNER)

    def of(self, subject: str, organization: str, scopes: str) -> str:
        """The seal of a caller, in hexadecimal. Each part is hashed by itself, so that none can run into the next."""
        parts = (hashlib.sha256(part.encode()).digest() for part in (subject, organization, scopes))
        return hmac.digest(self._key, b"".join(parts), "sha256").hex()


def _xor(key: bytes, pad: int) -> bytes:
    return bytes(byte ^ pad for byte in key)


def parts_of(caller: Caller) -> dict[str, str]:
    """What of a caller Postgres is told under the seal."""
    return {
        "subject": caller.subject,
        "organization": str(caller.organization),
        "scopes": " ".join(sorted(caller.scopes)),
    }
