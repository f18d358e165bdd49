"""The graph of the miniature service: what breaks in a service, breaks here on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NoReturn
from uuid import UUID

import httpx
import strawberry
from sqlalchemy import select, text
from starlette.applications import Starlette

from tests.kernel.conftest import NOTES
from tests.kernel.notes.models import IdempotencyRecord, Note
from vereda.caller import Caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.graph import subgraph
from vereda.idempotency import claim_key
from vereda.keys import KeyRing
from vereda.pagination import Connection, Order, connection, page_request, paginate
from vereda.scalars import Amount, Money
from vereda.service import Service, create_app
from vereda.settings import Settings
from vereda.tokens import HEADER, mint

Info = strawberry.Info[RequestContext[None], None]


@strawberry.enum
class Colour(Enum):
    RED = "RED"
    GREEN = "GREEN"


@strawberry.input
class Details:
    title: str = ""
    count: int = 0
    share: float = 0.0
    done: bool = False
    colour: Colour = Colour.RED
    price: Money = Money(Amount(0))
    parent: strawberry.ID = strawberry.ID("")
    day: date | None = None
    at: datetime | None = None
    key: UUID | None = None
    weight: Decimal | None = None


@strawberry.input
class NewNote:
    details: list[Details]


@strawberry.type
class NoteNode:
    text: str
    rank: int


@strawberry.type
class Query:
    @strawberry.field
    async def notes(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[NoteNode]:
        async with info.context.read() as session:
            order = (Order(Note.rank), Order(Note.text), Order(Note.id))
            page = await paginate(session, select(Note), order, page_request(first, after))
        return connection(page, lambda note: NoteNode(text=note.text, rank=note.rank))

    @strawberry.field
    def caller(self, info: Info) -> str:
        return info.context.caller.subject

    @strawberry.field
    def same(self, note: NewNote) -> int:
        return len(note.details)

    @strawberry.field
    def number(self, n: int = 3) -> int:
        return n

    @strawberry.field
    def breaks(self, text: str) -> int:
        broken = {"said": text}
        raise RuntimeError(f"cannot cope with {broken}")

    @strawberry.field
    def breaks_beneath(self, text: str) -> int:
        try:
            _fail(text)
        except KeyError as error:
            raise ValueError(text) from error

    @strawberry.field
    def answers_wrongly(self, text: str) -> int:
        return text  # type: ignore[return-value]

    @strawberry.field
    async def runs(self, info: Info, statement: str, text_: str = "") -> str:
        async with info.context.read() as session:
            return str(await session.scalar(text(statement), {"text": text_}))

    @strawberry.field
    async def waits(self) -> int:
        await asyncio.Event().wait()
        return 0

    @strawberry.field
    def withheld(self, info: Info) -> str | None:
        info.context.redact(info, "NEED", "NO_CONSENT")
        return None


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def make_note(self, info: Info, text: str, rank: int = 0) -> int:
        caller = info.context.caller
        async with info.context.write() as session:
            claim = await claim_key(session, IdempotencyRecord, caller, "makeNote", None, None)
            session.add(Note(organization_id=caller.organization, text=text, rank=rank))
            claim.record({})
        return rank


def _fail(key: str) -> NoReturn:
    raise KeyError(key)


SERVICE: Service[None] = Service("notes", NOTES, subgraph(Query, Mutation), lambda _context: None)


@dataclass
class RunningService:
    """The service's application, asked over HTTP in this process."""

    app: Starlette
    ring: KeyRing

    async def send(
        self, content: Any, caller: Caller | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """POST `content` (bytes, an iterator of bytes, or what is written as JSON) with a token of `caller`."""
        given = {"content-type": "application/json", **(headers or {})}
        if caller is not None:
            given[HEADER] = mint(self.ring, caller)
        body = {"json": content} if isinstance(content, dict | list) else {"content": content}
        return await self.request("POST", "/graphql", headers=given, **body)

    async def ask(self, caller: Caller, document: str, **variables: Any) -> dict[str, Any]:
        answer = await self.send({"query": document, "variables": variables}, caller)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, **more)


def running(settings: Settings, database: Database) -> RunningService:
    return RunningService(create_app(SERVICE, settings, database), KeyRing(settings.keys / "transaction"))
