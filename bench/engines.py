"""What is measured beside each other, and how each is started: one process, in production mode, nothing logged to
anybody but where that is its default."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.schemas import FOLDER
from bench.subgraphs import HOST, PORT

PEERS: Final = Path(__file__).parent / "peers"
SUPERGRAPH: Final = FOLDER / "supergraph.graphql"
_VEREDA: Final = Path(sys.executable).parent / "vereda"
_HIVE: Final = PEERS / "node_modules" / "@graphql-hive" / "gateway" / "dist" / "bin.js"

OURS: Final = "Vereda"
CEILING: Final = "The plan by hand"
DEVICES: Final = "By hand, engine's devices"
HIVE_RUST: Final = "Hive Gateway, Rust planner"
HIVE: Final = "Hive Gateway"
APOLLO: Final = "Apollo Gateway"


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    port: int
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    authorize: Callable[[], str] | None = None
    """Gives what the Authorization header says, once the engine answers."""

    def shown(self) -> str:
        """The command as one would type it, from the repository's root."""
        root = f"{PEERS.parent.parent}{os.sep}"
        parts = [part.replace(root, "").replace(sys.executable, "python") for part in self.command]
        node = shutil.which("node")
        parts = ["node" if part == node else part for part in parts]
        return " ".join([f"{name}={value}" for name, value in self.environment.items()] + parts)


def gateway(port: int, supergraph: Path = SUPERGRAPH, *options: str) -> Engine:
    """This gateway, exactly as anybody starts it."""
    command = (
        str(_VEREDA),
        "gateway",
        "--supergraph",
        str(supergraph),
        "--port",
        str(port),
        "--auth",
        "none",
    )
    return Engine(OURS, port, (*command, *options))


def without_dedupe(first_port: int) -> tuple[list[Engine], list[str]]:
    """The engines of the main comparison, and why others are missing."""
    by_hand = [
        _by_hand(CEILING, "bench.ceiling", first_port + 1),
        _by_hand(DEVICES, "bench.devices", first_port + 2),
    ]
    missing = _peers_missing()
    peers = [] if missing else _peers(first_port + 3, dedupe=False)
    return [gateway(first_port), *by_hand, *peers], missing


def with_dedupe(first_port: int) -> tuple[list[Engine], list[str]]:
    """Those engines that can do at once what is asked twice, told to. Apollo Gateway has nothing of the kind."""
    missing = _peers_missing()
    peers = [] if missing else [each for each in _peers(first_port + 1, dedupe=True) if each.name != APOLLO]
    if not _knows_dedupe():
        return peers, [*missing, "this gateway has no option --dedupe"]
    return [gateway(first_port, SUPERGRAPH, "--dedupe"), *peers], missing


def _by_hand(name: str, module: str, port: int) -> Engine:
    return Engine(name, port, (sys.executable, "-m", module, str(PORT), str(port)))


def _peers(first_port: int, *, dedupe: bool) -> list[Engine]:
    node = shutil.which("node") or "node"
    environment = {"NODE_ENV": "production", "DEDUPE": "1" if dedupe else "0"}

    def hive(name: str, port: int, runtime: str) -> Engine:
        options = ("--config-path", str(PEERS / "hive.config.mjs"), "--fork", "1", "--host", HOST)
        command = (node, str(_HIVE), "supergraph", str(SUPERGRAPH), *options, "--port", str(port), runtime)
        return Engine(name, port, command, environment)

    apollo = (node, str(PEERS / "apollo.mjs"), str(SUPERGRAPH), str(first_port + 2))
    return [
        hive(HIVE_RUST, first_port, "--hive-router-runtime"),
        hive(HIVE, first_port + 1, "--jit"),
        Engine(APOLLO, first_port + 2, apollo, {"NODE_ENV": "production"}),
    ]


def _peers_missing() -> list[str]:
    if shutil.which("node") is None:
        return ["there is no Node on this machine, so no peer was measured"]
    if not _HIVE.exists():
        return ["the peers are not installed (`npm ci` in bench/peers), so none was measured"]
    return []


def _knows_dedupe() -> bool:
    told = subprocess.run(
        (str(_VEREDA), "gateway", "--help"),
        capture_output=True,
        check=False,
        env=os.environ | {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"},
    )
    return b"--dedupe" in told.stdout


def versions() -> dict[str, str]:
    """Of the peers, as installed."""
    found: dict[str, str] = {}
    for name in (
        "@graphql-hive/gateway",
        "@graphql-hive/router-runtime",
        "@apollo/gateway",
        "@apollo/server",
    ):
        file = PEERS / "node_modules" / name / "package.json"
        if file.exists():
            found[name] = json.loads(file.read_text())["version"]
    if node := shutil.which("node"):
        told = subprocess.run((node, "--version"), capture_output=True, text=True, check=False)
        found["Node"] = told.stdout.strip().lstrip("v")
    return found
