"""What an import promises, rule by rule, on packages of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from services.partners.app import SERVICE
from services.partners.domain.terms import Sensitivity, Visibility
from services.partners.exchange.importing import import_hsds
from services.partners.exchange.report import ImportReport, RowProblem, Severity
from services.partners.models import Base, Location, Organization, OutboxEvent, Service
from tests.partners.exchange.packages import package, write_folder, write_zip
from tests.partners.exchange.reader import Directory
from tests.support.subgraph import caller_of
from vereda.caller import system_caller
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.migrations import differences, unprotected_tables

WHOLE = {"organizations": {"o1", "o2"}, "services": {"s1", "s2"}, "locations": {"l1", "l2"}}
EMPTY: dict[str, set[str]] = {"organizations": set(), "services": set(), "locations": set()}


def problems(report: ImportReport, severity: Severity = Severity.ERROR) -> list[tuple[str, int, str | None]]:
    return [(p.file, p.row, p.column) for p in report.problems if p.severity is severity]


async def test_a_folder_of_tables_comes_in(directory: Directory, tmp_path: Path) -> None:
    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", package()))

    assert report.ok
    assert report.problems == ()
    assert report.source == "sol"
    assert await directory.ids("sol") == WHOLE
    services = {row["sourceId"]: row for row in await directory.services("sol")}
    assert services["s1"]["serviceAtLocations"] == [{"location": {"sourceId": "l1"}}]
    assert services["s2"]["status"] == "TEMPORARILY_CLOSED"
    kinds = {row["name"]: row["kind"] for row in await directory.organizations("sol")}
    assert kinds == {"Centro Sol": "CBO", "Valley Library": "LIBRARY"}
    assert await differences(directory.database, Base.metadata) == []
    assert await unprotected_tables(directory.database) == []
    assert SERVICE.name == "partners"


@pytest.mark.parametrize("inside", ["", "export-2026/", "a/csv/"])
async def test_a_zip_of_the_folder_is_the_same_package(
    directory: Directory, tmp_path: Path, inside: str
) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "sol", package()), source="sol")

    again = await import_hsds(
        directory.database, write_zip(tmp_path / "sol.zip", package(), inside), source="sol"
    )

    assert sum(again.added.values()) == sum(again.changed.values()) == 0
    assert again.rows == 10


async def test_a_place_without_coordinates_is_put_at_the_centre_of_its_zip_code(
    directory: Directory, tmp_path: Path
) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "sol", package()))

    office = next(row for row in await directory.locations("sol") if row["sourceId"] == "l1")
    assert (office["city"], office["visibility"]) == ("Fresno", "PUBLIC")
    assert office["latitude"] == pytest.approx(36.7, abs=0.2)
    async with directory.database.transaction(system_caller(new_id())) as session:
        assert await session.scalar(select(Organization.counties).where(Organization.source_id == "o1")) == [
            "06019"
        ]


async def test_a_changed_cell_changes_one_row_and_its_version(directory: Directory, tmp_path: Path) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "sol", package()))
    tables = package()
    tables["services"] = [{**tables["services"][0], "name": "English classes"}, tables["services"][1]]

    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))

    assert {k: v for k, v in report.changed.items() if v} == {"services": 1}
    assert sum(report.added.values()) == 0
    async with directory.database.transaction(system_caller(new_id())) as session:
        versions = {row.source_id: row.version for row in await session.scalars(select(Service))}
    assert versions == {"s1": 2, "s2": 1}


async def test_every_bad_row_is_told_with_file_line_and_column_and_the_good_ones_go_in(
    directory: Directory, tmp_path: Path
) -> None:
    tables = package(
        organizations=[
            {"id": "o1", "name": "Two\nlines", "description": ""},
            {"id": "", "name": "No identifier", "description": ""},
            {"id": "o3", "name": "", "description": "no name"},
            {"id": "o2", "name": "Valley Library", "description": "Books"},
            {"id": "o2", "name": "Twice", "description": "the same identifier"},
        ],
        services=[
            {"id": "s1", "organization_id": "o1", "name": "Fine", "status": "active"},
            {"id": "s2", "organization_id": "nowhere", "name": "Orphan", "status": "active"},
            {"id": "s3", "organization_id": "o3", "name": "Of a refused one", "status": "active"},
        ],
        phones=[{"id": "f1", "service_id": "s1", "number": "none"}],
    )

    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))

    assert not report.ok
    assert problems(report) == [
        ("organizations.csv", 4, "id"),
        ("organizations.csv", 5, "name"),
        ("organizations.csv", 7, "id"),
        ("phones.csv", 2, "number"),
        ("service_at_location.csv", 3, "service_id"),
        ("services.csv", 3, "organization_id"),
        ("services.csv", 4, "organization_id"),
    ]
    reasons = {(p.file, p.row): p.reason for p in report.problems}
    assert reasons["services.csv", 3] == "refers to an organization that is not in the package"
    assert reasons["services.csv", 4] == "refers to an organization that was refused"
    assert await directory.ids("sol") == {
        "organizations": {"o1", "o2"},
        "services": {"s1"},
        "locations": {"l1", "l2"},
    }


async def test_an_optional_cell_that_cannot_be_read_is_warned_of_and_costs_no_row(
    directory: Directory, tmp_path: Path
) -> None:
    tables = package(
        organizations=[
            {
                "id": "o1",
                "name": "Sol",
                "website": "javascript:alert(1)",
                "email": "nobody",
                "year_incorporated": "old",
            },
            {"id": "o2", "name": "Luz", "website": "luz.example.org"},
        ],
        locations=[
            {
                "id": "l1",
                "organization_id": "o1",
                "location_type": "castle",
                "latitude": "36.7",
                "longitude": "-200",
            },
            {"id": "l2", "organization_id": "o2", "location_type": "physical"},
        ],
        services=[
            {
                "id": "s1",
                "organization_id": "o1",
                "name": "A",
                "status": "perhaps",
                "assured_date": "soon",
                "minimum_age": "9",
                "maximum_age": "3",
            },
            {"id": "s2", "organization_id": "o2", "name": "B", "status": "active"},
        ],
    )

    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))

    assert report.ok
    assert await directory.ids("sol") == WHOLE
    assert set(problems(report, Severity.WARNING)) == {
        ("organizations.csv", 2, "website"),
        ("organizations.csv", 2, "email"),
        ("organizations.csv", 2, "year_incorporated"),
        ("organizations.csv", 3, "website"),
        ("locations.csv", 2, "location_type"),
        ("locations.csv", 2, "longitude"),
        ("services.csv", 2, "status"),
        ("services.csv", 2, "assured_date"),
        ("services.csv", 2, "maximum_age"),
    }
    rows = await directory.rows()
    assert {row["source_id"]: row["website"] for row in rows["organizations"]} == {
        "o1": None,
        "o2": "http://luz.example.org",
    }
    assert {row["source_id"]: row["status"].value for row in rows["services"]} == {
        "s1": "INACTIVE",
        "s2": "ACTIVE",
    }


async def test_strict_leaves_nothing_behind_when_one_row_is_bad(directory: Directory, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "sol", package(phones=[{"id": "f1", "service_id": "s9", "number": "1"}]))

    report = await import_hsds(directory.database, folder, strict=True)

    assert (report.ok, report.written, report.rows) == (False, False, 0)
    assert problems(report) == [("phones.csv", 2, "service_id")]
    assert await directory.ids("sol") == EMPTY
    rows = await directory.rows()
    assert not any(rows[table] for table in ("organizations", "phones", "addresses"))


async def test_strict_takes_a_whole_package(directory: Directory, tmp_path: Path) -> None:
    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", package()), strict=True)

    assert report.ok
    assert report.written
    assert await directory.ids("sol") == WHOLE


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    directory: Directory, tmp_path: Path
) -> None:
    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", package()), dry_run=True)

    assert (report.added["services"], report.written, report.dry_run) == (2, False, True)
    assert await directory.ids("sol") == EMPTY


async def test_each_source_has_rows_of_its_own(directory: Directory, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "sol", package())

    await import_hsds(directory.database, folder, source="one")
    second = await import_hsds(directory.database, folder, source="two")

    assert second.added["organizations"] == 2
    assert await directory.ids("one") == await directory.ids("two") == WHOLE


async def test_an_import_again_does_not_undo_what_protects_people_r17(
    directory: Directory, tmp_path: Path
) -> None:
    tables = package()
    tables["locations"] = [{**row, "latitude": "36.1", "longitude": "-119.1"} for row in tables["locations"]]
    folder = write_folder(tmp_path / "sol", tables)
    await import_hsds(directory.database, folder)
    async with directory.database.transaction(system_caller(new_id())) as session:
        await session.execute(
            update(Location).values(visibility=Visibility.OWNER, latitude=36.0, longitude=-119.0)
        )
        await session.execute(update(Service).values(sensitivity=Sensitivity.SURVIVOR))

    await import_hsds(directory.database, folder)

    rows = await directory.rows()
    assert {(r["visibility"], r["latitude"], r["longitude"]) for r in rows["locations"]} == {
        (Visibility.OWNER, 36.0, -119.0)
    }
    assert {r["sensitivity"] for r in rows["services"]} == {Sensitivity.SURVIVOR}


async def test_no_organisation_of_law_enforcement_comes_in_r30(directory: Directory, tmp_path: Path) -> None:
    tables = package(organizations=[
        {"id": "o1", "name": "Fresno County Sheriff's Office"}, {"id": "o2", "name": "Police Activities League"},
    ])  # fmt: skip

    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))

    assert {("organizations.csv", 2, "name"), ("services.csv", 2, "organization_id")} <= set(problems(report))
    assert {row["name"] for row in await directory.organizations("sol")} == {"Police Activities League"}


TERMS = [
    {"id": "t1", "code": "ESL", "name": "English classes", "taxonomy": "Their terms"},
    {"id": "t2", "code": "20012", "name": "Immigrants", "taxonomy": "Open Eligibility"},
    {"id": "t3", "code": "X", "name": "Undocumented people", "taxonomy": "Their terms"},
    {"id": "t4", "code": "IMM", "name": "Immigration", "taxonomy": "Their terms", "parent_id": "t3"},
    {"id": "t5", "code": "education.esl", "name": "English classes", "taxonomy": "vereda"},
    {"id": "t6", "code": "made.up", "name": "Made up", "taxonomy": "vereda"},
]


async def test_terms_come_in_under_their_taxonomy_but_none_that_names_a_status_r1(
    directory: Directory, tmp_path: Path
) -> None:
    attributes = [
        {"id": f"a{n}", "link_id": "s1", "link_entity": "service", "taxonomy_term_id": f"t{n}"}
        for n in range(1, 7)
    ]
    folder = write_folder(tmp_path / "sol", package(taxonomy_terms=TERMS, attributes=attributes))

    report = await import_hsds(directory.database, folder)

    terms = {r["code"]: r["scheme"] for r in (await directory.rows())["taxonomy_terms"] if r["source"]}
    assert terms == {"Their terms:ESL": "Their terms", "Their terms:IMM": "Their terms"}
    assert [p for p in problems(report) if p[0] == "taxonomy_terms.csv"] == [
        ("taxonomy_terms.csv", 3, "name"),
        ("taxonomy_terms.csv", 4, "name"),
        ("taxonomy_terms.csv", 7, "code"),
    ]
    service = next(row for row in await directory.services("sol") if row["sourceId"] == "s1")
    assert {term["code"] for term in service["terms"]} == {
        "Their terms:ESL",
        "Their terms:IMM",
        "education.esl",
        "legal.immigration",
    }


async def test_a_term_that_two_packages_share_stays_with_the_first(
    directory: Directory, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "sol", package(taxonomy_terms=TERMS[:1]))
    await import_hsds(directory.database, folder, source="one")
    write_folder(folder, {"taxonomy_terms": [{**TERMS[0], "name": "Otherwise"}]})

    second = await import_hsds(directory.database, folder, source="two")

    terms = [r for r in (await directory.rows())["taxonomy_terms"] if r["code"] == "Their terms:ESL"]
    assert [(r["name"], r["source"]) for r in terms] == [("English classes", "one")]
    assert second.unchanged["taxonomy_terms"] == 1


async def test_what_has_no_column_is_kept_with_its_record(directory: Directory, tmp_path: Path) -> None:
    tables = package(
        cost_options=[{"id": "c1", "service_id": "s1", "option": "Adults", "amount": "5", "currency": "usd"}],
        accessibility=[{"id": "x1", "location_id": "l1", "description": "Ramp", "details": "At the back"}],
        required_documents=[{"id": "d1", "service_id": "s1", "document": "Proof of address"}],
        funding=[{"id": "m1", "source": "Nobody's"}],
    )
    tables["organizations"] = [{**tables["organizations"][0], "tax_id": "12-3"}, tables["organizations"][1]]

    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))

    rows = await directory.rows()
    service = next(r for r in rows["services"] if r["source_id"] == "s1")
    assert service["required_documents"] == ["Proof of address"]
    assert service["source_fields"]["cost_option"] == [
        {"id": "c1", "option": "Adults", "amount": "5", "currency": "usd"}
    ]
    assert next(r for r in rows["locations"] if r["source_id"] == "l1")["accessibility"] == ["Ramp"]
    assert next(r for r in rows["organizations"] if r["source_id"] == "o1")["source_fields"] == {
        "tax_id": "12-3"
    }
    assert problems(report) == [("funding.csv", 2, "service_id")]


async def test_a_report_of_room_holds_for_its_time(directory: Directory, tmp_path: Path) -> None:
    tables = package(
        units=[{"id": "u1", "name": "bed"}],
        service_capacity=[{"id": "k1", "service_id": "s1", "unit_id": "u1", "available": "3", "maximum": "9",
                           "updated": "2026-05-01T10:00:00-07:00"}],
    )  # fmt: skip
    folder = write_folder(tmp_path / "sol", tables)

    await import_hsds(directory.database, folder)
    again = await import_hsds(directory.database, folder)

    (row,) = (await directory.rows())["capacity_reports"]
    assert (row["available"], row["unit"], row["status"].value) == (3, "bed", "CAPACITY")
    assert row["reported_at"].isoformat() == "2026-05-01T17:00:00+00:00"
    assert (row["expires_at"] - row["reported_at"]).days == 14
    assert again.unchanged["capacity_reports"] == 1


async def test_each_change_is_told_to_the_organisation_that_it_is_about(
    directory: Directory, tmp_path: Path
) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "sol", package()))

    (sol,) = [row for row in await directory.organizations("sol") if row["sourceId"] == "o1"]
    async with directory.database.transaction(caller_of(UUID(sol["id"]))) as session:
        types = list(await session.scalars(select(OutboxEvent.type).order_by(OutboxEvent.type)))
    assert types == [
        "org.vereda.location.created",
        "org.vereda.organization.created",
        "org.vereda.service.created",
    ]


async def test_a_value_that_does_not_fit_its_column_costs_its_row_alone(
    directory: Directory, tmp_path: Path
) -> None:
    noise = "".join(
        chr(0x4E00 + (n * 7919) % 20000) for n in range(3000)
    )  # more than an index of names takes
    tables = package()
    tables["services"] = [*tables["services"], {"id": "s3", "organization_id": "o1", "name": noise}]

    report = await import_hsds(directory.database, write_folder(tmp_path / "sol", tables))

    assert await directory.ids("sol") == WHOLE
    assert problems(report) == [("services.csv", 4, None)]


async def test_rows_are_written_in_batches_and_told_of(directory: Directory, tmp_path: Path) -> None:
    many = [
        {"id": f"s{n}", "organization_id": "o1", "name": f"Service {n}", "status": "active"}
        for n in range(1000)
    ]
    told: list[tuple[str, int]] = []

    await import_hsds(
        directory.database,
        write_folder(tmp_path / "sol", package(services=many, service_at_location=[])),
        progress=lambda what, rows: told.append((what, rows)),
    )

    assert ("services.csv", 1000) in told
    assert [rows for what, rows in told if what == "services"] == [400, 800, 1000]


JSON_LIST: list[dict[str, Any]] = [
    {"id": "o1", "name": "Sol", "services": [{"id": "s1", "name": "A", "status": "active", "phones": [{"id": "f", "number": "x"}],
      "service_at_locations": [{"id": "p", "location": {"id": "l1", "location_type": "physical", "latitude": 36.5, "longitude": -119}}]}]},
    {"id": "o2", "services": [{"id": "s2", "name": "B", "status": "active"}]},
    "neither",
]  # fmt: skip


async def test_nested_json_is_told_of_by_number_and_path(directory: Directory, tmp_path: Path) -> None:
    file = tmp_path / "organizations.json"
    file.write_text(json.dumps(JSON_LIST), encoding="utf-8")

    report = await import_hsds(directory.database, file, source="sol")

    assert problems(report) == [
        ("organizations.json", 1, "services[0].phones[0].number"),
        ("organizations.json", 2, "name"),
    ]
    assert problems(report, Severity.WARNING) == [("organizations.json", 3, None)]
    assert await directory.ids("sol") == {"organizations": {"o1"}, "services": {"s1"}, "locations": {"l1"}}


async def test_json_that_breaks_off_is_told_and_what_came_before_goes_in(
    directory: Directory, tmp_path: Path
) -> None:
    file = tmp_path / "organizations.json"
    file.write_text('[{"id": "o1", "name": "Sol"}, {"id": "o2", ', encoding="utf-8")

    report = await import_hsds(directory.database, file, source="sol")

    assert problems(report) == [("organizations.json", 2, None)]
    assert (await directory.ids("sol"))["organizations"] == {"o1"}


def test_a_problem_reads_as_a_sentence() -> None:
    told = RowProblem("services.csv", 7, "status", "is not a status of HSDS, and was read as inactive")

    assert str(told) == "services.csv, row 7, status: is not a status of HSDS, and was read as inactive"


async def test_a_source_needs_a_name(directory: Directory, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="--source"):
        await import_hsds(directory.database, write_folder(tmp_path / "sol", package()), source=" ")


async def test_nothing_is_seen_of_an_import_by_nobody(directory: Directory, tmp_path: Path) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "sol", package()))

    async with directory.database.transaction(None) as session:
        assert await session.scalar(text("SELECT count(*) FROM services")) == 0
