"""The tables of docs/exchange.md, printed from this facade's own: `python -m facades.fhir.page` writes them anew.

A test holds the page to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from facades.fhir import codes
from facades.fhir.outcomes import BY_CODE
from facades.fhir.refusing import BARRED_EXTENSIONS, BARRED_SYSTEMS, BARRED_TYPES, TAKEN
from facades.fhir.searching import INCLUDES
from facades.fhir.states import STATES_OF

PAGE: Final = Path(__file__).parents[2] / "docs" / "exchange.md"
_BLOCK: Final = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def printed(page: str) -> str:
    """The page with each table as the code says it now."""
    tables = {
        "status": _status(),
        "named": _named(),
        "codes": _codes(),
        "barred": _barred(),
        "includes": ", ".join(f"`{one}`" for one in INCLUDES),
        "errors": _errors(),
    }
    return _BLOCK.sub(lambda found: f"{found[1]}{tables[found[2]]}\n{found[3]}", page)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    told = [f"| {' | '.join(line)} |" for line in (head, *rows)]
    return "\n".join([told[0], "|" + "---|" * len(head), *told[1:]])


def _coded(values: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in values)


def _status() -> str:
    rows = [
        (
            f"`{status}`",
            ", ".join(states),
            "; ".join(_coded(way.moves) for way in codes.WAYS if way.status == status) or "nothing",
        )
        for status, states in STATES_OF.items()
    ]
    return _table(("`Task.status`", "states", "setting it makes the move, or the moves"), rows)


def _named() -> str:
    by_bser = {state: code for code, state in codes.BY_BSER.items()}
    rows = [(f"`{state}`", by_bser.get(state, ""), _coded(moves)) for state, moves in codes.BY_STATE.items()]
    return _table(("state in `businessStatus`", "BSeR", "makes the move"), rows)


def _codes() -> str:
    rows = [
        ("`priority`", "urgency", ", ".join(f"`{fhir}` {ours}" for ours, fhir in codes.PRIORITY.items())),
        ("`statusReason`", f"`{codes.REASONS}`", _coded(codes.REASON_TEXT)),
        ("`output`", f"`{codes.OUTCOMES}`", _coded(codes.OUTCOME_TEXT)),
        ("HealthcareService", f"`{codes.CAPACITY}`", _coded(codes.CAPACITY_CODES.values())),
    ]
    return _table(("where", "system", "codes"), rows)


def _barred() -> str:
    rows = [
        (
            "refused",
            "`identifier.type` (HL7 v2-0203)",
            f"{_coded(sorted(BARRED_TYPES))}, and `NN` with a country",
        ),
        ("refused", "`identifier.system` with", _coded(BARRED_SYSTEMS)),
        ("refused", "extensions that end in", _coded(BARRED_EXTENSIONS)),
        (
            "taken",
            "of a Patient",
            _coded(sorted(TAKEN - {"resourceType", "meta", "text", "active", "id", "language"})),
        ),
        (
            "left out with a warning",
            "of a Patient",
            "all else: `birthDate`, `gender`, `identifier`, `contact`, ...",
        ),
    ]
    return _table(("", "what", "which"), rows)


def _errors() -> str:
    rows = [(f"`{code}`", str(status), f"`{kind}`") for code, (status, kind) in BY_CODE.items()]
    return _table(("code of the graph", "HTTP", "issue type"), rows)


if __name__ == "__main__":
    PAGE.write_text(printed(PAGE.read_text()))
