"""The gateway around `/graphql`: swapping supergraphs, health, metrics, request heads, development."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from gateway.app import create_app
from gateway.cli import serve, show_plan
from gateway.identity import NoAuthentication
from gateway.settings import GatewaySettings, subgraph_urls
from gateway.web import _FOLDER as FOLDER
from tests.gateway.http.network import SUPERGRAPH, network
from vereda.errors import OperatorError

RENAMED = SUPERGRAPH.replace("latest: String", "newest: String")


async def eventually(net_client: httpx.AsyncClient, query: str, code: str | None) -> None:
    """Wait until `query` is answered with the error `code`, or without one."""
    for _ in range(200):
        answer = (await net_client.post("/graphql", json={"query": query})).json()
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        if codes == ([code] if code else []):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{query} is still answered otherwise")


async def test_a_changed_supergraph_is_served_without_dropping_a_request(tmp_path: Path) -> None:
    async with network(tmp_path, watch_interval_s=0.02) as net:
        failures: list[str] = []
        stop = asyncio.Event()

        async def keep_asking() -> None:
            while not stop.is_set():
                answer = await net.ask("{ books { title reviews { text } } }")
                if "errors" in answer:
                    failures.append(str(answer))

        asking = [asyncio.create_task(keep_asking()) for _ in range(5)]
        for _ in range(3):
            net.supergraph.write_text(RENAMED)
            await eventually(net.client, "{ latest }", "GRAPHQL_VALIDATION_FAILED")
            net.supergraph.write_text(SUPERGRAPH)
            await eventually(net.client, "{ latest }", None)
        stop.set()
        await asyncio.gather(*asking)

    assert failures == []


async def test_a_broken_supergraph_is_not_served_and_a_later_good_one_is(tmp_path: Path) -> None:
    async with network(tmp_path, watch_interval_s=0.02) as net:
        net.supergraph.write_text("type Query {")
        await asyncio.sleep(0.1)
        net.supergraph.unlink()
        await asyncio.sleep(0.1)
        assert (await net.ask("{ latest }"))["data"] == {"latest": "about 1"}

        net.supergraph.write_text(RENAMED)
        await eventually(net.client, "{ latest }", "GRAPHQL_VALIDATION_FAILED")


def test_a_gateway_without_a_readable_supergraph_does_not_start(tmp_path: Path) -> None:
    for text in (None, "type Query {", "type Query { a: Int }"):
        if text is not None:
            (tmp_path / "s.graphql").write_text(text)
        with pytest.raises(OperatorError, match=r"s\.graphql"):
            create_app(GatewaySettings(tmp_path / "s.graphql"), NoAuthentication())


async def test_ready_names_the_subgraph_that_is_not(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        live, ready = await net.client.get("/health/live"), await net.client.get("/health/ready")
    async with network(tmp_path, reviews_url="http://127.0.0.1:1/graphql") as net:
        not_ready = await net.client.get("/health/ready")

    assert (live.status_code, ready.status_code, not_ready.status_code) == (200, 200, 503)
    assert ready.json()["checks"] == {"catalog": "ok", "reviews": "ok"}
    assert not_ready.json()["checks"] == {"catalog": "ok", "reviews": "failing"}


async def test_metrics_count_for_callers_on_this_machine_alone(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        await net.ask("{ latest }")
        await net.ask("{ unknown }")
        metrics = (await net.client.get("/metrics")).text
        forwarded = await net.client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.1"})

    assert 'vereda_gateway_requests_total{status="200"} 2' in metrics
    assert 'vereda_gateway_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1' in metrics
    assert 'vereda_gateway_subgraph_requests_total{subgraph="reviews",outcome="answered"} 1' in metrics
    assert forwarded.status_code == 404


@pytest.mark.parametrize("host", ["a b", "evil/../", "a@b", "x:99999999", "[::1", "a,b"])
async def test_a_malformed_host_is_refused(tmp_path: Path, host: str) -> None:
    async with network(tmp_path) as net:
        response = await net.client.get("/health/live", headers={"Host": host})

    assert response.status_code == 400


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n"], ids=["none", "two"])
async def test_there_is_exactly_one_host(tmp_path: Path, hosts: bytes) -> None:
    async with network(tmp_path) as net:
        reader, writer = await asyncio.open_connection(net.client.base_url.host, net.client.base_url.port)
        writer.write(b"GET /health/live HTTP/1.1\r\n" + hosts + b"\r\n")
        status = await asyncio.wait_for(reader.readline(), 5)
        writer.close()

    assert status.startswith(b"HTTP/1.1 400")


async def test_an_oversized_head_is_refused(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        response = await net.client.get("/health/live", headers={"X-Big": "x" * 40_000})

    assert response.status_code == 431


async def test_in_production_there_is_no_graphiql(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        page = await net.client.get("/graphql", headers={"Accept": "text/html"})
        script = await net.client.get("/graphql/page.js")

    assert page.status_code == 406
    assert script.status_code == 404


async def test_in_development_graphiql_is_told_of_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web._FILES", {"graphiql.js": (tmp_path / "absent", "text/javascript")})
    async with network(tmp_path, development=True) as net:
        page = await net.client.get("/graphql", headers={"Accept": "text/html"})

    assert "make explorer" in page.text


@pytest.mark.skipif(
    not (FOLDER / "node_modules").is_dir(), reason="GraphiQL is installed by `make explorer`, with Node"
)
async def test_in_development_graphiql_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    async with network(tmp_path, development=True) as net:
        page = await net.client.get(
            "/graphql", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        )
        loaded = [await net.client.get(path) for path in re.findall(r'(?:src|href)="([^"]+)"', page.text)]

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert [file.status_code for file in loaded] == [200] * 6
    assert not any("//" in path for path in re.findall(r'(?:src|href)="([^"]+)"', page.text))
    assert "<script>" not in page.text
    assert " style=" not in page.text
    assert " onclick=" not in page.text


async def test_in_development_the_schema_can_be_asked_for_and_errors_explain(tmp_path: Path) -> None:
    async with network(tmp_path, development=True) as net:
        schema = await net.ask('{ __type(name: "Book") { fields { name } } __schema { queryType { name } } }')
        wrong = await net.ask("{ bookz { id } }")

    assert schema["data"] == {
        "__type": {"fields": [{"name": "id"}, {"name": "title"}, {"name": "reviews"}]},
        "__schema": {"queryType": {"name": "Query"}},
    }
    assert "Did you mean 'books'" in wrong["errors"][0]["message"]


async def test_two_operations_of_one_document_are_told_apart(tmp_path: Path) -> None:
    query = "query A($x: Boolean = true) { latest @include(if: $x) } query B { books { id } }"
    async with network(tmp_path) as net:
        answers = [
            (await net.client.post("/graphql", json={"query": query, "operationName": name})).json()
            for name in ("A", "B", "A")
        ]

    assert answers[0] == answers[2] == {"data": {"latest": "about 1"}}
    assert answers[1] == {"data": {"books": [{"id": "1"}, {"id": "2"}]}}


def test_subgraph_addresses_come_from_one_variable() -> None:
    given = {
        "VEREDA_SUBGRAPH_URLS": "partners=http://127.0.0.1:4001/graphql, grants=https://g.example/graphql?a=b"
    }

    assert subgraph_urls(given) == {
        "partners": "http://127.0.0.1:4001/graphql",
        "grants": "https://g.example/graphql?a=b",
    }
    assert subgraph_urls({}) == {}
    with pytest.raises(OperatorError, match="VEREDA_SUBGRAPH_URLS"):
        subgraph_urls({"VEREDA_SUBGRAPH_URLS": "partners:4001"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "gateway.example.org", ""])
def test_a_gateway_without_authentication_is_refused_off_loopback(tmp_path: Path, host: str) -> None:
    with pytest.raises(OperatorError, match="loopback"):
        serve(tmp_path / "s.graphql", host, 4000, "none")


def test_a_stand_alone_gateway_knows_no_other_authentication(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="--auth none"):
        serve(tmp_path / "s.graphql", "127.0.0.1", 4000, "oauth")


def test_a_plan_is_shown_as_text_and_as_json(tmp_path: Path) -> None:
    supergraph, operation = tmp_path / "s.graphql", tmp_path / "o.graphql"
    supergraph.write_text(SUPERGRAPH)
    operation.write_text("{ books { title reviews { text } } }")

    text, as_json = show_plan(supergraph, operation, False), show_plan(supergraph, operation, True)

    assert text.startswith("QueryPlan")
    assert '"reviews"' in as_json

    operation.write_text("{ books {")
    with pytest.raises(OperatorError, match=r"o\.graphql"):
        show_plan(supergraph, operation, False)
