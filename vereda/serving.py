"""Serves one application: `python -m vereda.serving services.partners.app:create --host 127.0.0.1 --port 4001`.

The one place that knows the web server. It is told how to bind, logs nothing itself, gives no banner, and ends with
the process that started it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final, cast

import uvicorn
from starlette.types import ASGIApp

from vereda.draining import DRAINING
from vereda.errors import OperatorError
from vereda.http_protocol import holding
from vereda.settings import load_settings

#: Set by the supervisor: this process shall end when its standard input ends.
WATCH_STDIN: Final = "VEREDA_WATCH_STDIN"


#: Files that a process needs besides its connections: to subgraphs, to Postgres, logs, keys.
_OTHER_FILES: Final = 1_000


#: Connections that are accepted on one turn of the loop.
_ACCEPTED_AT_ONCE: Final = 16


def configuration(
    app: ASGIApp, host: str, port: int, grace_s: int = 5, connections: int = 2_000
) -> uvicorn.Config:
    """How every process of ours serves: bounded, silent, without a banner, believing no proxy.

    `grace_s`: for requests that are under way when it is to end. `connections`: that it holds open at the same time.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=holding(connections),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=grace_s,
        timeout_keep_alive=75,
    )


class Server(uvicorn.Server):
    """Told to end by SIGTERM it goes on serving for a while, not ready any more, before it closes its port.

    Balancers look at the readiness probe now and then: until they did, they send requests, which are answered. Each answer
    ends its connection. A second signal, or SIGINT, ends that at once.
    """

    def __init__(self, config: uvicorn.Config, drain_s: float) -> None:
        super().__init__(config)
        self._drain_s = drain_s
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        first = not DRAINING.begun
        DRAINING.begun = True
        if first and sig == signal.SIGTERM and self._drain_s:
            self._ends_at = time.monotonic() + self._drain_s
            for connection in tuple(self.server_state.connections):
                cycle = getattr(connection, "cycle", None)
                # An answer whose head is out did not say that it ends its connection: the next one on it will.
                if cycle is not None and not cycle.response_started:
                    cycle.keep_alive = False
            return
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Besides what the server does: accept several connections at a time.

        uvloop accepts one on each turn of its loop, for each socket that it listens on. With turns that are long, since much is
        under way, callers would wait unseen for seconds where they are to be told at once that there is no place: so it
        listens on the same socket several times.
        """
        await super().startup(sockets)
        loop = asyncio.get_running_loop()
        if not type(loop).__module__.startswith("uvloop") or not self.started:
            return
        made = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        protocol = partial(
            made,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        for listening in [one for server in self.servers for one in server.sockets]:
            for _ in range(_ACCEPTED_AT_ONCE - 1):
                again = socket.socket(fileno=os.dup(listening.fileno()))
                again.setblocking(False)
                self.servers.append(
                    await loop.create_server(protocol, sock=again, backlog=self.config.backlog)
                )

    async def on_tick(self, counter: int) -> bool:
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are given time to finish (`VEREDA_DRAIN_S`, `VEREDA_GRACE_S`)."""
    settings = load_settings()
    connections = room_for(settings.connections)
    server = Server(configuration(app, host, port, settings.grace_s, connections), settings.drain_s)
    server.run()
    if not server.started:
        raise SystemExit(1)


def room_for(connections: int) -> int:
    """How many connections the system lets this process hold, which is allowed as many open files as that takes.

    Without files left, nothing could be accepted, asked or written, whoever asked.
    """
    if sys.platform == "win32":
        return connections
    import resource

    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if files != resource.RLIM_INFINITY and files < wanted:
        files = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    if files == resource.RLIM_INFINITY:
        return connections
    return min(connections, max(files // 2, files - _OTHER_FILES))


def load(target: str) -> ASGIApp:
    """Import `package.module:factory` and call the factory."""
    module, _, name = target.partition(":")
    factory: Callable[[], ASGIApp] = getattr(importlib.import_module(module), name)
    return factory()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m vereda.serving")
    parser.add_argument("target")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    if os.environ.get(WATCH_STDIN):
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        serve(load(arguments.target), arguments.host, arguments.port)
    except OperatorError as error:
        print(error, file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None


def _end_with_stdin() -> None:
    """The supervisor holds the other end of our standard input; end-of-file means that it is gone."""
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
