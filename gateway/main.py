"""The network's own gateway: the engine behind OAuth, all of it told by the environment.

Variables, besides those of `vereda.settings`: `VEREDA_GATEWAY_DATABASE_URL`, `VEREDA_SUBGRAPH_URLS`
(`partners=http://127.0.0.1:4001/graphql,...`), `VEREDA_OVERRIDE_LABELS` (labels of progressive `@override`s that are in
force), `VEREDA_UNAUTHORIZED` (`null` or `refuse`: what becomes of an operation of which a part is closed to its caller),
`VEREDA_SUPERGRAPH` (a file; default: `schema/supergraph.graphql` of this repository).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware

from gateway import oauth
from gateway.accounts import app as accounts
from gateway.app import create_app
from gateway.guard.rates.leasing import LeasedBuckets
from gateway.guard.trusted.registered import RegisteredDocuments
from gateway.http.proxies import TrustedProxies, networks
from gateway.people import People, SessionAuthenticator
from gateway.people import routes as people_routes
from gateway.settings import GatewaySettings
from gateway.store import FOLDER
from vereda.migrations import migrate
from vereda.service import open_database
from vereda.settings import Environment, load_settings
from vereda.telemetry import configure_logging

SUPERGRAPH_VARIABLE: Final = "VEREDA_SUPERGRAPH"
_SUPERGRAPH: Final = Path(__file__).parent.parent / "schema" / "supergraph.graphql"


def create() -> Starlette:
    """The gateway's application. At start it migrates its database; it serves nothing before that is done.

    Raises: OperatorError naming what is missing or makes no sense.
    """
    settings = load_settings()
    configure_logging(settings, "gateway")
    database = open_database("gateway", settings)
    people = People.of(settings, database)
    proxies = networks(settings.trusted_proxies)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            await migrate(database, FOLDER)
            await database.engine.dispose()  # from here on nothing is done as the owner
            async with people.letters.mailer.trying_again():
                yield
        finally:
            await database.close()

    told = GatewaySettings.from_environment(
        Path(os.environ.get(SUPERGRAPH_VARIABLE) or _SUPERGRAPH),
        development=settings.environment is Environment.DEVELOPMENT,
    )
    return create_app(
        told,
        SessionAuthenticator(settings, people.sessions, oauth.OAuthAuthenticator(settings, database)),
        [*oauth.routes(settings, database), *people_routes(people)],
        lifespan=lifespan,
        middleware=[Middleware(TrustedProxies, proxies)] if proxies else [],
        mounted={accounts.NAME: accounts.part(settings, database, people.letters)},
        documents=RegisteredDocuments(database),
        buckets=LeasedBuckets(database) if told.policies.shared_rates else None,
        public_url=settings.public_url,
    )
