"""A request names its purpose in a header, which reaches the services with it and tells it from others (R18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.identity import Identity, for_purpose
from tests.gateway.http.network import network

BOOKS = {"query": "{ books { title } }"}


async def test_r18_the_purpose_that_a_request_names_reaches_the_services(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        await net.client.post("/graphql", json=BOOKS, headers={"Vereda-Purpose": "APPOINTMENT"})
        await net.client.post("/graphql", json=BOOKS)

    assert [seen.get("vereda-purpose") for seen in net.catalog.headers] == ["APPOINTMENT", None]


@pytest.mark.parametrize("named", ["", "appointment", "A, B", "A\tB", "X" * 41])
async def test_r18_what_is_no_code_is_refused(tmp_path: Path, named: str) -> None:
    async with network(tmp_path) as net:
        answer = await net.client.post("/graphql", json=BOOKS, headers={"Vereda-Purpose": named})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert net.catalog.headers == []


def test_r18_two_purposes_of_one_caller_share_no_answer() -> None:
    who = Identity(key="marta", headers={"Txn-Token": "t"})

    keys = {for_purpose(who, named).key for named in ([], ["APPOINTMENT"], ["FOLLOW_UP"])}

    assert len(keys) == 3
    assert for_purpose(who, ["FOLLOW_UP"]).headers == {"Txn-Token": "t", "Vereda-Purpose": "FOLLOW_UP"}
    with pytest.raises(ValueError, match="purpose"):
        for_purpose(who, ["FOLLOW_UP", "APPOINTMENT"])
