"""A report as PDF: figures in tables, what can be compared in bars, and the definition of everything at the end.

Bars are drawn as what they are, rectangles: a library of charts would bring a hundred times their weight. A figure that is not
shown has no bar, and its mark where its number would be.
"""

from __future__ import annotations

from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from vereda.reporting.document import Report, Row, Section
from vereda.reporting.words import word

_FONT: Final = "Helvetica"
_COLUMNS: Final = ("name", "figure", "target", "period", "source", "as of")
_WIDTHS: Final = (68, 54, 26, 18, 20, 20)
_LABEL_MM, _BAR_MM, _LINE_MM = 62, 90, 5.5
_INK: Final = (38, 84, 124)
_GREY: Final = (110, 110, 110)
_HEAD: Final = FontFace(emphasis="BOLD", fill_color=(230, 236, 242))


class _Page(FPDF):
    """A page with its number, and whether something is missing, at its foot."""

    def __init__(self, report: Report) -> None:
        super().__init__(format="letter")
        self.report = report
        self.set_title(_latin(report.title))
        self.set_lang(report.language)
        self.set_margins(15, 15)
        self.set_auto_page_break(True, margin=18)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FONT, size=7)
        self.set_text_color(*_GREY)
        self.cell(0, 4, _latin(f"{self.report.title} - {self.report.subtitle} - {self.page_no()}"), align="C")
        self.set_text_color(0)


def written(report: Report) -> bytes:
    """The file's content."""
    page = _Page(report)
    page.add_page()
    _line(page, report.title, 18, bold=True)
    _line(page, report.subtitle, 10)
    for gap in report.gaps:
        _line(page, gap, 10, bold=True)
    for section in report.sections:
        _section(page, section)
    _line(page, word("definitions", report.language), 13, bold=True, before=6)
    for measure, name, definition in report.definitions():
        _line(page, f"{name} ({measure})", 8, bold=True, before=1)
        _line(page, definition, 8)
    return bytes(page.output())


def _section(page: _Page, section: Section) -> None:
    _line(page, section.name, 13, bold=True, before=5)
    page.set_font(_FONT, size=8)
    with page.table(
        col_widths=_WIDTHS,
        line_height=4.4,
        headings_style=_HEAD,
        borders_layout="HORIZONTAL_LINES",
        text_align="LEFT",
    ) as table:
        table.row([_latin(word(name, page.report.language)) for name in _COLUMNS])
        for row in section.rows:
            shown = f"{row.shown} - {row.why}" if row.why else row.shown
            table.row(
                [_latin(text) for text in (row.label, shown, row.target, row.period, row.source, row.as_of)]
            )
    for rows in section.charts():
        _bars(page, rows)


def _bars(page: _Page, rows: tuple[Row, ...]) -> None:
    """One bar for each figure, as long as its share of the longest."""
    _line(page, rows[0].name, 9, bold=True, before=3)
    longest = max(row.number or 0 for row in rows) or 1
    page.set_font(_FONT, size=7.5)
    for row in rows:
        if page.will_page_break(_LINE_MM):
            page.add_page()
        left, top = page.l_margin, page.get_y()
        page.cell(_LABEL_MM, _LINE_MM, _latin(_fitting(page, row.of)))
        length = _BAR_MM * (row.number or 0) / longest
        if length > 0:
            with page.local_context(fill_color=_INK):  # what comes after is not filled with it
                page.rect(left + _LABEL_MM, top + 1, length, _LINE_MM - 2, style="F")
        page.set_xy(left + _LABEL_MM + length + 1, top)
        page.cell(0, _LINE_MM, _latin(row.shown), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _fitting(page: _Page, text: str) -> str:
    """The text, shortened where its column is too narrow."""
    while len(text) > 4 and page.get_string_width(_latin(text)) > _LABEL_MM - 2:
        text = f"{text.removesuffix('...')[:-1]}..."
    return text


def _line(page: _Page, text: str, size: float, *, bold: bool = False, before: float = 0) -> None:
    page.ln(before)
    page.set_font(_FONT, "B" if bold else "", size)
    page.multi_cell(0, size * 0.5, _latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _latin(text: str) -> str:
    """What the built-in font can write: English and Spanish can; of anything else, a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
