"""Reports as files: every figure with what it says, when, by whose word, and why it is not shown; and nothing that acts."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.region.conftest import Region, Regions
from vereda.errors import OperatorError
from vereda.reporting.as_csv import inert
from vereda.reporting.asking import DASHBOARD, SECTIONS, SEED, Wish, report
from vereda.reporting.command import Format, written
from vereda.reporting.document import Report, Row, Section

pytestmark = pytest.mark.servers

HOSTILE = '=HYPERLINK("http://x","y")'


@dataclass
class System:
    """A partner's system, as the reports ask it, at the region of the tests."""

    region: Region
    asked: list[str] = field(default_factory=list)

    async def ask(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        self.asked.append(document)
        return await self.region.ask(document, **(variables or {}))


def row(**more: Any) -> Row:
    given: dict[str, Any] = {
        "measure": "services.helped",
        "name": "Needs helped",
        "of": "",
        "number": None,
        "unit": "NEEDS",
        "mark": "SMALL",
        "why": "It is 1 to 10.",
        "period": "2026-Q3",
        "source": "referrals",
        "as_of": "2026-10-16",
        "definition": "Needs in which somebody was helped.",
    }
    return Row(**{**given, **more})


def of(*rows: Row, gaps: tuple[str, ...] = ()) -> Report:
    return Report("The region", "2026-Q3", "en", (Section("Services", rows),), gaps)


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheet(content: bytes, name: str = "sheet1") -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return ElementTree.fromstring(book.read(f"xl/worksheets/{name}.xml"))


@pytest.mark.parametrize("form", [DASHBOARD, SEED, "CDSS_DACA", "CDSS_NATURALIZATION", "OUTREACH"])
async def test_a_report_has_every_figure_with_all_that_it_says(regions: Regions, form: str) -> None:
    async with regions.without() as region:
        system = System(region)
        found = await report(system, Wish(form, "2025-Q1"))  # type: ignore[arg-type]

    assert len(system.asked) == 1, "one query"
    assert found.rows
    assert found.gaps == ()
    for one in lines(written(found, Format.CSV)):
        assert all(
            one[column] for column in ("measure", "name", "unit", "period", "source", "as of", "definition")
        )
        assert (one["figure"] == "") == (one["mark"] != "")


async def test_the_report_asks_for_every_figure_of_the_dashboard(regions: Regions) -> None:
    """What a service adds to its part of the graph is on paper too."""
    from graphql import GraphQLObjectType, build_schema

    from vereda.composition import FOLDER

    schema = build_schema((FOLDER / "api.graphql").read_text())
    dashboard = schema.type_map["RegionalDashboard"]
    assert isinstance(dashboard, GraphQLObjectType)
    for name, figures in SECTIONS.items():
        section = dashboard.fields[name].type
        assert isinstance(section, GraphQLObjectType)
        assert set(section.fields) == set(figures)
    assert set(dashboard.fields) == {"period", "targets", *SECTIONS}


async def test_a_service_that_is_down_is_said_on_the_report(regions: Regions) -> None:
    async with regions.without({"grants"}) as region:
        found = await report(System(region), Wish(DASHBOARD, "2025-Q1", language="es"))  # type: ignore[arg-type]

    assert found.gaps == ("grants no respondió: sus cifras faltan aquí, y no son cero.",)
    assert not any(one.source == "grants" for one in found.rows)
    assert lines(written(found, Format.CSV))[0]["nombre"] == found.gaps[0]
    assert found.gaps[0] in "".join(strings(written(found, Format.XLSX)))


async def test_a_form_that_there_is_not_is_refused_in_words(regions: Regions) -> None:
    async with regions.without() as region:
        with pytest.raises(OperatorError, match="must be one of CDSS_DACA"):
            await report(System(region), Wish("IS_NOT", "2025-Q1"))  # type: ignore[arg-type]


def strings(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    return ["".join(one.itertext()) for one in shared]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_is_no_formula_in_a_spreadsheet(begins: str) -> None:
    text = f"{begins}cmd|' /C calc'!A0"
    found = of(row(name=text, of=text, why=text, definition=text, source=text), gaps=(text,))

    read = list(csv.reader(io.StringIO(written(found, Format.CSV).decode("utf-8-sig"), newline="")))
    assert not any(cell.startswith(begins) for line in read for cell in line)
    assert inert(text) == f"'{text}"
    cells = sheet(written(found, Format.XLSX))
    assert not [one for one in cells.iter() if one.tag.endswith("}f")], "no cell is a formula"
    assert written(found, Format.PDF).startswith(b"%PDF-")


def test_a_workbook_has_numbers_as_numbers_charts_and_definitions() -> None:
    reached = [
        row(measure="outreach.reached", of=of_, number=number, mark="", why="")
        for of_, number in (("SPANISH", 400.0), ("HMONG", 30.0), (HOSTILE, 12.0))
    ]
    content = written(of(*reached, row()), Format.XLSX)

    values = [float(one.text) for one in sheet(content).iter() if one.tag.endswith("}v") and one.text]
    assert {400.0, 30.0, 12.0} <= set(values)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "xl/charts/chart1.xml" in book.namelist()
    assert not [one for one in sheet(content).iter() if one.tag.endswith(("}f", "}hyperlink"))]
    assert HOSTILE in strings(content)
    assert "Needs in which somebody was helped." in strings(content)


def test_a_figure_that_is_hidden_is_drawn_nowhere_and_says_why() -> None:
    shown, hidden = row(of="A", number=20.0, mark="", why=""), row(of="B")
    found = of(shown, row(of="C", number=40.0, mark="", why=""), hidden)

    [chart] = found.sections[0].charts()
    assert [one.shown for one in chart] == ["20", "40", "<11"]
    [line] = [one for one in lines(written(found, Format.CSV)) if one["of"] == "B"]
    assert (line["figure"], line["mark"], line["why it is not shown"]) == ("", "SMALL", "It is 1 to 10.")
    assert len(written(found, Format.PDF)) > len(written(of(shown), Format.PDF))
