"""Public keys where their owner publishes them, read again often enough that a rotation is never late."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from joserfc.errors import JoseError

from vereda.keys import Key, import_key
from vereda.settings import SigningAlgorithm
from vereda.telemetry import logger

_FETCH_TIMEOUT_S: Final = 5.0
_LARGEST_SET: Final = 65_536
#: While nothing was ever read, because its owner is still starting, it is tried more often.
_AT_FIRST_S: Final = 1.0

_log = logger("keys")


class _Patience(NamedTuple):
    """How old, in seconds, the keys at hand may be before they are read again."""

    unknown_s: float
    """When an unknown key is asked for: whoever invents key ids makes us read no more often than this."""
    behind_s: float
    """When a known one is: read behind the requests, which go on with what is at hand."""
    before_s: float
    """When a known one is: read before it is believed, so that a key that was taken away is not."""


_FILE: Final = _Patience(1, 1, 1)
_REMOTE: Final = _Patience(10, 60, 300)


class PublishedKeys:
    """The keys of the JWK Set (RFC 7517 §5) in a file or at an http(s) URL, by key id.

    While the set cannot be read, the keys that were read before go on serving.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._patience = _REMOTE if location.startswith(("http://", "https://")) else _FILE
        self._keys: dict[str, tuple[Key, SigningAlgorithm]] = {}
        self._content = b""
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def get(self, kid: object) -> tuple[Key, SigningAlgorithm] | None:
        """The key of this id and its algorithm; None when it is not published.

        Raises: OSError, ValueError, JoseError, TypeError, KeyError when the set has to be read, and cannot be.
        """
        if not isinstance(kid, str):
            return None
        age = time.monotonic() - self._read_at
        known = kid in self._keys
        unknown_s = self._patience.unknown_s if self._keys else _AT_FIRST_S
        if age > (self._patience.behind_s if known else unknown_s):
            self._begin()
        if self._reading is not None and (not known or age > self._patience.before_s):
            reading = self._reading  # who comes while the set is being read waits for the same reading
            await asyncio.wait({reading})
            if not self._keys:
                reading.result()
        return self._keys.get(kid)

    def _begin(self) -> None:
        if self._reading is not None:
            return
        self._read_at = time.monotonic()
        self._reading = asyncio.create_task(self._read())
        self._reading.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("key set cannot be read", kind=type(error).__name__, known=len(self._keys))

    async def _read(self) -> None:
        if self._patience is _REMOTE:
            content = await asyncio.to_thread(_fetched, self._location)
        else:
            content = _read(self._location)
        if content != self._content:
            self._keys = _keys(orjson.loads(content))
            self._content = content


def _keys(document: Any) -> dict[str, tuple[Key, SigningAlgorithm]]:
    """What can be used of a key set (RFC 7517 §5 says to ignore the rest)."""
    keys = {}
    for members in document["keys"]:
        try:
            found = import_key(members)
        except (ValueError, JoseError):
            continue
        if found is not None and isinstance(members.get("kid"), str):
            keys[members["kid"]] = found
    return keys


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _fetched(location: str) -> bytes:
    with urllib.request.urlopen(location, timeout=_FETCH_TIMEOUT_S) as answer:  # noqa: S310
        content: bytes = answer.read(_LARGEST_SET)
        return content
