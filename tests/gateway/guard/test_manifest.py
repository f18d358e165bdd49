"""A manifest of trusted documents: what is read, and when it is read anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gateway.guard.trusted import Manifest, named
from gateway.identity import Identity
from tests.gateway.oauth.conftest import Clock
from vereda.errors import OperatorError

NOBODY = Identity("nobody")


def written(path: Path, said: Any) -> Path:
    path.write_text(said if isinstance(said, str) else json.dumps(said))
    return path


@pytest.mark.parametrize(
    "said",
    [
        "{",
        "[]",
        '"x"',
        {"a": 1},
        {"format": "apollo-persisted-query-manifest", "operations": [{"id": "a"}]},
        {"format": "apollo-persisted-query-manifest", "operations": ["a"]},
    ],
)
def test_what_is_no_manifest_is_told_at_start(tmp_path: Path, said: Any) -> None:
    with pytest.raises(OperatorError, match=r"m\.json"):
        Manifest(written(tmp_path / "m.json", said))


def test_a_manifest_that_is_not_there_is_told_at_start(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        Manifest(tmp_path / "none.json")


async def test_a_hash_that_is_another_documents_leads_nowhere(tmp_path: Path) -> None:
    wrong = named("{ b }").removeprefix("sha256:")
    manifest = Manifest(written(tmp_path / "m.json", {wrong: "{ a }"}))

    assert await manifest.text(named("{ b }"), NOBODY) is None
    assert await manifest.text(named("{ a }"), NOBODY) == "{ a }"


async def test_a_changed_file_is_read_within_a_second_and_a_broken_one_changes_nothing(
    tmp_path: Path,
) -> None:
    clock, path = Clock(), tmp_path / "m.json"
    manifest = Manifest(written(path, {"one": "{ a }"}), clock=clock)

    os.utime(written(path, {"two": "{ b }"}), (1, 1))
    before = await manifest.text("two", NOBODY)
    clock.at = 1.0
    after = await manifest.text("two", NOBODY), await manifest.text("one", NOBODY)
    written(path, "{ broken")
    clock.at = 2.0
    broken = await manifest.text("two", NOBODY)
    path.unlink()
    clock.at = 3.0

    assert before is None
    assert after == ("{ b }", None)
    assert broken == "{ b }"
    assert await manifest.text("two", NOBODY) == "{ b }"
