"""Prints docs/disclosure.md from the policy: `python -m services.referrals.printing > docs/disclosure.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from services.referrals.domain.consent import DataClass, Purpose
from services.referrals.domain.disclosure import (
    FIELDS,
    LADDER,
    PURPOSE_CLASSES,
    RULES,
    Reader,
    rung,
)

_HEAD: Final = """# Who reads what about a client

Printed from the one table that the code asks (`services/referrals/domain/disclosure.py`) by
`python -m services.referrals.printing`; a test holds this page to it, and another asks for every field in the name of
every reader, under every kind of consent. What a consent is, and how it is given and taken back: [consent.md](consent.md).

First of all, row-level security decides which objects somebody may know of at all: a client through a handle of their
own organisation, a consent as who recorded it or is named by it, a referral as its sender or recipient. Whoever is none
of these gets the answer that a made-up id gets. Of an object that they may know of, a field is shown by its rule; where
it is not, it is `null` with an entry in `extensions.redactions` ([reasons](errors.md#redactions)). Under which consents
the rest was shown stands in `extensions.disclosures`: the consent's handle, its scope in words, and the places of the
answer that hold what it opened. Both go on with the data wherever it goes.

`LEGAL_PRIVILEGED` is passed on by no consent and read for no purpose: see [consent.md](consent.md#privileged-notes-r15).
"""


def page() -> str:
    """The whole of docs/disclosure.md."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## Rules\n"
    yield from _table(("rule", "shown"), ((f"`{rule}`", said) for rule, said in RULES.items()))
    yield "\n## Fields\n"
    yield "A field of the conflict set is shown to a legal recipient before it has cleared its check, unless it set `BLIND` (R14).\n"
    fields = (
        (
            f"`{field.name}`",
            f"`{field.rule}`",
            field.data_class or "",
            "yes" if field.conflict_set else "",
        )
        for field in FIELDS
    )
    yield from _table(("field", "rule", "class", "conflict set"), fields)
    yield "\n## How exactly the kind of help is told (R13)\n"
    yield from _table(
        ("reader", "usually", "of a survivor's"),
        ((one, rung(one, survivor=False).name, rung(one, survivor=True).name) for one in LADDER),
    )
    yield (
        f"\n`{Reader.AUTHOR}`: who wrote the referral, by their own sign-in, or whom it was handed on to: `assignReferral` by the author\nor an administrator of the organisation. `{Reader.SENDER}`: everybody else of the"
        " sender's staff.\nCoordinators and funders are shown no referral; theirs is the rung of the tables they read."
    )
    yield "\n## The most that a purpose needs (R18)\n"
    yield (
        "A request names its purpose in the header `Vereda-Purpose`, or its system is registered for one. It then reads"
        " no more than\nthis, of its own organisation's clients too. Without one, it reads as for"
        f" `{Purpose.REFERRAL_DELIVERY}`, and its own without bound.\n"
    )
    yield from _table(
        ("purpose", "classes"),
        ((f"`{one}`", _listed(classes)) for one, classes in PURPOSE_CLASSES.items()),
    )
    yield ""


def _listed(classes: frozenset[DataClass]) -> str:
    return ", ".join(one for one in DataClass if one in classes) or "none"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
