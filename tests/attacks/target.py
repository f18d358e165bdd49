"""The gateway under attack: its own process, in production settings, behind OAuth, before two subgraphs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.attacks.graph.data import ADDRESS, INSIDE, PHONES, SUBGRAPHS
from tests.attacks.wire import Answer, Sent, answers, exchange
from tests.federation.compose import SUPERGRAPH, sources
from tests.federation.subgraph import Subgraph
from tests.gateway.http.network import serving
from tests.support.running import free_ports

GRAPH: Final = Path(__file__).parent / "graph"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
_START_S: Final = 60.0

#: What no answer may hold, whatever is asked: what is protected, and what is inside.
SECRET: Final = (
    *PHONES,
    ADDRESS,
    INSIDE,
    "SELECT",
    "Traceback",
    'File "',
    ".py",
    "RuntimeError",
    "graphql-core",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that a subgraph got."""

    subgraph: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(slots=True)
class Subgraphs:
    """Both subgraphs on one loopback port, and what they were asked."""

    known: Mapping[str, Subgraph]
    asked: list[Asked] = field(default_factory=list)

    async def serve(self, request: Request) -> JSONResponse:
        subgraph = self.known[request.path_params["subgraph"]]
        body = await request.json()
        self.asked.append(Asked(subgraph.name, dict(request.headers), body))
        return JSONResponse(await subgraph.answer(body))


@dataclass(slots=True)
class Target:
    """A running gateway and a caller's token for it."""

    host: str
    port: int
    home: Path
    """Its state folder, with its keys."""
    subgraphs: Subgraphs = field(repr=False)
    client_id: str = ""
    token: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def asked(self) -> list[Asked]:
        return self.subgraphs.asked

    def documents(self) -> str:
        """All that the subgraphs were asked, as one text."""
        return "\n".join(asked.body["query"] for asked in self.asked)

    async def send(
        self, sent: Sent, *, accept: str = GRAPHQL_RESPONSE, may_know: Sequence[str] = ()
    ) -> Answer:
        """The answer to a request, which carries the token unless it says otherwise.

        `may_know`: what of the protected data this caller may read.

        Raises: TimeoutError when there is none.
        """
        whole = sent.having(Accept=accept, Authorization=f"Bearer {self.token}")
        raw = await exchange(self.host, self.port, whole.encode(f"{self.host}:{self.port}"))
        [answer] = answers(raw)
        check_decent(answer, may_know)
        return answer

    async def raw(self, *parts: bytes) -> list[Answer]:
        """The answers to these very bytes; none, when the connection was closed without a word."""
        found = answers(await exchange(self.host, self.port, *parts))
        for answer in found:
            check_decent(answer)
        return found


def check_decent(answer: Answer, may_know: Sequence[str] = ()) -> None:
    """What holds of every answer: it is no fault of ours, and nothing protected and nothing of our insides is in it."""
    assert answer.status < 500, answer.raw[:1000]
    text = answer.raw.decode(errors="replace")
    assert not [secret for secret in SECRET if secret in text and secret not in may_know], text[:1000]
    assert not answer.header("server")
    assert not answer.header("x-powered-by")


@asynccontextmanager
async def subgraphs() -> AsyncIterator[tuple[Subgraphs, dict[str, str]]]:
    """The subgraphs of the graph, served, with their addresses."""
    known = {name: Subgraph(name, sdl, SUBGRAPHS[name]) for name, sdl in sources(GRAPH).items()}
    served = Subgraphs(known)
    app = Starlette(routes=[Route("/{subgraph}", served.serve, methods=["POST"])])
    async with serving(app) as base:
        yield served, {name: f"{base}/{name}" for name in known}


@asynccontextmanager
async def gateway_process(home: Path, database_url: str, **environment: str) -> AsyncIterator[Target]:
    """`gateway.main` as it is started in production, before the subgraphs. Its log is `home/gateway.log`."""
    port = free_ports(1)
    async with subgraphs() as (served, urls):
        told = {
            "VEREDA_ENVIRONMENT": "production",
            "VEREDA_HOME": str(home),
            "VEREDA_PORT": str(port),
            "VEREDA_GATEWAY_DATABASE_URL": database_url,
            "VEREDA_SUPERGRAPH": str(GRAPH / SUPERGRAPH),
            "VEREDA_SUBGRAPH_URLS": ",".join(f"{name}={url}" for name, url in urls.items()),
            **environment,
        }
        plain = {name: value for name, value in os.environ.items() if not name.startswith("VEREDA_")}
        with (home / "gateway.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "vereda.serving", "gateway.main:create", "--port", str(port)),
                env=plain | told,
                stdout=log,
                stderr=log,
            )
        target = Target("127.0.0.1", port, home, served)
        try:
            await _until_live(target, process, home / "gateway.log")
            yield target
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _until_live(target: Target, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(_START_S), httpx.AsyncClient(base_url=target.url) as client:
        while True:
            assert process.returncode is None, f"it ended: see {log}"
            try:
                await client.get("/health/live")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
