"""A server that nobody has a reason to ask: whoever was led there by a token, an assertion or a header, was led."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Canary:
    url: str = ""
    heard: list[bytes] = field(default_factory=list)
    """The beginning of what each connection said; of one that said nothing, nothing."""

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        position = len(self.heard)
        self.heard.append(b"")
        self.heard[position] = await reader.read(1000)
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Canary]:
    canary = Canary()
    server = await asyncio.start_server(canary.listen, "127.0.0.1", 0)
    canary.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield canary
    finally:
        server.close()
