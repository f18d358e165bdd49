"""`@override(from:)` may name a subgraph that is gone, or that never had the field: nothing is lost by it."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_field_from_a_subgraph_that_is_gone_is_answered_by_its_new_owner(network: Network) -> None:
    answer = await network.ask('{ forecast harbour(name: "Arica") { depth } }')

    assert answer.data == {"forecast": "calm", "harbour": {"depth": 11}}
    assert answer.asked == ["tides"]


async def test_a_field_that_its_source_never_had_is_answered_by_its_owner(network: Network) -> None:
    answer = await network.ask('{ harbour(name: "Callao") { berths depth } free { depth berths } }')

    assert answer.data == {
        "harbour": {"berths": 22, "depth": 16},
        "free": [{"depth": 16, "berths": 22}],
    }
