"""Serves one application: `python -m vereda.serving services.partners.app:create --host 127.0.0.1 --port 4001`.

The one place that knows the web server. It is told how to bind, logs nothing itself, gives no banner, and ends with
the process that started it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from vereda.errors import OperatorError
from vereda.http_protocol import BoundedProtocol

#: Set by the supervisor: this process shall end when its standard input ends.
WATCH_STDIN: Final = "VEREDA_WATCH_STDIN"
_GRACE_S: Final = 5


def configuration(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """How every process of ours serves: bounded, silent, without a banner, believing no proxy."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=75,
    )


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are given five seconds to finish."""
    server = uvicorn.Server(configuration(app, host, port))
    server.run()
    if not server.started:
        raise SystemExit(1)


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
