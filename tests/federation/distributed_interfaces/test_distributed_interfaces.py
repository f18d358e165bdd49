"""An interface whose fields and implementations are spread over subgraphs."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_interfaces_field_that_the_subgraph_lacks_is_asked_of_each_implementation(
    network: Network,
) -> None:
    answer = await network.ask("{ vehicles { wheels speed } }")

    assert answer.data == {
        "vehicles": [{"wheels": 2, "speed": 25}, {"wheels": 6, "speed": 80}, {"wheels": 2, "speed": 25}]
    }
    assert answer.asked == ["core", "speeds"]
    assert len(answer.requests[1].representations) == 2


async def test_implementations_from_elsewhere_answer_the_whole_interface(network: Network) -> None:
    answer = await network.ask("{ fleet { __typename id speed wheels owner { name } } }")

    assert answer.data == {
        "fleet": [
            {"__typename": "Boat", "id": "v3", "speed": 12, "wheels": None, "owner": {"name": "Port"}},
            {"__typename": "Bus", "id": "v2", "speed": 80, "wheels": 6, "owner": None},
        ]
    }
    assert answer.asked[:2] == ["water", "core"]


async def test_only_those_implementations_are_asked_for_that_lack_the_field(network: Network) -> None:
    answer = await network.ask("{ fleet { wheels } }")

    assert answer.data == {"fleet": [{"wheels": None}, {"wheels": 6}]}
    assert answer.requests[1].representations == [{"__typename": "Bus", "id": "v2"}]


async def test_a_wider_interface_narrows_to_one_that_other_subgraphs_share(network: Network) -> None:
    answer = await network.ask("{ anything { id ... on Vehicle { speed wheels } ... on Boat { sails } } }")

    assert answer.data == {
        "anything": [
            {"id": "v3", "speed": 12, "wheels": None, "sails": 3},
            None,
            {"id": "v2", "speed": 80, "wheels": 6},
        ]
    }


async def test_an_entity_behind_the_interface_leads_on(network: Network) -> None:
    answer = await network.ask("{ vehicles { owner { name } } fastest { owner { name } speed } }")

    assert answer.data == {
        "vehicles": [{"owner": {"name": "Port"}}, {"owner": None}, {"owner": {"name": "Port"}}],
        "fastest": {"owner": None, "speed": 80},
    }


async def test_an_implementation_that_only_another_subgraph_has_cannot_be_there(network: Network) -> None:
    answer = await network.ask("{ vehicles { ... on Boat { sails } id } }")

    assert answer.data == {"vehicles": [{"id": "v1"}, {"id": "v2"}, {"id": "v1"}]}
    assert answer.asked == ["core"]
