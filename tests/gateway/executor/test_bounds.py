"""What running one operation may take: entities in one request, bytes of all answers, time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from graphql import build_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.executor import Bounds, Result, compile_plan
from gateway.planner.plan import QueryPlan
from gateway.transport import DEADLINE
from tests.gateway.executor.plans import Parallel, Sequence, Subgraphs, entities, entity_answers, key, root
from vereda.deadline import Deadline

SHOP = build_schema("""
type Query { products: [Product] }
type Product { id: ID! name: String! maker: Maker seller: Maker }
type Maker { id: ID! name: String city: String }
""")
NAMES = "{ products { maker { name } } }"
BOTH = "{ products { maker { name } seller { city } } }"
ALONE = Sequence(
    (
        root("catalog", "{products{maker{__typename id}}}"),
        entities("products.@.maker", "makers", "... on Maker{name}", (key("Maker", "id"),)),
    )
)
JOINED = Sequence(
    (
        root("catalog", "{products{maker{__typename id}seller{__typename id}}}"),
        Parallel(
            (
                entities("products.@.maker", "makers", "... on Maker{name}", (key("Maker", "id"),)),
                entities("products.@.seller", "makers", "... on Maker{city}", (key("Maker", "id"),), id=3),
            )
        ),
    )
)


async def run(query: str, plan: Any, subgraphs: Subgraphs, bounds: Bounds) -> Result:
    program = compile_plan(QueryPlan(plan), SHOP, parse(query), None, bounds=bounds)
    return await program.run({}, subgraphs.send, {})


def maker(number: int) -> dict[str, Any]:
    return {"__typename": "Maker", "id": str(number)}


def answered_by_parts(request: dict[str, Any]) -> dict[str, Any]:
    """Each list of representations under its own key."""
    lists = {name.removeprefix("representations"): given for name, given in request["variables"].items()}
    return {
        "data": {
            suffix or "_entities": [{"name": f"n{r['id']}", "city": f"c{r['id']}"} for r in given]
            for suffix, given in lists.items()
        }
    }


@given(st.lists(st.integers(0, 12), max_size=30), st.integers(1, 5))
def test_more_entities_than_one_request_may_have_are_asked_for_by_several(
    numbers: list[int], most: int
) -> None:
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"products": [{"maker": maker(number)} for number in numbers]}},
            "makers": entity_answers(lambda r: {"name": f"n{r['id']}"}),
        }
    )

    result = asyncio.run(run(NAMES, ALONE, subgraphs, Bounds(representations=most)))

    asked = [
        request["variables"]["representations"] for name, request in subgraphs.requests if name == "makers"
    ]
    assert all(0 < len(some) <= most for some in asked)
    assert len(asked) == -(-len(set(numbers)) // most)
    assert result.data == {"products": [{"maker": {"name": f"n{number}"}} for number in numbers]}
    assert not result.errors


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20), st.integers(1, 7))
def test_parts_of_a_joined_request_are_bounded_together(pairs: list[tuple[int, int]], most: int) -> None:
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"products": [{"maker": maker(a), "seller": maker(b)} for a, b in pairs]}},
            "makers": answered_by_parts,
        }
    )

    result = asyncio.run(run(BOTH, JOINED, subgraphs, Bounds(representations=most)))

    for name, request in subgraphs.requests:
        if name == "makers":
            assert 0 < sum(map(len, request["variables"].values())) <= most
    assert result.data == {
        "products": [{"maker": {"name": f"n{a}"}, "seller": {"city": f"c{b}"}} for a, b in pairs]
    }
    assert not result.errors


async def test_an_error_of_one_batch_stands_where_its_entity_does() -> None:
    def second_fails(request: dict[str, Any]) -> dict[str, Any]:
        given = request["variables"]["representations"]
        errors = [
            {"message": "no", "path": ["_entities", index, "name"]}
            for index, one in enumerate(given)
            if one["id"] == "3"
        ]
        found = [None if one["id"] == "3" else {"name": f"n{one['id']}"} for one in given]
        return {"data": {"_entities": found}, **({"errors": errors} if errors else {})}

    subgraphs = Subgraphs(
        {"catalog": {"data": {"products": [{"maker": maker(n)} for n in range(5)]}}, "makers": second_fails}
    )

    result = await run(NAMES, ALONE, subgraphs, Bounds(representations=2))

    assert [error["path"] for error in result.errors] == [["products", 3, "maker", "name"]]


async def test_answers_that_are_together_too_large_are_left_out_with_one_error() -> None:
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"products": [{"maker": maker(n)} for n in range(4)]}},
            "makers": entity_answers(lambda r: {"name": "x" * 500}),
        }
    )

    result = await run(NAMES, ALONE, subgraphs, Bounds(representations=1, answer_bytes=1500))

    assert result.data is not None
    names = [product["maker"]["name"] for product in result.data["products"]]
    assert sorted(names, key=str) == [None, None, "x" * 500, "x" * 500]
    assert [error["extensions"]["code"] for error in result.errors] == ["ANSWER_TOO_LARGE"]


@pytest.mark.parametrize("when", ["before it begins", "while a subgraph is silent"])
async def test_what_is_not_there_by_the_deadline_is_missing_and_nothing_else(when: str) -> None:
    """The silent subgraph is given up by the deadline alone: nothing else ever ends the wait."""

    class Silent(Subgraphs):
        async def send(self, subgraph: str, body: bytes, headers: Any, *, repeatable: bool = True) -> Any:
            if subgraph == "makers":
                await asyncio.get_running_loop().create_future()
            return await super().send(subgraph, body, headers, repeatable=repeatable)

    subgraphs = Silent({"catalog": {"data": {"products": [{"maker": maker(1)}]}}, "makers": None})
    over = when == "before it begins"
    deadline = Deadline.read("0" if over else "50")

    token = DEADLINE.set(deadline)
    result = await run(NAMES, ALONE, subgraphs, Bounds())
    DEADLINE.reset(token)

    assert result.data == ({"products": None} if over else {"products": [{"maker": {"name": None}}]})
    assert [error["extensions"]["code"] for error in result.errors] == ["DEADLINE_EXCEEDED"]
    assert bool(subgraphs.requests) is not over
