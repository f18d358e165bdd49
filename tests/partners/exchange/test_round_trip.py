"""Whatever a package says, it says again when it comes out: drawn packages go in, out, in elsewhere, and out again."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.partners.exchange.exporting import export_hsds
from services.partners.exchange.fields import TYPES, VALUES, Type
from services.partners.exchange.hsds import BY_NAME, CARRIED, KINDS
from services.partners.exchange.importing import import_hsds
from tests.partners.exchange.packages import write_folder
from tests.partners.exchange.reader import Directory

Rows = list[dict[str, str]]

_TEXT: Final = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), min_size=1, max_size=12
).map(lambda text: f"a{text}z".replace("  ", " "))
_BY_TYPE: Final[dict[Type, st.SearchStrategy[str]]] = {
    Type.TEXT: _TEXT,
    Type.NUMBER: st.integers(1, 90).map(str),
    Type.DATE: st.dates().filter(lambda day: day.year > 1800).map(str),
    Type.TIME: st.times().map(lambda at: at.replace(microsecond=0).isoformat()),
    Type.DATETIME: st.just("2026-03-01T08:00:00+00:00"),
    Type.URI: st.sampled_from(["https://example.org/a", "http://example.org/b?c=d"]),
    Type.EMAIL: st.sampled_from(["a@example.org", "b.c@example.org"]),
}
#: Where a column takes less than its type.
_FIELDS: Final[dict[tuple[str, str], st.SearchStrategy[str]]] = {
    ("language", "code"): st.sampled_from(["spa", "mix", "hmn"]),
    ("schedule", "byday"): st.sampled_from(["MO", "TU,TH", "1MO"]),
    ("schedule", "freq"): st.sampled_from(["WEEKLY", "MONTHLY"]),
    ("schedule", "bymonthday"): st.sampled_from(["1", "1,15"]),
    ("phone", "number"): st.sampled_from(["559 555 0100", "(559) 555-0101"]),
    ("address", "country"): st.just("US"),
    ("address", "postal_code"): st.sampled_from(["93721", "93612"]),
    ("organization", "year_incorporated"): st.just("1999"),
    ("service", "minimum_age"): st.just("10"),
    ("service", "maximum_age"): st.just("99"),
    ("schedule", "interval"): st.just("2"),
    ("schedule", "timezone"): st.sampled_from(["-8", "5.5"]),
}
#: Made up of what others say, or said nowhere in a table of its own.
_LEFT: Final = {"meta_table_description", "service_capacity", "unit", "eligibility"}
_LINKS: Final = ("organization", "service", "location", "service_at_location", "phone", "contact", "schedule",
                 "cost_option", "language", "service_area", "program", "address")  # fmt: skip


@st.composite
def packages(draw: Any) -> dict[str, Rows]:
    """Tables of one to three rows each, whose references lead to rows that are there."""
    tables: dict[str, Rows] = {}
    order = ["organization", "program", "taxonomy", "taxonomy_term", "location", "service", "service_at_location",
             "contact", "phone"]  # fmt: skip
    for kind in [*order, *(k.name for k in KINDS if k.name not in order and k.name not in _LEFT)]:
        rows = [_row(draw, kind, number, tables) for number in range(draw(st.integers(1, 3)))]
        tables[kind] = _once(kind, rows)
    return {BY_NAME[kind].file: rows for kind, rows in tables.items()}


def _row(draw: Any, kind: str, number: int, tables: dict[str, Rows]) -> dict[str, str]:
    described = BY_NAME[kind]
    row = {"id": f"{kind}-{number}"}
    closest = CARRIED.get(kind, ())[:1]
    for field in described.fields[1:]:
        parent = described.parents.get(field)
        if parent is not None:
            there = [other["id"] for other in tables.get(parent, [])]
            needed = (
                field in described.required
                or field in closest
                or field in ("organization_id", "location_id", "taxonomy_id")
            )
            if there and needed:
                row[field] = draw(st.sampled_from(there))
        elif field in described.required or draw(st.booleans()):
            row[field] = draw(_cell(kind, field))
    if kind in ("attribute", "metadata"):
        held = draw(st.sampled_from([one for one in _LINKS if one in tables]))
        names = ("link_id", "link_entity") if kind == "attribute" else ("resource_id", "resource_type")
        row |= dict(zip(names, (draw(st.sampled_from(tables[held]))["id"], held), strict=True))
    if kind == "taxonomy_term":  # by the taxonomy that it names
        row["taxonomy"] = next(one["name"] for one in tables["taxonomy"] if one["id"] == row["taxonomy_id"])
        row["code"] = f"c{number}"
    if kind in ("contact", "schedule", "language", "service_area", "phone"):
        row.setdefault("service_id", draw(st.sampled_from(tables["service"]))["id"])
    if ("latitude" in row) != ("longitude" in row):  # which count only together
        row |= {"latitude": "36.5", "longitude": "-119.5"}
    if kind == "language":
        row.setdefault("name", "Español")
    return row


def _cell(kind: str, field: str) -> st.SearchStrategy[str]:
    if (kind, field) in _FIELDS:
        return _FIELDS[kind, field]
    if (kind, field) in VALUES:
        return st.sampled_from(VALUES[kind, field])
    return _BY_TYPE[TYPES.get(kind, {}).get(field, Type.TEXT)]


def _once(kind: str, rows: Rows) -> Rows:
    """What a directory holds once: a service at a place, a taxonomy by its name."""
    key: dict[str, Callable[[dict[str, str]], Any]] = {
        "service_at_location": lambda row: (row["service_id"], row["location_id"]),
        "taxonomy": lambda row: row["name"],
    }
    if kind not in key:
        return rows
    return list({key[kind](row): row for row in reversed(rows)}.values())[::-1]


_numbers = itertools.count()


@settings(
    max_examples=5,
    derandomize=True,
    phases=[Phase.generate],
    deadline=None,
    # Whole packages are large, and some outgrow what may be drawn: they count as filtered.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
@given(tables=packages())
async def test_a_package_comes_out_as_it_went_in_and_again(
    directory: Directory, other_directory: Directory, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    source, folder = f"drawn-{(number := next(_numbers))}", tmp_path / str(number)
    for row in tables["taxonomies"]:  # or it would be the one of an earlier package
        row["name"] += f" {number}"
    for row in tables["taxonomy_terms"]:
        row["taxonomy"] += f" {number}"
    report = await import_hsds(directory.database, write_folder(folder / "in", tables), source=source)
    assert [str(problem) for problem in report.errors] == []

    await export_hsds(directory.database, folder / "out", source=source, version="3.1")
    back = await import_hsds(other_directory.database, folder / "out", source=source)
    await export_hsds(other_directory.database, folder / "again", source=source, version="3.1")
    before = await directory.rows()
    still = await import_hsds(directory.database, folder / "out", source=source)

    assert back.problems == ()
    assert sum(still.added.values()) == 0
    assert not differences(before, await directory.rows())
    for file in (folder / "out").iterdir():
        assert file.read_bytes() == (folder / "again" / file.name).read_bytes(), file.name
    lost = {
        (name, row["id"], field): value
        for name, rows in tables.items()
        for row in rows
        for field, value in row.items()
        if not same(said(folder / "out" / f"{name}.csv", row["id"]).get(field), value)
    }
    assert {key: value for key, value in lost.items() if not known_better(*key)} == {}


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    return [
        (table, column, one[column], other[column])
        for table, rows in before.items()
        for one, other in zip(rows, after[table], strict=True)
        for column in one
        if one[column] != other[column]
    ]


def same(out: str | None, value: str) -> bool:
    """The same text but for spaces around it, or the same number."""
    try:
        return out == value.strip() or float(out or "") == float(value)
    except ValueError:
        return False


def said(file: Path, id_: str) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as stream:
        return next((row for row in csv.DictReader(stream) if row["id"] == id_), {})


def known_better(table: str, _id: str, field: str) -> bool:
    """What the directory says in its own way."""
    return (table, field) in {
        ("organizations", "parent_organization_id"),
        ("languages", "name"),
    }


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR")
