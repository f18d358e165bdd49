"""The region as its directors ask for it: three real services and the gateway over them, each on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.app import create_app
from gateway.identity import Identity
from gateway.settings import GatewaySettings
from services.grants.app import SERVICE as GRANTS
from services.partners.app import SERVICE as PARTNERS
from services.referrals.app import SERVICE as REFERRALS
from tests.gateway.http.network import serving
from tests.support.databases import Databases
from tests.support.running import free_ports
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Scope
from vereda.composition import FOLDER
from vereda.settings import Settings

SERVICES = (PARTNERS, REFERRALS, GRANTS)
DIRECTOR = caller_of(None, Scope.REPORT_READ, Scope.DIRECTORY_READ, Scope.ADMIN_NETWORK)


class _Director:
    """Lets everybody in as the coordinator."""

    async def authenticate(self, request: Request) -> Identity:
        return Identity(key="director", authenticated=True, scopes=DIRECTOR.scopes)


@dataclass
class Region:
    client: httpx.AsyncClient

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.client.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


class Regions:
    """Makes the region, with some of its services down."""

    def __init__(self, graphs: dict[str, Subgraph]) -> None:
        self._graphs = graphs

    @asynccontextmanager
    async def without(self, down: Collection[str] = ()) -> AsyncIterator[Region]:
        async with AsyncExitStack() as stack:
            nobody = f"http://127.0.0.1:{free_ports(1)}/graphql"
            urls = {"accounts": nobody}
            for name, graph in self._graphs.items():
                up = name not in down
                urls[name] = (
                    f"{await stack.enter_async_context(serving(_app(graph)))}/graphql" if up else nobody
                )
            gateway = create_app(GatewaySettings(FOLDER / "supergraph.graphql", urls), _Director())
            base = await stack.enter_async_context(serving(gateway))
            yield Region(await stack.enter_async_context(httpx.AsyncClient(base_url=base, timeout=30)))


def _app(graph: Subgraph) -> Starlette:
    async def answer(request: Request) -> JSONResponse:
        body = await request.json()
        return JSONResponse(await graph.answer(DIRECTOR, body["query"], **(body.get("variables") or {})))

    async def ready(_request: Request) -> JSONResponse:
        return JSONResponse({})

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"]), Route("/health/ready", ready)])


@pytest_asyncio.fixture(scope="session")
async def regions(databases: Databases, settings: Settings) -> Regions:
    return Regions(
        {
            service.name: Subgraph(service, await databases.migrated(service.name, service.folder), settings)
            for service in SERVICES
        }
    )
