"""What the client sees of the merged answer: its own document's fields, in its own order."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.executor.careful import project_carefully
from gateway.executor.faults import Faults
from gateway.executor.projection import GIVES_UP, compile_projection
from gateway.executor.shaping import Shaper
from tests.gateway.executor.plans import root, run

LIBRARY = """
type Query { node: Node item: Item items: [Item!] color: Color colors: [Color!] matrix: [[Book]] book: Book
  strict: Book! json: JSON }
scalar JSON
enum Color { RED GREEN }
interface Node { id: ID! }
type Book implements Node { id: ID! title: String! color: Color author: Author tags: [String!] }
type Author implements Node { id: ID! name: String books: [Book!]! }
union Item = Book | Author
"""


async def ask(query: str, data: Any, **variables: Any) -> Any:
    result = await run(LIBRARY, query, root("a", query), {"a": {"data": data}}, **variables)
    assert result.errors == []
    return result.data


async def test_fields_come_in_the_documents_order_and_nothing_else_comes() -> None:
    data = await ask(
        "{ b: book { t: title id } color }",
        {"color": "RED", "b": {"id": "1", "t": "T", "__typename": "Book", "secret": 1}},
    )

    assert list(data) == ["b", "color"]
    assert list(data["b"].items()) == [("t", "T"), ("id", "1")]


async def test_fragments_are_joined_and_repeated_fields_merged() -> None:
    query = """
    query { book { ...A author { name } ... on Book { title } ... on Node { id } ... { title } } }
    fragment A on Book { author { id ...A2 } }
    fragment A2 on Author { books { id } }
    """
    data = await ask(
        query, {"book": {"id": "1", "title": "T", "author": {"id": "2", "name": "N", "books": [{"id": "1"}]}}}
    )

    assert data == {
        "book": {"author": {"id": "2", "books": [{"id": "1"}], "name": "N"}, "title": "T", "id": "1"}
    }


async def test_type_conditions_choose_by_the_concrete_type() -> None:
    query = "{ items { __typename ... on Node { id } ... on Book { t: title } ... on Author { name } } }"
    data = await ask(
        query,
        {
            "items": [
                {"__typename": "Author", "id": "2", "name": None, "t": "no"},
                {"__typename": "Book", "id": "1", "t": "T", "name": "no"},
            ]
        },
    )

    assert data == {
        "items": [
            {"__typename": "Author", "id": "2", "name": None},
            {"__typename": "Book", "id": "1", "t": "T"},
        ]
    }


async def test_an_object_of_a_type_outside_the_public_schema_is_null() -> None:
    data = await ask("{ node { id } }", {"node": {"__typename": "Secret", "id": "1"}})

    assert data == {"node": None}


async def test_an_interfaces_own_fields_need_no_type_name() -> None:
    assert await ask("{ node { id } }", {"node": {"id": "1"}}) == {"node": {"id": "1"}}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
async def test_skip_and_include_by_variables_and_literals(first: bool, second: bool) -> None:
    query = """
    query($a: Boolean!, $b: Boolean!) {
      book { id @include(if: $a) title @skip(if: $a) @include(if: $b) color @skip(if: true)
             ... @include(if: $b) { tags } } }
    """
    data = await ask(
        query, {"book": {"id": "1", "title": "T", "color": "RED", "tags": []}}, a=first, b=second
    )

    expected = (["id"] if first else []) + (["title"] if second and not first else [])
    assert list(data["book"]) == expected + (["tags"] if second else [])


async def test_prototype_names_are_names_like_any_other() -> None:
    data = await ask(
        "{ book { __proto__: title constructor: id hasOwnProperty: id } }",
        {"book": {"__proto__": "T", "constructor": "1", "hasOwnProperty": "1"}},
    )

    assert data == {"book": {"__proto__": "T", "constructor": "1", "hasOwnProperty": "1"}}


async def test_lists_of_lists_keep_their_nulls() -> None:
    data = await ask("{ matrix { id } }", {"matrix": [[{"id": "1"}, None], None, []]})

    assert data == {"matrix": [[{"id": "1"}, None], None, []]}


async def test_custom_scalars_pass_as_they_are() -> None:
    assert await ask("{ json }", {"json": {"a": [1, {"b": None}]}}) == {"json": {"a": [1, {"b": None}]}}


async def test_root_type_name_and_introspection_are_answered_without_a_subgraph() -> None:
    query = """
    query($name: String = "Book") { r: __typename t: __type(name: $name) { ...T }
      __schema { queryType { name } } __type(name: "Secret") { name } }
    fragment T on __Type { name kind }
    """
    result = await run(LIBRARY, query, None, {}, name="Book")

    assert result.errors == []
    assert result.data == {
        "r": "Query",
        "t": {"name": "Book", "kind": "OBJECT"},
        "__schema": {"queryType": {"name": "Query"}},
        "__type": None,
    }


SCHEMA = build_schema(LIBRARY)
EVERYTHING = parse(
    """{ node { id ... on Book { title } } item { ... on Author { books { id color } } }
    items { __typename ... on Book { title tags author { name } } } color colors matrix { title }
    strict { id title author { books { title } } } json }"""
)

_text = st.sampled_from(["x", "y", None])
_color = st.sampled_from(["RED", "GREEN", "RED", "PINK", None])


def _list(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(items, max_size=2)


def _thing(levels: int) -> st.SearchStrategy[Any]:
    """A book, an author, or what should not be there."""
    if levels == 0:
        return st.none()
    book = {"id": st.just("1"), "title": st.just("T"), "color": _color, "tags": _list(st.just("t"))}
    author = {"id": st.just("2"), "name": _text, "books": st.lists(_thing(levels - 1), max_size=2)}
    odd = {"__typename": st.sampled_from(["Book", "Secret", "Node"]), "id": _text, "title": _text}
    return st.one_of(
        st.none(),
        st.fixed_dictionaries(
            {"__typename": st.just("Book"), **book}, optional={"author": _thing(levels - 1)}
        ),
        st.fixed_dictionaries({"__typename": st.just("Author"), **author}),
        st.fixed_dictionaries({}, optional=odd),
        st.just("no object"),
    )


_MERGED = st.fixed_dictionaries(
    {
        "strict": st.fixed_dictionaries(
            {"id": st.just("1"), "title": st.just("T")}, optional={"author": _thing(2)}
        )
    },
    optional={
        "node": _thing(1),
        "item": _thing(2),
        "items": _list(_thing(1)),
        "color": _color,
        "colors": _list(_color),
        "matrix": _list(_list(_thing(1))),
        "json": st.integers(),
    },
)


@given(_MERGED)
def test_the_quick_projection_gives_up_or_agrees_with_the_careful_one(merged: dict[str, Any]) -> None:
    shape = Shaper(SCHEMA, EVERYTHING, {}).root(EVERYTHING.definitions[0])  # type: ignore[arg-type]
    faults = Faults()
    careful = project_carefully(shape, merged, faults)

    try:
        quick = compile_projection(shape)(merged)
    except GIVES_UP:
        return

    assert quick == careful
    assert faults.errors == []
