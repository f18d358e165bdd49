"""Swaps the supergraph in when its file changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from gateway.supergraph import Supergraph, SupergraphError, load
from vereda.errors import OperatorError
from vereda.telemetry import logger

_log = logger("supergraph")

#: What a changed file is told by before it is read.
Stamp = tuple[int, int, int]


class SupergraphFile:
    """The supergraph as it is on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: Stamp | None = None
        self._digest = b""

    def read(self) -> Supergraph:
        """Raises: OperatorError when the file cannot be read, or is no supergraph."""
        try:
            self._stamp = self._look()
            text = self.path.read_bytes()
            self._digest = sha256(text).digest()
            return load(text.decode())
        except (OSError, UnicodeDecodeError) as error:
            raise OperatorError(f"The supergraph {self.path} cannot be read: {error}.") from None
        except SupergraphError as error:
            raise OperatorError(f"{self.path} is no supergraph: {error}") from None

    def read_if_changed(self) -> Supergraph | None:
        """The new supergraph, None where the content is as before. Raises: as `read`."""
        try:
            if self._look() == self._stamp:
                return None
            if sha256(self.path.read_bytes()).digest() == self._digest:
                self._stamp = self._look()
                return None
        except OSError as error:
            raise OperatorError(f"The supergraph {self.path} cannot be read: {error}.") from None
        return self.read()

    def _look(self) -> Stamp:
        status = self.path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino


async def watch(file: SupergraphFile, interval_s: float, swap: Callable[[Supergraph], None]) -> None:
    """Look every `interval_s` seconds, for ever. A broken file is logged once, and the old supergraph stays."""
    complaint = ""
    while True:
        await asyncio.sleep(interval_s)
        try:
            supergraph = await asyncio.to_thread(file.read_if_changed)
            if supergraph is not None:
                swap(supergraph)
                _log.info("supergraph swapped", subgraphs=sorted(supergraph.subgraphs))
        except OperatorError as error:
            if str(error) != complaint:
                _log.error("supergraph not swapped", reason=str(error))
            complaint = str(error)
        except Exception:  # the old one goes on serving, whatever is wrong with the new one
            _log.exception("supergraph not swapped")
        else:
            complaint = "" if supergraph is not None else complaint
