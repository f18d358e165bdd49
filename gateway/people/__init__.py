"""People: who they are, how they prove it, and what their browser may do.

`roles` (what a role may) · `register`, `invitations` (administration) · `passwords`, `totp`, `recovery` (proofs) ·
`signing_in` (what is proven so far, what is asked next) · `sessions`, `cookies`, `csrf`, `authenticator` (the browser
afterwards) ·
`pages` (what people see) · `people` (all of it, made once).
"""

from __future__ import annotations

from starlette.routing import Route

from gateway.people.authenticator import SessionAuthenticator
from gateway.people.csrf import csrf_ok
from gateway.people.pages.account import AccountPages
from gateway.people.pages.files import file_routes
from gateway.people.pages.sign_in import SignInPages
from gateway.people.paths import sign_in_url
from gateway.people.people import People
from gateway.people.sessions import Sessions, SignedIn

__all__ = ["People", "SessionAuthenticator", "Sessions", "SignedIn", "csrf_ok", "routes", "sign_in_url"]


def routes(people: People) -> list[Route]:
    """`/sign-in`, `/account`, `/sign-out`, and what these pages are made of."""
    return [*SignInPages(people).routes(), *AccountPages(people).routes(), *file_routes()]
