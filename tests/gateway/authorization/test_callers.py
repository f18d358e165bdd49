"""What callers share, and what they never do; and operations that are refused as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.engine import Engine, GraphQLRequest
from gateway.executor import Outcome
from gateway.identity import Identity
from gateway.planner import Planner
from gateway.transport import SharedReads, SubgraphAnswer
from tests.gateway.authorization.asking import NOBODY, SOMEBODY, Graph, holding

SDL = """
type Query @join__type(graph: A) {
  a: Int @requiresScopes(scopes: [["a"]])
  b: Int @requiresScopes(scopes: [["b"]])
  open: Int
  found: [Found]
  sorted(by: Order): Int
}
union Found @join__type(graph: A) @join__unionMember(graph: A, member: "Pet") @join__unionMember(graph: A, member: "Vault") = Pet | Vault
type Pet @join__type(graph: A) { id: ID }
type Vault @join__type(graph: A) @authenticated { gold: Int }
enum Order @join__type(graph: A) @authenticated { NAME }
"""


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each plan that is made."""
    made: list[object] = []
    plan = Planner.plan

    def recording(self: Planner, document: Any, **rest: Any) -> Any:
        made.append(document)
        return plan(self, document, **rest)

    monkeypatch.setattr(Planner, "plan", recording)
    return made


async def test_callers_who_lack_the_same_of_an_operation_share_its_plan(planned: list[object]) -> None:
    graph = Graph(SDL)

    for caller in (
        holding("a"),
        holding("a", "c"),
        Identity("x", scopes=frozenset("a"), authenticated=False),
    ):
        assert (await graph.ask("{ a open }", caller)).closed == []
        assert (await graph.ask("{ b open }", caller)).closed == ["b"]

    assert len(planned) == 2


async def test_an_operation_that_runs_into_nothing_is_planned_once_for_all(planned: list[object]) -> None:
    graph = Graph(SDL)

    for caller in (NOBODY, SOMEBODY, holding("a"), holding("a", "b")):
        assert (await graph.ask("{ open }", caller)).closed == []

    assert len(planned) == 1


async def test_those_who_lack_something_else_do_not(planned: list[object]) -> None:
    graph = Graph(SDL)

    closed = [
        (await graph.ask("{ a b open }", caller)).closed for caller in (holding("a"), holding("b"), NOBODY)
    ]

    assert closed == [["b"], ["a"], ["a", "b"]]
    assert len(planned) == 3


class Slow:
    """A transport that answers after a moment, each time with another number, and by whose headers it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        self.asked.append(headers["Txn-Token"])
        number = len(self.asked)
        await asyncio.sleep(0.01)
        return SubgraphAnswer(200, b'{"data":{"a":%d,"open":%d}}' % (number, number))

    async def close(self) -> None: ...


async def test_callers_with_different_rights_share_no_answer_and_no_read_even_where_reads_are_shared() -> (
    None
):
    graph, transport = Graph(SDL), Slow()
    engine = Engine(graph.world.supergraph, SharedReads(transport), share_answers=True)
    may = Identity("ana", {"Txn-Token": "ana"}, scopes=frozenset("a"))
    may_not = Identity("ben", {"Txn-Token": "ben"})
    # Of one caller whose rights changed while a request of his was under way.
    changed = Identity("ana", {"Txn-Token": "ana"})
    request = GraphQLRequest("{ a open }")

    results = await asyncio.gather(*[engine.execute(request, who) for who in (may, may_not, may, changed)])

    data = [dict(result.data or {}) for result in results]
    assert data[0] == data[2] == {"a": 1, "open": 1}
    assert data[1]["a"] is data[3]["a"] is None
    assert len({data[0]["open"], data[1]["open"], data[3]["open"]}) == 3
    assert sorted(transport.asked) == ["ana", "ana", "ben"]


REFUSED = [
    "{ a open }",
    "{ open ... { x: a } }",
    "{ open ...F } fragment F on Query { a }",
    "{ found { ... on Vault { gold } } }",
    "{ sorted(by: NAME) }",
    "query ($by: Order = NAME) { sorted(by: $by) }",
    "mutation { noop wipe }",
]


@pytest.mark.parametrize("query", REFUSED)
async def test_an_operation_that_names_something_closed_is_refused_where_the_operator_has_it_so(
    query: str,
) -> None:
    answer = await Graph(SDL, refuse_unauthorized=True).ask(query, NOBODY)

    assert answer.outcome is Outcome.FORBIDDEN
    assert answer.data is None
    assert not answer.asked
    (error,) = answer.errors
    assert error["extensions"] == {"code": "UNAUTHORIZED_FIELD_OR_TYPE"}
    assert "path" not in error


async def test_a_refusal_names_what_was_asked_for_and_not_what_would_open_it() -> None:
    fields = (f'f{index}: Int @requiresScopes(scopes: [["internal-{index}"]])' for index in range(7))
    sdl = f"type Query @join__type(graph: A) {{ {' '.join(fields)} }}"
    graph = Graph(sdl, refuse_unauthorized=True)

    (error,) = (await graph.ask("{ f0 f1 f2 f3 f4 f5 f6 }", NOBODY)).errors

    assert error["message"] == (
        "You have no right to Query.f0, Query.f1, Query.f2, Query.f3, Query.f4 and 2 more:"
        " ask without it, or with a token that carries the right."
    )


async def test_what_is_not_named_is_null_there_too() -> None:
    """A closed object in a union is met at run time only: to refuse whoever might meet one would close the union."""
    answer = await Graph(SDL, refuse_unauthorized=True).ask("{ found { ... on Pet { id } } }", NOBODY)

    assert answer.outcome is Outcome.EXECUTED
    assert all(item is None or "id" in item for item in answer.data["found"])


@pytest.mark.parametrize("query", ["{ a b open }", "{ sorted(by: NAME) found { ... on Vault { gold } } }"])
async def test_who_may_is_answered_where_others_are_refused(query: str) -> None:
    answer = await Graph(SDL, refuse_unauthorized=True).ask(query, holding("a", "b"))

    assert answer.outcome is Outcome.EXECUTED
    assert not answer.errors
