"""`@override(label:)`: a field moves for some requests, and for others not yet. Old values are positive here."""

from __future__ import annotations

from tests.federation.network import Network, federation


async def test_a_label_that_is_not_in_force_changes_nothing(network: Network) -> None:
    answer = await network.ask("{ accounts { id balance } motto }")

    assert answer.data == {
        "accounts": [{"id": "a", "balance": 100}, {"id": "b", "balance": 200}],
        "motto": "old",
    }
    assert answer.asked == ["ledger"]


async def test_a_label_that_the_operator_puts_in_force_moves_its_fields() -> None:
    async with federation("progressive_override", override_labels=frozenset({"new-ledger"})) as network:
        answer = await network.ask("{ accounts { id balance line } motto }")

    assert answer.data == {
        "accounts": [
            {"id": "a", "balance": -100, "line": "at -100"},
            {"id": "b", "balance": -200, "line": "at -200"},
        ],
        "motto": "old",
    }
    assert "balance" not in answer.documents("ledger")


async def test_what_requires_the_field_gets_the_value_that_is_in_force(network: Network) -> None:
    answer = await network.ask("{ accounts { line } }")

    assert answer.data == {"accounts": [{"line": "at 100"}, {"line": "at 200"}]}
    assert answer.asked == ["ledger", "report"]


async def test_a_root_field_moves_like_any_other() -> None:
    async with federation(
        "progressive_override", override_labels=frozenset({"new-motto", "unknown"})
    ) as network:
        answer = await network.ask("{ motto }")

    assert answer.data == {"motto": "new"}
    assert answer.asked == ["bank"]


async def test_all_or_none_of_the_requests_are_shares_too(network: Network) -> None:
    for _ in range(10):
        answer = await network.ask("{ accounts { rate limit } }")

        assert answer.data == {"accounts": [{"rate": -1, "limit": 10}] * 2}


async def test_a_share_of_the_requests_is_answered_by_the_new_owner(network: Network) -> None:
    """Which share is left to chance; that it is neither none nor all fails once in 2^59."""
    seen = set()
    for _ in range(60):
        answer = await network.ask("{ accounts { half } }")
        (half,) = {account["half"] for account in answer.data["accounts"]}
        seen.add((half, *answer.asked))

    assert seen == {(50, "ledger"), (-50, "ledger", "bank")}


async def test_all_shares_of_one_request_are_decided_together(network: Network) -> None:
    """Who is in the first half is in the first three quarters as well."""
    seen = set()
    for _ in range(60):
        answer = await network.ask("{ accounts { half alsoHalf most } }")
        (first, second) = answer.data["accounts"]
        assert first == second
        seen.add(tuple(first.values()))

    assert seen <= {(50, 51, 75), (50, 51, -75), (-50, -51, -75)}
    assert len(seen) > 1
