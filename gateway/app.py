"""The gateway as one Starlette application."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.engine import Engine
from gateway.facades import facade_routes
from gateway.guard.rates import Buckets
from gateway.guard.trusted import Documents, Manifest, TrustedStore
from gateway.http.endpoint import GraphQLEndpoint
from gateway.identity import Authenticator
from gateway.metrics import Metrics, metrics_route
from gateway.passing import PassedPath
from gateway.settings import GatewaySettings, Unauthorized
from gateway.supergraph import Supergraph
from gateway.transport import AsgiTransport, HttpTransport, MountedTransport, SharedReads
from gateway.watching import SupergraphFile, watch
from gateway.web import graphiql_routes
from vereda.heads import HeadGuard
from vereda.health import Check, health_routes
from vereda.telemetry import RequestLog

#: Headers that pages of other origins may send, beside those that every page may.
_ASKED_WITH: Final = (
    "Authorization",
    "Content-Type",
    "DPoP",
    "GraphQL-Cost",
    "GraphQL-Preflight",
    "Prefer",
    "Vereda-Purpose",
    "X-Request-Deadline",
    "X-Request-Id",
)
#: Headers of answers that they may read, beside those that every page may.
_TOLD_TO_PAGES: Final = (
    "DPoP-Nonce",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_app(
    settings: GatewaySettings,
    authenticator: Authenticator,
    routes: Sequence[BaseRoute] = (),
    *,
    lifespan: Lifespan | None = None,
    middleware: Sequence[Middleware] = (),
    mounted: Mapping[str, ASGIApp] | None = None,
    documents: TrustedStore | None = None,
    buckets: Buckets | None = None,
    public_url: str = "",
) -> Starlette:
    """The gateway over the supergraph of `settings`.

    `routes` come after the gateway's own; `lifespan` is entered before the first request, and left after the last;
    `middleware` stands inside the gateway's own. `mounted` are subgraphs by name that are applications of this very
    process, whatever address the supergraph gives them; who gives them, starts and ends them. `documents` are trusted
    documents of callers, beside those of a manifest. `buckets` count what callers may cause in a minute, where that is not
    counted in this process alone. `public_url`: its address as others know it; where that
    is one of https, browsers are told to use no other (RFC 6797).

    Raises: OperatorError when the supergraph cannot be read, or a facade not be found.
    """
    file = SupergraphFile(settings.supergraph)
    supergraph = file.read()
    transport = _transport(settings, mounted or {})
    transport.route(_urls(supergraph, settings))
    engine = Engine(
        supergraph,
        SharedReads(transport) if settings.share_reads else transport,
        limits=settings.limits,
        planning=settings.planning_limits,
        development=settings.introspects,
        introspection_scope=settings.introspection_scope,
        share_answers=settings.share_reads,
        override_labels=settings.override_labels,
        refuse_unauthorized=settings.unauthorized is Unauthorized.REFUSE,
        documents=_documents(settings, documents),
        buckets=buckets,
    )
    metrics = Metrics()
    endpoint = GraphQLEndpoint(engine, authenticator, settings, metrics)

    def swap(supergraph: Supergraph) -> None:
        transport.route(_urls(supergraph, settings))
        engine.swap(supergraph)

    @asynccontextmanager
    async def whole_lifespan(app: Starlette) -> AsyncIterator[None]:
        _collect_rarely()
        watching = [
            asyncio.create_task(watch(file, settings.watch_interval_s, swap)),
            asyncio.create_task(engine.load.watch_lag()),
        ]
        try:
            if lifespan is None:
                yield
            else:
                async with lifespan(app):
                    yield
        finally:
            for one in watching:
                one.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            await transport.close()

    return Starlette(
        routes=[
            *(graphiql_routes() if settings.development else ()),
            *health_routes(_SubgraphChecks(engine, transport)),
            metrics_route(
                metrics, lambda: transport.counts, lambda: transport.health, lambda: engine.load.now
            ),
            *facade_routes(endpoint, settings.policies.facades, public_url),
            *routes,
            # Last: no prefix takes the place of a path of the gateway's own.
            *(
                Mount(
                    prefix,
                    _shared(
                        PassedPath(subgraph, transport, engine, authenticator, settings.limits, metrics),
                        settings,
                    ),
                )
                for prefix, subgraph in settings.passed_paths.items()
            ),
        ],
        middleware=[
            Middleware(RequestLog),
            Middleware(HeadGuard, https=public_url.startswith("https://")),
            *middleware,
            Middleware(GraphQLAt, _shared(endpoint, settings)),
        ],
        lifespan=whole_lifespan,
    )


class GraphQLAt:
    """ASGI middleware: `/graphql`, which nearly every request is for, needs no router to be found."""

    def __init__(self, app: ASGIApp, endpoint: ASGIApp) -> None:
        self._app = app
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            scope["endpoint"] = self._endpoint
            await self._endpoint(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _collect_rarely() -> None:
    """Answers are large trees of dictionaries without cycles: looking through them for garbage costs a fifth of all
    work and finds nothing. What is there at start stays for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _urls(supergraph: Supergraph, settings: GatewaySettings) -> dict[str, str]:
    urls = {name: subgraph.url for name, subgraph in supergraph.subgraphs.items()}
    return urls | {name: url for name, url in settings.subgraph_urls.items() if name in urls}


def _shared(endpoint: ASGIApp, settings: GatewaySettings) -> ASGIApp:
    """The endpoint, open to the web pages of some other origins (Fetch §CORS protocol). Never with credentials: a page that
    we do not serve asks with a token of its own, and no browser sends one by itself."""
    origins = settings.policies.cors_origins
    if not origins:
        return endpoint
    return CORSMiddleware(
        endpoint,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=_ASKED_WITH,
        expose_headers=_TOLD_TO_PAGES,
        allow_credentials=False,
    )


def _documents(settings: GatewaySettings, registered: TrustedStore | None) -> Documents:
    policies = settings.policies
    stores = [registered] if registered is not None else []
    if policies.trusted_documents_file is not None:
        stores.append(Manifest(policies.trusted_documents_file))
    return Documents(stores, only=policies.trusted_documents == "only", automatic=policies.persisted_queries)


def _transport(settings: GatewaySettings, mounted: Mapping[str, ASGIApp]) -> HttpTransport | MountedTransport:
    http = HttpTransport({}, settings.transport_limits)
    if not mounted:
        return http
    limits = settings.limits
    inside = AsgiTransport(
        mounted, answer_timeout_s=limits.subgraph_s, largest_answer=limits.subgraph_answer_bytes
    )
    return MountedTransport(mounted, inside, http)


class _SubgraphChecks(Mapping[str, Check]):
    """One readiness check for each subgraph of the supergraph that serves at the moment."""

    def __init__(self, engine: Engine, transport: HttpTransport | MountedTransport) -> None:
        self._engine = engine
        self._transport = transport

    def __getitem__(self, name: str) -> Check:
        async def check() -> None:
            await self._transport.check(name)

        return check

    def __iter__(self) -> Iterator[str]:
        return iter(self._engine.supergraph.subgraphs)

    def __len__(self) -> int:
        return len(self._engine.supergraph.subgraphs)
