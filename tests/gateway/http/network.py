"""A small network for tests: two strawberry subgraphs and the gateway, each on uvicorn, on loopback ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL

from gateway.app import create_app
from gateway.identity import Authenticator, NoAuthentication
from gateway.settings import GatewaySettings

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query mutation: Mutation }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true, isInterfaceObject: Boolean! = false)
  repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,
  external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
scalar link__Import
scalar join__FieldSet
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
  CATALOG @join__graph(name: "catalog", url: "http://127.0.0.1:9/graphql")
  REVIEWS @join__graph(name: "reviews", url: "http://127.0.0.1:9/graphql")
}
type Query @join__type(graph: CATALOG) @join__type(graph: REVIEWS) {
  books(first: Int): [Book!]! @join__field(graph: CATALOG)
  latest: String @join__field(graph: REVIEWS)
}
type Mutation @join__type(graph: CATALOG) @join__type(graph: REVIEWS) {
  addBook(title: String!): Book @join__field(graph: CATALOG)
}
type Book @join__type(graph: CATALOG, key: "id") @join__type(graph: REVIEWS, key: "id") {
  id: ID!
  title: String! @join__field(graph: CATALOG)
  reviews: [Review!] @join__field(graph: REVIEWS)
}
type Review @join__type(graph: REVIEWS) { text: String! }
"""


@strawberry.type
class Review:
    text: str


@strawberry.federation.type(keys=["id"], name="Book")
class CatalogBook:
    id: strawberry.ID
    title: str


@strawberry.federation.type(keys=["id"], name="Book")
class ReviewedBook:
    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> ReviewedBook:  # noqa: A002
        return cls(id=id)

    @strawberry.field
    def reviews(self) -> list[Review]:
        if self.id == "broken":
            raise RuntimeError("secret detail")
        return [Review(text=f"about {self.id}")]


BOOKS = ("1", "2")


@strawberry.type(name="Query")
class CatalogQuery:
    @strawberry.field
    def books(self, first: int | None = None) -> list[CatalogBook]:
        return [CatalogBook(id=strawberry.ID(i), title=f"Book {i}") for i in BOOKS[:first]]


@strawberry.type(name="Mutation")
class CatalogMutation:
    @strawberry.mutation
    def add_book(self, title: str) -> CatalogBook:
        return CatalogBook(id=strawberry.ID("broken"), title=title)


@strawberry.type(name="Query")
class ReviewsQuery:
    @strawberry.field
    def latest(self) -> str:
        return "about 1"


@dataclass(slots=True)
class Seen:
    """Headers of each request that a subgraph got."""

    headers: list[Mapping[str, str]] = field(default_factory=list)


def subgraph(schema: strawberry.federation.Schema, seen: Seen) -> ASGIApp:
    endpoint = GraphQL[Any, Any](schema)

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            seen.headers.append(dict(Request(scope).headers))
        await endpoint(scope, receive, send)

    async def ready(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ready")

    return Starlette(routes=[Route("/health/ready", ready), Mount("/graphql", recording)])


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve `app` in this event loop; gives its base URL."""
    config = uvicorn.Config(
        app, port=0, log_config=None, ws="none", http="httptools", lifespan="on", server_header=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
        assert not task.done(), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass(slots=True)
class Network:
    client: httpx.AsyncClient
    catalog: Seen
    reviews: Seen
    supergraph: Path

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        response = await self.client.post("/graphql", json={"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


@asynccontextmanager
async def network(
    folder: Path,
    authenticator: Authenticator | None = None,
    *,
    reviews_url: str | None = None,
    **settings: Any,
) -> AsyncIterator[Network]:
    """The whole of it; `reviews_url` replaces that subgraph's address."""
    file = folder / "supergraph.graphql"
    file.write_text(SUPERGRAPH)
    seen_catalog, seen_reviews = Seen(), Seen()
    catalog = strawberry.federation.Schema(
        query=CatalogQuery, mutation=CatalogMutation, federation_version="2.9"
    )
    reviews = strawberry.federation.Schema(query=ReviewsQuery, types=[ReviewedBook], federation_version="2.9")
    async with (
        serving(subgraph(catalog, seen_catalog)) as one,
        serving(subgraph(reviews, seen_reviews)) as two,
    ):
        urls = {"catalog": f"{one}/graphql/", "reviews": reviews_url or f"{two}/graphql/"}
        gateway = create_app(GatewaySettings(file, urls, **settings), authenticator or NoAuthentication())
        async with serving(gateway) as base, httpx.AsyncClient(base_url=base) as client:
            yield Network(client, seen_catalog, seen_reviews, file)
