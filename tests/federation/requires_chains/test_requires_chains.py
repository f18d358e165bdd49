"""What is required may itself require, over several subgraphs and back again."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_required_field_that_requires_is_computed_first(network: Network) -> None:
    answer = await network.ask("{ trees { total } }")

    assert answer.data == {"trees": [{"total": 40}, {"total": 0}]}
    assert answer.asked == ["orchard", "market", "tax"]


async def test_a_chain_may_end_where_it_began(network: Network) -> None:
    answer = await network.ask("{ trees { label } }")

    assert answer.data == {"trees": [{"label": "40/A"}, {"label": "0/B"}]}
    assert answer.asked[:2] == ["orchard", "market"] or answer.asked[:2] == ["orchard", "tax"]
    assert answer.asked[-1] == "orchard"
    assert answer.asked.count("market") == 1


async def test_what_only_looks_like_a_circle_is_resolved(network: Network) -> None:
    """left needs right, right needs middle, and middle stands beside left."""
    answer = await network.ask("{ trees { left right middle } }")

    assert answer.data == {
        "trees": [{"left": 1099, "right": 1100, "middle": 100}, {"left": 1199, "right": 1200, "middle": 200}]
    }
    assert answer.asked == ["orchard", "market", "orchard"]


async def test_only_what_is_asked_for_last_is_shown(network: Network) -> None:
    answer = await network.ask("{ trees { left } }")

    assert answer.data == {"trees": [{"left": 1099}, {"left": 1199}]}


async def test_a_chain_may_start_inside_of_another_object(network: Network) -> None:
    answer = await network.ask("{ baskets { freight } }")

    assert answer.data == {"baskets": [{"freight": "for 40"}, {"freight": "for 0"}]}
    assert answer.asked == ["orchard", "market", "tax", "carrier"]


async def test_a_chain_may_start_inside_of_a_list(network: Network) -> None:
    answer = await network.ask("{ baskets { weight } }")

    assert answer.data == {"baskets": [{"weight": "0:0/B - 10:40/A"}, {"weight": ""}]}


async def test_all_chains_at_once(network: Network) -> None:
    answer = await network.ask(
        "{ trees { label left price } baskets { freight weight trees { label: grade grade: left } } }"
    )

    assert answer.data == {
        "trees": [{"label": "40/A", "left": 1099, "price": 30}, {"label": "0/B", "left": 1199, "price": 0}],
        "baskets": [
            {
                "freight": "for 40",
                "weight": "0:0/B - 10:40/A",
                "trees": [{"label": "B", "grade": 1199}, None, {"label": "A", "grade": 1099}],
            },
            {"freight": "for 0", "weight": "", "trees": []},
        ],
    }
