"""The subgraphs of a folder and the gateway before them, each a real server on a loopback port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.app import create_app
from gateway.identity import Authenticator, NoAuthentication
from gateway.settings import GatewaySettings
from tests.federation.compose import FOLDER, sources
from tests.federation.subgraph import Data, Subgraph
from tests.gateway.http.network import serving

#: How long requests that are to meet wait for each other.
_MEETING_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that a subgraph got."""

    subgraph: str
    document: str
    variables: Mapping[str, Any]

    @property
    def representations(self) -> list[dict[str, Any]]:
        """The entities that it asks for; one request may ask of several lists of them."""
        lists = [
            value for name, value in self.variables.items() if name.lstrip("_").startswith("representations")
        ]
        return [representation for sent in lists for representation in sent]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a subgraph says instead of its answer, after `delay_s`; without `body`, its own answer."""

    body: bytes | str | None = None
    status: int = 200
    content_type: str = "application/json"
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client got, and what the subgraphs were asked for it, in the order in which that arrived."""

    body: Mapping[str, Any]
    requests: Sequence[Asked]
    status: int = 200

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def partial_data(self) -> Any:
        """The data of an answer with errors."""
        assert self.body.get("errors"), f"there is no error: {self.body}"
        return self.body["data"]

    @property
    def errors(self) -> list[tuple[str, list[str | int] | None]]:
        """Code and path of each error; a request error has no path."""
        return [(error["extensions"]["code"], error.get("path")) for error in self.body.get("errors", ())]

    @property
    def messages(self) -> list[str]:
        return [error["message"] for error in self.body.get("errors", ())]

    @property
    def asked(self) -> list[str]:
        """The subgraphs, once for each request."""
        return [request.subgraph for request in self.requests]

    def asked_of(self, subgraph: str) -> list[Asked]:
        return [request for request in self.requests if request.subgraph == subgraph]

    def documents(self, subgraph: str) -> str:
        """All that a subgraph was asked, as one text."""
        return "\n".join(request.document for request in self.asked_of(subgraph))


@dataclass(slots=True)
class Network:
    """A gateway with its subgraphs."""

    client: httpx.AsyncClient
    subgraphs: Mapping[str, Subgraph]
    requests: list[Asked] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    """("asked", subgraph) and ("answered", subgraph), as they happened."""
    _replies: dict[str, Reply] = field(default_factory=dict)
    _meeting: dict[str, asyncio.Barrier] = field(default_factory=dict)

    async def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the gateway. Fails when a subgraph was asked for what it may not be asked."""
        self.requests.clear()
        self.events.clear()
        body: dict[str, Any] = {"query": query}
        if variables is not None:
            body["variables"] = variables
        if operation_name is not None:
            body["operationName"] = operation_name
        response = await self.client.post("/graphql", json=body, headers=headers)
        complaints = [said for subgraph in self.subgraphs.values() for said in subgraph.complaints]
        for subgraph in self.subgraphs.values():
            subgraph.complaints.clear()
        assert not complaints, "\n".join(complaints)
        return Answer(response.json(), tuple(self.requests), response.status_code)

    @contextmanager
    def replying(self, subgraph: str, reply: Reply) -> Iterator[None]:
        """Let a subgraph reply so to each request."""
        self._replies[subgraph] = reply
        try:
            yield
        finally:
            del self._replies[subgraph]

    @contextmanager
    def meeting(self, *subgraphs: str) -> Iterator[None]:
        """No request to these is answered before each of them has one: only requests in parallel get through."""
        barrier = asyncio.Barrier(len(subgraphs))
        self._meeting.update(dict.fromkeys(subgraphs, barrier))
        try:
            yield
        finally:
            self._meeting.clear()

    async def serve(self, request: Request) -> Response:
        """One request to the subgraph that the path names."""
        subgraph = self.subgraphs[request.path_params["subgraph"]]
        said = await request.json()
        self.requests.append(Asked(subgraph.name, said["query"], said.get("variables") or {}))
        self.events.append(("asked", subgraph.name))
        if subgraph.name in self._meeting:
            async with asyncio.timeout(_MEETING_TIMEOUT_S):
                await self._meeting[subgraph.name].wait()
        reply = self._replies.get(subgraph.name, Reply())
        await asyncio.sleep(reply.delay_s)
        answer = await subgraph.answer(said) if reply.body is None else reply.body
        self.events.append(("answered", subgraph.name))
        if isinstance(answer, dict):
            return JSONResponse(json.loads(json.dumps(answer)), reply.status)
        return Response(answer, reply.status, media_type=reply.content_type)


@asynccontextmanager
async def federation(
    folder: str,
    *,
    urls: Mapping[str, str] | None = None,
    authenticator: Authenticator | None = None,
    **settings: Any,
) -> AsyncIterator[Network]:
    """The network of a folder. `urls` replaces addresses of subgraphs; `settings` are the gateway's. Without an
    `authenticator`, everybody is nobody."""
    known: Mapping[str, Data] = import_module(f"tests.federation.{folder}.data").SUBGRAPHS
    declared = sources(FOLDER / folder)
    assert known.keys() == declared.keys(), "data.py and the SDL files tell of different subgraphs"
    subgraphs = {name: Subgraph(name, sdl, known[name]) for name, sdl in declared.items()}
    async with AsyncExitStack() as stack:
        client = httpx.AsyncClient(timeout=30)
        network = Network(client, subgraphs)
        servers = Starlette(routes=[Route("/{subgraph}", network.serve, methods=["POST"])])
        base = await stack.enter_async_context(serving(servers))
        addresses = {name: f"{base}/{name}" for name in subgraphs} | dict(urls or {})
        options = {"development": True, "subgraph_urls": addresses} | settings
        gateway = create_app(
            GatewaySettings(FOLDER / folder / "supergraph.graphql", **options),
            authenticator or NoAuthentication(),
        )
        client.base_url = await stack.enter_async_context(serving(gateway))
        await stack.enter_async_context(client)
        yield network
