"""The comparison as a picture: bars in plain SVG, legible on light and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH: Final = 760
_LABELS: Final = 210
_BAR: Final = 20
_GAP: Final = 8
_HEADING: Final = 44
_RIGHT: Final = 80

_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .heading { font-weight: 600; font-size: 14px }
  .ours { fill: #0f7b63 } .reference { fill: none; stroke: #59636e; stroke-dasharray: 4 3 } .other { fill: #9aa4ae }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .ours { fill: #3cc29e } .reference { stroke: #9198a1 } .other { fill: #656d76 }
  }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    kind: str
    """`ours`, `reference` or `other`."""


@dataclass(frozen=True, slots=True)
class Panel:
    heading: str
    bars: Sequence[Bar]


def draw(title: str, panels: Sequence[Panel]) -> str:
    """The whole SVG file. Bars of one panel have one scale, from zero."""
    parts: list[str] = []
    top = 0
    for panel in panels:
        parts.append(f'  <text class="heading" x="0" y="{top + 26}">{escape(panel.heading)}</text>')
        top += _HEADING
        most = max((bar.value for bar in panel.bars), default=1.0) or 1.0
        for bar in panel.bars:
            parts.extend(_drawn(bar, top, most))
            top += _BAR + _GAP
        top += _GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" '
            f'height="{top}" role="img">',
            f"  <title>{escape(title)}</title>",
            f"  <style>{_STYLE}  </style>",
            *parts,
            "</svg>",
            "",
        ]
    )


def _drawn(bar: Bar, top: int, most: float) -> list[str]:
    width = max(1.0, bar.value / most * (_WIDTH - _LABELS - _RIGHT))
    baseline = top + _BAR - 5
    return [
        f'  <text x="{_LABELS - 10}" y="{baseline}" text-anchor="end">{escape(bar.label)}</text>',
        f'  <rect class="{bar.kind}" x="{_LABELS}" y="{top}" width="{width:.1f}" height="{_BAR}" rx="2"/>',
        f'  <text x="{_LABELS + width + 8:.1f}" y="{baseline}">{bar.value:,.0f}</text>',
    ]
