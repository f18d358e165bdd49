"""Applications that people sign in to, and people whose browsers are signed in."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx

from gateway.oauth import clients
from gateway.people import Sessions, register
from gateway.people.cookies import SESSION
from gateway.store import Membership, Person, Role
from tests.support.forms import Page
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

SECRET = "correct-horse-battery-staple-7"
REDIRECT = "https://app.example.org/callback?kept=1"
ALL = ("authorization_code", "refresh_token")


@dataclass
class Worker:
    """A person of an organisation, with a browser in which they are signed in."""

    person: UUID
    organization: UUID
    http: httpx.AsyncClient
    database: Database

    async def open(self, path: str, **query: str) -> httpx.Response:
        return await self.http.get(path, params=query or None)

    async def say(self, page: httpx.Response, decision: str, **changes: str) -> httpx.Response:
        """Press a button of the consent page."""
        form = Page("/oauth/authorize", page.text, page.status_code).form("/oauth/authorize")
        return await self.http.post(
            form.action,
            data={**form.fields, "decision": decision, **changes},
            headers={"Origin": str(self.http.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"},
        )

    async def end_membership(self) -> None:
        await register.end_membership(self.database, self.person, self.organization, by="operator")


async def new_worker(
    app: Any,
    settings: Settings,
    database: Database,
    *,
    role: Role = Role.CASE_WORKER,
    organization: UUID | None = None,
) -> Worker:
    person, organization = new_id(), organization or new_id()
    async with database.transaction(clients.SERVER) as session:
        session.add(Person(id=person, email=f"{person}@example.org", display_name="Marisol Quintero"))
        await session.flush()
        session.add(Membership(person_id=person, organization_id=organization, role=role))
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=("192.0.2.1", 40_000)), base_url=settings.public_url
    )
    worker = Worker(person, organization, http, database)
    await sign_in(worker, settings)
    return worker


async def sign_in(worker: Worker, settings: Settings) -> None:
    """A new session in the worker's browser."""
    async with worker.database.transaction(clients.SERVER) as session:
        value = await Sessions(settings, worker.database).open(
            session, worker.person, worker.organization, factors=["pwd", "otp"], browser="x", replacing=None
        )
    worker.http.headers["Cookie"] = f"{SESSION}={value}"


@dataclass
class Application:
    """A registered application. `verifier` is that of its requests (RFC 7636 §4.1)."""

    http: httpx.AsyncClient
    client_id: str
    organization: UUID
    redirect: str = REDIRECT
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        digest = sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def request(self, **changes: str | None) -> dict[str, str]:
        """An authorization request; what is None is left out."""
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "scope": "client:read",
            "state": "af0ifj sldkj&=",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}

    async def ask(self, worker: Worker, **changes: str | None) -> httpx.Response:
        return await worker.open("/oauth/authorize", **self.request(**changes))

    async def code(self, worker: Worker, **changes: str | None) -> str:
        """A code that the worker, asked where need be, allows."""
        answer = await self.ask(worker, **changes)
        if answer.status_code == 200:
            answer = await worker.say(answer, "allow")
        return back(answer)["code"]

    async def post(
        self, path: str, headers: dict[str, str] | None = None, **form: str | None
    ) -> httpx.Response:
        data = {name: value for name, value in form.items() if value is not None}
        return await self.http.post(path, data=data, headers=headers, auth=(self.client_id, SECRET))

    async def redeem(self, code: str, /, **changes: Any) -> httpx.Response:
        form: dict[str, Any] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": self.verifier,
            **changes,
        }
        return await self.post("/oauth/token", **form)

    async def refresh(self, token: str, /, **changes: Any) -> httpx.Response:
        return await self.post("/oauth/token", grant_type="refresh_token", refresh_token=token, **changes)

    async def tokens(self, worker: Worker, **changes: str | None) -> dict[str, Any]:
        answer = await self.redeem(await self.code(worker, **changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def active(self, token: str) -> bool:
        return bool((await self.post("/oauth/introspect", token=token)).json()["active"])


async def new_application(
    http: httpx.AsyncClient, database: Database, organization: UUID, **changes: Any
) -> Application:
    values: dict[str, Any] = {
        "client_id": f"app-{new_id()}",
        "secret": SECRET,
        "organization": organization,
        "name": "Case Notes",
        "scopes": ["client:read", "referral:send", "grant:pay"],
        "grant_types": ALL,
        "redirect_uris": [REDIRECT],
        **changes,
    }
    await clients.register(database, clients.Registration(**values))
    return Application(http, values["client_id"], organization)


def back(answer: httpx.Response) -> dict[str, str]:
    """What the answer brings back to the application's redirect URI; whose own query is still there."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{REDIRECT}&"), location
    pairs = parse_qsl(urlsplit(location).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return {name: value for name, value in pairs if name != "kept"}
