"""Trusted documents in a file, for a gateway that stands alone: the same for every caller."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.guard.trusted.naming import is_name, named, named_by_hash
from gateway.identity import Identity
from vereda.errors import OperatorError
from vereda.telemetry import logger

_log = logger("documents")
_APOLLO: Final = "apollo-persisted-query-manifest"
_LOOK_AFTER_S: Final = 1.0


class Manifest:
    """A manifest as Apollo's or Relay's tools write it, read anew when the file has changed.

    Apollo's: `{"format": "apollo-persisted-query-manifest", "operations": [{"id": ..., "body": ...}]}`. Relay's:
    `{"<id>": "<document>"}`. Each document is known by its id, and by the hash of its text.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises: OperatorError when the file is no manifest."""
        self._path = path
        self._clock = clock
        self._looked = clock()
        self._stamp = self._look()
        self._documents = read(path)

    async def text(self, name: str, caller: Identity) -> str | None:
        """The document of that name, whoever asks. A file that has become unreadable changes nothing."""
        now = self._clock()
        if now - self._looked >= _LOOK_AFTER_S:
            self._looked = now
            self._read_if_changed()
        return self._documents.get(name)

    def _read_if_changed(self) -> None:
        try:
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._documents = read(self._path)
        except OperatorError as error:
            _log.error("trusted documents not read anew", reason=str(error))

    def _look(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except OSError as error:
            raise _unreadable(self._path, error) from None
        return status.st_mtime_ns, status.st_size, status.st_ino


def read(path: Path) -> Mapping[str, str]:
    """The documents of a manifest by name. Raises: OperatorError."""
    try:
        said = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise _unreadable(path, error) from None
    if not isinstance(said, dict):
        raise OperatorError(f"{path} is no manifest of documents: it must be a JSON object.")
    documents: dict[str, str] = {}
    for given, text in _entries(said):
        if not (isinstance(given, str) and isinstance(text, str)):
            raise OperatorError(f"{path} is no manifest of documents: each has an id and a text.")
        name = named_by_hash(given) or given
        # An id that looks like a hash is the text's own, or leads nowhere: see the package's first lines.
        if is_name(name) and not (name.startswith("sha256:") and name != named(text)):
            documents[name] = text
        documents[named(text)] = text
    return documents


def _entries(said: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    if said.get("format") != _APOLLO:
        yield from said.items()
        return
    for one in said.get("operations") or ():
        yield (one.get("id"), one.get("body")) if isinstance(one, dict) else (None, None)


def _unreadable(path: Path, error: Exception) -> OperatorError:
    return OperatorError(f"The trusted documents {path} cannot be read: {error}.")
