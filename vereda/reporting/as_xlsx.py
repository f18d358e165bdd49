"""A report as a workbook: the figures with charts that can be edited, and their definitions."""

from __future__ import annotations

import io
from typing import Any, Final

from xlsxwriter import Workbook

from vereda.reporting.document import Report, Row
from vereda.reporting.words import word

_WIDTHS: Final = {
    "name": 34,
    "of": 26,
    "figure": 14,
    "unit": 14,
    "mark": 14,
    "why": 34,
    "target": 16,
    "period": 10,
}
_COLUMNS: Final = (*_WIDTHS, "source", "as of", "measure")
_FIGURE: Final = _COLUMNS.index("figure")
_FORMATS: Final = {"SHARE": "0.0%", "MONEY": "$#,##0.00"}
_CHART_COLUMN: Final = len(_COLUMNS) + 1
_CHART_ROWS: Final = 16
_TITLE_ROWS: Final = 4


def written(report: Report) -> bytes:
    """The file's content. Every cell is written as what it is: a text is a text, whatever it begins with, and no formula."""
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(content, {**options, "in_memory": True}) as book:
        _figures(book, report)
        _definitions(book, report)
    return content.getvalue()


def _figures(book: Any, report: Report) -> None:
    sheet = book.add_worksheet(word("figures", report.language))
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    formats = {unit: book.add_format({"num_format": form}) for unit, form in _FORMATS.items()}
    sheet.write_string(0, 0, report.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, report.subtitle)
    sheet.write_string(2, 0, " ".join(report.gaps), bold)
    for column, name in enumerate(_COLUMNS):
        sheet.write_string(_TITLE_ROWS, column, word(name, report.language), bold)
        sheet.set_column(column, column, _WIDTHS.get(name, 22))
    sheet.freeze_panes(_TITLE_ROWS + 1, 1)
    at, charts = _TITLE_ROWS + 1, 0
    for section in report.sections:
        sheet.write_string(at, 0, section.name, bold)
        places = {id(row): place for place, row in enumerate(section.rows, start=at + 1)}
        for row in section.rows:
            _row(sheet, places[id(row)], row, formats, wrapped)
        for rows in section.charts():
            chart = _chart(book, sheet.get_name(), rows, places[id(rows[0])], places[id(rows[-1])])
            sheet.insert_chart(_TITLE_ROWS + charts * _CHART_ROWS, _CHART_COLUMN, chart)
            charts += 1
        at += len(section.rows) + 2


def _row(sheet: Any, at: int, row: Row, formats: dict[str, Any], wrapped: Any) -> None:
    said = (
        row.name,
        row.of,
        None,
        row.unit,
        row.mark,
        row.why,
        row.target,
        row.period,
        row.source,
        row.as_of,
    )
    for column, text in enumerate((*said, row.measure)):
        if text is not None:
            sheet.write_string(at, column, text, wrapped)
    if row.number is not None:
        sheet.write_number(at, _FIGURE, row.number, formats.get(row.unit))


def _chart(book: Any, sheet: str, rows: tuple[Row, ...], first: int, last: int) -> Any:
    chart = book.add_chart({"type": "bar"})
    of = _COLUMNS.index("of")
    chart.add_series(
        {
            "categories": [sheet, first, of, last, of],
            "values": [sheet, first, _FIGURE, last, _FIGURE],
            "data_labels": {"value": True},
        }
    )
    chart.set_title({"name": rows[0].name, "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    return chart


def _definitions(book: Any, report: Report) -> None:
    sheet = book.add_worksheet(word("definitions", report.language))
    sheet.set_column(0, 1, 34)
    sheet.set_column(2, 2, 110, book.add_format({"text_wrap": True}))
    for column, name in enumerate(("measure", "name", "definition")):
        sheet.write_string(0, column, word(name, report.language), book.add_format({"bold": True}))
    for at, texts in enumerate(report.definitions(), start=1):
        for column, text in enumerate(texts):
            sheet.write_string(at, column, text)
