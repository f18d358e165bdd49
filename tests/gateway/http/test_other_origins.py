"""Web pages of other origins: none but those on the list, and never with cookies (Fetch §CORS protocol)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policies import Policies
from gateway.settings import load_policies
from tests.gateway.http.network import network
from vereda.errors import OperatorError

LISTED = "https://app.example.org"
ASKED = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


def about_origins(headers: object) -> list[str]:
    return [name for name in dict(headers) if name.startswith("access-control-")]  # type: ignore[call-overload]


async def test_pages_on_the_list_may_ask_without_cookies(tmp_path: Path) -> None:
    async with network(tmp_path, policies=Policies(cors_origins=(LISTED,))) as net:
        before = await net.client.options("/graphql", headers={"Origin": LISTED, **ASKED})
        answer = await net.client.post("/graphql", json={"query": "{ latest }"}, headers={"Origin": LISTED})

    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == LISTED
    assert {"authorization", "content-type"} <= {
        name.strip().lower() for name in before.headers["access-control-allow-headers"].split(",")
    }
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in {**before.headers, **answer.headers}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{LISTED}.evil.example", LISTED.upper()])
async def test_other_pages_may_not(tmp_path: Path, origin: str) -> None:
    async with network(tmp_path, policies=Policies(cors_origins=(LISTED,))) as net:
        before = await net.client.options("/graphql", headers={"Origin": origin, **ASKED})
        answer = await net.client.post("/graphql", json={"query": "{ latest }"}, headers={"Origin": origin})

    assert before.status_code == 400
    assert "access-control-allow-origin" not in {**before.headers, **answer.headers}


async def test_without_a_list_no_page_may(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        before = await net.client.options("/graphql", headers={"Origin": LISTED, **ASKED})
        answer = await net.client.post("/graphql", json={"query": "{ latest }"}, headers={"Origin": LISTED})

    assert before.status_code == 405
    assert about_origins(before.headers) == about_origins(answer.headers) == []


async def test_only_the_graph_is_open_to_them(tmp_path: Path) -> None:
    async with network(tmp_path, policies=Policies(cors_origins=(LISTED,))) as net:
        answer = await net.client.get("/health/ready", headers={"Origin": LISTED})

    assert about_origins(answer.headers) == []


@pytest.mark.parametrize(
    "value", ["*", "null", "app.example.org", "https://app.example.org/", "https://*.example.org"]
)
def test_an_origin_is_written_out(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("VEREDA_CORS_ORIGINS", f"{LISTED}, {value}")

    with pytest.raises(OperatorError, match="VEREDA_CORS_ORIGINS"):
        load_policies()


def test_origins_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEREDA_CORS_ORIGINS", f"{LISTED}, http://127.0.0.1:3000")

    assert load_policies().cors_origins == (LISTED, "http://127.0.0.1:3000")
