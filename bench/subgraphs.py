"""All subgraphs of a measurement in one process: `python -m bench.subgraphs PORT`.

Every request is executed by graphql-core, whatever it asks, and its answer is kept by the request's exact bytes. An
engine that sends the same requests again therefore waits for a dictionary and a socket, and what is measured is the
engine. What an engine asks differently from another is executed once and kept as well.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Mapping
from typing import Final

import orjson
import uvloop
from graphql import GraphQLSchema

from bench import wire
from bench.growing import growing_schemas
from bench.schemas import answer, subgraph_schemas

HOST: Final = "127.0.0.1"
#: Where the committed supergraph says that the subgraphs are.
PORT: Final = 14_710

#: A target that tells how many requests there were, itself left out.
ASKED: Final = b"/asked"

#: Bytes of answers that are kept.
_MOST_KEPT: Final = 256 * 1024 * 1024


class Subgraphs:
    """Answers by target (`/people`), from what is kept or by executing."""

    def __init__(self, schemas: Mapping[str, GraphQLSchema]) -> None:
        self._schemas = {f"/{name}".encode(): schema for name, schema in schemas.items()}
        self._kept: dict[tuple[bytes, bytes], bytes] = {}
        self._size = 0
        self.asked = self.executed = 0

    def handle(self, connection: wire.Answering, target: bytes, body: bytes) -> None:
        self.asked += 1
        kept = self._kept.get((target, body))
        if kept is not None:
            connection.answer(kept)
        elif target in self._schemas:
            connection.answer(self._execute(target, body))
        elif target == ASKED:
            self.asked -= 1
            connection.answer(b"%d" % self.asked)
        else:
            connection.answer(b"{}", 404)

    def _execute(self, target: bytes, body: bytes) -> bytes:
        result = orjson.dumps(answer(self._schemas[target], orjson.loads(body)))
        self.executed += 1
        self._size += len(result) + len(body)
        if self._size <= _MOST_KEPT:
            self._kept[target, body] = result
        return result


async def _serve(port: int) -> None:
    subgraphs = Subgraphs(subgraph_schemas() | growing_schemas())
    await wire.serve(subgraphs.handle, HOST, port)
    print("ready", flush=True)
    gc.freeze()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]) if len(sys.argv) > 1 else PORT))
