"""Packages as others publish them come in whole: counted here from the files, without a line of the importer."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from services.partners.exchange.importing import import_hsds
from services.partners.exchange.report import ImportReport
from tests.partners.exchange.reader import Directory

_HSDS = {
    "organizations": ("organizations.csv", "id"),
    "services": ("services.csv", "id"),
    "locations": ("locations.csv", "id"),
}
_FLORIDA = {
    "organizations": ("organizations.csv", "organization_uuid"),
    "services": ("services.csv", "service_uuid"),
    "locations": ("locations.csv", "location_uuid"),
}
TABULAR = {
    "hsds-3.0/csv": _HSDS,
    "hsds-3.0": _HSDS,
    "hsds-3.1-dev/csv": _HSDS,
    "hsds-3.1-dev": _HSDS,
    "hsds-transformer/florida_legal_aid": _FLORIDA,
    "ohana-api": _HSDS,
}


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def ids_in(folder: Path, tables: dict[str, tuple[str, str]]) -> dict[str, set[str]]:
    folder = folder if (folder / "organizations.csv").exists() else folder / "csv"
    return {kind: {row[column] for row in rows_of(folder / name)} for kind, (name, column) in tables.items()}


def assert_nothing_changed(report: ImportReport) -> None:
    assert sum(report.added.values()) == sum(report.changed.values()) == 0
    assert report.rows > 0


@pytest.mark.parametrize("name", TABULAR)
async def test_exactly_the_records_of_a_tabular_package_are_found(
    published: Path, directory: Directory, name: str
) -> None:
    expected = ids_in(published / name, TABULAR[name])

    report = await import_hsds(directory.database, published / name, source="theirs")

    assert await directory.ids("theirs") == expected
    assert report.added["organizations"] == len(expected["organizations"])
    assert report.added["services"] == len(expected["services"])
    assert report.added["locations"] == len(expected["locations"])


@pytest.mark.parametrize("name", [*TABULAR, "hsds-3.0/json", "hsds-transformer/ilao", "openeligibility"])
async def test_importing_again_changes_nothing(published: Path, directory: Directory, name: str) -> None:
    first = await import_hsds(directory.database, published / name)
    before = await directory.rows()

    again = await import_hsds(directory.database, published / name)

    assert_nothing_changed(again)
    assert dict(again.unchanged) == dict(first.added)
    assert again.problems == first.problems
    assert await directory.rows() == before


async def test_a_directory_that_refers_to_what_it_leaves_out_comes_in_as_far_as_it_goes(
    published: Path, directory: Directory
) -> None:
    folder = published / "hsds-transformer" / "ilao"
    organizations = {row["Organization ID"] for row in rows_of(folder / "organizations.csv")}
    services = rows_of(folder / "services.csv")
    locations = rows_of(folder / "locations.csv")
    whole = [row for row in services if row["Services-ID"] and row["Organization ID"] in organizations]
    placed = [row for row in locations if row["Organization ID"] in organizations]

    report = await import_hsds(directory.database, folder)

    assert await directory.ids("ilao") == {
        "organizations": organizations,
        "services": {row["Services-ID"] for row in whole},
        "locations": {row["Location_id"] for row in placed},
    }
    refused = {(p.file, p.row) for p in report.errors if p.column in ("organization_id", "id")}
    assert len(refused) == len(services) - len(whole) + len(locations) - len(placed)


def _objects(value: Any, wanted: str) -> set[str]:
    """Ids of all objects that stand under the key `wanted` or `wanteds`, however deep."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            inside = inner if isinstance(inner, list) else [inner]
            if key in (wanted, f"{wanted}s"):
                found |= {one["id"] for one in inside if isinstance(one, dict)}
            found |= _objects(inner, wanted)
    elif isinstance(value, list):
        for one in value:
            found |= _objects(one, wanted)
    return found


@pytest.mark.parametrize(
    ("name", "top"),
    [
        ("organization_full", "organization"),
        ("organization_list", "organization"),
        ("service_full", "service"),
        ("service_list", "service"),
        ("service_at_location_full", None),
        ("service_at_location_list", None),
    ],
)
async def test_nested_json_comes_in_whole(
    published: Path, directory: Directory, name: str, top: str | None
) -> None:
    file = published / "hsds-3.0" / "json" / f"{name}.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    tops = {item["id"] for item in document.get("contents", [document])}

    await import_hsds(directory.database, file, source="theirs")

    found = await directory.ids("theirs")
    for kind in ("organization", "service", "location"):
        assert found[f"{kind}s"] == _objects(document, kind) | (tops if top == kind else set()), kind


async def test_json_tables_say_the_same_as_csv_tables(
    published: Path, directory: Directory, other_directory: Directory
) -> None:
    await import_hsds(directory.database, published / "hsds-3.0" / "csv", source="theirs")
    await import_hsds(
        other_directory.database, published / "hsds-3.0" / "json" / "tabular.json", source="theirs"
    )

    assert await directory.rows() == await other_directory.rows()


async def test_legal_aid_is_legal_and_its_rules_are_text_and_not_terms_r1(
    published: Path, directory: Directory
) -> None:
    await import_hsds(directory.database, published / "hsds-transformer" / "florida_legal_aid")

    organizations = await directory.organizations("florida-legal-aid")
    services = await directory.services("florida-legal-aid")
    with_services = {service["organization"]["id"] for service in services}
    assert {row["kind"] for row in organizations if row["id"] in with_services} == {"LEGAL"}
    assert {service["sensitivity"] for service in services} == {"LEGAL"}
    immigration = [s for s in services if {"code": "legal.immigration"} in s["terms"]]
    assert len(immigration) >= 20
    assert any("Immigration status, as the provider" in (s["eligibilityDescription"] or "") for s in services)
    codes = " ".join(term["code"] for service in services for term in service["terms"]).lower()
    assert "resident" not in codes
    assert "citizen" not in codes


async def test_person_labels_of_open_eligibility_are_refused_r1(
    published: Path, directory: Directory
) -> None:
    report = await import_hsds(directory.database, published / "openeligibility", source="oe")

    rows = rows_of(published / "openeligibility" / "taxonomy.csv")
    labels = {"20011", "20012", "20013", "20014"}
    found = {row["source_id"] for row in (await directory.rows())["taxonomy_terms"] if row["source"] == "oe"}
    assert found == {row["code"] for row in rows} - labels
    told = {
        (p.file, p.row, p.column)
        for p in report.errors
        if p.reason.startswith("names a person's immigration")
    }
    lines = {("taxonomy.csv", n, "name") for n, row in enumerate(rows, 2) if row["code"] in labels}
    assert told == lines
