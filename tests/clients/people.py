"""Registered clients of each kind, and the browser of a person who lets them act."""

from __future__ import annotations

from typing import Any

from gateway.oauth import clients
from tests.gateway.oauth.applications import Worker
from vereda.database import Database
from vereda.ids import new_id

SECRET = "correct-horse+battery%staple:7/~*!"
REDIRECT = "https://app.example.org/callback"


async def registered(database: Database, **changes: Any) -> dict[str, Any]:
    client_id = f"partner-{new_id()}"
    values: dict[str, Any] = {
        "organization": new_id(),
        "name": "A partner",
        "scopes": ("directory:read", "client:read"),
        **changes,
    }
    await clients.register(database, clients.Registration(client_id=client_id, **values))
    return {"client": client_id, "secret": values.get("secret")}


class Browser:
    """The browser of a worker who is signed in, and allows what they are asked for."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    async def browse(self, url: str) -> str:
        answer = await self.worker.http.get(url)
        if answer.status_code == 200:
            answer = await self.worker.say(answer, "allow")
        return str(answer.headers["location"])


async def application(database: Database, worker: Worker, **changes: Any) -> dict[str, Any]:
    values = {
        "secret": SECRET,
        "organization": worker.organization,
        "grant_types": ("authorization_code", "refresh_token"),
        "redirect_uris": (REDIRECT,),
        **changes,
    }
    return await registered(database, **values)
