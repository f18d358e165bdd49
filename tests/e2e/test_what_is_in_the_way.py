"""What stands in the way of a start is said in one sentence, with a non-zero exit."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.running import RunningNetwork

pytestmark = pytest.mark.processes


async def refused(network: RunningNetwork) -> str:
    """What it says before it gives up."""
    await network.launch()
    status = await network.ended()
    said = [line for line in network.output.splitlines() if not line.startswith(("vereda  ", "postgres "))]
    assert status == 1
    assert "Traceback" not in network.output
    assert len(said) == 1, network.output
    return said[0]


async def test_a_port_in_use(tmp_path: Path) -> None:
    network = RunningNetwork(tmp_path / "home")
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", network.port + 2))
        occupant.listen()

        said = await refused(network)

    assert f"Port {network.port + 2}" in said
    assert "referrals" in said
    assert "VEREDA_PORT" in said


async def test_a_state_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")

    assert "VEREDA_HOME" in await refused(RunningNetwork(tmp_path / "home"))


async def test_a_data_folder_with_something_else_in_it(tmp_path: Path) -> None:
    data = tmp_path / "home" / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "holiday.jpg").write_text("not a database")

    assert "holds files, but no Postgres database" in await refused(RunningNetwork(tmp_path / "home"))
    assert (data / "holiday.jpg").exists()


async def test_a_broken_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "home" / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")

    said = await refused(RunningNetwork(tmp_path / "home"))

    assert "postgres" in said.lower()


async def test_a_database_out_of_reach(tmp_path: Path) -> None:
    network = RunningNetwork(tmp_path / "home", VEREDA_DATABASE_URL="postgresql://me:hidden@127.0.0.1:1/x")

    said = await refused(network)

    assert "127.0.0.1:1" in said
    assert "hidden" not in network.output


async def test_a_setting_that_makes_no_sense(tmp_path: Path) -> None:
    said = await refused(RunningNetwork(tmp_path / "home", VEREDA_DATABASE_POOL="many"))

    assert "VEREDA_DATABASE_POOL" in said


async def test_a_second_network_in_one_state_folder(network: RunningNetwork) -> None:
    assert "already runs" in await refused(RunningNetwork(network.home))
