"""`/graphql` with a session's cookie: in whose name, from which pages, and for how long."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from gateway.identity import CHECKED_FOR_S, AuthenticationError, Identity
from gateway.people import People, SessionAuthenticator, register
from gateway.people.cookies import SESSION
from gateway.people.roles import scopes_of
from gateway.store import Role
from tests.gateway.people.conftest import ORIGIN, Browser, Worker
from vereda.settings import Settings
from vereda.tokens import HEADER, Verifier


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Others:
    """What stands for the check of tokens."""

    async def authenticate(self, _request: Request) -> Identity:
        return Identity(key="a token")


OURS = {"sec-fetch-site": "same-origin", "origin": ORIGIN}


def request(cookie: str | None, **headers: str) -> Request:
    said = {"host": "graph.example.org", **headers}
    if cookie is not None:
        said["cookie"] = f"{SESSION}={cookie}"
    return Request(
        {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in said.items()],
        }
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(people: People, clock: Clock) -> SessionAuthenticator:
    return SessionAuthenticator(people.settings, people.sessions, Others(), now=clock)


async def test_the_cookie_is_the_person_in_their_organisation_with_the_scopes_of_their_role(
    authenticator: SessionAuthenticator, browser: Browser, signed_in: Worker, settings: Settings
) -> None:
    identity = await authenticator.authenticate(request(browser.cookie(SESSION), **OURS))
    inside = await Verifier(settings.jwks_location("transaction")).verify(identity.headers[HEADER])

    assert identity.policies == {"role:case_worker"}
    assert identity.scopes == scopes_of(Role.CASE_WORKER) == inside.scopes
    assert (inside.subject, inside.organization) == (str(signed_in.person_id), signed_in.organization)
    assert inside.roles == {"case_worker"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": ORIGIN},
        {"sec-fetch-site": "same-site", "origin": "https://other.example.org"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://graph.example.org.evil.example"},
        {"origin": "https://graph.example.org:8443"},
        {},
    ],
)
async def test_no_page_of_another_site_can_use_the_cookie(
    authenticator: SessionAuthenticator, browser: Browser, signed_in: Worker, headers: dict[str, str]
) -> None:
    await authenticator.authenticate(request(browser.cookie(SESSION), **OURS))

    with pytest.raises(AuthenticationError, match="very site"):
        await authenticator.authenticate(request(browser.cookie(SESSION), **headers))


async def test_a_browser_that_says_only_its_origin_is_believed(
    authenticator: SessionAuthenticator, browser: Browser, signed_in: Worker
) -> None:
    identity = await authenticator.authenticate(request(browser.cookie(SESSION), origin=ORIGIN))

    assert identity.client_id == str(signed_in.person_id)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}])
async def test_without_a_cookie_or_with_a_token_it_is_not_the_sessions_business(
    authenticator: SessionAuthenticator, browser: Browser, signed_in: Worker, headers: dict[str, str]
) -> None:
    cookie = browser.cookie(SESSION) if headers else None

    identity = await authenticator.authenticate(request(cookie, **OURS, **headers))

    assert identity.key == "a token"


@pytest.mark.parametrize("how", ["sign_out", "disabled", "membership_ended", "role_changed"])
async def test_an_ended_session_is_refused_within_half_a_minute(
    authenticator: SessionAuthenticator,
    browser: Browser,
    signed_in: Worker,
    people: People,
    clock: Clock,
    how: str,
) -> None:
    cookie, person = browser.cookie(SESSION), signed_in.person_id
    await authenticator.authenticate(request(cookie, **OURS))

    if how == "sign_out":
        await browser.send("/sign-out")
    elif how == "disabled":
        await register.disable(people.database, person, by="operator")
    elif how == "membership_ended":
        await register.end_membership(people.database, person, signed_in.organization, by="operator")
    else:
        await register.set_role(people.database, person, signed_in.organization, Role.AUDITOR, by="operator")
    clock.at += CHECKED_FOR_S

    with pytest.raises(AuthenticationError, match="ended"):
        await authenticator.authenticate(request(cookie, **OURS))


async def test_a_made_up_cookie_is_nobody(authenticator: SessionAuthenticator) -> None:
    with pytest.raises(AuthenticationError, match="ended"):
        await authenticator.authenticate(request("x" * 43, **OURS))
