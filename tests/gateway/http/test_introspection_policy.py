"""Who may ask for the schema, and is told what of it an operation does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request

from gateway.identity import Identity
from gateway.policies import Policies
from tests.gateway.http.network import Network, network

SCHEMA = "{ __schema { queryType { name } } }"
WRONG = "{ latets }"


class ByScope:
    """`Authorization: Bearer <scopes>`."""

    async def authenticate(self, request: Request) -> Identity:
        scopes = request.headers.get("authorization", "Bearer ").removeprefix("Bearer ")
        return Identity(scopes, scopes=frozenset(scopes.split()))


async def is_told(net: Network, scopes: str = "") -> bool:
    headers = {"Authorization": f"Bearer {scopes}"} if scopes else {}
    answers = [
        (await net.client.post("/graphql", json={"query": query}, headers=headers)).json()
        for query in (SCHEMA, WRONG)
    ]
    told = "data" in answers[0]
    assert told == ("Did you mean 'latest'?" in answers[1]["errors"][0]["message"])
    if not told:
        assert answers[0]["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"
        assert "latest" not in str(answers)
    return told


@pytest.mark.parametrize(
    ("said", "development", "expected"),
    [
        ("development", True, True),
        ("development", False, False),
        ("on", False, True),
        ("off", True, False),
    ],
)
async def test_everybody_or_nobody(tmp_path: Path, said: str, development: bool, expected: bool) -> None:
    async with network(tmp_path, development=development, policies=Policies(introspection=said)) as net:
        assert await is_told(net) is expected


async def test_those_with_a_scope_whoever_asked_before(tmp_path: Path) -> None:
    policies = Policies(introspection="schema:read")
    async with network(tmp_path, ByScope(), policies=policies, development=True) as net:
        assert not await is_told(net)
        assert not await is_told(net, "directory:read")
        assert await is_told(net, "directory:read schema:read")
        assert not await is_told(net, "directory:read")
