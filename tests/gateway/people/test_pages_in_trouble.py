"""What the pages say and send whatever happens: with their database away, and in the headers of each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from gateway.people import People, routes
from gateway.people.cookies import SESSION, VISIT
from gateway.people.csrf import FIELD, token_for
from gateway.people.languages import CATALOGUES
from tests.gateway.people.conftest import ORIGIN
from vereda.database import Database
from vereda.heads import HeadGuard
from vereda.settings import Settings

COOKIE = "c" * 43
#: Anybody's form, with a token that is right.
FORM = {FIELD: token_for(COOKIE), "email": "a@b.example", "password": "x", "code": "1", "credential": "{}"}
OURS = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}


def of(people: People) -> list[tuple[str, str]]:
    """Every method and path of the pages and of what they are made of."""
    return [
        (method, route.path)
        for route in routes(people)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


@pytest.fixture(scope="module")
def away(settings: Settings) -> People:
    """The pages over a database that is not there."""
    return People.of(
        settings.model_copy(update={"issuer": ORIGIN}), Database("postgresql://nobody:x@127.0.0.1:1/none")
    )


@pytest.fixture
async def http(away: People) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(away), middleware=[Middleware(HeadGuard, https=True)])
    transport = httpx.ASGITransport(app=app, client=("192.0.2.9", 40_000))
    cookies = {SESSION: COOKIE, VISIT: COOKIE}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
        yield client


async def ask(http: httpx.AsyncClient, method: str, path: str, language: str = "en") -> httpx.Response:
    headers = {"Accept-Language": language, **(OURS if method == "POST" else {})}
    form: dict[str, Any] = {"data": FORM} if method == "POST" else {}
    return await http.request(method, path, params={"token": "t"}, headers=headers, **form)


@pytest.mark.parametrize("language", sorted(CATALOGUES))
async def test_while_the_database_is_away_people_are_asked_to_come_back(
    http: httpx.AsyncClient, away: People, language: str
) -> None:
    """Those pages that need it; the others are there. Nothing of our insides is told."""
    said = CATALOGUES[language]
    with_it = 0
    for method, path in of(away):
        answer = await ask(http, method, path, language)

        assert answer.status_code in (200, 303, 503), (method, path, answer.status_code)
        if answer.status_code == 503:
            with_it += 1
            assert not [
                word for word in ("Traceback", "asyncpg", "127.0.0.1", "Error") if word in answer.text
            ]
            assert said["unavailable.title"] in answer.text
            assert said["unavailable.text"] in answer.text
            assert f'<html lang="{language}">' in answer.text
            assert int(answer.headers["retry-after"]) > 0
    assert with_it > 20


def test_the_two_lists_of_paths_are_of_all_pages(away: People) -> None:
    assert {path for _, path in of(away)} == {
        route.path for route in routes(away) if isinstance(route, Route)
    }
    assert {method for method, _ in of(away)} == {"GET", "POST"}


async def test_every_answer_of_the_pages_has_the_headers_that_it_needs(
    http: httpx.AsyncClient, away: People
) -> None:
    """OWASP ASVS 5 3.4.1 to 3.4.8, in trouble, too."""
    for method, path in of(away):
        headers = (await ask(http, method, path)).headers

        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert "cache-control" in headers, path
        assert "referrer-policy" in headers, path
        if headers.get("content-type", "").startswith("text/html"):
            assert headers["cache-control"] == "no-store"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; ")
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy


async def test_by_plain_http_no_browser_is_told_to_use_https_alone(away: People) -> None:
    """RFC 6797 §7.2: on one machine, where there is no https."""
    app = Starlette(routes=routes(away), middleware=[Middleware(HeadGuard)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost:4000"
    ) as http:
        assert "strict-transport-security" not in (await http.get("/forgotten-password")).headers
