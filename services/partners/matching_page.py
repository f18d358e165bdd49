"""What docs/matching.md repeats of the tables of matching, printed from them.

`python -m services.partners.matching_page` writes it anew between the page's marks; a test holds it to the code.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from services.partners.domain import matching as m
from services.partners.domain.capacity import (
    INFERRED_FOR,
    ORDINARY_TIME_TO_LIVE,
    TIME_TO_LIVE,
    TIME_TO_LIVE_OF_UNIT,
    CapacityStatus,
)
from services.partners.domain.languages import GROUPS
from services.partners.domain.match_words import FILTERS
from services.partners.domain.practice import HOURS_PER_CASE, LEVEL_NEEDED, PRODUCTIVE_SHARE
from services.partners.domain.terms import Urgency

PAGE: Final = Path(__file__).parents[2] / "docs" / "matching.md"
_BLOCK: Final = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def printed(page: str) -> str:
    """The page with each block between `<!-- name -->` and `<!-- end -->` as the code says it now."""
    blocks = {
        "filters": _filters(),
        "weights": _weights(),
        "languages": _languages(),
        "room": _room(),
        "lifetimes": _lifetimes(),
        "matters": _matters(),
    }
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}\n{found[3]}", page)


def _table(*rows: tuple[object, ...]) -> str:
    head, *others = (f"| {' | '.join(map(str, row))} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *others])


def _filters() -> str:
    return _table(("filter", "what is told"), *((f"`{one}`", FILTERS[one][0]) for one in m.FILTERS))


def _weights() -> str:
    how = {
        m.Factor.LANGUAGE: "by who speaks it, see below; all of them where no language is asked for",
        m.Factor.CAPACITY: "by what is known of its room, see below, x e^(-age / lifetime of the report)",
        m.Factor.DISTANCE: f"{m.MOST[m.Factor.DISTANCE]:g} x (1 - miles / {m.FARTHEST_MILES:g}), of its best place;"
        f" help at a distance: {m.VIRTUAL_POINTS:g}; the same county where no miles can be told:"
        f" {m.SAME_COUNTY_POINTS:g}",
        m.Factor.RESPONSE: f"{m.MOST[m.Factor.RESPONSE]:g} x share of recent referrals accepted, at least"
        f" {m.LEAST_RESPONSE_POINTS:g}; where too few are known: {m.UNKNOWN_RESPONSE_POINTS:g}",
        m.Factor.FRESHNESS: f"{m.MOST[m.Factor.FRESHNESS]:g} x e^(-days since its record was looked over /"
        f" {m.FRESH_DAYS:g}); never looked over: 0",
        m.Factor.RURAL: "one of its places is out in the country",
        m.Factor.SHARE: "its organisation has had more than its share of new referrals; never below 0 in all",
    }
    rows = ((f"`{one}`", f"{m.MOST[one]:g}", how[one]) for one in m.Factor)
    return _table(("factor", "at most", "points"), *rows)


def _languages() -> str:
    vias = dict.fromkeys(via for via, _ in m.LANGUAGE_POINTS)
    fits = dict.fromkeys(fit for _, fit in m.LANGUAGE_POINTS)
    rows = [(f"`{via}`", *(f"{m.LANGUAGE_POINTS[via, fit]:g}" for fit in fits)) for via in vias]
    groups = ", ".join(f"`{name}` ({len(members.split())} codes)" for name, members in GROUPS.items())
    return _table(("through", "the same", "another of its group"), *rows) + f"\n\nGroups: {groups}."


def _room() -> str:
    notes = {
        CapacityStatus.CAPACITY: f"x {m.SHARE_OF_ONE_PLACE:g} with one place or an unknown number, rising to 1 with"
        f" {m.AMPLE_PLACES}",
        CapacityStatus.WAITLIST: ", ".join(
            f"x {m.WAITLIST_BY_URGENCY[urgency]:g} if {urgency.lower()}" for urgency in Urgency
        ),
        CapacityStatus.UNKNOWN: "no decay: there is no report",
    }
    rows = ((f"`{one}`", f"{points:g}", notes.get(one, "")) for one, points in m.CAPACITY_POINTS.items())
    return _table(("room", "points", ""), *rows)


def _lifetimes() -> str:
    rows = [
        *((f"of {kind.lower()} services", _days(lasts)) for kind, lasts in TIME_TO_LIVE.items()),
        *(
            (f"of {unit}s, whatever the service", _days(lasts))
            for unit, lasts in TIME_TO_LIVE_OF_UNIT.items()
        ),
        ("all others", _days(ORDINARY_TIME_TO_LIVE)),
        ("inferred from declines", _days(INFERRED_FOR)),
    ]
    return _table(("report", "believed for"), *rows)


def _days(lasts: timedelta) -> str:
    return f"{lasts.days} days"


def _matters() -> str:
    rows = []
    for term, hours in HOURS_PER_CASE.items():
        level = max((code for code in LEVEL_NEEDED if term.startswith(code)), key=len)
        rows.append((f"`{term}`", LEVEL_NEEDED[level], f"{hours:g}"))
    table = _table(("matter, and what is under it", "accreditation", "hours a case"), *rows)
    return f"{table}\n\nOf the week's hours, {PRODUCTIVE_SHARE:.0%} go into cases."


if __name__ == "__main__":
    PAGE.write_text(printed(PAGE.read_text()))
