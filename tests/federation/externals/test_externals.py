"""`@external`: declared to be named, answered elsewhere, except where it is in a key or provided."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_external_field_is_asked_of_its_owner(network: Network) -> None:
    answer = await network.ask("{ sunniest { storeys roof { area kind } } }")

    assert answer.data == {"sunniest": {"storeys": 2, "roof": {"area": 80, "kind": "slate"}}}
    assert answer.asked == ["solar", "houses"]


async def test_a_provided_external_field_is_answered_on_that_way_alone(network: Network) -> None:
    provided = await network.ask("{ surveyed { storeys roof { area } } }")
    other = await network.ask("{ sunniest { storeys } }")

    assert provided.data == {"surveyed": [{"storeys": 2, "roof": {"area": 80}}]}
    assert provided.asked == ["solar"]
    assert other.asked == ["solar", "houses"]


async def test_what_is_provided_is_no_representation(network: Network) -> None:
    """The subgraph that provides the storeys still gets them sent where it requires them."""
    answer = await network.ask("{ surveyed { height panels } }")

    assert answer.data == {"surveyed": [{"height": 6, "panels": 40}]}


async def test_a_provided_part_and_the_rest_come_from_two_subgraphs(network: Network) -> None:
    answer = await network.ask("{ surveyed { storeys roof { area kind } } }")

    assert answer.data == {"surveyed": [{"storeys": 2, "roof": {"area": 80, "kind": "slate"}}]}
    assert answer.asked == ["solar", "houses"]


async def test_an_external_field_in_a_key_has_its_owners_value(network: Network) -> None:
    answer = await network.ask("{ deed { signed owner { id } } }")

    assert answer.data == {"deed": {"signed": "1999", "owner": {"id": "o1"}}}
    assert answer.asked[0] == "deeds"


async def test_an_external_object_in_a_key_leads_on(network: Network) -> None:
    answer = await network.ask("{ deed { owner { name } rooms: roof { kind } } }")

    assert answer.data == {"deed": {"owner": {"name": "Noor"}, "rooms": {"kind": "slate"}}}
    assert set(answer.asked) == {"deeds", "houses"}


async def test_an_external_part_of_a_key_is_sent(network: Network) -> None:
    answer = await network.ask("{ houses { signed } }")

    assert answer.data == {"houses": [{"signed": "1999"}, {"signed": "2004"}]}
    assert answer.requests[1].representations[0] == {
        "__typename": "House",
        "plot": "h1",
        "owner": {"id": "o1"},
    }
