"""`vereda audit verify` over an export: what it prints, and with what status it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from vereda.audit.checkpoints import sign
from vereda.audit.entries import leaf_of
from vereda.audit.tree import Frontier
from vereda.cli import app
from vereda.errors import OperatorError
from vereda.keys import KeyRing

Change = Callable[[list[dict[str, Any]]], None]


def entry(number: int) -> dict[str, Any]:
    return {"id": f"entry {number}", "operation": "sendReferral", "mac": ""}


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


@pytest.fixture
def lines(ring: KeyRing) -> list[dict[str, Any]]:
    """An export of five entries, with a checkpoint at its end."""
    frontier, previous, leaves = Frontier(), None, []
    for number in range(5):
        previous = leaf_of(entry(number), number, previous)
        nodes = b"".join(frontier.add(previous)).hex()
        leaves.append({"type": "leaf", "sequence": number, "nodes": nodes, "entry": entry(number)})
    said = sign(ring, "grants", 5, frontier.root)
    signed = {"size": 5, "root": said.root.hex(), "statement": said.statement, "key": said.key}
    return [{"type": "audit", "service": "grants"}, {"type": "checkpoint", **signed}, *leaves]


def run(tmp_path: Path, lines: list[dict[str, Any]], *options: str) -> tuple[int, str]:
    (tmp_path / "log.ndjson").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    done = CliRunner().invoke(app, ["audit", "verify", "--file", str(tmp_path / "log.ndjson"), *options])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_a_whole_log_ends_with_0(tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    assert run(tmp_path, lines) == (0, "grants: 5 entries, whole\n")


def _change(lines: list[dict[str, Any]]) -> None:
    lines[3]["entry"]["operation"] = "nothing"


def _cut(lines: list[dict[str, Any]]) -> None:
    del lines[-2:]


def _exchange(lines: list[dict[str, Any]]) -> None:
    lines[3]["entry"], lines[4]["entry"] = lines[4]["entry"], lines[3]["entry"]


@pytest.mark.parametrize(
    ("change", "told"),
    [(_change, "ENTRY_CHANGED at 1"), (_cut, "END_MISSING at 5"), (_exchange, "ENTRY_CHANGED at 2")],
)
def test_r27_what_was_done_to_it_is_told_and_ends_with_1(
    tmp_path: Path, lines: list[dict[str, Any]], change: Change, told: str
) -> None:
    change(lines)

    status, output = run(tmp_path, lines)

    assert status == 1
    assert told in output


def test_findings_are_json_for_scripts(tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    _cut(lines)

    status, output = run(tmp_path, lines, "--json")

    found = {"entries": 3, "findings": [{"problem": "END_MISSING", "at": 5}]}
    assert (status, orjson.loads(output)) == (1, {"grants": found})


def test_r27_a_checkpoint_that_was_kept_must_hold(tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    (tmp_path / "kept.jws").write_text(lines[1]["statement"])
    del lines[1]  # whoever cut the end took the checkpoint away as well
    _cut(lines)
    keys = tmp_path / "keys.json"
    keys.write_bytes(orjson.dumps({"keys": KeyRing(tmp_path / "keys").public_jwks()["keys"]}))

    status, output = run(tmp_path, lines, "--checkpoint", str(tmp_path / "kept.jws"), "--keys", str(keys))

    assert (status, "END_MISSING at 5" in output) == (1, True)


def test_r27_a_checkpoint_of_another_key_is_refused(tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes(orjson.dumps({"keys": KeyRing(tmp_path / "other").public_jwks()["keys"]}))

    status, output = run(tmp_path, lines, "--keys", str(keys))

    assert (status, "CHECKPOINT_BROKEN at 5" in output) == (1, True)


def test_what_is_no_export_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="no export of an audit"):
        run(tmp_path, [{"no": "type"}])
