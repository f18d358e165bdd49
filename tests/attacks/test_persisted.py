"""Documents that are asked for by name: nobody runs what is not theirs to run, and no name comes to mean another text."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest_asyncio

from gateway.oauth.documents import register_documents
from tests.attacks.catalogue import body
from tests.attacks.conftest import signed_in
from tests.attacks.graph.data import PHONES
from tests.attacks.target import Target
from tests.attacks.wire import Answer
from vereda.caller import Scope
from vereda.database import Database

LISTED = "{ motto }"
UNLISTED = "{ people { id } }"
OTHERS = "{ latest }"
ASKING = "{ people { phone } }"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def by_hash(text: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}}


@pytest_asyncio.fixture(scope="session")
async def closed(gateway: Target, database: Database) -> Target:
    """A client that may run what was registered for it, and nothing else."""
    target = await signed_in(gateway, database, Scope.DIRECTORY_READ, trusted_documents_only=True)
    await register_documents(database, target.client_id, [LISTED])
    return target


def code(answer: Answer) -> str:
    [error] = answer.json()["errors"]
    assert "data" not in answer.json()
    return str(error["extensions"]["code"])


async def test_an_unlisted_document_is_not_run(closed: Target, target: Target, database: Database) -> None:
    """The safelist: by text, by hash, by id, after somebody else made it known, and whoever it is registered for."""
    other = await register_documents(database, target.client_id, [OTHERS])
    await target.send(body({"query": UNLISTED, **by_hash(UNLISTED)}))
    closed.asked.clear()

    answers = [
        await closed.send(body(request))
        for request in (
            {"query": UNLISTED},
            {"query": UNLISTED, **by_hash(UNLISTED)},
            by_hash(UNLISTED),
            {"documentId": f"sha256:{hash_of(UNLISTED)}"},
            {"documentId": f"sha256:{other[0]}"},
            {"query": OTHERS},
            {"query": LISTED + " "},
            {"query": LISTED + UNLISTED.replace("{", "query B {"), "operationName": "B"},
        )
    ]

    assert {(answer.status, code(answer)) for answer in answers} == {(400, "DOCUMENT_NOT_TRUSTED")}
    assert closed.asked == []


async def test_a_listed_document_is_run(closed: Target) -> None:
    answers = [
        await closed.send(body(request))
        for request in ({"query": LISTED}, by_hash(LISTED), {"documentId": f"sha256:{hash_of(LISTED)}"})
    ]

    assert [answer.json() for answer in answers] == [{"data": {"motto": "nobody alone"}}] * 3


async def test_a_hash_never_means_another_document(target: Target) -> None:
    """Cache poisoning by hash: what is sent with a hash that is not its own is not kept under it."""
    poisoned = await target.send(body({"query": UNLISTED, **by_hash("{ notes { text } }")}))
    asked = await target.send(body(by_hash("{ notes { text } }")))

    assert code(poisoned) == "PERSISTED_QUERY_MISMATCH"
    assert code(asked) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_hash_gives_nobody_anothers_rights(
    target: Target, gateway: Target, database: Database
) -> None:
    """What somebody made known who may read phones gives no phone to somebody who may not."""
    worker = await signed_in(gateway, database, Scope.DIRECTORY_READ, Scope.CLIENT_READ)
    known = await worker.send(body({"query": ASKING, **by_hash(ASKING)}), may_know=PHONES)
    assert "errors" not in known.json()

    answer = await target.send(body(by_hash(ASKING)))

    assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {
        "UNAUTHORIZED_FIELD_OR_TYPE"
    }
