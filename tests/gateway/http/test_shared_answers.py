"""Where reads are shared, equal queries of one caller that are under way together are answered once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from gateway.engine import Engine
from gateway.identity import Identity
from gateway.request import GraphQLRequest
from gateway.supergraph import load
from gateway.transport import SubgraphAnswer
from tests.gateway.http.network import SUPERGRAPH

ANA = Identity("ana", {"Txn-Token": "a"})
BEN = Identity("ben", {"Txn-Token": "b"})
BOOKS = "query Q($first: Int) { books(first: $first) { id } }"


class Counting:
    """A transport that answers after a moment, each time with another book."""

    def __init__(self) -> None:
        self.asked = 0

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        self.asked += 1
        number = self.asked
        await asyncio.sleep(0.01)
        if b"addBook" in body:
            return SubgraphAnswer(200, b'{"data":{"addBook":{"id":"%d"}}}' % number)
        return SubgraphAnswer(200, b'{"data":{"books":[{"id":"%d"}]}}' % number)

    async def close(self) -> None: ...


async def together(*asked: tuple[GraphQLRequest, Identity], share: bool = True) -> tuple[list[str], int]:
    """The book that each got, and how often the subgraph was asked."""
    transport = Counting()
    engine = Engine(load(SUPERGRAPH), transport, share_answers=share)
    results = await asyncio.gather(*[engine.execute(request, who) for request, who in asked])
    datas = [result.data or {} for result in results]
    return [
        data["books"][0]["id"] if "books" in data else data["addBook"]["id"] for data in datas
    ], transport.asked


async def test_equal_queries_are_answered_once() -> None:
    request = GraphQLRequest(BOOKS, variables={"first": 1})

    assert await together((request, ANA), (request, ANA)) == (["1", "1"], 1)


@pytest.mark.parametrize(
    "other",
    [
        (GraphQLRequest(BOOKS, variables={"first": 1}), BEN),
        (GraphQLRequest(BOOKS, variables={"first": 2}), ANA),
        (GraphQLRequest(BOOKS + " ", variables={"first": 1}), ANA),
    ],
)
async def test_another_caller_variable_or_document_is_asked_for_itself(
    other: tuple[GraphQLRequest, Identity],
) -> None:
    assert await together((GraphQLRequest(BOOKS, variables={"first": 1}), ANA), other) == (["1", "2"], 2)


async def test_mutations_are_never_shared_and_end_what_is_shared() -> None:
    read = GraphQLRequest(BOOKS), ANA
    write = GraphQLRequest('mutation { addBook(title: "t") { id } }'), ANA

    got, asked = await together(read, write, write, read)

    assert (len(set(got)), asked) == (4, 4)


async def test_nothing_is_shared_unless_it_is_asked_for() -> None:
    read = GraphQLRequest(BOOKS), ANA

    assert await together(read, read, share=False) == (["1", "2"], 2)
