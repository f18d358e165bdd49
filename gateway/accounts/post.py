"""Links that go to people by mail: an administrator asks for them, and never gets to see them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Protocol
from uuid import UUID


class Mailer(Protocol):
    @property
    def works(self) -> bool:
        """Whether there is anywhere to send mails by."""
        ...


class Letters(Protocol):
    """Writes to people."""

    @property
    def mailer(self) -> Mailer: ...

    async def join(self, person: UUID, token: str) -> None: ...

    async def new_password(self, person: UUID, token: str) -> None: ...


class Post:
    """Sends letters after the answer: a mail server may take its time."""

    def __init__(self, letters: Letters | None) -> None:
        self._letters = letters
        self._under_way: Final[set[asyncio.Task[None]]] = set()

    @property
    def goes_out(self) -> bool:
        """Whether there is anywhere to send mails by."""
        return self._letters is not None and self._letters.mailer.works

    def invitation(self, person: UUID, token: str) -> bool:
        """Send somebody the link by which they join; whether it can be sent at all."""
        return self._letters is not None and self._send(self._letters, self._letters.join(person, token))

    def new_password(self, person: UUID, token: str) -> bool:
        """Send somebody the link by which they set a new password; whether it can be sent at all."""
        return self._letters is not None and self._send(
            self._letters, self._letters.new_password(person, token)
        )

    async def sent(self) -> None:
        """Wait until all letters are on their way."""
        await asyncio.gather(*self._under_way)

    def _send(self, letters: Letters, letter: Coroutine[Any, Any, None]) -> bool:
        if not letters.mailer.works:
            letter.close()
            return False
        task = asyncio.create_task(letter)
        self._under_way.add(task)  # the event loop itself keeps no task alive
        task.add_done_callback(self._under_way.discard)
        return True
