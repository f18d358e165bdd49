"""The OAuth routes on a Starlette application of their own, over a real database, asked in-process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request

from gateway.backoff import Backoff
from gateway.identity import Identity
from gateway.oauth import OAuthAuthenticator, clients, routes
from tests.gateway.oauth.applications import Application, Worker, new_application, new_worker
from vereda.caller import Scope
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings
from vereda.telemetry import RequestLog

SECRET = "correct-horse-battery-staple-7"
BOTH = (Scope.REFERRAL_SEND, Scope.DIRECTORY_READ)


class Clock:
    """A clock that tests move."""

    def __init__(self, at: float = 0.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at

    def instant(self) -> datetime:
        """The same as a point in time, for what reckons in those."""
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at)


@dataclass
class Partner:
    """A registered client, and what it asks of the authorization server."""

    http: httpx.AsyncClient
    client_id: str
    organization: UUID
    secret: str = field(default=SECRET, repr=False)

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self.http.post(path, data=form, auth=(self.client_id, self.secret))

    async def ask(self, **form: str) -> httpx.Response:
        return await self.post("/oauth/token", grant_type="client_credentials", **form)

    async def token(self, **form: str) -> str:
        answer = await self.ask(**form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


@pytest.fixture
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are hashed as they are, but at next to no cost: for tests that are about something else."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("gateway.hashing._HASHER", quick)
    monkeypatch.setattr("gateway.oauth.authentication.nobodys_hash", lambda: _NOBODYS_HASH)


_NOBODYS_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("nobody's")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock) -> RequestLog:
    backoff = Backoff(database, b"key", now=clock.instant)
    return RequestLog(Starlette(routes=routes(settings, database, backoff=backoff)))


@pytest_asyncio.fixture
async def http(settings: Settings, app: RequestLog) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
        yield client


async def new_partner(http: httpx.AsyncClient, database: Database, **changes: Any) -> Partner:
    """A new client of a new organization, with two scopes, unless told otherwise."""
    values: dict[str, Any] = {
        "client_id": f"clinic-{new_id()}",
        "secret": SECRET,
        "organization": new_id(),
        "name": "A clinic",
        "scopes": BOTH,
        "roles": ["case-worker"],
        "purpose": "care-coordination",
        **changes,
    }
    await clients.register(database, clients.Registration(**values))
    return Partner(http, values["client_id"], values["organization"], values["secret"])


@pytest_asyncio.fixture
async def partner(http: httpx.AsyncClient, database: Database) -> Partner:
    return await new_partner(http, database)


@pytest.fixture
def authenticator(settings: Settings, database: Database) -> OAuthAuthenticator:
    return OAuthAuthenticator(settings, database)


@pytest_asyncio.fixture
async def worker(app: RequestLog, settings: Settings, database: Database) -> Worker:
    return await new_worker(app, settings, database)


@pytest_asyncio.fixture
async def application(http: httpx.AsyncClient, database: Database, worker: Worker) -> Application:
    """An application of the worker's organisation."""
    return await new_application(http, database, worker.organization)


def request_with(*authorization: str) -> Request:
    """A GraphQL request with these Authorization headers."""
    headers = [(b"authorization", value.encode()) for value in authorization]
    return Request({"type": "http", "method": "POST", "path": "/graphql", "headers": headers})


async def admitted(authenticator: OAuthAuthenticator, token: str) -> Identity:
    return await authenticator.authenticate(request_with(f"Bearer {token}"))
