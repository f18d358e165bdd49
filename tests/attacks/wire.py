"""HTTP by hand: requests are sent as they are, also those that no client would send."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

#: A server that has not answered by then hangs.
PATIENCE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A request. `Host`, `Content-Length` and `Connection: close` are added where it has none."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def having(self, **headers: str) -> Sent:
        """With more headers, `_` standing for `-`; those that it has already stay as they are."""
        added = {name.replace("_", "-"): value for name, value in headers.items()}
        said = {name.lower() for name in self.headers}
        kept = {name: value for name, value in added.items() if name.lower() not in said}
        return replace(self, headers={**self.headers, **kept})

    def encode(self, host: str) -> bytes:
        whole = self.having(Host=host, Connection="close")
        if self.body:
            whole = whole.having(Content_Length=str(len(self.body)))
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in whole.headers.items()]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    raw: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The value of a header, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")

    def json(self) -> Any:
        assert self.header("content-type").partition(";")[0] in (
            "application/json",
            "application/graphql-response+json",
        ), self.raw[:500]
        return json.loads(self.body)


async def exchange(host: str, port: int, *parts: bytes) -> bytes:
    """Everything that the server says to these bytes until it closes the connection.

    Raises: TimeoutError when it does neither.
    """
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection(host, port)
        reading = asyncio.create_task(_to_the_end(reader))
        try:
            for part in parts:
                writer.write(part)
                with contextlib.suppress(ConnectionError):  # it may have heard enough
                    await writer.drain()
            return await reading
        finally:
            reading.cancel()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def answers(raw: bytes) -> list[Answer]:
    """The answers in what a server said. Chunked ones are not read: ours says how long it is."""
    found = []
    while raw:
        head, separator, rest = raw.partition(b"\r\n\r\n")
        assert separator, f"no HTTP: {raw[:200]!r}"
        status, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in lines]
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
        length = int(dict(headers).get("content-length", len(rest)))
        found.append(Answer(int(status.split(" ")[1]), headers, rest[:length], raw))
        raw = rest[length:]
    return found


async def _to_the_end(reader: asyncio.StreamReader) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            said += chunk
    return said
