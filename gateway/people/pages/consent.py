"""The page that asks whether an application may act in a person's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.people.pages.rendering import page
from gateway.people.sessions import SignedIn

#: The names of the form's answer and of its values.
DECISION: Final = "decision"
ALLOW: Final = "allow"
DENY: Final = "deny"


def consent_page(
    request: Request,
    signed_in: SignedIn,
    client_name: str,
    scopes: Iterable[str],
    hidden: Mapping[str, str],
    *,
    leads_to: str,
) -> Response:
    """The page; its form is posted to the path of `request`, with `hidden`, the CSRF token and `decision=allow|deny`.

    `leads_to` (checked by the caller) is where the answer sends the browser on: the page's policy lets the form lead
    there. `scopes` are of `vereda.caller.Scope`.
    """
    return page(
        request,
        "consent.html",
        locale=signed_in.locale,
        form_action=_source(leads_to),
        person=signed_in.display_name,
        client_name=client_name,
        scopes=sorted(scopes),
        hidden=hidden,
        action=request.url.path,
    )


def _source(uri: str) -> tuple[str, ...]:
    """The CSP source (§2.3.1) of a URI: its origin, or the scheme of an application on the device (RFC 8252 §7.1)."""
    parts = urlsplit(uri)
    if any(character in f"{parts.scheme}{parts.netloc}" for character in " ;,'\""):
        return ()
    if parts.scheme in ("http", "https") and parts.netloc:
        return (f"{parts.scheme}://{parts.netloc}",)
    return (f"{parts.scheme}:",) if parts.scheme else ()
