"""What docs/referral-lifecycle.md repeats of the lifecycle's tables, printed from them.

`python -m services.referrals.lifecycle_page` writes it anew between the page's marks; a test holds it to the code.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import fields
from pathlib import Path
from typing import Final

from services.referrals.domain.calendar import Span, Unit
from services.referrals.domain.clocks import DEFAULTS, Notice, Urgency, bells, due
from services.referrals.domain.lifecycle import (
    BSER_STATUS,
    FHIR_STATUS,
    LIFECYCLE,
    TERMINAL,
    Loop,
    Move,
    State,
    SubState,
    Through,
    bser_status,
)

PAGE: Final = Path(__file__).parents[2] / "docs" / "referral-lifecycle.md"
_BLOCK: Final = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_UNITS: Final = {
    Unit.BUSINESS_DAYS: "business days",
    Unit.BUSINESS_HOURS: "business hours",
    Unit.DAYS: "days",
}


def printed(page: str) -> str:
    """The page with each block between `<!-- name -->` and `<!-- end -->` as the code says it now."""
    blocks = {
        "picture": _picture(),
        "moves": _moves(),
        "states": _states(),
        "clocks": _clocks(),
        "limits": _limits(),
    }
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}\n{found[3]}", page)


def _picture() -> str:
    """A state diagram in Mermaid: one arrow for each pair of states, named after its moves. REVOKE is left out."""
    arrows: dict[tuple[State, State], list[str]] = defaultdict(list)
    for move in LIFECYCLE:
        if move.to is not State.REVOKED:
            for frm in sorted(move.frm, key=list(State).index):
                arrows[frm, move.to].append(move.name.value.lower())
    lines = [f"    {frm} --> {to}: {', '.join(names)}" for (frm, to), names in sorted(arrows.items())]
    ends = [f"    {state} --> [*]" for state in State if state in TERMINAL and state is not State.REVOKED]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {State.DRAFT}", *lines, *ends, "```"])


def _moves() -> str:
    lines = ["| move | from | to | by | needs | guards | through |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(_move(move) for move in LIFECYCLE)])


def _move(move: Move) -> str:
    frm = ", ".join(state for state in State if state in move.frm)
    by = ", ".join(sorted(move.by))
    reason = f"reason ({' or '.join(sorted(move.only_for))})" if move.only_for else "reason"
    given = ((reason, move.needs_reason), ("outcome", move.needs_outcome), ("offer", move.needs_offer))
    needs = ", ".join(name for name, needed in given if needed)
    through = move.through.value if move.through is Through.CLOCK else f"`{move.through.value}`"
    return f"| `{move.name}` | {frm} | {move.to} | {by} | {needs} | {', '.join(sorted(move.guards))} | {through} |"


def _states() -> str:
    lines = ["| state | HL7 FHIR Task.status | BSeR businessStatus | an end |", "|---|---|---|---|"]
    for state in State:
        codes = [bser_status(state, sub) for sub in SubState] if state is State.SCHEDULED else []
        bser = ", ".join(f"{code} ({sub})" for code, sub in zip(codes, SubState, strict=False))
        bser = bser or BSER_STATUS.get(state, "")
        lines.append(f"| {state} | `{FHIR_STATUS[state]}` | {bser} | {'yes' if state in TERMINAL else ''} |")
    return "\n".join(lines)


def _clocks() -> str:
    lines = ["| state | next step due | urgent | bells |", "|---|---|---|---|"]
    for state in State:
        loop = Loop.REPORTED if state is State.COMPLETED else Loop.OPEN
        ringing = bells(state, loop, Urgency.ROUTINE, DEFAULTS)
        if ringing:
            told = "; ".join(f"{_span(one.after)}: {_said(one.notice, one.to)}" for one in ringing)
            name = "an end that was REPORTED" if state in TERMINAL else state
            soon, now = (due(state, urgency, DEFAULTS) for urgency in (Urgency.ROUTINE, Urgency.URGENT))
            lines.append(f"| {name} | {_span(soon)} | {_span(now)} | {told} |")
    return "\n".join(lines)


def _said(notice: Notice, to: str) -> str:
    return notice.value if notice is Notice.EXPIRE else f"{notice.value} to {to}"


def _span(span: Span | None) -> str:
    return "" if span is None else f"{span.count} {_UNITS[span.unit]}"


def _limits() -> str:
    lines = ["| limit | default |", "|---|---|"]
    return "\n".join(
        [*lines, *(f"| `{one.name}` | {getattr(DEFAULTS, one.name)} |" for one in fields(DEFAULTS))]
    )


if __name__ == "__main__":
    PAGE.write_text(printed(PAGE.read_text()))
