"""Who asks for what is being fetched already waits for that instead of asking again.

Only for reads of one caller: the headers, which say who asks, are part of what must be equal. A write ends it: what is
asked after a write began is fetched anew, so that a caller always reads what it has written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping
from typing import Any, Generic, TypeVar

from gateway.transport.answer import SubgraphAnswer, Transport

_T = TypeVar("_T")


class _UnderWay(Generic[_T]):
    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[_T]) -> None:
        self.task = task
        self.waiting = 0


class InFlight(Generic[_T]):
    """Work under way, by what it is. It runs on as long as anyone waits for it."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _UnderWay[_T]] = {}

    async def share(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """The result, or the exception, of the work that is under way for `key`, or of `work`, begun now."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _UnderWay(asyncio.create_task(work()))
        found.waiting += 1
        try:
            return await asyncio.shield(found.task)
        finally:
            found.waiting -= 1
            if not found.waiting:
                found.task.cancel()
            if (not found.waiting or found.task.done()) and self._known.get(key) is found:
                del self._known[key]

    def forget(self) -> None:
        """Who asks from now on joins nothing that began before."""
        self._known.clear()


class SharedReads:
    """A transport that sends equal reads, which are under way at the same time, once."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._reads: InFlight[SubgraphAnswer] = InFlight()

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        """See `Transport.send`."""
        if repeatable:
            key = (subgraph, body, *headers.items())
            return await self._reads.share(key, lambda: self._send(subgraph, body, headers))
        self._reads.forget()
        try:
            return await self._transport.send(subgraph, body, headers, repeatable=False)
        finally:
            self._reads.forget()

    async def _send(self, subgraph: str, body: bytes, headers: Mapping[str, str]) -> SubgraphAnswer:
        return await self._transport.send(subgraph, body, headers)

    async def close(self) -> None:
        await self._transport.close()
