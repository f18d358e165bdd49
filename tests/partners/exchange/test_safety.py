"""What is not a package, or not one to be trusted, is refused in a sentence."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from services.partners.exchange.importing import import_hsds
from services.partners.exchange.tables import LONGEST_CELL
from tests.partners.exchange.packages import csv_text, package, write_folder, write_zip
from tests.partners.exchange.reader import Directory
from vereda.errors import OperatorError


async def refused(directory: Directory, path: Path) -> str:
    with pytest.raises(OperatorError) as raised:
        await import_hsds(directory.database, path, source="x")
    message = str(raised.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert (await directory.rows())["organizations"] == []
    return message


async def test_what_is_no_package_is_told_in_a_sentence(directory: Directory, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "broken.zip").write_bytes(b"PK not really")
    (tmp_path / "other.json").write_text('{"colour": "green"}')
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "people.csv").write_text("name\nAna\n")

    assert "no file or folder" in await refused(directory, tmp_path / "nowhere")
    assert "neither tables" in await refused(directory, tmp_path / "empty")
    assert "not an HSDS package" in await refused(directory, tmp_path / "notes.txt")
    assert "cannot be read as a zip" in await refused(directory, tmp_path / "broken.zip")
    assert "no record of HSDS" in await refused(directory, tmp_path / "other.json")
    assert "neither tables" in await refused(directory, tmp_path / "other")


async def test_text_in_an_unknown_encoding_is_told(directory: Directory, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "sol", package())
    neither = csv_text(package()["services"]).encode("latin-1").replace(b"Reading", b"\x81\x8d")
    (folder / "services.csv").write_bytes(neither)

    assert "services.csv is not text in UTF-8" in await refused(directory, folder)

    described = {"resources": [{"name": "service", "path": "services.csv", "encoding": "klingon"}]}
    (folder / "datapackage.json").write_text(json.dumps(described))
    assert "'klingon'" in await refused(directory, folder)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
async def test_a_byte_order_mark_names_the_encoding(
    directory: Directory, tmp_path: Path, encoding: str
) -> None:
    folder = write_folder(tmp_path / "sol", package())
    (folder / "services.csv").write_bytes(csv_text(package()["services"]).encode(encoding))

    report = await import_hsds(directory.database, folder)

    assert report.problems == ()
    assert "Clases de inglés" in {row["name"] for row in await directory.services("sol")}


async def test_the_description_names_files_encodings_and_delimiters(
    directory: Directory, tmp_path: Path
) -> None:
    tables = package()
    services = csv_text(tables.pop("services")).replace(",", ";").encode("latin-1")
    folder = write_folder(tmp_path / "sol", tables)
    (folder / "what-we-do.csv").write_bytes(services)
    resource = {
        "name": "service",
        "path": "what-we-do.csv",
        "encoding": "latin-1",
        "dialect": {"delimiter": ";"},
    }
    (folder / "datapackage.json").write_text(json.dumps({"resources": [resource]}))

    report = await import_hsds(directory.database, folder)

    assert report.problems == ()
    assert "Clases de inglés" in {row["name"] for row in await directory.services("sol")}


@pytest.mark.parametrize("name", ["../organizations.csv", "/organizations.csv", "a/../../b.csv", "C:\\x.csv"])
async def test_names_that_lead_out_of_a_zip_are_refused(
    directory: Directory, tmp_path: Path, name: str
) -> None:
    with zipfile.ZipFile(tmp_path / "sol.zip", "w") as archive:
        archive.writestr("services.csv", csv_text(package()["services"]))
        archive.writestr(name, csv_text(package()["organizations"]))

    assert "leads out of it" in await refused(directory, tmp_path / "sol.zip")


async def test_a_link_in_a_zip_is_refused(directory: Directory, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("organizations.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "sol.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")

    assert "a link" in await refused(directory, tmp_path / "sol.zip")


async def test_a_zip_bomb_is_refused_before_it_is_read(directory: Directory, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "sol.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("organizations.csv", b"id,name\n" + b"\0" * 64 * 1024**2)

    assert "swells" in await refused(directory, tmp_path / "sol.zip")


async def test_a_zip_that_is_damaged_inside_is_told(directory: Directory, tmp_path: Path) -> None:
    many = [{"id": f"o{n}", "name": f"Name {n * 7919 % 1000}"} for n in range(3000)]
    path = write_zip(tmp_path / "sol.zip", {"organizations": many})
    damaged = bytearray(path.read_bytes())
    damaged[200:260] = bytes(60)
    path.write_bytes(damaged)

    assert "damaged" in await refused(directory, path)


async def test_links_that_lead_out_of_a_folder_are_left_aside(directory: Directory, tmp_path: Path) -> None:
    outside = write_folder(tmp_path / "outside", {"organizations": [{"id": "secret", "name": "Secret"}]})
    folder = write_folder(tmp_path / "sol", {"services": package()["services"]})
    (folder / "organizations.csv").symlink_to(outside / "organizations.csv")

    await import_hsds(directory.database, folder)

    assert await directory.organizations("sol") == []


async def test_a_quotation_mark_that_is_never_closed_costs_bounded_memory_and_is_told(
    directory: Directory, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "sol", package())
    rows = "\n".join(f"o{n},{'Name ' * 200}" for n in range(10, 300))
    (folder / "organizations.csv").write_text(f'id,name\no1,Sol\no2,Luz\no3,"open\n{rows}\n')

    report = await import_hsds(directory.database, folder)

    (told,) = [p for p in report.errors if "quotation" in p.reason]
    assert (told.file, told.row) == ("organizations.csv", 4)
    assert str(LONGEST_CELL // 1024) in told.reason
    assert {"o1", "o2"} <= (await directory.ids("sol"))["organizations"]


async def test_rows_of_another_length_than_the_header_are_told(directory: Directory, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "sol", package())
    (folder / "organizations.csv").write_text(
        "id,name,description\no1,Sol\no2,Luz,Light,more\no3,Mar,Sea,,\n"
    )

    report = await import_hsds(directory.database, folder)

    assert ("organizations.csv", 3) in {(p.file, p.row) for p in report.errors}
    assert (await directory.ids("sol"))["organizations"] == {"o1", "o3"}


async def test_characters_that_cannot_be_stored_are_taken_out(directory: Directory, tmp_path: Path) -> None:
    file = tmp_path / "organizations.json"
    file.write_text('[{"id": "o1", "name": "S\\u0000o\\ud800l", "description": "a\\u0007b"}]')

    await import_hsds(directory.database, file, source="sol")

    assert [row["name"] for row in await directory.organizations("sol")] == ["So?l"]


async def test_deep_nesting_is_refused_and_not_followed(directory: Directory, tmp_path: Path) -> None:
    item: dict[str, object] = {"id": "o0", "name": "Bottom"}
    for n in range(1, 200):
        item = {"id": f"o{n}", "name": f"Level {n}", "organization": item}
    file = tmp_path / "organizations.json"
    file.write_text(json.dumps([item]))

    report = await import_hsds(directory.database, file, source="sol")

    assert any("nested too deep" in p.reason for p in report.errors)
