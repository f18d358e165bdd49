"""Which paths are passed on, and what a path must be like to be."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from vereda.errors import OperatorError

PATHS_VARIABLE: Final = "VEREDA_PASSED_PATHS"

_FORM: Final = "/prefix=name,..."
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9][A-Za-z0-9._-]*)+")

#: RFC 3986 §3.3 without what only an attack needs: no empty or dot segment, and no encoded slash, backslash or control.
_SEGMENT: Final = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%(?![01]|2[fF]|5[cC]|7[fF])[0-9A-Fa-f]{2})+")
_QUERY: Final = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\[\]|-]|%[0-9A-Fa-f]{2})*")
_LONGEST_PATH: Final = 1_024
_LONGEST_QUERY: Final = 4_096


class UnpassableError(ValueError):
    """This path or query is not passed on; the message says why, and does not repeat it."""


def passed_paths(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The prefixes in `VEREDA_PASSED_PATHS`, each with its subgraph: `/hsds/3.0=partners,/other=grants`.

    Raises: OperatorError when it is not written so, or a prefix is inside of another.
    """
    found: dict[str, str] = {}
    for entry in (part.strip() for part in environment.get(PATHS_VARIABLE, "").split(",")):
        if not entry:
            continue
        prefix, _, subgraph = (part.strip() for part in entry.partition("="))
        if not subgraph or not _PREFIX.fullmatch(prefix):
            raise OperatorError(f"{PATHS_VARIABLE} must be written {_FORM} ({entry!r} is not).")
        if any(f"{prefix}/".startswith(f"{one}/") or f"{one}/".startswith(f"{prefix}/") for one in found):
            raise OperatorError(f"{PATHS_VARIABLE}: {prefix} and another prefix are one inside of the other.")
        found[prefix] = subgraph
    return found


def target(raw_path: bytes, query: bytes) -> str:
    """What a subgraph is asked for: the path and the query exactly as they came, if there is but one way to read them.

    Raises: UnpassableError.
    """
    if len(raw_path) > _LONGEST_PATH or len(query) > _LONGEST_QUERY:
        raise UnpassableError(
            f"The path may have {_LONGEST_PATH} bytes, what follows it {_LONGEST_QUERY}: ask for less at once."
        )
    segments = raw_path.removesuffix(b"/").split(b"/")[1:]
    if not all(_is_plain(segment) for segment in segments):
        raise UnpassableError("The path holds something that could be read in two ways.")
    if not _QUERY.fullmatch(query):
        raise UnpassableError("The query holds characters that must be percent-encoded (RFC 3986 §3.4).")
    return (raw_path + (b"?" + query if query else b"")).decode("ascii")


def _is_plain(segment: bytes) -> bool:
    dots = segment.replace(b"%2e", b".").replace(b"%2E", b".")
    return _SEGMENT.fullmatch(segment) is not None and dots not in (b".", b"..")
