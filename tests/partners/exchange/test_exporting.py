"""What goes out is HSDS 3.0, can be read back, and tells nobody where confidential places are."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy import update

from services.partners.domain.terms import Visibility
from services.partners.exchange import export_hsds, import_hsds
from services.partners.models import Location
from tests.partners.exchange.packages import package, write_folder
from tests.partners.exchange.reader import Directory
from vereda.caller import system_caller
from vereda.errors import OperatorError
from vereda.ids import new_id

PACKAGES = ["hsds-3.0/csv", "hsds-3.0/json", "hsds-transformer/florida_legal_aid", "hsds-transformer/ilao", "ohana-api"]  # fmt: skip


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", PACKAGES)
async def test_what_was_exported_and_imported_again_is_the_same(
    published: Path, directory: Directory, other_directory: Directory, tmp_path: Path, name: str
) -> None:
    await import_hsds(directory.database, published / name, source="theirs")
    await export_hsds(directory.database, tmp_path / "out", source="theirs")

    report = await import_hsds(other_directory.database, tmp_path / "out", source="theirs")
    again = await import_hsds(directory.database, tmp_path / "out", source="theirs")

    assert report.errors == ()
    assert await other_directory.rows() == await directory.rows()
    assert sum(again.added.values()) == sum(again.changed.values()) == 0
    await export_hsds(other_directory.database, tmp_path / "second", source="theirs")
    for file in (tmp_path / "out").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes()


async def test_the_whole_directory_goes_out_under_its_own_identifiers(
    published: Path, directory: Directory, other_directory: Directory, tmp_path: Path
) -> None:
    await import_hsds(directory.database, published / "hsds-3.0" / "csv", source="one")
    await import_hsds(directory.database, published / "ohana-api", source="two")

    report = await export_hsds(directory.database, tmp_path / "out")
    back = await import_hsds(other_directory.database, tmp_path / "out", source="back")

    assert report.rows["organizations.csv"] == 9
    assert back.errors == ()
    ours = {row["id"] for source in ("one", "two") for row in await directory.services(source)}
    assert (await other_directory.ids("back"))["services"] == ours


async def test_the_package_has_the_columns_and_keys_that_hsds_publishes(
    published: Path, directory: Directory, tmp_path: Path
) -> None:
    await import_hsds(directory.database, published / "hsds-3.0" / "csv", source="theirs")
    await export_hsds(directory.database, tmp_path / "out", source="theirs")

    theirs = json.loads((published / "hsds-3.0" / "datapackage.json").read_text(encoding="utf-8"))
    ours = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    specified = {resource["name"]: resource for resource in theirs["resources"]}
    for resource in ours["resources"]:
        schema, said = resource["schema"], specified[resource["name"]]
        assert resource["path"] == said["path"]
        fields = {field["name"] for field in said["schema"]["fields"]}
        assert {field["name"] for field in schema["fields"]} == fields
        rows = table(tmp_path / "out", resource["path"])
        required = [f["name"] for f in said["schema"]["fields"] if f["constraints"].get("required")]
        assert all(row[name] for row in rows for name in required), resource["name"]
        for key in schema["foreignKeys"]:
            target = {
                row["id"]
                for row in table(tmp_path / "out", f"{specified[key['reference']['resource']]['path']}")
            }
            assert {row[key["fields"]] for row in rows} - {""} <= target, (resource["name"], key)


@pytest.mark.parametrize("visibility", [Visibility.PARTNERS, Visibility.TRUSTED, Visibility.OWNER])
@pytest.mark.parametrize("source", ["sol", None])
async def test_the_address_of_a_confidential_place_is_withheld_r17(
    directory: Directory, tmp_path: Path, visibility: Visibility, source: str | None
) -> None:
    tables = package(
        locations=[
            {"id": "l1", "organization_id": "o1", "name": "Refuge", "location_type": "physical", "latitude": "36.123",
             "longitude": "-119.456", "description": "Behind 9 Hidden Way", "transportation": "Bus to Hidden Way",
             "external_identifier": "///hidden.way.words", "url": "https://hidden.example.org"},
            {"id": "l2", "organization_id": "o2", "name": "Branch", "location_type": "physical"},
        ],
        addresses=[
            {"id": "a1", "location_id": "l1", "address_1": "9 Hidden Way", "city": "Fresno", "state_province": "CA",
             "postal_code": "93721", "country": "US", "address_type": "physical"},
            {"id": "a2", "location_id": "l2", "address_1": "2 Open Road", "city": "Fresno", "state_province": "CA",
             "postal_code": "93721", "country": "US", "address_type": "physical"},
        ],
    )  # fmt: skip
    await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))
    async with directory.database.transaction(system_caller(new_id())) as session:
        await session.execute(
            update(Location).where(Location.source_id == "l1").values(visibility=visibility)
        )

    report = await export_hsds(directory.database, tmp_path / "out", source=source)

    assert report.withheld == 1
    assert [row["address_1"] for row in table(tmp_path / "out", "addresses.csv")] == ["2 Open Road"]
    assert len(table(tmp_path / "out", "locations.csv")) == 2
    written = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "out").glob("*.csv"))
    for told in ("Hidden", "hidden", "36.123", "119.456", "Refuge"):
        assert told not in written


async def test_an_export_replaces_an_earlier_one_but_nothing_else(
    directory: Directory, tmp_path: Path
) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "sol", package()))
    await export_hsds(directory.database, tmp_path / "out")
    await export_hsds(directory.database, tmp_path / "out")

    (tmp_path / "out" / "thesis.doc").write_text("mine")
    with pytest.raises(OperatorError, match="other files"):
        await export_hsds(directory.database, tmp_path / "out")
    with pytest.raises(OperatorError, match="not a folder"):
        await export_hsds(directory.database, tmp_path / "sol" / "services.csv")
