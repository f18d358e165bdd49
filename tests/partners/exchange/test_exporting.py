"""What goes out is HSDS 3.0, can be read back, and tells nobody where confidential places are."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from services.partners.domain.terms import Visibility
from services.partners.exchange.exporting import export_hsds
from services.partners.exchange.importing import import_hsds
from services.partners.models import CapacityReport, Location
from tests.partners.exchange.packages import package, write_folder
from tests.partners.exchange.reader import Directory
from tests.partners.published import datapackage, needs_published, package_problems
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


@needs_published
@pytest.mark.parametrize("version", ["3.0", "3.1"])
@pytest.mark.parametrize("name", [*PACKAGES, "hsds-3.1-dev/csv"])
async def test_what_goes_out_fits_what_hsds_publishes(
    published: Path, directory: Directory, tmp_path: Path, name: str, version: str
) -> None:
    """But for what nobody said and HSDS requires: those rows are counted."""
    await import_hsds(directory.database, published / name, source="theirs")

    theirs = await export_hsds(directory.database, tmp_path / "theirs", source="theirs", version=version)
    ours = await export_hsds(directory.database, tmp_path / "ours", version=version)

    assert package_problems(tmp_path / "theirs", version, uuids=False, whole=not theirs.incomplete) == []
    assert package_problems(tmp_path / "ours", version, uuids=True, whole=not ours.incomplete) == []
    assert theirs.incomplete.keys() <= {"addresses.csv"}


@needs_published
@pytest.mark.parametrize("version", ["3.0", "3.1"])
async def test_the_packages_own_description_is_the_published_one(
    directory: Directory, tmp_path: Path, version: str
) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "sol", package()))
    await export_hsds(directory.database, tmp_path / "out", version=version)

    ours = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    published = {one["name"]: one for one in datapackage(version)["resources"]}
    for resource in ours["resources"]:
        said = {field["name"]: field for field in published[resource["name"]]["schema"]["fields"]}
        assert resource["path"] == published[resource["name"]]["path"]
        for field in resource["schema"]["fields"]:
            theirs = said.get(field["name"])
            if (
                theirs is None
            ):  # tables that the development branch names, and leaves without most of their columns
                assert resource["name"] in ("service_capacity", "unit"), field
                continue
            if resource["name"] not in ("service_capacity", "unit"):  # and those without types
                assert (field["type"], field.get("format")) == (theirs["type"], theirs.get("format")), field
            assert field["constraints"].get("enum") == theirs["constraints"].get("enum")


async def test_room_goes_out_as_hsds_3_1_has_it(directory: Directory, tmp_path: Path) -> None:
    tables = package(
        units=[{"id": "u1", "name": "bed", "scheme": "own", "identifier": "b", "uri": "https://example.org/bed"}],
        service_capacity=[
            {"id": "r1", "service_id": "s1", "unit_id": "u1", "available": "3", "maximum": "9", "description": "Beds",
             "updated": "2026-03-01T08:00:00Z"},
        ],
        url=[{"id": "w1", "label": "Enrol", "url": "https://example.org/enrol", "service_id": "s1"}],
    )  # fmt: skip
    await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))

    await export_hsds(directory.database, tmp_path / "out", source="sol", version="3.1")
    await export_hsds(directory.database, tmp_path / "older", source="sol")

    assert table(tmp_path / "out", "service_capacity.csv") == [
        {"id": "r1", "service_id": "s1", "unit_id": "u1", "available": "3", "maximum": "9", "description": "Beds",
         "updated": "2026-03-01T08:00:00+00:00"}
    ]  # fmt: skip
    assert [row["name"] for row in table(tmp_path / "out", "units.csv")] == ["bed"]
    assert [row["url"] for row in table(tmp_path / "out", "url.csv")] == ["https://example.org/enrol"]
    assert not (tmp_path / "older" / "service_capacity.csv").exists()

    service = (await directory.services("sol"))[0]
    async with directory.database.transaction(system_caller(UUID(service["organization"]["id"]))) as session:
        newer = {"organization_id": UUID(service["organization"]["id"]), "service_id": UUID(service["id"]),
                 "status": "CAPACITY", "available": 1, "unit": "bed", "source": "REPORTED",
                 "reported_at": datetime(2026, 4, 1, tzinfo=UTC), "expires_at": datetime(2026, 5, 1, tzinfo=UTC)}  # fmt: skip
        session.add(CapacityReport(**newer))
    await export_hsds(directory.database, tmp_path / "out", source="sol", version="3.1")
    (room,) = table(tmp_path / "out", "service_capacity.csv")
    assert (room["available"], room["unit_id"], room["updated"]) == ("1", "u1", "2026-04-01T00:00:00+00:00")
    assert room["id"] != "r1"


async def test_a_version_that_there_is_not_is_told(directory: Directory, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"3\.0 and 3\.1"):
        await export_hsds(directory.database, tmp_path / "out", version="2.0")


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
