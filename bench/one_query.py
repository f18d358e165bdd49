"""A server for one query: what the programs that were written by hand for it (`ceiling`, `devices`) have in common.

It leaves out what an engine must have and a program for one query need not: validation, variables, faults and their
paths, null propagation, limits, time-outs, request ids, metrics.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import orjson
import uvloop

from bench import wire
from bench.requests import Request
from bench.schemas import SUBGRAPHS, query
from bench.subgraphs import HOST

Object: TypeAlias = dict[str, Any]
#: Carries a request's body to a subgraph, and its answer's body back.
Send: TypeAlias = Callable[[str, bytes], Awaitable[bytes]]
#: Makes the whole answer to the bench query, anew each time.
Program: TypeAlias = Callable[[Send], Awaitable[bytes]]

_loads: Final = orjson.loads
_dumps: Final = orjson.dumps


def main(program: Program) -> None:
    """Serve `program` as the command line says: SUBGRAPHS_PORT PORT."""
    uvloop.run(_serve(program, int(sys.argv[1]), int(sys.argv[2])))


async def root(send: Send, request: Request) -> list[Object]:
    found: list[Object] = _loads(await send(request.subgraph, request.parts[0]))["data"][request.names[0]]
    return found


async def entities(send: Send, request: Request, *representations: list[Object]) -> list[list[Object]]:
    """What was found for each list of representations."""
    body: list[bytes] = []
    for part, some in zip(request.parts, representations, strict=True):
        body += part, _dumps(some)
    body.append(b"}}")
    data = _loads(await send(request.subgraph, b"".join(body)))["data"]
    return [data[name] for name in request.names]


class _Server:
    """Answers the bench query, and refuses every other."""

    def __init__(self, program: Program, subgraphs_port: int) -> None:
        self._program = program
        self._lines = wire.Lines(HOST, subgraphs_port)
        self._heads = {name: wire.post(f"/{name}", HOST, subgraphs_port) for name in SUBGRAPHS}
        self._query = query()
        self._running: set[asyncio.Task[None]] = set()

    def handle(self, connection: wire.Answering, target: bytes, body: bytes) -> None:
        if target != b"/graphql" or _loads(body).get("query") != self._query:
            connection.answer(b'{"errors":[{"message":"This program answers one query."}]}', 404)
            return
        task = asyncio.create_task(self._answer(connection))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, connection: wire.Answering) -> None:
        try:
            connection.answer(await self._program(self._send))
        except Exception as error:
            connection.answer(_dumps({"errors": [{"message": repr(error)}]}), 500)

    def _send(self, subgraph: str, body: bytes) -> Awaitable[bytes]:
        return self._lines.ask(b"%b%d\r\n\r\n%b" % (self._heads[subgraph], len(body), body))


async def _serve(program: Program, subgraphs_port: int, port: int) -> None:
    await wire.serve(_Server(program, subgraphs_port).handle, HOST, port)
    # Answers are trees without cycles: the collector finds nothing in them, and is not often asked to look.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    await asyncio.Event().wait()
