"""`@key(resolvable: false)`: a subgraph that names an entity, and cannot be asked for it."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_stub_leads_to_the_subgraph_that_knows_the_entity(network: Network) -> None:
    answer = await network.ask("{ orders { number loaf { crust } also { title } } }")

    assert answer.data == {
        "orders": [
            {"number": 1, "loaf": {"crust": "thick"}, "also": [{"title": "Pita"}, None]},
            {"number": 2, "loaf": {"crust": "none"}, "also": None},
        ]
    }
    assert set(answer.asked) == {"orders", "bakery"}


async def test_a_stubs_own_field_needs_nobody_else(network: Network) -> None:
    answer = await network.ask("{ orders { loaf { sku } } }")

    assert answer.data == {"orders": [{"loaf": {"sku": "l1"}}, {"loaf": {"sku": "l2"}}]}
    assert answer.asked == ["orders"]


async def test_a_key_that_one_subgraph_only_tells_is_one_that_another_finds_by(network: Network) -> None:
    answer = await network.ask('{ loaf(sku: "l1") { stars } }')

    assert answer.data == {"loaf": {"stars": 5}}
    assert answer.asked == ["bakery", "press"]


async def test_a_stub_leads_on_through_what_the_next_subgraph_tells(network: Network) -> None:
    answer = await network.ask("{ orders { loaf { stars } } }")

    assert answer.data == {"orders": [{"loaf": {"stars": 5}}, {"loaf": {"stars": None}}]}
    assert answer.asked == ["orders", "bakery", "press"]


async def test_a_subgraph_is_not_asked_by_a_key_that_it_only_tells(network: Network) -> None:
    """The bakery knows titles, but does not find by them: the labels have to say the number first."""
    answer = await network.ask("{ praised { crust } }")

    assert answer.data == {"praised": [{"crust": "thick"}, {"crust": "none"}]}
    assert answer.asked == ["press", "labels", "bakery"]
    assert answer.requests[2].representations[0] == {"__typename": "Loaf", "sku": "l1"}


async def test_what_several_subgraphs_know_is_taken_from_one_that_can_be_asked(network: Network) -> None:
    answer = await network.ask("{ praised { sku } }")

    assert answer.data == {"praised": [{"sku": "l1"}, {"sku": "l2"}]}
    assert answer.asked == ["press", "labels"]
