"""Hearing from Postgres (LISTEN) that something is there to do or to read.

A notification saves waiting and is not the truth: it is lost with the connection that it was to come by. So whoever hears
looks in the tables, and looks now and then without having heard; after a connection was made anew everybody is woken.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import asyncpg

from vereda.database import Database, plain_url
from vereda.telemetry import logger, report

#: Called with a notification's payload; with None where some may have been lost.
Hear = Callable[[str | None], None]

_AGAIN_AFTER_S: Final = (0.2, 1.0, 5.0)


class Listener:
    """One connection of a process that listens on `channels`, from `begin` to `end`."""

    def __init__(self, database: Database, channels: Iterable[str]) -> None:
        self._channels = tuple(channels)
        self._url = plain_url(database.requests.url.render_as_string(hide_password=False))
        self._heard: defaultdict[str, set[Hear]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._connection: Any = None
        self._log = logger("listening")

    def begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._keep_listening())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @contextmanager
    def hearing(self, channel: str, hear: Hear) -> Iterator[None]:
        """While within, `hear` is called for each notification on `channel`, on the event loop; it must not block."""
        self._heard[channel].add(hear)
        try:
            yield
        finally:
            self._heard[channel].discard(hear)

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            try:
                await self._listen()
                failures = 0
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                report(self._log, error)
                failures += 1
            await asyncio.sleep(_AGAIN_AFTER_S[min(failures, len(_AGAIN_AFTER_S) - 1)])

    async def _listen(self) -> None:
        """Until the connection is lost."""
        connection = await asyncpg.connect(
            self._url, timeout=5, server_settings={"application_name": "vereda-listener"}
        )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._notified)
            for channel in self._channels:
                self._wake(channel, None)
            await lost.wait()
        finally:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncio.TimeoutError):
                await connection.close(timeout=1)

    def _notified(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        self._wake(channel, str(payload))

    def _wake(self, channel: str, payload: str | None) -> None:
        for hear in tuple(self._heard[channel]):
            hear(payload)
