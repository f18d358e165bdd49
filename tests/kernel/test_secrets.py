"""Secrets make themselves once, are readable by their owner alone, and say so when they cannot."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vereda.errors import OperatorError
from vereda.secrets import Secrets


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    first = Secrets(tmp_path / "secrets").get("postgres")

    assert Secrets(tmp_path / "secrets").get("postgres") == first
    assert len(first) >= 43  # 256 bits in base64url


def test_secrets_of_other_names_and_other_places_differ(tmp_path: Path) -> None:
    made = [Secrets(tmp_path / folder).get(name) for folder in ("here", "there") for name in ("a", "b")]

    assert len(set(made)) == 4


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "state" / "secrets")
    secrets.get("master")

    assert mode(secrets.folder) == 0o700
    assert mode(secrets.folder / "master") == 0o600


def test_nothing_but_the_secrets_is_left_in_the_folder(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    secrets.get("one")
    secrets.get("two")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_threads_that_need_a_secret_first_at_the_same_moment_agree(tmp_path: Path) -> None:
    for number in range(20):
        together = threading.Barrier(8)
        seen: list[str] = []

        def ask(
            name: str = str(number), together: threading.Barrier = together, seen: list[str] = seen
        ) -> None:
            together.wait()
            seen.append(Secrets(tmp_path).get(name))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(seen) == 8
        assert len(set(seen)) == 1


def test_processes_that_need_a_secret_first_at_the_same_moment_agree(tmp_path: Path) -> None:
    ask = (
        "import sys; from pathlib import Path; from vereda.secrets import Secrets; sys.stdin.readline();"
        " print(Secrets(Path(sys.argv[1])).get('shared'))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ask, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = {process.communicate("go\n")[0] for process in processes}

    assert answers == {Secrets(tmp_path).get("shared") + "\n"}


def test_a_place_that_is_no_folder_is_told_to_the_operator(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("in the way")

    with pytest.raises(OperatorError, match="set VEREDA_HOME to a folder that you may write to"):
        Secrets(tmp_path / "secrets").get("postgres")


def test_a_secret_that_cannot_be_read_is_told_to_the_operator(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()

    with pytest.raises(OperatorError, match="cannot be used"):
        Secrets(tmp_path).get("postgres")


def test_an_empty_secret_is_refused_rather_than_used(tmp_path: Path) -> None:
    (tmp_path / "master").touch()

    with pytest.raises(OperatorError, match="is empty"):
        Secrets(tmp_path).get("master")
