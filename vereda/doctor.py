"""What Vereda needs on a machine, looked at one by one."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from dataclasses import dataclass
from typing import Final

from vereda.settings import SERVICES, Running, Settings

_OLDEST_PYTHON: Final = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    text: str
    optional: bool = False


def examine(settings: Settings) -> list[Finding]:
    """Everything that was looked at, in the order in which one would mend it."""
    running = Running.read(settings)
    return [
        _python(),
        _home(settings),
        _postgres(settings),
        *([_running(running)] if running.gateway_url else _ports(settings)),
        _node(),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(sys.version_info >= _OLDEST_PYTHON, f"Python {version} (3.11 or later is needed)")


def _home(settings: Settings) -> Finding:
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    ok = os.access(folder, os.W_OK)
    return Finding(
        ok, f"State folder {settings.home} {'can' if ok else 'cannot'} be written to (VEREDA_HOME)"
    )


def _postgres(settings: Settings) -> Finding:
    if settings.database_url:
        return Finding(
            True, "Postgres: the server of VEREDA_DATABASE_URL; `vereda up` says whether it can be reached"
        )
    return Finding(True, "Postgres: embedded, in the state folder")


def _running(running: Running) -> Finding:
    return Finding(True, f"The network runs at {running.gateway_url}")


def _ports(settings: Settings) -> list[Finding]:
    wanted = {"gateway": settings.port} | {name: settings.service_port(name) for name in SERVICES}
    findings = []
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken = probe.connect_ex(("127.0.0.1", port)) == 0
        findings.append(
            Finding(not taken, f"Port {port} for {name} is {'taken' if taken else 'free'} (VEREDA_PORT)")
        )
    return findings


def _node() -> Finding:
    found = shutil.which("node")
    text = "Node, for `make schema`" + ("" if found else ": not found; nothing else needs it")
    return Finding(found is not None, text, optional=True)
