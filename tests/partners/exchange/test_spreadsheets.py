"""Directories that people keep in spreadsheets: other encodings, workbooks, and a map of what their columns are."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from services.partners.exchange.importing import import_hsds
from services.partners.exchange.mapping import ColumnMap
from services.partners.exchange.suggesting import suggest
from tests.partners.exchange.packages import package, write_folder
from tests.partners.exchange.reader import Directory
from tests.support.subgraph import caller_of
from vereda.errors import OperatorError

AGENCIES = [
    ["Agency Name", "Web Site", "Program", "What they do", "Street Address", "City", "State", "ZIP", "Main phone",
     "Languages spoken", "Category", "Hours", "Last verified", "Remarks"],
    ["Centro Sol", "https://sol.example.org", "Clases de inglés", "English, evenings", "1 Main St", "Fresno", "CA",
     93721, "559-555-0100; 559-555-0101", "Spanish, English", "Education; ESL", "Mon-Thu 6-8 pm", date(2026, 3, 1), "ok"],
    ["Centro Sol", "https://sol.example.org", "Food pantry", "Groceries", "1 Main St", "Fresno", "CA", 93721, None,
     None, "Food", None, None, None],
    [None] * 14,
    ["Valley Library", "not a site", "Reading hour", "", "9 Elm Ave", "Madera", "CA", 93637, "call us", "Klingonese",
     None, "by appointment", "soon", None],
]  # fmt: skip
ASKED = """query($source: String!) {
  organizations(filter: {source: $source}) { nodes { name website
    locations { nodes { city address { address1 postalCode } } }
    services { nodes { name description verifiedAt terms { name } languages { code } phones { number }
      schedules { description } serviceAtLocations { location { city } } } } } } }"""


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def mapped(path: Path) -> ColumnMap:
    file = path.with_suffix(".map.json")
    file.write_text(json.dumps(suggest(path)))
    return ColumnMap.read(file)


async def found(directory: Directory, source: str) -> list[Any]:
    data = await directory.subgraph.data(caller_of(), ASKED, source=source)
    nodes: list[Any] = data["organizations"]["nodes"]
    return sorted(nodes, key=lambda one: one["name"])


async def test_one_sheet_with_everything_becomes_organizations_services_and_places(
    directory: Directory, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "agencies.xlsx", List=AGENCIES)

    report = await import_hsds(directory.database, path, source="sheet", columns=mapped(path))

    sol, library = await found(directory, "sheet")
    assert [str(error) for error in report.errors] == [
        "agencies.xlsx#List, row 5, phone.number: is not a telephone number"
    ]
    assert (sol["name"], sol["website"]) == ("Centro Sol", "https://sol.example.org")
    assert sol["locations"]["nodes"] == [
        {"city": "Fresno", "address": {"address1": "1 Main St", "postalCode": "93721"}}
    ], "the same place in two rows is one"
    english, pantry = sorted(sol["services"]["nodes"], key=lambda one: one["name"])
    assert english == {
        "name": "Clases de inglés",
        "description": "English, evenings",
        "verifiedAt": "2026-03-01T00:00:00+00:00",
        "terms": english["terms"],
        "languages": [{"code": "eng"}, {"code": "spa"}],
        "phones": english["phones"],
        "schedules": [{"description": "Mon-Thu 6-8 pm"}],
        "serviceAtLocations": [{"location": {"city": "Fresno"}}],
    }
    assert {one["name"] for one in english["terms"]} >= {"Education", "ESL"}
    assert {one["number"] for one in english["phones"]} == {"559-555-0100", "559-555-0101"}
    assert pantry["serviceAtLocations"] == [{"location": {"city": "Fresno"}}]
    assert library["website"] is None, "a cell that makes no sense costs its row nothing"
    told = {(p.row, p.column) for p in report.problems}
    assert {(5, "organization.website"), (5, "service.assured_date")} <= told


async def test_the_same_sheet_again_changes_nothing(directory: Directory, tmp_path: Path) -> None:
    path = workbook(tmp_path / "agencies.xlsx", List=AGENCIES)
    await import_hsds(directory.database, path, source="sheet", columns=mapped(path))

    again = await import_hsds(directory.database, path, source="sheet", columns=mapped(path))

    assert sum(again.added.values()) == sum(again.changed.values()) == 0


def test_columns_are_suggested_by_their_names_and_by_what_is_in_them(tmp_path: Path) -> None:
    rows = [
        ["Nombre de la organización", "Direccion", "Código postal", "X1", "X2", "Zzz"],
        ["Sol", "1 Main St", "93721", "a@example.org", "(559) 555-0100", "?"],
        ["Luna", "2 Oak Ave", "93722", "b@example.org", "559.555.0101", "!"],
    ]
    path = workbook(tmp_path / "agencias.xlsx", Hoja=rows)

    assert suggest(path) == {
        "agencias.xlsx#Hoja": {
            "Nombre de la organización": "organization.name",
            "Direccion": "address.address_1",
            "Código postal": "address.postal_code",
            "X1": "organization.email",
            "X2": "phone.number",
            "Zzz": None,
        }
    }


def test_a_table_of_hsds_needs_no_map_and_one_with_other_columns_gets_suggestions(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "p", {
        "organizations": [{"id": "o1", "name": "Sol", "descripton": "Help"}],
        "services": [{"id": "s1", "organization_id": "o1", "name": "S", "status": "active"}],
    })  # fmt: skip

    assert suggest(folder) == {
        "organizations.csv": {
            "id": "organization.id",
            "name": "organization.name",
            "descripton": "organization.description",
        }
    }


async def test_a_workbook_with_a_sheet_for_each_table_is_a_package(
    directory: Directory, tmp_path: Path
) -> None:
    tables = {
        name: [list(rows[0]), *([row.get(column) for column in rows[0]] for row in rows)]
        for name, rows in package().items()
        if name != "organizations"
    }
    tables["organizations"] = [
        ["id", "name", "description"],
        ["o1", "Centro Sol", "Help"],
        ["o2", "Valley Library", "B"],
    ]
    path = workbook(tmp_path / "directory.xlsx", **tables)

    report = await import_hsds(directory.database, path, source="book")

    assert report.errors == ()
    assert (await directory.ids("book"))["services"] == {"s1", "s2"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_what_spreadsheet_programs_write_is_read(
    directory: Directory, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    folder = write_folder(tmp_path / "sol", package())
    text = "id,name,description,email\no1,Clínica “Sol” – España,Ayuda,\no2,Valley Library,,\n"
    (folder / "organizations.csv").write_bytes(text.replace(",", delimiter).encode(encoding))

    report = await import_hsds(directory.database, folder, source="x", dry_run=True)

    told = [problem.reason for problem in report.problems]
    assert report.errors == ()
    assert report.added["organizations"] == 2
    assert ("is not UTF-8, and was read as Windows-1252" in told) is (encoding == "windows-1252")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("[]", "not a map of columns"),
        ("{", "not JSON"),
        ('{"a.csv": {"A": "organization.colour"}}', "'organization.colour', which is no field"),
        ('{"a.csv": {"A": "name"}}', "which is no field"),
    ],
)
def test_a_map_that_makes_no_sense_is_told_in_a_sentence(tmp_path: Path, said: str, reason: str) -> None:
    (tmp_path / "map.json").write_text(said)

    with pytest.raises(OperatorError, match=reason):
        ColumnMap.read(tmp_path / "map.json")


async def test_what_a_map_leaves_out_or_names_in_vain_is_told(directory: Directory, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Agency,Colour\nSol,red\n")
    columns = ColumnMap({"a.csv": {"agency": ("organization", "name"), "street": ("address", "address_1")}})

    report = await import_hsds(directory.database, tmp_path / "a.csv", source="x", columns=columns)

    assert [problem.reason for problem in report.problems] == [
        "the map says nothing of these columns: `Colour`",
        "has no column `street`, which the map names",
    ]
    assert (await directory.ids("x"))["organizations"] != set()


def bomb(path: Path, name: str, size: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(name, "w", force_zip64=True) as member:
            for _ in range(size // 1_000_000):
                member.write(b" " * 1_000_000)
    return path


async def test_a_workbook_that_would_swell_is_not_opened(directory: Directory, tmp_path: Path) -> None:
    path = bomb(tmp_path / "bomb.xlsx", "xl/worksheets/sheet1.xml", 20_000_000)

    with pytest.raises(OperatorError, match="swells"):
        await import_hsds(directory.database, path, source="x")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old"])
async def test_what_is_no_workbook_is_told_in_a_sentence(
    directory: Directory, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)

    with pytest.raises(OperatorError, match="cannot be read as a spreadsheet"):
        await import_hsds(directory.database, tmp_path / "x.xlsx", source="x")


async def test_entities_in_a_workbook_open_nothing(directory: Directory, tmp_path: Path) -> None:
    """No file is read for it, and nothing grows without end."""
    path = workbook(tmp_path / "x.xlsx", organizations=[["id", "name"], ["o1", "Sol"]])
    spoilt = tmp_path / "spoilt.xlsx"
    doctype = (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY b "'
        + "b" * 1000
        + '">'
        + "".join(f'<!ENTITY c{n} "{"&b;" if not n else f"&c{n - 1};" * 10}">' for n in range(9))
        + "]>"
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoilt, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b"<worksheet", doctype.encode() + b"<worksheet", 1)
                data = data.replace(b"Sol", b"&a;&c8;")
            new.writestr(item.filename, data)

    with pytest.raises(OperatorError, match="cannot be read as a spreadsheet"):
        await import_hsds(directory.database, spoilt, source="x")


async def test_hsds_1_1_comes_in_whole(directory: Directory, tmp_path: Path) -> None:
    """Its tables and columns by their names of then; none of them is left aside."""
    folder = write_folder(tmp_path / "old", {
        "organizations": [{"id": "o1", "name": "Centro Sol", "alternate_name": "Sol", "description": "Help",
            "email": "a@example.org", "url": "https://example.org", "tax_status": "501c3", "tax_id": "1",
            "year_incorporated": "1999", "legal_status": "nonprofit"}],
        "programs": [{"id": "g1", "organization_id": "o1", "name": "Adults", "alternate_name": ""}],
        "services": [{"id": "s1", "organization_id": "o1", "program_id": "g1", "name": "English", "status": "active",
            "description": "Classes", "interpretation_services": "Spanish", "application_process": "walk in",
            "wait_time": "none", "fees": "free", "accreditations": "none", "licenses": "none"}],
        "locations": [{"id": "l1", "organization_id": "o1", "name": "Main", "alternate_name": "", "description": "",
            "transportation": "bus 9", "latitude": "36.73", "longitude": "-119.78"}],
        "services_at_location": [{"id": "p1", "service_id": "s1", "location_id": "l1", "description": ""}],
        "physical_addresses": [{"id": "a1", "location_id": "l1", "attention": "", "address_1": "1 Main St",
            "city": "Fresno", "region": "", "state_province": "CA", "postal_code": "93721", "country": "US"}],
        "phones": [{"id": "n1", "location_id": "", "service_id": "", "organization_id": "", "contact_id": "k1",
            "service_at_location_id": "", "number": "559 555 0100", "extension": "7", "type": "voice", "language": "",
            "description": ""}],
        "contacts": [{"id": "k1", "organization_id": "", "service_id": "s1", "service_at_location_id": "", "name": "Ana",
            "title": "Teacher", "department": "", "email": "ana@example.org"}],
        "regular_schedules": [{"id": "h1", "service_id": "s1", "location_id": "", "service_at_location_id": "",
            "weekday": "MO", "opens_at": "09:00", "closes_at": "12:00"}],
        "holiday_schedules": [{"id": "h1", "service_id": "s1", "location_id": "", "service_at_location_id": "",
            "closed": "true", "opens_at": "", "closes_at": "", "start_date": "2026-12-25", "end_date": "2026-12-25"}],
        "funding": [{"id": "f1", "organization_id": "o1", "service_id": "", "source": "A foundation"}],
        "eligibility": [{"id": "e1", "service_id": "s1", "eligibility": "Adults"},
            {"id": "e2", "service_id": "s1", "eligibility": "of the county"},
            {"id": "e3", "service_id": "gone", "eligibility": "nobody"}],
        "service_areas": [{"id": "r1", "service_id": "s1", "service_area": "Fresno County", "description": ""}],
        "required_documents": [{"id": "d1", "service_id": "s1", "document": "Any ID"}],
        "payments_accepted": [{"id": "c1", "service_id": "s1", "payment": "cash"}],
        "languages": [{"id": "g1", "service_id": "s1", "location_id": "", "language": "Spanish"}],
        "accessibility_for_disabilities": [{"id": "w1", "location_id": "l1", "accessibility": "Ramp", "details": "back"}],
        "taxonomy": [{"id": "t1", "name": "Classes", "parent_id": "", "parent_name": "", "vocabulary": "own"}],
        "service_taxonomy": [{"id": "x1", "service_id": "s1", "taxonomy_id": "t1", "taxonomy_detail": "evenings"}],
        "metadata": [{"id": "m1", "resource_id": "s1", "last_action_date": "2019-01-01", "last_action_type": "update",
            "field_name": "name", "previous_value": "E", "replacement_value": "English", "updated_by": "Ana",
            "resource_type": "service"}],
    })  # fmt: skip

    report = await import_hsds(directory.database, folder, source="old")

    assert [str(p) for p in report.problems] == [
        "eligibility.csv, row 4, service_id: refers to a service that is not in the package",
        "phones.csv, row 1: these columns are not of HSDS and were left aside: `language`",
    ]
    (service,) = await directory.services("old")
    assert service["eligibilityDescription"] == "Adults\nof the county"
    data = await directory.subgraph.data(
        caller_of(),
        """query($source: String!) { services(filter: {source: $source}) { nodes { requiredDocuments
          costOptions { option } changes { replacementValue } attributes { value term { name } } terms { name }
          schedules { rrule closed } contacts { name phones { number } } serviceAreas { countyFips } } } }""",
        source="old",
    )
    (node,) = data["services"]["nodes"]
    assert sorted(node.pop("schedules"), key=str) == sorted(
        [{"rrule": "FREQ=WEEKLY;BYDAY=MO", "closed": False}, {"rrule": None, "closed": True}], key=str
    )
    assert node == {
        "requiredDocuments": ["Any ID"],
        "costOptions": [{"option": "cash"}],
        "changes": [{"replacementValue": "English"}],
        "attributes": [{"value": "evenings", "term": {"name": "Classes"}}],
        "terms": [{"name": "Classes"}],
        "contacts": [{"name": "Ana", "phones": [{"number": "559 555 0100"}]}],
        "serviceAreas": [{"countyFips": "06019"}],
    }
