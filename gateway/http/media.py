"""Media types: what a request is, and what its sender takes (RFC 9110 §8.3, §12.5.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
_OFFERED: Final = (GRAPHQL_RESPONSE, JSON)
_WILDCARDS: Final = {"*/*": JSON, "application/*": JSON}


@lru_cache(maxsize=256)
def answer_type(accept: str | None) -> str | None:
    """The media type to answer in, by the sender's preference; None when it takes none of ours.

    `*/*`, or nothing, gets `application/json`, as clients from before GraphQL over HTTP expect.
    """
    if not accept or not accept.strip():
        return JSON
    best: str | None = None
    best_quality = 0.0
    for entry in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in entry.split(";"))
        offered = media_type if media_type in _OFFERED else _WILDCARDS.get(media_type)
        quality = _quality(parameters)
        if offered is not None and quality > best_quality:
            best, best_quality = offered, quality
    return best


@lru_cache(maxsize=256)
def is_json(content_type: str | None) -> bool:
    """Whether a body is JSON in UTF-8: exactly `application/json`, not something that only mentions it."""
    if content_type is None:
        return False
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [p.partition("=")[2].strip('"') for p in parameters if p.startswith("charset=")]
    return media_type == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def accepts_html(accept: str | None) -> bool:
    """Whether it is a browser that opens a page."""
    return accept is not None and "text/html" in accept.lower()


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
