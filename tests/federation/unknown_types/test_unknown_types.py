"""Fragments on types that the subgraph at hand does not know: it is not asked about them."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_fragment_on_an_interface_that_the_subgraph_does_not_know(network: Network) -> None:
    answer = await network.ask("{ goods { sku ... on Rentable { daily } } }")

    assert answer.data == {"goods": [{"sku": "c", "daily": 2}, {"sku": "l"}, {"sku": "n"}]}
    assert answer.asked == ["shop", "rental"]
    assert "Rentable" not in answer.documents("shop")


async def test_a_fragment_on_an_object_that_the_subgraph_does_not_know(network: Network) -> None:
    """A tent is no good of the shop's, though it could be one by the whole graph's types."""
    answer = await network.ask(
        "{ goods { ... on Rentable { ... on Tent { persons } ... on Chair { legs } } } }"
    )

    assert answer.data == {"goods": [{"legs": 4}, {}, {}]}
    assert answer.asked == ["shop"]


async def test_unknown_interfaces_inside_of_each_other(network: Network) -> None:
    answer = await network.ask(
        "{ rentals { ... on Repairable { broken ... on Good { sku } ... on Rentable { daily } } } }"
    )

    assert answer.data == {"rentals": [{}, {"broken": None, "daily": 8}]}


async def test_an_object_seen_as_an_interface_that_only_another_subgraph_knows(network: Network) -> None:
    answer = await network.ask(
        "{ chair { ... on Good { sku } ... on Rentable { sku daily ... on Chair { legs } } } }"
    )

    assert answer.data == {"chair": {"sku": "c", "daily": 2, "legs": 4}}


async def test_types_behind_an_unknown_field_are_none_of_the_first_subgraphs_business(
    network: Network,
) -> None:
    answer = await network.ask(
        "{ goods { __typename ... on Chair { terms { __typename ... on Short { days } ... on Long { months } } } } }"
    )

    assert answer.data == {
        "goods": [
            {"__typename": "Chair", "terms": {"__typename": "Long", "months": 3}},
            {"__typename": "Lamp"},
            {"__typename": "Nail"},
        ]
    }


async def test_only_the_name_is_asked_of_an_unknown_interface(network: Network) -> None:
    answer = await network.ask(
        "{ goods { ... on Repairable { __typename } ... on Rentable { kind: __typename } } }"
    )

    assert answer.data == {"goods": [{"kind": "Chair"}, {"__typename": "Lamp"}, {}]}
    assert answer.asked == ["shop"]


async def test_named_fragments_are_no_different(network: Network) -> None:
    query = """
    query { goods { ...Rent } rentals { ...Rent ...Mend } }
    fragment Rent on Rentable { daily ...Deep }
    fragment Deep on Chair { legs terms { ... on Long { months } } }
    fragment Mend on Repairable { broken }
    """

    answer = await network.ask(query)

    assert answer.data == {
        "goods": [{"daily": 2, "legs": 4, "terms": {"months": 3}}, {}, {}],
        "rentals": [{"daily": 2, "legs": 4, "terms": {"months": 3}}, {"daily": 8, "broken": None}],
    }
