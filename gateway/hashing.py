"""Secrets of clients and passwords of people at rest: argon2id (RFC 9106), with the least memory and time that OWASP
advises. Each function works for some 20 ms: call it in a thread.
"""

from __future__ import annotations

import functools
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_secret(secret: str) -> str:
    """The argon2id hash of `secret`, with its salt and cost (PHC string)."""
    return _HASHER.hash(secret)


def matches(secret_hash: str, secret: str) -> bool:
    """Whether `secret` is the one that `secret_hash` was made of."""
    try:
        return _HASHER.verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def nobodys_hash() -> str:
    """A hash that no secret matches: checked for unknown clients, so that they cost what known ones cost."""
    return hash_secret(secrets.token_urlsafe(32))
