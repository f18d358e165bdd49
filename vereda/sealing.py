"""Envelope encryption: a data key seals values with AES-256-GCM, a master key wraps data keys (NIST SP 800-38D).

Destroying a data key makes all that it sealed unreadable. Clients' data keys are wrapped by `vereda.keyring`, what the
gateway keeps of people by a master key that is a file of the installation.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vereda.secrets import Secrets

_NONCE_BYTES: Final = 12
_KEY_BITS: Final = 256


class SealBrokenError(Exception):
    """The sealed value does not open with this key: it was changed, or sealed by another."""


class LocalKeyProvider:
    """A master key in `VEREDA_HOME/secrets`; whoever holds that file and the database holds everything."""

    def __init__(self, secrets: Secrets, name: str) -> None:
        self._key = hashlib.sha256(f"wrap\x00{secrets.get(name)}".encode()).digest()
        self._index_key = hashlib.sha256(f"index\x00{secrets.get(name)}".encode()).digest()

    def wrap(self, key: bytes, context: bytes) -> bytes:
        return encrypt(self._key, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return decrypt(self._key, wrapped, context)

    def pairwise_id(self, *parts: UUID) -> UUID:
        """An id that only the holder of the master key can derive from `parts` (UUIDv8, RFC 9562 §5.8)."""
        digest = bytearray(self._digest(b"id", b"".join(part.bytes for part in parts))[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        return UUID(bytes=bytes(digest))

    def blind_index(self, owner: UUID, value: str) -> str:
        """A token by which `owner` finds an equal value again, and which tells nobody else anything."""
        return self._digest(b"blind", owner.bytes + value.encode()).hex()[:32]

    def _digest(self, use: bytes, value: bytes) -> bytes:
        return hmac.digest(self._index_key, use + b"\x00" + value, "sha256")


def new_key() -> bytes:
    return AESGCM.generate_key(_KEY_BITS)


def seal(key: bytes, value: str, context: bytes) -> bytes:
    """`value` sealed under `key`; `context` (what it is and whose) must be the same when it is opened."""
    return encrypt(key, value.encode(), context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> str:
    """Raises: SealBrokenError."""
    return decrypt(key, sealed, context).decode()


def encrypt(key: bytes, value: bytes, context: bytes) -> bytes:
    """`nonce || ciphertext || tag`, bound to `context`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, context)


def decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Raises: SealBrokenError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise SealBrokenError from None
