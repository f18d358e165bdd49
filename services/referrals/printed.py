"""A receipt or a slip as a PDF that can be printed and read aloud by a screen reader: one font, whole for all Latin letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from services.referrals.domain.receipt_words import Part

#: Noto Sans (SIL Open Font License 1.1, fonts/OFL.txt), its Latin letters, marks and modifiers.
FONT: Final = Path(__file__).parent / "fonts" / "NotoSans-Latin.ttf"
#: Points: type for a title, a heading, text, and what is small; millimetres: the height of a line, and of a margin.
_SIZES: Final = {"title": 22, "heading": 16, "text": 13, "item": 13, "small": 9, "code": 24}
_LINE_MM: Final = 7
_MARGIN_MM: Final = 22
_SQUARE_MM: Final = 1.4


def printed(parts: Sequence[Part], language: str, made_at: datetime) -> bytes:
    """The PDF: letter size, `language` by BCP 47. The same parts make the same bytes, so that its hash means something."""
    pdf = FPDF(format="letter")
    pdf.set_creation_date(made_at)
    pdf.set_lang(language)
    pdf.set_title(parts[0].text)
    pdf.set_margins(_MARGIN_MM, _MARGIN_MM)
    pdf.set_auto_page_break(True, _MARGIN_MM)
    pdf.add_font("Noto", fname=FONT)
    pdf.add_page()
    for part in parts:
        if part.kind == "picture":
            _draw(pdf, part.text)
            continue
        pdf.set_font("Noto", size=_SIZES[part.kind])
        if part.kind in ("title", "heading"):
            pdf.ln(_LINE_MM / 2)
        text = f"\u2022 {part.text}" if part.kind == "item" else part.text
        pdf.multi_cell(0, _LINE_MM * _SIZES[part.kind] / 13, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(pdf.output())


def _draw(pdf: FPDF, text: str) -> None:
    """The text as a QR code (ISO/IEC 18004), for a camera; whoever has none reads it beside."""
    left, top = pdf.get_x(), pdf.get_y() + _LINE_MM / 2
    rows = list(segno.make(text, error="m", micro=False).matrix)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                at = (left + across * _SQUARE_MM, top + down * _SQUARE_MM)
                pdf.rect(*at, _SQUARE_MM, _SQUARE_MM, style="F")
    pdf.set_xy(left, top + len(rows) * _SQUARE_MM + _LINE_MM / 2)
