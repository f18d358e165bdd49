"""Where the pages are, and where they may send a browser on to."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

SIGN_IN: Final = "/sign-in"
ACCOUNT: Final = "/account"

_LONGEST: Final = 4000
#: A path of our own: visible ASCII, beginning with one slash. No second slash or backslash, which browsers read as the
#: begin of a host; no tab or newline, which they leave out.
_OWN_PATH: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def safe_next(path: str | None) -> str:
    """`path` when it leads to a page of this very origin, else the account page: no open redirect."""
    if path and len(path) <= _LONGEST and _OWN_PATH.fullmatch(path):
        return path
    return ACCOUNT


def sign_in_url(next_path: str, *, since: int | None = None) -> str:
    """The sign-in page, which leads on to `next_path`. With `since` (Unix seconds), whoever has signed in before that does
    it again."""
    again = "" if since is None else f"&since={since}"
    return f"{SIGN_IN}?next={quote(safe_next(next_path), safe='/')}{again}"
