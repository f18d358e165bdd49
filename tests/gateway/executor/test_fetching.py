"""What is sent to subgraphs, and how their answers become one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.executor.steps import UnsupportedPlanError
from gateway.planner.plan import Defer, DeferredPart, Fetch, KeyField, KeyFragment, Subscription
from gateway.transport import SubgraphAnswer
from tests.gateway.executor.plans import (
    Condition,
    Flatten,
    Parallel,
    Rename,
    Sequence,
    SetValue,
    Subgraphs,
    compiled,
    entities,
    entity_answers,
    key,
    root,
    run,
)

SHOP = """
type Query { products: [Product] product(id: ID, first: Int): Product me: User }
type Mutation { rename(id: ID!): Product remove(id: ID!): Boolean }
interface Media { id: ID! title: String }
type Product { id: ID! name: String price: Int maker: Maker size: Size sizes: [Size] similar: [Product] }
type Size { width: Int }
type Maker { id: ID! name: String }
type User { id: ID! name: String }
"""


async def test_each_representation_is_sent_once_and_its_entity_merged_everywhere() -> None:
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"products": [{"maker": {"__typename": "Maker", "id": i}} for i in "abab"]}},
            "makers": entity_answers(lambda r: {"name": f"maker {r['id']}"}),
        }
    )
    plan = Sequence(
        (
            root("catalog", "{products{maker{__typename id}}}"),
            entities("products.@.maker", "makers", "... on Maker{name}", (key("Maker", "id"),)),
        )
    )

    result = await run(SHOP, "{ products { maker { name } } }", plan, subgraphs)

    assert subgraphs.representations("makers") == [
        {"__typename": "Maker", "id": "a"},
        {"__typename": "Maker", "id": "b"},
    ]
    assert result.data == {"products": [{"maker": {"name": f"maker {i}"}} for i in "abab"]}
    assert result.errors == []


async def test_what_hangs_below_an_entity_is_completed_wherever_the_entity_stands() -> None:
    error = {"message": "No.", "path": ["_entities", 0, "price"], "extensions": {"code": "FORBIDDEN"}}
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"products": [{"__typename": "Product", "id": "p"} for _ in "ab"]}},
            "similar": entity_answers(
                lambda r: {"similar": [{"__typename": "Product", "id": i} for i in "xy"]}
            ),
            "prices": entity_answers(lambda r: {"price": None if r["id"] == "x" else 5}, errors=[error]),
        }
    )
    plan = Sequence(
        (
            root("catalog", "{products{__typename id}}"),
            entities(
                "products.@", "similar", "... on Product{similar{__typename id}}", (key("Product", "id"),)
            ),
            entities(
                "products.@.similar.@", "prices", "... on Product{price}", (key("Product", "id"),), id=3
            ),
        )
    )

    result = await run(SHOP, "{ products { similar { id price } } }", plan, subgraphs)

    assert [r["id"] for r in subgraphs.representations("prices")] == ["x", "y"]
    assert result.data == {
        "products": [{"similar": [{"id": "x", "price": None}, {"id": "y", "price": 5}]}] * 2
    }
    assert [e["path"] for e in result.errors] == [["products", i, "similar", 0, "price"] for i in (0, 1)]


@pytest.mark.parametrize("ids", [["1", "1"], [1, 1], [1, True, "1"], [{"a": 1}, {"a": 1}]])
async def test_keys_of_any_kind_are_told_apart_as_json_tells_them(ids: list[Any]) -> None:
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"products": [{"__typename": "Product", "id": i} for i in ids]}},
            "prices": entity_answers(lambda r: {"price": 1}),
        }
    )
    plan = Sequence(
        (
            root("catalog", "{products{__typename id}}"),
            entities("products.@", "prices", "... on Product{price}", (key("Product", "id"),)),
        )
    )

    await run(SHOP, "{ products { price } }", plan, subgraphs)

    sent = [repr(r["id"]) for r in subgraphs.representations("prices")]
    assert sent == list(dict.fromkeys(map(repr, ids)))


async def test_no_request_is_sent_for_no_representation() -> None:
    subgraphs = Subgraphs({"catalog": {"data": {"products": [None, {"maker": None}]}}, "makers": None})
    plan = Sequence(
        (
            root("catalog", "{products{maker{__typename id}}}"),
            entities("products.@.maker", "makers", "... on Maker{name}", (key("Maker", "id"),)),
        )
    )

    result = await run(SHOP, "{ products { maker { name } } }", plan, subgraphs)

    assert [name for name, _ in subgraphs.requests] == ["catalog"]
    assert result.data == {"products": [None, {"maker": None}]}


async def test_an_entity_that_comes_back_null_leaves_its_fields_null() -> None:
    plan = Sequence(
        (
            root("catalog", "{products{__typename id}}"),
            entities("products.@", "prices", "... on Product{price}", (key("Product", "id"),)),
        )
    )
    answers = {
        "catalog": {"data": {"products": [{"__typename": "Product", "id": i} for i in "ab"]}},
        "prices": entity_answers(lambda r: None if r["id"] == "a" else {"price": 7}),
    }

    result = await run(SHOP, "{ products { id price } }", plan, answers)

    assert result.data == {"products": [{"id": "a", "price": None}, {"id": "b", "price": 7}]}
    assert result.errors == []


@pytest.mark.parametrize(
    ("thing", "sent"),
    [
        ({"id": "1"}, {"id": "1"}),
        ({"id": None}, None),
        ({}, None),
        ({"id": "1", "size": None}, {"id": "1"}),
    ],
    ids=["has its key", "its key is null", "its key is absent", "has more than its key"],
)
async def test_only_an_object_that_has_its_key_is_represented(thing: Any, sent: Any) -> None:
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"products": [{"__typename": "Product", **thing}]}},
            "prices": entity_answers(lambda r: {"price": 1}),
        }
    )
    plan = Sequence(
        (
            root("catalog", "{products{__typename id size{width}}}"),
            entities("products.@", "prices", "... on Product{price}", (key("Product", "id"),)),
        )
    )

    await run(SHOP, "{ products { price } }", plan, subgraphs)

    if sent is None:
        assert [name for name, _ in subgraphs.requests] == ["catalog"]
    else:
        assert subgraphs.representations("prices") == [{"__typename": "Product", **sent}]


async def test_required_fields_are_sent_nested_and_by_their_own_names() -> None:
    requires = key(
        "Product",
        "id",
        KeyField("size", selections=(KeyField("width"),)),
        KeyField("sizes", alias="_sizes_0", selections=(KeyField("width"),)),
    )
    product = {
        "__typename": "Product",
        "id": "1",
        "size": {"width": 3, "x": 1},
        "_sizes_0": [None, {"width": 4}],
    }
    subgraphs = Subgraphs(
        {"catalog": {"data": {"product": product}}, "prices": entity_answers(lambda r: {"price": 1})}
    )
    plan = Sequence(
        (
            root("catalog", "{product{__typename id size{width} _sizes_0:sizes{width}}}"),
            entities("product", "prices", "... on Product{price}", (requires,)),
        )
    )

    await run(SHOP, "{ product { price } }", plan, subgraphs)

    assert subgraphs.representations("prices") == [
        {"__typename": "Product", "id": "1", "size": {"width": 3}, "sizes": [None, {"width": 4}]}
    ]


MEDIA = """
type Query { media: [Media] }
interface Media { id: ID! title: String rating: Int }
type Book implements Media { id: ID! title: String rating: Int pages: Int }
type Film implements Media { id: ID! title: String rating: Int minutes: Int }
"""


async def test_type_conditions_in_a_path_choose_the_objects() -> None:
    subgraphs = Subgraphs(
        {
            "media": {"data": {"media": [{"__typename": t, "id": t} for t in ("Book", "Film")]}},
            "films": entity_answers(lambda r: {"minutes": 90}),
        }
    )
    plan = Sequence(
        (
            root("media", "{media{__typename id}}"),
            entities("media.@.|[Film]", "films", "... on Film{minutes}", (key("Film", "id"),)),
        )
    )

    result = await run(MEDIA, "{ media { ... on Film { minutes } ... on Book { id } } }", plan, subgraphs)

    assert subgraphs.representations("films") == [{"__typename": "Film", "id": "Film"}]
    assert result.data == {"media": [{"id": "Book"}, {"minutes": 90}]}


async def test_interface_objects_are_asked_for_by_the_interfaces_name_and_keep_their_own() -> None:
    subgraphs = Subgraphs(
        {
            "media": {"data": {"media": [{"__typename": "Book", "id": "1"}]}},
            "ratings": entity_answers(lambda r: {"__typename": "Media", "rating": 5}),
        }
    )
    requires = KeyFragment("Media", ("Book", "Film"), (KeyField("__typename"), KeyField("id")))
    plan = Sequence(
        (
            root("media", "{media{__typename id}}"),
            entities(
                "media.@",
                "ratings",
                "... on Media{__typename rating}",
                (requires,),
                input_rewrites=(SetValue(("__typename",), "Media"),),
            ),
        )
    )

    result = await run(MEDIA, "{ media { __typename rating } }", plan, subgraphs)

    assert subgraphs.representations("ratings") == [{"__typename": "Media", "id": "1"}]
    assert result.data == {"media": [{"__typename": "Book", "rating": 5}]}


async def test_a_concrete_type_name_replaces_the_interfaces_that_an_interface_object_gave() -> None:
    answers = {
        "ratings": {"data": {"media": [{"__typename": "Media", "id": "1", "rating": 5}]}},
        "media": entity_answers(lambda r: {"__typename": "Film", "title": "Río"}),
    }
    plan = Sequence(
        (
            root("ratings", "{media{__typename id rating}}"),
            entities("media.@", "media", "... on Media{__typename title}", (key("Media", "id"),)),
        )
    )

    result = await run(MEDIA, "{ media { __typename title rating } }", plan, answers)

    assert result.data == {"media": [{"__typename": "Film", "title": "Río", "rating": 5}]}


async def test_fields_that_the_planner_aliased_come_back_under_the_clients_key() -> None:
    answers = {
        "media": {
            "data": {"media": [{"__typename": "Book", "x": 300}, {"__typename": "Film", "x__1": 90}, None]}
        }
    }
    plan = root(
        "media",
        "{media{__typename ... on Book{x:pages} ... on Film{x__1:minutes}}}",
        output_rewrites=(Rename(("media", "@", "|[Film]", "x__1"), "x"),),
    )

    query = "{ media { ... on Book { x: pages } ... on Film { x: minutes } } }"
    result = await run(MEDIA, query, plan, answers)

    assert result.data == {"media": [{"x": 300}, {"x": 90}, None]}


async def test_only_the_variables_that_a_fetch_uses_and_the_client_gave_are_forwarded() -> None:
    subgraphs = Subgraphs({"catalog": {"data": {"product": None}}})
    plan = root(
        "catalog", "query($id:ID$first:Int){product(id:$id first:$first){id}}", variables=("id", "first")
    )
    query = (
        "query($id: ID, $first: Int, $x: Boolean!) { product(id: $id, first: $first) { id @skip(if: $x) } }"
    )

    await run(SHOP, query, plan, subgraphs, id="1", x=False)

    assert subgraphs.requests[0][1]["variables"] == {"id": "1"}


async def test_an_entity_fetch_sends_variables_beside_its_representations() -> None:
    subgraphs = Subgraphs(
        {
            "catalog": {"data": {"product": {"__typename": "Product", "id": "1"}}},
            "prices": entity_answers(lambda r: {"price": 1}),
        }
    )
    plan = Sequence(
        (
            root("catalog", "{product{__typename id}}"),
            entities(
                "product", "prices", "... on Product{price}", (key("Product", "id"),), variables=("first",)
            ),
        )
    )

    await run(SHOP, "query($first: Int) { product(first: $first) { price } }", plan, subgraphs, first=3)

    assert subgraphs.requests[1][1]["variables"] == {
        "representations": [{"__typename": "Product", "id": "1"}],
        "first": 3,
    }


async def test_parallel_fetches_are_under_way_at_the_same_time() -> None:
    under_way = 0
    together = asyncio.Event()

    async def send(
        subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        nonlocal under_way
        under_way += 1
        if under_way == 2:
            together.set()
        await asyncio.wait_for(together.wait(), 2)
        return SubgraphAnswer(200, b'{"data":{"%s":null}}' % (b"me" if subgraph == "users" else b"product"))

    plan = Parallel((root("users", "{me{id}}"), root("catalog", "{product{id}}", id=2)))
    result = await compiled(SHOP, "{ me { id } product { id } }", plan).run({}, send, {})

    assert result.data == {"me": None, "product": None}


async def test_a_fetch_starts_when_what_it_waits_for_is_there_whatever_else_is_under_way() -> None:
    priced = asyncio.Event()

    async def send(
        subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        if subgraph == "users":
            await asyncio.wait_for(priced.wait(), 2)
            return SubgraphAnswer(200, b'{"data":{"me":{"id":"1"}}}')
        if subgraph == "prices":
            priced.set()
            return SubgraphAnswer(200, b'{"data":{"_entities":[{"price":9}]}}')
        return SubgraphAnswer(200, b'{"data":{"product":{"__typename":"Product","id":"1"}}}')

    price = entities("product", "prices", "... on Product{price}", (key("Product", "id"),), id=3, after=(1,))
    first = Parallel((root("catalog", "{product{__typename id}}"), root("users", "{me{id}}", id=2)))
    plan = Sequence((first, price))

    result = await compiled(SHOP, "{ me { id } product { price } }", plan).run({}, send, {})

    assert result.data == {"me": {"id": "1"}, "product": {"price": 9}}


async def test_a_query_root_inside_the_answer_is_filled_where_it_stands() -> None:
    schema = "type Query { name: String shelf: Shelf } type Shelf { roots: [Query] }"
    answers: dict[str, Any] = {
        "a": {"data": {"shelf": {"roots": [{"__typename": "Query"}, None, {"__typename": "Query"}]}}},
        "b": {"data": {"name": "n"}},
    }
    subgraphs = Subgraphs(answers)
    plan = Sequence(
        (
            root("a", "{shelf{roots{__typename}}}"),
            Flatten(("shelf", "roots", "@"), root("b", "{name}", id=2)),
        )
    )

    result = await run(schema, "{ shelf { roots { name } } }", plan, subgraphs)

    assert result.data == {"shelf": {"roots": [{"name": "n"}, None, {"name": "n"}]}}
    assert [name for name, _ in subgraphs.requests] == ["a", "b"]


async def test_mutations_run_in_order_and_are_not_repeatable() -> None:
    subgraphs = Subgraphs({"catalog": {"data": {"rename": None}}, "stock": {"data": {"remove": True}}})
    plan = Sequence(
        (root("catalog", "mutation{rename(id:1){id}}"), root("stock", "mutation{remove(id:1)}", id=2))
    )

    result = await run(SHOP, "mutation { rename(id: 1) { id } remove(id: 1) }", plan, subgraphs)

    assert [name for name, _ in subgraphs.requests] == ["catalog", "stock"]
    assert subgraphs.repeatable == [False, False]
    assert result.data == {"rename": None, "remove": True}


@pytest.mark.parametrize(("more", "asked"), [(True, ["catalog", "users"]), (False, ["catalog"])])
async def test_a_condition_chooses_by_the_clients_variable(more: bool, asked: list[str]) -> None:
    subgraphs = Subgraphs({"catalog": {"data": {"product": None}}, "users": {"data": {"me": {"id": "1"}}}})
    plan = Sequence(
        (root("catalog", "{product{id}}"), Condition("more", root("users", "{me{id}}", id=2), None))
    )

    query = "query($more: Boolean!) { product { id } me @include(if: $more) { id } }"
    result = await run(SHOP, query, plan, subgraphs, more=more)

    assert [name for name, _ in subgraphs.requests] == asked
    assert result.data == ({"product": None, "me": {"id": "1"}} if more else {"product": None})


async def test_two_answers_about_one_object_are_merged_deeply() -> None:
    answers: dict[str, Any] = {
        "a": {"data": {"product": {"id": "1", "size": {}, "similar": [{"id": "2"}, None], "name": None}}},
        "b": {
            "data": {"product": {"size": {"width": 1}, "similar": [{"name": "x"}, {"id": "3"}], "name": "n"}}
        },
    }
    plan = Sequence((root("a", "{product{id}}"), root("b", "{product{id}}", id=2)))

    query = "{ product { id name size { width } similar { id name } } }"
    result = await run(SHOP, query, plan, answers)

    assert result.data == {
        "product": {
            "id": "1",
            "name": "n",
            "size": {"width": 1},
            "similar": [{"id": "2", "name": "x"}, {"id": "3", "name": None}],
        }
    }


async def test_deferred_parts_are_answered_with_the_rest() -> None:
    price = entities("product", "prices", "... on Product{price}", (key("Product", "id"),))
    plan = Defer(
        root("catalog", "{product{__typename id}}"), (DeferredPart(None, ("product",), (1,), price),)
    )
    answers = {
        "catalog": {"data": {"product": {"__typename": "Product", "id": "1"}}},
        "prices": entity_answers(lambda r: {"price": 9}),
    }

    result = await run(SHOP, "{ product { price } }", plan, answers)

    assert result.data == {"product": {"price": 9}}


def test_a_subscription_is_no_program_of_one_answer() -> None:
    fetch = Fetch(1, "a", "subscription", "subscription{x}", None)

    with pytest.raises(UnsupportedPlanError):
        compiled(SHOP, "{ me { id } }", Subscription(fetch, None))


async def test_what_was_aliased_apart_is_joined_to_what_stands_under_its_name() -> None:
    """One object, asked twice under one name in two shapes: a part of it comes under either key."""
    answers = {
        "catalog": {"data": {"product": {"id": "1", "size": {}, "_size_1": {"width": 2}, "_name_1": "n"}}}
    }
    plan = root(
        "catalog",
        "{product{id size{__typename} _size_1:size{width} _name_1:name}}",
        output_rewrites=(Rename(("product", "_size_1"), "size"), Rename(("product", "_name_1"), "name")),
    )

    result = await run(SHOP, "{ product { id name size { width } } }", plan, answers)

    assert result.data == {"product": {"id": "1", "name": "n", "size": {"width": 2}}}
