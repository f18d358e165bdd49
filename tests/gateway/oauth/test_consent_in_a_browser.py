"""A person in a real browser lets an application act for them: what only a browser enforces must not stand in the way."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.oauth import clients, routes
from gateway.people import People
from gateway.people import routes as people_routes
from gateway.people.cookies import SESSION
from tests.gateway.http.network import serving
from tests.gateway.oauth.applications import SECRET, Application, new_worker
from tests.support.chromium import chromium, needs_chromium
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("quick_hashing"),
    needs_chromium,
]


class Later:
    """An application that is made once its address is known."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


async def callback(request: Request) -> HTMLResponse:
    """The application's page at its redirect URI: on another origin than ours."""
    return HTMLResponse(f"<title>back</title><p id=referrer>{request.headers.get('referer', 'none')}</p>")


async def test_allow_leads_to_the_application_and_nothing_leaks_on_the_way(
    settings: Settings, database: Database
) -> None:
    later = Later()
    async with (
        serving(later) as address,
        serving(Starlette(routes=[Route("/callback", callback)])) as elsewhere,
        chromium() as browser,
        httpx.AsyncClient(base_url=address) as http,
    ):
        page = await browser.new_page()
        ours = address.replace("127.0.0.1", "localhost")
        mine = settings.model_copy(update={"issuer": ours})
        later.app = Starlette(routes=[*routes(mine, database), *people_routes(People.of(mine, database))])
        worker = await new_worker(later, mine, database)
        application = Application(
            http, f"app-{new_id()}", worker.organization, redirect=f"{elsewhere}/callback"
        )
        await clients.register(
            database,
            clients.Registration(
                client_id=application.client_id,
                secret=SECRET,
                organization=worker.organization,
                name="Case Notes",
                scopes=["client:read"],
                grant_types=["authorization_code"],
                redirect_uris=[application.redirect],
            ),
        )
        cookie = worker.http.headers["Cookie"].partition("=")[2]
        await page.context.add_cookies(
            [
                {
                    "name": SESSION,
                    "value": cookie,
                    "url": ours.replace("http", "https"),
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )
        start = httpx.URL(f"{ours}/oauth/authorize", params=application.request())

        await page.goto(str(start))
        assert "Case Notes" in await page.title()
        await page.click("button[value=allow]")
        await page.wait_for_url(f"{elsewhere}/callback?**")

        back = {name: value for name, [value] in parse_qs(urlsplit(page.url).query).items()}
        assert back["state"] == application.request()["state"]
        assert back["iss"] == ours
        assert await page.text_content("#referrer") in ("none", f"{ours}/")
        assert (await application.redeem(back["code"])).status_code == 200
