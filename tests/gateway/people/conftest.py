"""The pages on a Starlette application of their own, over a real database, asked by a browser without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from gateway.people import People, register, routes
from gateway.people.events import SERVER
from gateway.people.totp import current_code
from gateway.store import Role
from tests.support.forms import Page
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings
from vereda.telemetry import RequestLog

PASSWORD = "plum kettle northward 58"
ORIGIN = "https://graph.example.org"


@pytest.fixture(scope="session")
def https_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"issuer": ORIGIN})


@pytest.fixture(scope="session")
def people(https_settings: Settings, database: Database) -> People:
    return People.of(https_settings, database)


@pytest.fixture
def app(people: People) -> Any:
    return RequestLog(Starlette(routes=routes(people)))


class Browser:
    """A browser without JavaScript: keeps cookies, sends forms with all that they hold, says where it comes from."""

    def __init__(self, app: Any, address: str = "192.0.2.1") -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 40_000))
        self.http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        self.page = Page("", "")

    async def open(self, path: str, **headers: str) -> Page:
        return self._shown(await self.http.get(path, headers=headers, follow_redirects=True))

    async def send(self, action: str, **filled: str) -> Page:
        """Fill in and send the form of the page that is shown whose action is this."""
        form = self.page.form(action)
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        answer = await self.http.post(form.action, data={**form.fields, **filled}, headers=headers)
        while answer.is_redirect:
            answer = await self.http.get(answer.headers["location"])
        return self._shown(answer)

    async def options(self, action: str) -> str:
        """What the page's script asks before it sends the form for a passkey."""
        form = self.page.form(action)
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        answer = await self.http.post(f"{action}/options", data=form.fields, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """A request made by hand."""
        return await self.http.post(path, data=form, headers=headers)

    def cookie(self, name: str) -> str | None:
        return self.http.cookies.get(name)

    def _shown(self, answer: httpx.Response) -> Page:
        self.page = Page(str(answer.url.path), answer.text, answer.status_code, dict(answer.headers))
        return self.page


@pytest.fixture
def browser(app: Any) -> Browser:
    return Browser(app)


@dataclass
class Worker:
    """A person of a new organisation, and what only they know."""

    person_id: UUID
    email: str
    organization: UUID
    name: str
    password: str = PASSWORD
    secret: str = field(default="", repr=False)

    def code(self) -> str:
        return current_code(self.secret)


async def new_worker(
    people: People, role: Role = Role.CASE_WORKER, *, organization: UUID | None = None, **changes: Any
) -> Worker:
    """Somebody with a password and no second factor yet."""
    organization = organization or new_id()
    name = changes.pop("display_name", "Marisol Quintero")
    email = changes.pop("email", f"worker-{new_id()}@clinic.example.org")
    invitee = await register.add_person(
        people.database,
        email=email,
        display_name=name,
        organization=organization,
        role=role,
        by="operator",
        organization_name=changes.pop("organization_name", "Valle Claro Health Clinic"),
        **changes,
    )
    async with people.database.transaction(SERVER) as session:
        await register.set_password(session, invitee.person_id, await hashed(people), by="operator")
    return Worker(invitee.person_id, email, organization, name)


_HASHES: dict[str, str] = {}


async def hashed(people: People) -> str:
    """The hash of PASSWORD, made once: it is meant to be slow."""
    if PASSWORD not in _HASHES:
        _HASHES[PASSWORD] = await people.hashing.hash(PASSWORD)
    return _HASHES[PASSWORD]


@pytest_asyncio.fixture
async def worker(people: People) -> Worker:
    return await new_worker(people)


async def give_totp(people: People, worker: Worker) -> None:
    """Give the worker an authenticator app, whose next code is still unused."""
    worker.secret = pyotp.random_base32()
    await people.totp.install(worker.person_id, worker.secret)


async def sign_in(browser: Browser, worker: Worker, next_path: str = "/account") -> Page:
    """Password and code."""
    await browser.open(f"/sign-in?next={next_path}")
    await browser.send("/sign-in", email=worker.email, password=worker.password)
    return await browser.send("/sign-in/second-factor", code=worker.code())


@pytest_asyncio.fixture
async def signed_in(people: People, browser: Browser, worker: Worker) -> Worker:
    """The worker, signed in in `browser`."""
    await give_totp(people, worker)
    page = await sign_in(browser, worker)
    assert page.path == "/account", page.text
    return worker
