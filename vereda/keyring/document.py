"""Everything that wraps data keys and names clients, at one moment.

A data key is wrapped by a key made of two: the newest master key, which is replaced now and then, and the data key's own
leaf of the tree, which is cut out when it is to open nothing any more. Handles and blind indexes have a key of their own,
which is never replaced: they stay what they are whatever is rotated (NIST SP 800-57 part 1, §5.2: one key, one use).
"""

from __future__ import annotations

import base64
import hmac
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import orjson

from vereda.keyring.tree import Tree
from vereda.sealing import SealBrokenError, decrypt, encrypt

_KEY_BYTES: Final = 32
_FORMAT: Final = 1
_VERSION: Final = struct.Struct(">I")
#: Master 0 is that of installations before there were versions: what it wrapped names no version.
UNVERSIONED: Final = 0
#: Bytes of a data key that was wrapped with a version: version, nonce, key, tag.
VERSIONED_BYTES: Final = _VERSION.size + 12 + _KEY_BYTES + 16


class KeyShreddedError(SealBrokenError):
    """The key that wrapped this was destroyed: it opens for nobody, ever."""


@dataclass(frozen=True, slots=True)
class Master:
    """One version. It wraps from `since` (seconds since 1970) on, until a newer one does; until it is retired it opens."""

    version: int
    key: bytes
    since: float


@dataclass(frozen=True, slots=True)
class Keyring:
    masters: tuple[Master, ...]
    tree: Tree
    index_key: bytes

    @classmethod
    def grown(cls, now: float, unversioned: tuple[bytes, bytes] | None = None) -> Keyring:
        """A new one; or what carries on an installation's master and index key from before there were versions."""
        first = Master(1, os.urandom(_KEY_BYTES), now)
        if unversioned is None:
            return cls((first,), Tree.grown(), os.urandom(_KEY_BYTES))
        wrapping, index_key = unversioned
        return cls((Master(UNVERSIONED, wrapping, 0.0), first), Tree.grown(), index_key)

    def current(self, now: float) -> Master:
        """The version that wraps now."""
        return max(
            (one for one in self.masters if one.since <= now),
            key=lambda one: one.version,
            default=self.masters[0],
        )

    def wrap(self, id_: UUID, key: bytes, context: bytes, now: float) -> bytes:
        """The data key `id_`, wrapped. Raises: KeyShreddedError when its leaf was cut out."""
        master = self.current(now)
        return _VERSION.pack(master.version) + encrypt(self._wrapping(master, id_), key, context)

    def unwrap(self, id_: UUID, wrapped: bytes, context: bytes) -> bytes:
        """Raises: KeyShreddedError when leaf or master are gone; SealBrokenError when it was changed."""
        version = version_of(wrapped)
        master = next((one for one in self.masters if one.version == version), None)
        if master is None:
            raise KeyShreddedError(f"master key {version} is not here")
        if version == UNVERSIONED:
            if self.tree.key(id_) is None:
                raise KeyShreddedError("destroyed")
            return decrypt(master.key, wrapped, context)
        return decrypt(self._wrapping(master, id_), wrapped[_VERSION.size :], context)

    def rotated(self, now: float, after_s: float) -> Keyring:
        """With one more version, which wraps from `after_s` seconds after `now` on."""
        newest = max(one.version for one in self.masters)
        return replace(
            self, masters=(*self.masters, Master(newest + 1, os.urandom(_KEY_BYTES), now + after_s))
        )

    def retired(self, versions: Iterable[int]) -> Keyring:
        """Without these versions. What they wrapped is lost."""
        gone = set(versions)
        return replace(self, masters=tuple(one for one in self.masters if one.version not in gone))

    def shredded(self, ids: Iterable[UUID]) -> Keyring:
        """With the leaves of these data keys cut out: what they sealed opens for nobody, in no backup either."""
        return replace(self, tree=self.tree.without(ids))

    def pairwise_id(self, *parts: UUID) -> UUID:
        """An id that only the holder of the index key can derive from `parts` (UUIDv8, RFC 9562 §5.8)."""
        digest = bytearray(self._digest(b"id", b"".join(part.bytes for part in parts))[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        return UUID(bytes=bytes(digest))

    def blind_index(self, owner: UUID, value: str) -> str:
        """A token by which `owner` finds an equal value again, and which tells nobody else anything."""
        return self._digest(b"blind", owner.bytes + value.encode()).hex()[:32]

    def dump(self) -> bytes:
        return orjson.dumps(
            {
                "format": _FORMAT,
                "index": _text(self.index_key),
                "masters": [[one.version, _text(one.key), one.since] for one in self.masters],
                "tree": _text(self.tree.pack()),
            }
        )

    @classmethod
    def load(cls, content: bytes) -> Keyring:
        """Raises: ValueError when it is no keyring of ours."""
        found: dict[str, Any] = orjson.loads(content)
        if found.get("format") != _FORMAT:
            raise ValueError("not a keyring of this version")
        masters = tuple(
            Master(int(version), _bytes(key), float(since)) for version, key, since in found["masters"]
        )
        return cls(masters, Tree.unpack(_bytes(found["tree"])), _bytes(found["index"]))

    def _wrapping(self, master: Master, id_: UUID) -> bytes:
        leaf = self.tree.key(id_)
        if leaf is None:
            raise KeyShreddedError("destroyed")
        return hmac.digest(master.key, b"wrap\x00" + leaf, "sha256")

    def _digest(self, use: bytes, value: bytes) -> bytes:
        return hmac.digest(self.index_key, use + b"\x00" + value, "sha256")


def version_of(wrapped: bytes) -> int:
    """Which master wrapped it; the generated column `data_keys.master_version` says the same."""
    if len(wrapped) < VERSIONED_BYTES:
        return UNVERSIONED
    return int(_VERSION.unpack_from(wrapped)[0])


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)
