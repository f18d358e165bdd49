"""Where the pages are for browsers, and for whom passkeys are made."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from vereda.loopback import is_loopback
from vereda.settings import Settings

_LOCALHOST: Final = "localhost"


def page_url(settings: Settings) -> str:
    """The base URL for people's browsers. Passkeys belong to a domain, which an address is not: on this machine the
    pages are at `localhost`."""
    parts = urlsplit(settings.public_url)
    if not is_loopback(parts.hostname or ""):
        return settings.public_url
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{_LOCALHOST}{port}").geturl()


def relying_party_id(settings: Settings) -> str:
    """Web Authentication §4, RP ID: the host of the pages."""
    return urlsplit(page_url(settings)).hostname or _LOCALHOST
