"""A real gateway, a real browser, and people who sign in to the one by the other."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from gateway.people import People
from gateway.store import Role
from tests.attacks.target import gateway_process
from tests.gateway.people.conftest import Worker, new_worker
from tests.support.chromium import chromium, needs_chromium
from tests.support.databases import Databases
from vereda.database import Database
from vereda.settings import Settings

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            for mark in (pytest.mark.browser, needs_chromium):
                item.add_marker(mark)


@dataclass(frozen=True)
class Site:
    """The running gateway, and its register of people: the same database and the same keys."""

    port: int
    people: People

    @property
    def url(self) -> str:
        """Where people find it. By its address passkeys are no use (Web Authentication §5.1.3)."""
        return f"http://localhost:{self.port}"

    async def worker(self, role: Role = Role.CASE_WORKER, **changes: Any) -> Worker:
        """Somebody with a password and no second factor yet."""
        return await new_worker(self.people, role, **changes)


@pytest_asyncio.fixture(scope="session")
async def site(
    database: Database, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    home = tmp_path_factory.mktemp("site")
    # Pages differ where mail can be sent; none is, in these tests.
    mail = {"VEREDA_SMTP_URL": "smtps://127.0.0.1:1", "VEREDA_MAIL_FROM": "network@example.org"}
    async with gateway_process(home, databases.urls["gateway"], **mail) as running:
        settings = Settings(home=home, port=running.port)
        yield Site(running.port, People.of(settings, database))


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@dataclass
class Seen:
    """A page in a window of its own, and what went wrong in it that nobody sees."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.base).partition("?")[0]

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.base}{path}")

    async def send(self, action: str, **filled: str) -> None:
        """Fill in the form with this action, and send it by its button."""
        form = self.page.locator(f'form[action^="{action}"]')
        for name, value in filled.items():
            await form.locator(f'[name="{name}"]').fill(value)
        async with self.page.expect_navigation():
            await form.locator("button").first.click()

    async def sign_in(self, worker: Worker) -> None:
        """By password and code."""
        await self.open("/sign-in")
        await self.send("/sign-in", email=worker.email, password=worker.password)
        await self.send("/sign-in/second-factor", code=worker.code())
        assert self.path == "/account", await self.page.content()


Opening: TypeAlias = Callable[..., contextlib.AbstractAsyncContextManager[Seen]]


@pytest.fixture
def opening(site: Site, browser: Browser) -> Opening:
    """Opens a window with no cookies; what it is like (`locale`, `viewport`, ...) are Playwright's own options."""

    @contextlib.asynccontextmanager
    async def open_window(base: str = "", **like: Any) -> AsyncIterator[Seen]:
        context: BrowserContext = await browser.new_context(**like)
        context.set_default_timeout(10_000)
        page = await context.new_page()
        seen = Seen(page, base or site.url)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("console", lambda said: _note(seen, said.type, said.text))
        try:
            yield seen
        finally:
            await context.close()

    return open_window


def _note(seen: Seen, kind: str, text: str) -> None:
    # A form that is refused is answered by a page with a status of 4xx, which browsers call an error.
    if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
        seen.complaints.append(text)
