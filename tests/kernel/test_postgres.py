"""The embedded server keeps to its folder: a socket, a password, and what was committed, however it ended."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from vereda.errors import OperatorError
from vereda.postgres import EmbeddedPostgres
from vereda.secrets import Secrets

#: Small and quick to start; unlike the session's server it keeps what was committed.
SMALL = {"shared_buffers": "1MB", "max_connections": "10", "max_wal_senders": "0"}


async def ask(url: str, *statements: str) -> Any:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


def server_over(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, Secrets(folder.parent / "secrets"), settings=SMALL)


@pytest_asyncio.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a table in it; no server runs over it."""
    folder = tmp_path_factory.mktemp("own") / "postgres"
    server = server_over(folder)
    await server.start()
    await ask(server.admin_url, "CREATE TABLE kept AS SELECT 7 AS n")
    await server.stop()
    return folder


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = server_over(folder)
    yield server
    await server.stop()


async def test_it_listens_on_its_socket_alone(postgres: EmbeddedPostgres) -> None:
    assert await ask(postgres.admin_url, "SHOW listen_addresses") == ""
    assert await ask(postgres.admin_url, "SELECT inet_server_addr()") is None


@pytest.mark.parametrize("password", ["", "postgres", "wrong"])
async def test_nobody_gets_in_without_the_password(postgres: EmbeddedPostgres, password: str) -> None:
    url = make_url(postgres.admin_url).set(password=password).render_as_string(hide_password=False)

    with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InterfaceError)):
        await ask(url, "SELECT 1")


async def test_passwords_are_kept_as_scram_verifiers(postgres: EmbeddedPostgres) -> None:
    kept = await ask(postgres.admin_url, "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'")

    assert kept.startswith("SCRAM-SHA-256$")


async def test_only_the_owner_can_look_into_the_data(postgres: EmbeddedPostgres) -> None:
    assert stat.S_IMODE(postgres.data.stat().st_mode) == 0o700
    assert not (postgres.data.parent / "initial-password").exists()


async def test_the_password_is_in_no_log(postgres: EmbeddedPostgres) -> None:
    password = make_url(postgres.admin_url).password

    assert isinstance(password, str)
    assert password not in postgres.log_file.read_text()


async def test_a_server_that_was_stopped_starts_again_with_its_data(server: EmbeddedPostgres) -> None:
    await server.start()

    assert await ask(server.admin_url, "SELECT n FROM kept") == 7


async def test_a_server_that_was_killed_starts_again_with_what_was_committed(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    await ask(server.admin_url, "UPDATE kept SET n = n")
    await ask(server.admin_url, "CREATE TABLE IF NOT EXISTS committed AS SELECT 1 AS n")
    assert server.pid is not None

    os.kill(server.pid, signal.SIGKILL)
    assert await server.wait() == -signal.SIGKILL
    await server.start()

    assert await ask(server.admin_url, "SELECT n FROM committed", "SELECT n FROM kept") == 7


async def test_a_number_left_by_a_killed_server_may_belong_to_anybody_now(
    server: EmbeddedPostgres, folder: Path
) -> None:
    """As in a container that was killed and started again: there our own process has a small number, too."""
    left = [str(os.getpid()), str(server.data), "1700000000", "5432", str(folder), "", "", "stopping"]
    (server.data / "postmaster.pid").write_text("\n".join(left))

    await server.start()

    assert await ask(server.admin_url, "SELECT n FROM kept") == 7


async def test_a_second_start_over_a_folder_in_use_waits_for_the_first(
    server: EmbeddedPostgres, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.start()
    monkeypatch.setattr("vereda.postgres._STOP_S", 0.2)

    with pytest.raises(OperatorError, match=r"Another Postgres \(process \d+\) is using"):
        await server_over(folder).start()

    assert await ask(server.admin_url, "SELECT n FROM kept") == 7


async def test_to_stop_what_does_not_run_is_nothing(folder: Path) -> None:
    await server_over(folder).stop()


async def test_a_password_that_does_not_fit_the_data_is_told_to_the_operator(
    folder: Path, tmp_path: Path
) -> None:
    other = EmbeddedPostgres(folder, Secrets(tmp_path), settings=SMALL)

    with pytest.raises(OperatorError, match="does not accept the password that is kept in VEREDA_HOME"):
        await other.start()

    assert other.pid is not None
    with pytest.raises(ProcessLookupError):  # the server that was tried does not stay behind
        os.kill(other.pid, 0)


async def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "diary.txt").write_text("mine")

    with pytest.raises(OperatorError, match="holds files, but no Postgres database"):
        await server_over(tmp_path).start()

    assert [path.name for path in (tmp_path / "data").iterdir()] == ["diary.txt"]


async def test_a_place_that_is_no_folder_is_told_to_the_operator(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "secrets")
    (tmp_path / "postgres").write_text("in the way")

    with pytest.raises(OperatorError, match="set VEREDA_HOME to a folder that you may write to"):
        await EmbeddedPostgres(tmp_path / "postgres", secrets).start()


async def test_settings_that_postgres_refuses_are_told_in_its_words(folder: Path) -> None:
    secrets = Secrets(folder.parent / "secrets")

    with pytest.raises(OperatorError, match="max_connections"):
        await EmbeddedPostgres(folder, secrets, settings={"max_connections": "none"}).start()


def test_a_deep_folder_gets_a_socket_with_a_short_path(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)

    one, again = server_over(deep), server_over(deep)
    path = make_url(one.admin_url).query["host"]

    assert one.admin_url == again.admin_url
    assert isinstance(path, str)
    assert len(f"{path}/.s.PGSQL.5432") <= 103
