"""`@override` together with `@requires` and with keys: everybody gets the new owner's value."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_field_that_was_taken_over_may_require_what_stayed(network: Network) -> None:
    answer = await network.ask("{ parts { margin weight } }")

    assert answer.data == {"parts": [{"margin": 8, "weight": 5}, {"margin": 80, "weight": 50}]}
    assert answer.asked == ["stock", "prices"]


async def test_what_requires_a_field_that_was_taken_over_gets_the_new_value(network: Network) -> None:
    answer = await network.ask("{ parts { label } }")

    assert answer.data == {"parts": [{"label": "8 for 5 g"}, {"label": "80 for 50 g"}]}
    assert answer.asked == ["stock", "prices", "labels"]


async def test_a_key_that_was_taken_over_is_asked_of_its_new_owner(network: Network) -> None:
    """The stock has codes as well, but not those that are in force."""
    answer = await network.ask("{ parts { ordered } }")

    assert answer.data == {"parts": [{"ordered": 3}, {"ordered": 0}]}
    assert answer.asked == ["stock", "labels", "orders"]
    assert "code" not in answer.documents("stock")


async def test_the_key_leads_back(network: Network) -> None:
    answer = await network.ask("{ order { part { label code } } }")

    assert answer.data == {"order": {"part": {"label": "80 for 50 g", "code": "c"}}}
    assert answer.asked[0] == "orders"
    assert answer.asked[-1] == "labels"
