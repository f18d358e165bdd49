"""A stand-in for ClamAV's daemon: speaks INSTREAM (clamd(8)) on loopback, and finds the EICAR test file."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: The industry's harmless test file, in two pieces so that this source is not taken for one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clamd:
    """`answer`, where it is set, is said instead of what was found; `largest`: more is refused before its end."""

    answer: bytes | None = None
    largest: int = 1 << 20
    seen: list[bytes] = field(default_factory=list)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
            if len(content) > self.largest:
                break
        self.seen.append(content)
        writer.write(self.answer if self.answer is not None else self._found(content))
        await writer.drain()
        writer.close()

    def _found(self, content: bytes) -> bytes:
        if len(content) > self.largest:
            return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Its address, as the setting names it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"clamd://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            await server.wait_closed()
