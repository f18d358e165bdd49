"""A mail server for tests, on loopback: as much of SMTP (RFC 5321) as a client that sends needs.

With TLS from the first byte (RFC 8314 §3.3) or by STARTTLS (RFC 3207), and AUTH PLAIN (RFC 4954, RFC 4616), which it
offers under TLS alone. `turns` says what it does in the next sessions instead of taking the mail.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.certificates import server_context

HOST = "localhost"
#: What a session may do: its code in answer to a command, in place of 250.
TurnDown = tuple[str, int]
HANG_UP: TurnDown = ("EHLO", 0)


@dataclass
class Delivery:
    sender: str
    recipients: list[str]
    content: bytes
    encrypted: bool
    user: str | None


@dataclass
class MailServer:
    folder: Path
    implicit_tls: bool = True
    offers_starttls: bool = True
    accounts: dict[str, str] = field(default_factory=lambda: {"network": "p@ss/word:1"})
    turns: list[TurnDown] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    """All that was said to it, but the mails' own text."""
    port: int = 0

    def __post_init__(self) -> None:
        self._context, self.certificate = server_context(self.folder, HOST)

    @property
    def trust(self) -> ssl.SSLContext:
        """For a client that trusts this server."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[MailServer]:
        tls = self._context if self.implicit_tls else None
        server = await asyncio.start_server(self._session, "127.0.0.1", self.port, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        turn = self.turns.pop(0) if self.turns else None
        try:
            await _Session(self, reader, writer, turn).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client went
        finally:
            writer.close()


class _Session:
    def __init__(
        self,
        server: MailServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        turn: TurnDown | None,
    ) -> None:
        self.server, self.reader, self.writer, self.turn = server, reader, writer, turn
        self.encrypted = server.implicit_tls
        self.delivery = Delivery("", [], b"", self.encrypted, None)

    async def run(self) -> None:
        await self.say("220 test")
        while True:
            line = (await self.reader.readuntil(b"\r\n")).decode().rstrip("\r\n")
            command, _, argument = line.partition(" ")
            command = command.upper()
            self.server.commands.append(f"{command} {argument}".strip())
            if self.turn is not None and self.turn[0] == command:
                if not self.turn[1]:
                    return
                await self.say(f"{self.turn[1]} not now, <somebody@clinic.example.org>")
            elif not await getattr(self, f"on_{command.lower()}", self.unknown)(argument):
                return

    async def say(self, *lines: str) -> bool:
        code = lines[0][:3]
        for number, line in enumerate(lines):
            rest = line[4:] if number == 0 else line
            self.writer.write(f"{code}{' ' if number == len(lines) - 1 else '-'}{rest}\r\n".encode())
        await self.writer.drain()
        return True

    async def unknown(self, _argument: str) -> bool:
        return await self.say("502 what?")

    async def on_ehlo(self, _argument: str) -> bool:
        if self.encrypted:
            return await self.say("250 test", "AUTH PLAIN")
        return await self.say("250 test", *(["STARTTLS"] if self.server.offers_starttls else ["SIZE"]))

    async def on_starttls(self, _argument: str) -> bool:
        await self.say("220 go")
        await self.writer.start_tls(self.server._context)
        self.encrypted = self.delivery.encrypted = True
        return True

    async def on_auth(self, argument: str) -> bool:
        _, user, password = base64.b64decode(argument.partition(" ")[2]).decode().split("\x00")
        if self.server.accounts.get(user) != password:
            return await self.say("535 no")
        self.delivery.user = user
        return await self.say("235 yes")

    async def on_mail(self, argument: str) -> bool:
        self.delivery.sender = argument
        return await self.say("250 ok")

    async def on_rcpt(self, argument: str) -> bool:
        self.delivery.recipients.append(argument)
        return await self.say("250 ok")

    async def on_rset(self, _argument: str) -> bool:
        return await self.say("250 ok")

    async def on_data(self, _argument: str) -> bool:
        await self.say("354 go on")
        content = await self.reader.readuntil(b"\r\n.\r\n")
        self.delivery.content = content.removesuffix(b".\r\n")
        self.server.deliveries.append(self.delivery)
        return await self.say("250 taken")

    async def on_quit(self, _argument: str) -> bool:
        await self.say("221 bye")
        return False
