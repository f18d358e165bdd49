"""Documents that shall be refused for next to nothing, over the bench graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _times(count: int, text: str) -> str:
    return " ".join(text.replace("#", str(number)) for number in range(count))


def _doubling(levels: int) -> str:
    steps = (
        f"fragment f{level} on Query {{ ...f{level + 1} ... {{ ...f{level + 1} }} }}"
        for level in range(levels)
    )
    return " ".join((*steps, f"fragment f{levels} on Query {{ rooms }}"))


HOSTILE: Final[Mapping[str, str]] = {
    "1,000 aliases": "{" + _times(1000, "a#: __typename") + "}",
    "2,000 directives on one field": "{ rooms " + "@no " * 2000 + "}",
    "a field 10,000 times": "{" + "rooms " * 10_000 + "}",
    "1,500 overlapping fields": "{ people {" + "name " * 1500 + "} }",
    "a fragment bomb of 2^28": "{ ...f0 } " + _doubling(28),
    "a chain of 3,000 fragments": "{ ...f0 } "
    + " ".join(f"fragment f{level} on Query {{ ...f{level + 1} }}" for level in range(3000)),
    "depth 5,000": "{a" * 5000 + "}" * 5000,
    "a list literal nested 10,000 deep": "{ person(id: " + "[" * 10_000 + "]" * 10_000 + ") { id } }",
    "100 KB of comments": "{ rooms }" + ",#\n" * 33_000,
    "2,000 fields that do not exist": "{" + _times(2000, "wrong#") + "}",
    "2,000 of them below the root": "{ people {" + _times(2000, "wrong#") + "} }",
}
