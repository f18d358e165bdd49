"""`@provides` with fragments: of some members, a subgraph answers what it does not of others."""

from __future__ import annotations

from tests.federation.network import Network


async def test_fields_of_a_unions_members_are_provided(network: Network) -> None:
    answer = await network.ask("{ stars { ... on Bird { name } ... on Fish { pond { litres } } } }")

    assert answer.data == {"stars": [{"name": "Olla*"}, {"pond": {"litres": -50}}]}
    assert answer.asked == ["zoo"]


async def test_what_is_provided_of_one_member_is_not_provided_of_the_other(network: Network) -> None:
    answer = await network.ask("{ stars { ... on Bird { name } ... on Fish { name } } }")

    assert answer.data == {"stars": [{"name": "Olla*"}, {"name": "Karl"}]}
    assert answer.asked == ["zoo", "vets"]
    assert answer.requests[1].representations == [{"__typename": "Fish", "id": "f1"}]


async def test_another_way_to_the_union_provides_nothing(network: Network) -> None:
    answer = await network.ask("{ all { ... on Bird { name } ... on Fish { pond { litres } } } }")

    assert answer.data == {"all": [{"pond": {"litres": 50}}, {"name": "Olla"}]}
    assert answer.asked == ["zoo", "vets"]


async def test_a_field_of_an_implementation_is_provided_behind_an_interface(network: Network) -> None:
    answer = await network.ask("{ keeper { favourite { id ... on Bird { wings } } } }")

    assert answer.data == {"keeper": {"favourite": {"id": "b1", "wings": -2}}}
    assert answer.asked == ["zoo"]


async def test_an_interfaces_field_is_asked_of_whoever_answers_it_for_each_implementation(
    network: Network,
) -> None:
    """The interface declares `name`, and neither implementation answers it here."""
    answer = await network.ask(
        "{ keeper { favourite { name } pet { name ... on Fish { pond { depth } } } } }"
    )

    assert answer.data == {
        "keeper": {"favourite": {"name": "Olla"}, "pet": {"name": "Karl", "pond": {"depth": 3}}}
    }


async def test_a_provided_object_is_completed_where_the_rest_is_known(network: Network) -> None:
    answer = await network.ask("{ stars { __typename ... on Fish { pond { litres depth } } } }")

    assert answer.data["stars"][0] == {"__typename": "Bird"}
    assert answer.data["stars"][1]["pond"]["depth"] == 3
