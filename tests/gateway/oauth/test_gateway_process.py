"""The whole gateway from its environment: a token, a query, and what the subgraph behind it gets to see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway import main
from gateway.oauth import clients
from tests.gateway.oauth.conftest import Partner, new_partner
from tests.gateway.oauth.proving import Prover
from tests.support.databases import Databases
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.settings import Settings
from vereda.tokens import Verifier

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
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
enum join__Graph { ONLY @join__graph(name: "only", url: "http://127.0.0.1:9/graphql") }
type Query @join__type(graph: ONLY) { hello: String @join__field(graph: ONLY) }
"""


class Subgraph:
    """A server that says hello and remembers the requests it got, head and body."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.requests.append(head)
        body = b'{"data":{"hello":"world"}}'
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n")
        writer.write(b"content-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    def header(self, name: str) -> str | None:
        [head] = self.requests
        lines = (line.partition(":") for line in head.split("\r\n"))
        return next((value.strip() for key, _, value in lines if key.lower() == name.lower()), None)


@pytest.fixture
async def subgraph() -> AsyncIterator[Subgraph]:
    stub = Subgraph()
    server = await asyncio.start_server(stub.answer, "127.0.0.1", 0)
    stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
    yield stub
    server.close()


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    database: Database,
    databases: Databases,
    subgraph: Subgraph,
    tmp_path: Path,
) -> pytest.MonkeyPatch:
    (tmp_path / "supergraph.graphql").write_text(SUPERGRAPH)
    monkeypatch.setenv("VEREDA_HOME", str(settings.home))
    monkeypatch.setenv("VEREDA_GATEWAY_DATABASE_URL", databases.urls["gateway"])
    monkeypatch.setenv("VEREDA_SUPERGRAPH", str(tmp_path / "supergraph.graphql"))
    monkeypatch.setenv("VEREDA_SUBGRAPH_URLS", f"only={subgraph.url}")
    return monkeypatch


@asynccontextmanager
async def running(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:4000") as http,
    ):
        yield http


async def hello(http: httpx.AsyncClient, token: str | None = None, **headers: str) -> httpx.Response:
    credentials = {"Authorization": f"Bearer {token}"} if token else {}
    return await http.post("/graphql", json={"query": "{ hello }"}, headers={**credentials, **headers})


@pytest.mark.usefixtures("environment")
async def test_a_token_opens_the_graph_and_only_a_transaction_token_goes_inside(
    database: Database, subgraph: Subgraph, settings: Settings
) -> None:
    async with running(main.create()) as http:
        partner = await new_partner(http, database)
        token = await partner.token(scope="directory:read")

        answer = await hello(http, token, **{"Txn-Token": "smuggled", "Cookie": "smuggled"})

    assert answer.json() == {"data": {"hello": "world"}}
    inside = await Verifier(settings.jwks_location("transaction")).verify(subgraph.header("txn-token") or "")
    assert (inside.subject, inside.organization) == (partner.client_id, partner.organization)
    assert inside.scopes == {"directory:read"}
    assert token not in subgraph.requests[0]
    assert "smuggled" not in subgraph.requests[0]


@pytest.mark.usefixtures("environment")
async def test_when_nobody_can_be_recognised_everybody_is_asked_to_wait(
    database: Database, subgraph: Subgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object) -> None:
        raise OSError("canary")

    async with running(main.create()) as http:
        token = await (await new_partner(http, database)).token()
        monkeypatch.setattr("gateway.oauth.access.AccessTokens.live", away)
        monkeypatch.setattr("gateway.people.sessions.Sessions.of_cookie", away)
        cookie = {"Cookie": "__Host-vereda=x", "Sec-Fetch-Site": "same-origin"}
        answers = [
            await hello(http, token),
            await http.post("/graphql", json={"query": "{ hello }"}, headers=cookie),
        ]

    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["errors"][0]["extensions"]["code"] == "IDENTITY_UNAVAILABLE"
        assert "canary" not in answer.text
    assert subgraph.requests == []


@pytest.mark.usefixtures("environment")
async def test_a_bound_token_opens_the_graph_with_proofs_and_each_answer_brings_a_nonce(
    database: Database, settings: Settings
) -> None:
    """RFC 9449 §7.1, §8.2, §9, from the first request on."""
    async with running(main.create()) as http:
        partner = await new_partner(http, database)
        prover = Prover(f"{settings.public_url}/oauth/token")

        async def ask() -> httpx.Response:
            headers = {"DPoP": prover.proof()}
            grant = {"grant_type": "client_credentials"}
            auth = (partner.client_id, partner.secret)
            return await http.post("/oauth/token", data=grant, headers=headers, auth=auth)

        prover.heard(await ask())
        token = (await ask()).json()["access_token"]
        prover.url, prover.nonce = f"{settings.public_url}/graphql", None

        async def query(scheme: str = "DPoP") -> httpx.Response:
            headers = {"Authorization": f"{scheme} {token}", "DPoP": prover.proof(token=token)}
            return await http.post("/graphql", json={"query": "{ hello }"}, headers=headers)

        asked_for_nonce = await query()
        prover.heard(asked_for_nonce)
        answer = await query()
        downgraded = await query("Bearer")

    assert asked_for_nonce.status_code == 401
    assert asked_for_nonce.headers["www-authenticate"].startswith('DPoP error="use_dpop_nonce"')
    assert answer.json() == {"data": {"hello": "world"}}
    assert answer.headers["dpop-nonce"] == prover.nonce
    assert downgraded.status_code == 401
    assert "dpop-nonce" not in downgraded.headers


@pytest.mark.usefixtures("environment")
async def test_without_a_good_token_nothing_is_asked_inside(database: Database, subgraph: Subgraph) -> None:
    async with running(main.create()) as http:
        partner = await new_partner(http, database)
        revoked = await partner.token()
        await partner.post("/oauth/revoke", token=revoked)
        answers = [await hello(http), await hello(http, "x.y.z"), await hello(http, revoked)]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert answers[0].headers["www-authenticate"].startswith("Bearer resource_metadata=")
    assert answers[2].headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert subgraph.requests == []


async def test_behind_a_trusted_proxy_who_guesses_makes_nobody_else_wait(
    environment: pytest.MonkeyPatch, database: Database
) -> None:
    """The test's own address, 127.0.0.1, is the proxy's."""
    environment.setenv("VEREDA_TRUSTED_PROXIES", "127.0.0.0/8")

    async with running(main.create()) as http:
        partner = await new_partner(http, database)

        async def ask(address: str, secret: str) -> int:
            headers = {"X-Forwarded-For": address}
            auth, grant = (partner.client_id, secret), {"grant_type": "client_credentials"}
            return (await http.post("/oauth/token", data=grant, auth=auth, headers=headers)).status_code

        guesses = [await ask("198.51.100.1", "a-guess-that-is-wrong") for _ in range(6)]
        elsewhere = await ask("203.0.113.9", partner.secret)

    assert guesses == [401] * 5 + [429]
    assert elsewhere == 200


async def test_a_new_database_is_made_ready_at_start(
    environment: pytest.MonkeyPatch, databases: Databases
) -> None:
    fresh = await databases.empty("gateway_started")
    environment.setenv("VEREDA_GATEWAY_DATABASE_URL", databases.urls["gateway_started"])

    async with running(main.create()) as http:
        partner: Partner = await new_partner(http, fresh)
        assert (await partner.ask()).status_code == 200

    assert [client.client_id for client in await clients.list_clients(fresh)] == [partner.client_id]


@pytest.mark.parametrize(
    "variable", ["VEREDA_GATEWAY_DATABASE_URL", "VEREDA_SUPERGRAPH", "VEREDA_SUBGRAPH_URLS"]
)
async def test_what_is_missing_is_named(environment: pytest.MonkeyPatch, variable: str) -> None:
    environment.setenv(variable, "" if variable == "VEREDA_GATEWAY_DATABASE_URL" else "/no/such/thing")

    with pytest.raises(OperatorError, match=f"{variable}|/no/such/thing"):
        main.create()
