"""`@interfaceObject`: a subgraph that adds fields to an interface, without knowing its implementations."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_interface_objects_field_is_asked_for_by_the_interfaces_name(network: Network) -> None:
    answer = await network.ask("{ media { title stars } }")

    assert answer.data == {"media": [{"title": "Atlas", "stars": 4.5}, {"title": "Dunes", "stars": None}]}
    assert answer.asked == ["catalogue", "reviews"]
    assert answer.requests[1].representations == [
        {"__typename": "Media", "id": "b1"},
        {"__typename": "Media", "id": "f1"},
    ]


async def test_every_implementation_has_the_field(network: Network) -> None:
    answer = await network.ask("{ films { stars sequel { ... on Book { stars pages } } } }")

    assert answer.data == {"films": [{"stars": None, "sequel": {"stars": 4.5, "pages": 300}}]}
    assert answer.asked == ["catalogue", "reviews", "reviews"] or answer.asked == ["catalogue", "reviews"]


async def test_a_subgraph_that_does_not_know_the_interface_leads_there_too(network: Network) -> None:
    """The store's book is asked for as the medium that it is."""
    answer = await network.ask("{ bestseller { shelf stars reviews { text } } }")

    assert answer.data == {"bestseller": {"shelf": "A", "stars": 4.5, "reviews": []}}
    assert answer.asked == ["stores", "reviews"]
    assert answer.requests[1].representations == [{"__typename": "Media", "id": "b1"}]


async def test_its_own_fields_need_nobody_else(network: Network) -> None:
    answer = await network.ask("{ top { id stars reviews { text about { id } } } }")

    assert answer.data["top"][:2] == [
        {"id": "f1", "stars": None, "reviews": [{"text": "long", "about": {"id": "f1"}}]},
        {"id": "b1", "stars": 4.5, "reviews": []},
    ]
    assert answer.asked == ["reviews"]


async def test_the_real_type_is_asked_of_a_subgraph_that_knows_it(network: Network) -> None:
    answer = await network.ask("{ pick { __typename stars } top { kind: __typename } }")

    assert answer.data == {
        "pick": {"__typename": "Book", "stars": 4.5},
        "top": [{"kind": "Film"}, {"kind": "Book"}, {"kind": "Film"}],
    }
    assert set(answer.asked) == {"reviews", "catalogue"}


async def test_fragments_on_implementations_are_decided_by_the_real_type(network: Network) -> None:
    answer = await network.ask(
        "{ top { stars ... on Book { pages } ... on Film { minutes sequel { title stars } } } }"
    )

    assert answer.data["top"] == [
        {"stars": None, "minutes": 95, "sequel": {"title": "Atlas", "stars": 4.5}},
        {"stars": 4.5, "pages": 300},
        {"stars": None, "minutes": 95, "sequel": {"title": "Atlas", "stars": 4.5}},
    ]


async def test_a_fragment_on_an_implementation_hides_what_the_interface_object_knows(
    network: Network,
) -> None:
    answer = await network.ask("{ top { ... on Book { stars } } }")

    assert answer.data == {"top": [{}, {"stars": 4.5}, {}]}


async def test_an_interface_object_may_require_fields_of_the_interface(network: Network) -> None:
    answer = await network.ask("{ media { cheap } pick { cheap } }")

    assert answer.data == {"media": [{"cheap": 10}, {"cheap": None}], "pick": {"cheap": 10}}
    for request in answer.asked_of("discounts"):
        assert {sent["__typename"] for sent in request.representations} == {"Media"}


async def test_it_may_require_fields_of_another_interface_object(network: Network) -> None:
    answer = await network.ask("{ media { verdict } bestseller { verdict } }")

    assert answer.data == {
        "media": [{"verdict": "4.5 stars for 20"}, {"verdict": "None stars for None"}],
        "bestseller": {"verdict": "4.5 stars for 20"},
    }


async def test_an_unresolvable_interface_object_only_names(network: Network) -> None:
    answer = await network.ask("{ cart { first { title } all { id stars cheap __typename } } }")

    assert answer.data == {
        "cart": {
            "first": {"title": "Dunes"},
            "all": [
                {"id": "b1", "stars": 4.5, "cheap": 10, "__typename": "Book"},
                {"id": "f1", "stars": None, "cheap": None, "__typename": "Film"},
            ],
        }
    }


async def test_its_own_field_alone_does_not_ask_for_the_real_type(network: Network) -> None:
    answer = await network.ask("{ cart { all { stars } } }")

    assert answer.data == {"cart": {"all": [{"stars": 4.5}, {"stars": None}]}}
    assert answer.asked == ["carts", "reviews"]


async def test_what_is_asked_of_some_implementations_is_required_of_those_alone(network: Network) -> None:
    """Known by the interface's name, both are asked alike: the film's request must not ask for the book's verdict."""
    answer = await network.ask("{ media { ... on Book { verdict } ... on Film { cheap } } }")

    assert answer.data == {"media": [{"verdict": "4.5 stars for 20"}, {"cheap": None}]}
