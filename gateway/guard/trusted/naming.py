"""Names of documents (GraphQL over HTTP, appendix A §document identifier syntax)."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

PREFIX: Final = "sha256:"
_HASH: Final = re.compile(r"[0-9a-f]{64}")
#: A custom identifier, or one with a prefix of somebody's own.
_OTHER: Final = re.compile(r"(?:x-[A-Za-z0-9._~-]{1,60}:)?[A-Za-z0-9._~-]{1,200}")


def digest(document: str) -> str:
    """The SHA-256 of the text in UTF-8, as 64 hexadecimal digits."""
    return sha256(document.encode(errors="replace")).hexdigest()


def named(document: str) -> str:
    """The name of a text."""
    return PREFIX + digest(document)


def named_by_hash(hexadecimal: str) -> str | None:
    """The name that a hash makes; None when it is none."""
    return PREFIX + hexadecimal if _HASH.fullmatch(hexadecimal) else None


def is_name(given: str) -> bool:
    if given.startswith(PREFIX):
        return named_by_hash(given.removeprefix(PREFIX)) is not None
    return _OTHER.fullmatch(given) is not None
