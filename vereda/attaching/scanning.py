"""Looking for malware in what is attached: a port, and two adapters.

`none` looks at nothing, and says so of each attachment. `clamd` speaks ClamAV's INSTREAM (clamd(8)) over TCP; what is sent
is in clear, so that the daemon belongs on the same machine or network as the service.
"""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from enum import Enum
from typing import Final, Protocol
from urllib.parse import urlsplit

from vereda.errors import OperatorError
from vereda.settings import Settings

_CHUNK: Final = 64 * 1024
#: Less than Postgres lets a transaction stand idle, in which an attachment is scanned.
_WITHIN_S: Final = 20.0
_LONGEST_ANSWER: Final = 4096


class Verdict(Enum):
    CLEAN = "CLEAN"
    INFECTED = "INFECTED"
    #: It was not looked at: there is nothing to look with.
    NOT_SCANNED = "NOT_SCANNED"
    #: The scanner will not take it, today or tomorrow: it is too large for it, say.
    NOT_SCANNABLE = "NOT_SCANNABLE"


class ScannerAwayError(Exception):
    """The scanner did not answer, or not in its protocol: what was to be scanned waits."""


class Scanner(Protocol):
    async def scan(self, content: bytes) -> Verdict:
        """Raises: ScannerAwayError."""
        ...


class NoScanner:
    async def scan(self, content: bytes) -> Verdict:
        return Verdict.NOT_SCANNED


class ClamdScanner:
    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def scan(self, content: bytes) -> Verdict:
        try:
            async with asyncio.timeout(_WITHIN_S):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.LimitOverrunError) as error:
            raise ScannerAwayError(type(error).__name__) from None
        return _verdict(answer)

    async def _ask(self, content: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LONGEST_ANSWER)
        try:
            # One that has had enough answers before the end and closes: its answer counts then, not the broken pipe.
            with suppress(ConnectionError):
                writer.write(b"zINSTREAM\0")
                for at in range(0, len(content), _CHUNK):
                    chunk = content[at : at + _CHUNK]
                    writer.write(struct.pack(">I", len(chunk)) + chunk)
                    await writer.drain()
                writer.write(struct.pack(">I", 0))
                await writer.drain()
            try:
                return await reader.readuntil(b"\0")
            except asyncio.IncompleteReadError as error:
                return error.partial
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def _verdict(answer: bytes) -> Verdict:
    """`stream: OK`, `stream: <name> FOUND`, `<reason> ERROR`."""
    said = answer.rstrip(b"\0\n")
    if said == b"stream: OK":
        return Verdict.CLEAN
    if said.startswith(b"stream: ") and said.endswith(b" FOUND"):
        return Verdict.INFECTED
    if said.endswith(b" ERROR") and b"size limit exceeded" in said:
        return Verdict.NOT_SCANNABLE
    raise ScannerAwayError("no answer of the protocol")


def scanner_of(settings: Settings) -> Scanner:
    """The scanner that `VEREDA_ATTACHMENT_SCANNER` names. Raises: OperatorError when it names none."""
    if settings.attachment_scanner == "none":
        return NoScanner()
    address = urlsplit(settings.attachment_scanner)
    try:
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    if address.scheme != "clamd" or not host or port is None:
        raise OperatorError("VEREDA_ATTACHMENT_SCANNER must be `none`, or such as `clamd://127.0.0.1:3310`.")
    return ClamdScanner(host, port)
