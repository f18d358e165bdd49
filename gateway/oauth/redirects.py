"""Where an authorization response may go: what can be registered, and how an answer is put into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from vereda.errors import OperatorError
from vereda.loopback import is_loopback

LONGEST: Final = 2000
#: No wildcard, nothing that browsers and servers read differently (RFC 9700 §4.1.1).
_NEVER: Final = frozenset("*\\<>\"'`{}|^")


def checked_redirect_uri(uri: str) -> str:
    """`uri`, when it may be registered: absolute, https (http on loopback only, for development), without a fragment and
    without credentials (RFC 6749 §3.1.2, RFC 9700 §2.1). Raises: OperatorError."""
    problem = _problem(uri)
    if problem is not None:
        raise OperatorError(f"A redirect URI {problem}.")
    return uri


def _problem(uri: str) -> str | None:
    if len(uri) > LONGEST or not all("!" <= character <= "~" for character in uri) or _NEVER & set(uri):
        return "is plain ASCII of at most 2000 characters, without spaces, quotes, braces and wildcards"
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "must be a URL"
    if "#" in uri:
        return "has no fragment"
    if not host or parts.username is not None or parts.password is not None:
        return "names a host, and no credentials"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return "begins with https:// (http:// is for loopback addresses alone)"
    if {".", ".."} & set(parts.path.split("/")):
        return "has no `.` or `..` in its path"
    return None


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """`uri` with parameters added to its query, which stays as it is (RFC 6749 §3.1.2)."""
    separator = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode(parameters)}"
