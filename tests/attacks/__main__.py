"""The catalogue as a table for docs/security.md: `python -m tests.attacks`."""

from __future__ import annotations

from tests.attacks import documents, leaks, sites, values  # noqa: F401 (they fill the catalogue)
from tests.attacks.catalogue import ATTACKS

_KINDS = {
    "dos": "Exhaustion",
    "csrf": "Other sites",
    "leak": "Leaks",
    "fed": "Federation",
    "apq": "Persisted documents",
}


def table() -> str:
    """A row for each attack, those of a kind together, in the order in which they are written."""
    lines = ["| kind | attack | what stops it | known from |", "|---|---|---|---|"]
    for kind, name in _KINDS.items():
        for each in (attack for attack in ATTACKS if attack.kind == kind):
            defence = " ".join(each.defence.split())
            lines.append(f"| {name} | {each.name} | {defence} | {', '.join(each.lessons)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
