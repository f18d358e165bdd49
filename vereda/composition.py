"""`schema/`: the services' SDL printed from code, the supergraph composed from them, the API that clients see.

Composition needs Node (`@theguild/federation-composition`); checking that nothing is stale does not: the supergraph
carries the digest of what it was composed from.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from graphql import print_schema

from vereda.errors import OperatorError
from vereda.settings import SERVICES

FOLDER: Final = Path(__file__).parent.parent / "schema"
_DIGEST_LINE: Final = "# Composed from subgraphs with SHA-256 "
_ADDRESS: Final = "http://127.0.0.1:{port}/graphql"
_FIRST_PORT: Final = 4001


#: Where the schema of each subgraph is; the last one is the gateway's own.
_SCHEMAS: Final = {
    **{name: f"services.{name}.schema" for name in SERVICES},
    "accounts": "gateway.accounts.schema",
}


def subgraph_sdls() -> dict[str, str]:
    """The SDL of each subgraph, printed from its code."""
    modules: dict[str, Any] = {name: import_module(module) for name, module in _SCHEMAS.items()}
    return {name: module.schema.as_str().strip() + "\n" for name, module in modules.items()}


def stale_files() -> list[str]:
    """Files of `schema/` that do not say what the code says. Without Node; with it, composition is repeated."""
    sdls = subgraph_sdls()
    expected = {f"{name}.graphql": sdl for name, sdl in sdls.items()}
    supergraph = _read("supergraph.graphql")
    if not supergraph.startswith(_DIGEST_LINE + _digest(sdls)):
        return sorted(
            {name for name, text in expected.items() if _read(name) != text} | {"supergraph.graphql"}
        )
    expected["api.graphql"] = api_sdl(supergraph)
    if _can_compose():
        expected["supergraph.graphql"] = compose(sdls)
    return sorted(name for name, text in expected.items() if _read(name) != text)


def write_files() -> list[str]:
    """Print, compose and write all files of `schema/`; the names of those that changed.

    Raises: OperatorError when Node or the composition library is missing, or the subgraphs do not compose.
    """
    if not _can_compose():
        raise OperatorError(
            "Composing the supergraph needs Node 20 or later and its library: install Node, then run `make schema`."
        )
    sdls = subgraph_sdls()
    supergraph = compose(sdls)
    files = {f"{name}.graphql": sdl for name, sdl in sdls.items()}
    files |= {"supergraph.graphql": supergraph, "api.graphql": api_sdl(supergraph)}
    changed = [name for name, text in files.items() if _read(name) != text]
    for name in changed:
        (FOLDER / name).write_text(files[name])
    return changed


def compose(sdls: dict[str, str]) -> str:
    """The supergraph of the subgraphs. Raises: OperatorError, with what the composer says, when they don't compose."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = []
        for number, (name, sdl) in enumerate(sdls.items()):
            (Path(folder) / name).write_text(sdl)
            arguments.append(f"{name}={_ADDRESS.format(port=_FIRST_PORT + number)}={folder}/{name}")
        done = subprocess.run(  # noqa: S603
            ["node", str(FOLDER / "compose.mjs"), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    if done.returncode != 0:
        raise OperatorError(f"The subgraphs do not compose:\n{done.stderr.strip()}")
    return f"{_DIGEST_LINE}{_digest(sdls)}\n\n{done.stdout.strip()}\n"


def api_sdl(supergraph: str) -> str:
    """What clients of the gateway see."""
    gateway: Any = import_module("gateway.supergraph")
    return print_schema(gateway.load(supergraph).api_schema) + "\n"


def _can_compose() -> bool:
    return shutil.which("node") is not None and (FOLDER / "node_modules").is_dir()


def _read(name: str) -> str:
    path = FOLDER / name
    return path.read_text() if path.exists() else ""


def _digest(sdls: dict[str, str]) -> str:
    return hashlib.sha256("\x00".join(f"{name}\x00{sdl}" for name, sdl in sdls.items()).encode()).hexdigest()
