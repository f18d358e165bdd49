"""Composes the supergraph of each folder: `python -m tests.federation.compose` (needs Node).

A supergraph carries the digest of the subgraphs that it was composed from, so that a test can tell, without Node,
when it is stale. One that is written by hand, because no composition at hand writes it, says so in its first line.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
SUPERGRAPH: Final = "supergraph.graphql"
BY_HAND: Final = "# Written by hand: "
_DIGEST_LINE: Final = "# Composed from subgraphs with SHA-256 "
_COMPOSER: Final = FOLDER.parent.parent / "schema" / "compose.mjs"


def folders() -> list[Path]:
    """The folders of the suite's features, and that of the graph which tests/attacks attacks."""
    return sorted(
        path.parent for path in (*FOLDER.glob("*/data.py"), *FOLDER.parent.glob("attacks/*/data.py"))
    )


def sources(folder: Path) -> dict[str, str]:
    """The SDL of each subgraph of a folder, by name."""
    return {
        path.stem: path.read_text() for path in sorted(folder.glob("*.graphql")) if path.name != SUPERGRAPH
    }


def is_stale(folder: Path) -> bool:
    """Whether a folder's supergraph was composed from other subgraphs than those that are there."""
    file = folder / SUPERGRAPH
    if not file.exists():
        return True
    written = file.read_text()
    return not written.startswith((BY_HAND, _first_line(sources(folder))))


def compose(folder: Path) -> str:
    """The supergraph of a folder's subgraphs. Raises: RuntimeError, with what the composer says."""
    sdls = sources(folder)
    arguments = [f"{name}=http://127.0.0.1:9/{name}={folder / name}.graphql" for name in sdls]
    done = subprocess.run(
        ["node", str(_COMPOSER), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"The subgraphs of {folder.name} do not compose:\n{done.stderr.strip()}")
    return f"{_first_line(sdls)}\n\n{done.stdout.strip()}\n"


def main(names: list[str]) -> int:
    """Compose the folders of these names, or all; those written by hand are left alone."""
    failed = 0
    for folder in folders():
        file = folder / SUPERGRAPH
        by_hand = file.exists() and file.read_text().startswith(BY_HAND)
        if by_hand or (names and folder.name not in names):
            continue
        try:
            composed = compose(folder)
        except RuntimeError as error:
            failed = 1
            print(error, file=sys.stderr)
            continue
        if not file.exists() or file.read_text() != composed:
            file.write_text(composed)
            print(f"wrote {folder.name}/{SUPERGRAPH}")
    return failed


def _first_line(sdls: Mapping[str, str]) -> str:
    text = "\x00".join(f"{name}\x00{sdl}" for name, sdl in sdls.items())
    return _DIGEST_LINE + hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
