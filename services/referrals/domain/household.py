"""Who comes with a client: as little of each as serving them together needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from iso639 import is_language

#: How many come with a client at most.
MOST: Final = 15
_LONGEST_NAME: Final = 200


class Relation(StrEnum):
    """What somebody is to the client."""

    PARTNER = "PARTNER"
    CHILD = "CHILD"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    GRANDPARENT = "GRANDPARENT"
    GRANDCHILD = "GRANDCHILD"
    OTHER_RELATIVE = "OTHER_RELATIVE"
    NOT_RELATED = "NOT_RELATED"


def problems(name: str | None, language: str | None) -> dict[str, str]:
    """What is wrong with one member's record, by field."""
    wrong = {}
    if name is not None and not 1 <= len(name.strip()) <= _LONGEST_NAME:
        wrong["name"] = f"must have 1 to {_LONGEST_NAME} characters, or be left out"
    if language is not None and not is_language(language, "pt3"):
        wrong["language"] = "must be an ISO 639-3 code, such as `spa`"
    return wrong
