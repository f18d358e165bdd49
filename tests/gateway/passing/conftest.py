"""A gateway that passes a prefix on to a subgraph which answers as a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.app import create_app
from gateway.guard import Limits
from gateway.identity import AuthenticationError, Identity
from gateway.settings import GatewaySettings
from tests.gateway.http.network import SUPERGRAPH, serving
from vereda.ids import new_id

TOKEN = {"Authorization": "Bearer good"}
INSIDE = "the-transaction-token"


class OneToken:
    """Knows one access token, and swaps it for the transaction token."""

    client_id = "clinic"

    async def authenticate(self, request: Request) -> Identity:
        if request.headers.get("authorization") != TOKEN["Authorization"]:
            raise AuthenticationError("An access token is needed.", 'Bearer error="invalid_token"')
        return Identity(
            "clinic", {"Vereda-Transaction": INSIDE}, client_id=self.client_id, organization=new_id()
        )


@dataclass
class Catalog:
    """The subgraph: `answer` makes its answers, `seen` are the requests that it got."""

    answer: Callable[[Request], Response] = lambda _request: Response(b"{}", media_type="application/json")
    seen: list[Request] = field(default_factory=list)

    def app(self) -> Starlette:
        async def served(request: Request) -> Response:
            await request.body()
            self.seen.append(request)
            return self.answer(request)

        async def ready(_request: Request) -> PlainTextResponse:
            return PlainTextResponse("ready")

        return Starlette(routes=[Route("/health/ready", ready), Route("/{path:path}", served)])


@dataclass
class Passing:
    client: httpx.AsyncClient
    catalog: Catalog
    base: str

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={**TOKEN, **headers})


Opening = Callable[..., AbstractAsyncContextManager[Passing]]


@pytest.fixture
def passing(tmp_path: Path) -> Opening:
    @asynccontextmanager
    async def opened(limits: Limits | None = None, *, over_http: bool = False) -> AsyncIterator[Passing]:
        """`over_http`: gateway and subgraph are servers of their own; otherwise both are asked in-process."""
        file = tmp_path / "supergraph.graphql"
        file.write_text(SUPERGRAPH)
        catalog = Catalog()
        told = GatewaySettings(file, passed_paths={"/books/1.0": "catalog"}, limits=limits or Limits())
        if not over_http:
            app = create_app(told, OneToken(), mounted={"catalog": catalog.app()})
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                yield Passing(client, catalog, "http://gateway")
            return
        async with serving(catalog.app()) as url:
            told = replace(told, subgraph_urls={"catalog": f"{url}/graphql"})
            async with (
                serving(create_app(told, OneToken())) as base,
                httpx.AsyncClient(base_url=base) as client,
            ):
                yield Passing(client, catalog, base)

    return opened
