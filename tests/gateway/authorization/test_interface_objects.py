"""A service that knows an interface as one object (`@interfaceObject`) is not asked of the types to which it is closed."""

from __future__ import annotations

import pytest

from tests.gateway.authorization.asking import NOBODY, SOMEBODY, Graph, holding

MEDIA = """
type Query @join__type(graph: A) @join__type(graph: B) {
  media: [Media!]! @join__field(graph: B)
  book: Book @join__field(graph: A)
}
interface Media @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) {
  id: ID!
  title: String @join__field(graph: A)
  score: Int @join__field(graph: B) %(interface)s
  views: Int @join__field(graph: B)
}
type Book implements Media @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "Media") %(book_type)s {
  id: ID! title: String score: Int @join__field %(book)s views: Int @join__field
}
type Film implements Media @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "Media") {
  id: ID! title: String score: Int @join__field %(film)s views: Int @join__field
}
"""
NOTHING = {"interface": "", "book_type": "", "book": "", "film": ""}
AUTH = "@authenticated"


def media(**said: str) -> Graph:
    return Graph(MEDIA % {**NOTHING, **said})


async def test_a_field_that_is_closed_for_one_type_is_asked_of_the_others_alone() -> None:
    graph = media(book=AUTH)

    answer = await graph.ask("{ media { id score views } }", NOBODY)
    full = await graph.ask("{ media { __typename id score views } }", SOMEBODY)

    books = [index for index, item in enumerate(full.data["media"]) if item["__typename"] == "Book"]
    assert 0 < len(books) < len(full.data["media"])
    assert answer.closed == [f"media.{index}.score" for index in books]
    assert "Book.score" not in answer.asked
    assert {"Film.score", "Book.views", "Film.views"} <= answer.asked


@pytest.mark.parametrize(
    "query", ["{ media { ... on Film { score } } }", "{ media { ... on Film { score } views } }"]
)
async def test_nor_is_it_asked_of_them_where_the_client_names_the_others_only(query: str) -> None:
    answer = await media(book=AUTH).ask(query, NOBODY)

    assert not answer.errors
    assert "Book.score" not in answer.asked
    assert "Film.score" in answer.asked


async def test_an_object_of_a_closed_type_is_known_for_one_though_its_service_does_not() -> None:
    graph = media(book_type=AUTH)

    answer = await graph.ask("{ media { views } }", NOBODY)

    assert answer.data is None, "no item of the list may be null, nor may the list"
    assert len(answer.closed) == 1
    assert answer.closed[0].startswith("media.")
    assert answer.asked & {"Book.views", "Film.views"} == {"Film.views"}


async def test_what_an_interface_object_says_of_a_field_holds_for_each_type() -> None:
    answer = await media(interface=AUTH).ask("{ media { score } book { score } }", NOBODY)

    assert answer.closed[-1] == "book.score"
    assert not answer.asked & {"Book.score", "Film.score", "Media.score"}


async def test_types_with_demands_of_their_own_are_asked_each_by_itself() -> None:
    graph = media(book='@requiresScopes(scopes: [["b"]])', film='@requiresScopes(scopes: [["f"]])')

    for caller, kept in ((holding("b"), "Book"), (holding("f"), "Film")):
        answer = await graph.ask("{ media { __typename score } }", caller)

        assert answer.asked & {"Book.score", "Film.score"} == {f"{kept}.score"}
        assert all((item["score"] is None) is (item["__typename"] != kept) for item in answer.data["media"])
