"""Subgraphs that are ASGI applications in this very process: asked without a network."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from gateway.transport.answer import SubgraphAnswer, SubgraphUnavailableError
from gateway.transport.deadlines import left_ms
from vereda.deadline import HEADER as DEADLINE_HEADER
from vereda.telemetry import REQUEST_ID_HEADER, logger, report, request_id

_log = logger("transport")
_SERVER_ERROR: Final = 500


class AsgiTransport:
    """Calls applications by subgraph name, each as if it were mounted at the root of a server of its own."""

    def __init__(
        self,
        apps: Mapping[str, ASGIApp],
        *,
        path: str = "/graphql",
        answer_timeout_s: float = 10.0,
        largest_answer: int = 32 * 1024 * 1024,
    ) -> None:
        """`path`: where each application answers GraphQL; `largest_answer`: bytes of a body."""
        self._apps = dict(apps)
        self._path = path
        self._answer_timeout_s = answer_timeout_s
        self._largest_answer = largest_answer
        self._running = AsyncExitStack()
        self.counts: Counter[tuple[str, str]] = Counter()
        """Requests by subgraph and outcome: `answered` or `failed`."""

    async def start(self) -> None:
        """Run the applications' start-up (ASGI §lifespan). Raises: RuntimeError with what one of them says."""
        try:
            for name, app in self._apps.items():
                await self._running.enter_async_context(_lifespan(name, app))
        except BaseException:
            await self._running.aclose()
            raise

    async def close(self) -> None:
        """Run the applications' shutdown."""
        await self._running.aclose()

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        """See `Transport.send`. Nothing is ever sent twice, so `repeatable` makes no difference."""
        return await self._counted(subgraph, "POST", self._path, body, headers)

    async def _counted(
        self, subgraph: str, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> SubgraphAnswer:
        try:
            answer = await self._exchange(subgraph, method, path, body, headers)
        except SubgraphUnavailableError:
            self.counts[subgraph, "failed"] += 1
            raise
        self.counts[subgraph, "answered"] += 1
        return answer

    async def get(self, subgraph: str, target: str, headers: Mapping[str, str]) -> SubgraphAnswer:
        """See `HttpTransport.get`."""
        return await self._counted(subgraph, "GET", target, b"", headers)

    async def check(self, subgraph: str) -> None:
        """Whether the subgraph can serve, by its `/health/ready`. Raises: SubgraphUnavailableError."""
        answer = await self._exchange(subgraph, "GET", "/health/ready", b"", {})
        if answer.status >= _SERVER_ERROR:
            raise SubgraphUnavailableError(subgraph, f"its readiness probe says {answer.status}")

    async def _exchange(
        self, subgraph: str, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> SubgraphAnswer:
        app = self._apps.get(subgraph)
        if app is None:
            raise SubgraphUnavailableError(subgraph, "it is not in this process")
        exchange = _Exchange(body, self._largest_answer)
        try:
            async with asyncio.timeout(self._answer_timeout_s):
                await app(_scope(subgraph, method, path, len(body), headers), exchange.receive, exchange.send)
        except TimeoutError:
            reason = f"no answer within {self._answer_timeout_s:g} s"
            raise SubgraphUnavailableError(subgraph, reason) from None
        except _AnswerTooLargeError:
            raise SubgraphUnavailableError(subgraph, "the answer is too large") from None
        except Exception as error:
            report(_log, error, service=subgraph, rid=request_id.get())
            raise SubgraphUnavailableError(subgraph, "it failed") from None
        if not exchange.complete:
            raise SubgraphUnavailableError(subgraph, "it gave no whole answer")
        return SubgraphAnswer(exchange.status, b"".join(exchange.parts), exchange.headers)


class _AnswerTooLargeError(Exception):
    pass


class _Exchange:
    """The two callables of one ASGI request, and what came of it."""

    def __init__(self, body: bytes, largest_answer: int) -> None:
        self._requests: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._left = largest_answer
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        self.complete = False

    async def receive(self) -> Message:
        if not self._requests:  # nobody hangs up on it: who listens for that listens until it is cancelled
            await asyncio.get_running_loop().create_future()
        return self._requests.pop()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(name.lower(), value) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            part = message.get("body", b"")
            self._left -= len(part)
            if self._left < 0:
                raise _AnswerTooLargeError
            self.parts.append(part)
            self.complete = self.status > 0 and not message.get("more_body", False)


def _scope(subgraph: str, method: str, path: str, length: int, headers: Mapping[str, str]) -> Scope:
    sent = {
        "host": subgraph,
        "content-type": "application/json",
        "content-length": str(length),
        "accept": "application/json, application/graphql-response+json;q=0.9",
        **{name.lower(): value for name, value in headers.items()},
    }
    left = left_ms()
    if left is not None:
        sent[DEADLINE_HEADER.lower()] = str(left)
    if (rid := request_id.get()) != "-":
        sent[REQUEST_ID_HEADER.lower()] = rid
    route, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(route),
        "raw_path": route.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 0),
        "server": (subgraph, 80),
    }


@asynccontextmanager
async def _lifespan(name: str, app: ASGIApp) -> AsyncIterator[None]:
    """The application between its start-up and its shutdown; one that knows no lifespan needs none."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    state: dict[str, Any] = {}
    scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
    running = asyncio.ensure_future(app(scope, to_app.get, from_app.put))

    async def say(event: str) -> Message | None:
        """Tell the application, and wait for its word; None when it ended without one."""
        await to_app.put({"type": event})
        hearing = asyncio.ensure_future(from_app.get())
        await asyncio.wait((hearing, running), return_when=asyncio.FIRST_COMPLETED)
        if hearing.done():
            return hearing.result()
        hearing.cancel()
        return None

    said = await say("lifespan.startup")
    if said is not None and said["type"] == "lifespan.startup.failed":
        raise RuntimeError(f"{name} did not start: {said.get('message', '')}")
    try:
        yield
    finally:
        if said is not None:
            await say("lifespan.shutdown")
        await asyncio.wait((running,), timeout=5)
        running.cancel()
