"""People: who they are, how they prove it, and what their browser may do.

- administration: `roles` (what a role may), `register`, `invitations`, `events` (what is told of it)
- proofs: `passwords`, `totp`, `passkeys`, `recovery`; `guessing` slows who guesses at them
- `signing_in`: what is proven so far, what is asked next
- the browser: `cookies`, `csrf`, `origins`, `paths`; `sessions` afterwards, and `authenticator` at the graph
- `pages` (what people see), `languages`, `letters` and `mail` (what they are sent); `people` is all of it, made once
"""

from __future__ import annotations

from starlette.routing import Route

from gateway.people.authenticator import SessionAuthenticator
from gateway.people.csrf import csrf_ok
from gateway.people.pages import page_routes
from gateway.people.paths import sign_in_url
from gateway.people.people import People
from gateway.people.sessions import Sessions, SignedIn

__all__ = ["People", "SessionAuthenticator", "Sessions", "SignedIn", "csrf_ok", "routes", "sign_in_url"]


def routes(people: People) -> list[Route]:
    """`/sign-in`, `/sign-out`, `/account`, `/invitation`, `/forgotten-password`, and what these pages are made of."""
    return page_routes(people)
