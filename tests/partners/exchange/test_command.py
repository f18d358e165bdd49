"""The commands: what they print and the status with which they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.partners.exchange.command import run_export, run_import
from tests.partners.exchange.packages import package, write_folder
from tests.partners.exchange.reader import Directory

BAD = package(phones=[{"id": "f1", "service_id": "s9", "number": "555 0100"}])


@pytest.fixture
def _running(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    url = directory.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("VEREDA_PARTNERS_DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.usefixtures("_running")
async def test_a_whole_package_ends_with_0_and_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = await run_import(
        write_folder(tmp_path / "sol", package()), None, strict=False, dry_run=False, as_json=False
    )

    printed = capsys.readouterr().out
    assert status == 0
    assert "Imported from sol" in printed
    assert "organizations" in printed


@pytest.mark.usefixtures("_running")
async def test_refused_rows_end_with_2_and_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = await run_import(
        write_folder(tmp_path / "sol", BAD), None, strict=False, dry_run=False, as_json=False
    )

    printed = capsys.readouterr().out
    assert status == 2
    assert "phones.csv" in printed
    assert "refers to a service that is not in the package" in printed


@pytest.mark.usefixtures("_running")
async def test_a_strict_refusal_ends_with_1(
    directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = await run_import(
        write_folder(tmp_path / "sol", BAD), "sol", strict=True, dry_run=False, as_json=False
    )

    assert status == 1
    assert "Nothing was imported" in capsys.readouterr().out
    assert await directory.organizations("sol") == []


@pytest.mark.usefixtures("_running")
async def test_json_is_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = await run_import(
        write_folder(tmp_path / "sol", BAD), None, strict=False, dry_run=True, as_json=True
    )

    told = json.loads(capsys.readouterr().out)
    assert status == 2
    assert told["added"]["services"] == 2
    assert told["dryRun"] is True
    assert told["written"] is False
    assert told["problems"] == [
        {
            "file": "phones.csv",
            "row": 2,
            "column": "service_id",
            "reason": "refers to a service that is not in the package",
            "severity": "error",
        }
    ]


@pytest.mark.usefixtures("_running")
async def test_an_export_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await run_import(
        write_folder(tmp_path / "sol", package()), None, strict=False, dry_run=False, as_json=False
    )

    status = await run_export(tmp_path / "out", "sol")

    assert status == 0
    assert "organizations.csv" in capsys.readouterr().out
    assert (tmp_path / "out" / "datapackage.json").exists()
