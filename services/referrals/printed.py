"""A receipt as a PDF that can be printed and read aloud by a screen reader: one font, whole for all Latin letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from services.referrals.domain.receipt_words import Part

#: Noto Sans (SIL Open Font License 1.1, fonts/OFL.txt), its Latin letters, marks and modifiers.
FONT: Final = Path(__file__).parent / "fonts" / "NotoSans-Latin.ttf"
#: Points: type for a title, a heading, text, and what is small; millimetres: the height of a line, and of a margin.
_SIZES: Final = {"title": 22, "heading": 16, "text": 13, "item": 13, "small": 9}
_LINE_MM: Final = 7
_MARGIN_MM: Final = 22


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
        pdf.set_font("Noto", size=_SIZES[part.kind])
        if part.kind in ("title", "heading"):
            pdf.ln(_LINE_MM / 2)
        text = f"\u2022 {part.text}" if part.kind == "item" else part.text
        pdf.multi_cell(0, _LINE_MM * _SIZES[part.kind] / 13, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(pdf.output())
