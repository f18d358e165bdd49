"""Mutations: one root field after the other, each with all that follows from it (GraphQL §6.2.2)."""

from __future__ import annotations

from tests.federation.mutations.data import APPLES
from tests.federation.network import Network


def strictly_serial(network: Network) -> bool:
    """Whether each request was answered before the next one came."""
    kinds = [kind for kind, _ in network.events]
    return kinds == ["asked", "answered"] * (len(kinds) // 2)


async def test_a_mutation_is_asked_of_its_subgraph_and_its_result_completed_elsewhere(
    network: Network,
) -> None:
    answer = await network.ask('mutation { pack(id: "a", apples: 2) { apples shipped entries } }')

    assert answer.data == {"pack": {"apples": 2, "shipped": False, "entries": ["packed 2"]}}
    assert answer.asked[0] == "stock"
    assert sorted(answer.asked[1:]) == ["books", "transport"]
    assert answer.requests[0].document.startswith("mutation")
    assert not answer.requests[1].document.startswith("mutation")


async def test_mutations_of_several_subgraphs_run_in_the_clients_order(network: Network) -> None:
    answer = await network.ask(
        'mutation { one: pack(id: "b", apples: 3) { id } two: ship(id: "b") { id } three: empty(id: "b") { id } '
        'four: ship(id: "b") { entries } }'
    )

    assert answer.data["four"] == {"entries": ["packed 3", "shipped with 3", "emptied", "shipped with 0"]}
    assert answer.asked == ["stock", "transport", "stock", "transport", "books"]
    assert strictly_serial(network)


async def test_all_that_follows_from_one_mutation_is_there_before_the_next_begins(network: Network) -> None:
    """The first weight is that before the second packing, though it is asked of another subgraph."""
    answer = await network.ask(
        'mutation { first: pack(id: "c", apples: 1) { weight entries } second: pack(id: "c", apples: 1) { weight entries } }'
    )

    assert answer.data == {
        "first": {"weight": 150, "entries": ["packed 1"]},
        "second": {"weight": 300, "entries": ["packed 1", "packed 1"]},
    }


async def test_what_follows_of_the_first_is_not_mixed_with_the_second(network: Network) -> None:
    answer = await network.ask(
        'mutation { a: ship(id: "d") { apples shipped } b: pack(id: "d", apples: 5) { shipped apples } c: recall(id: "d") { shipped apples } }'
    )

    assert answer.data == {
        "a": {"apples": 0, "shipped": True},
        "b": {"shipped": True, "apples": 5},
        "c": {"shipped": False, "apples": 5},
    }


async def test_neighbours_in_one_subgraph_may_go_together_and_keep_their_order(network: Network) -> None:
    answer = await network.ask(
        'mutation { p: pack(id: "e", apples: 1) { apples } q: pack(id: "e", apples: 1) { apples } r: empty(id: "e") { apples } }'
    )

    assert answer.data == {"p": {"apples": 1}, "q": {"apples": 2}, "r": {"apples": 0}}
    assert answer.asked == ["stock"]


async def test_a_mutation_that_several_subgraphs_could_do_is_done_once(network: Network) -> None:
    answer = await network.ask('mutation { note(text: "hi") }')

    assert answer.data == {"note": True}
    assert len(answer.asked) == 1


async def test_the_same_mutation_under_one_name_is_done_once(network: Network) -> None:
    answer = await network.ask(
        'mutation { pack(id: "f", apples: 1) { id } ...More } fragment More on Mutation { pack(id: "f", apples: 1) { apples } }'
    )

    assert answer.data == {"pack": {"id": "f", "apples": 1}}


async def test_a_mutation_that_fails_does_not_keep_the_next_from_running(network: Network) -> None:
    answer = await network.ask(
        'mutation { bad: pack(id: "g", apples: -1) { weight } good: pack(id: "g", apples: 4) { weight } }'
    )

    assert answer.partial_data == {"bad": None, "good": {"weight": 600}}
    assert answer.errors == [("BAD_USER_INPUT", ["bad"])]


async def test_a_null_that_takes_the_whole_answer_undoes_nothing_and_stops_nothing(network: Network) -> None:
    answer = await network.ask('mutation { recall(id: "lost") { id } pack(id: "h", apples: 1) { id } }')

    assert answer.partial_data is None
    assert [path for _, path in answer.errors] == [["recall"]]
    assert APPLES["h"] == 1


async def test_a_skipped_mutation_is_not_done(network: Network) -> None:
    query = 'mutation ($go: Boolean!) { pack(id: "i", apples: 1) @include(if: $go) { id } ship(id: "i") @skip(if: $go) { apples } }'

    answer = await network.ask(query, {"go": False})

    assert answer.data == {"ship": {"apples": 0}}
    assert "i" not in APPLES
    assert answer.asked == ["transport", "stock"]


async def test_variables_go_to_the_mutation_that_uses_them(network: Network) -> None:
    answer = await network.ask(
        "mutation ($id: ID!, $n: Int!) { pack(id: $id, apples: $n) { apples } ship(id: $id) { entries } }",
        {"id": "j", "n": 6},
    )

    assert answer.data == {"pack": {"apples": 6}, "ship": {"entries": ["packed 6", "shipped with 6"]}}
    assert [request.variables for request in answer.requests[:2]] == [{"id": "j", "n": 6}, {"id": "j"}]


async def test_a_mutations_order_is_kept_around_fragments(network: Network) -> None:
    answer = await network.ask(
        'mutation { a: pack(id: "k", apples: 1) { id } ... on Mutation { b: ship(id: "k") { id } } c: pack(id: "k", apples: 1) { id } '
        'd: ship(id: "k") { entries } }'
    )

    assert answer.data["d"]["entries"] == ["packed 1", "shipped with 1", "packed 1", "shipped with 2"]
    assert list(answer.data) == ["a", "b", "c", "d"]


async def test_a_named_fragment_stands_where_it_is_spread(network: Network) -> None:
    query = """
    mutation { ...First  then: ship(id: "l") { entries } }
    fragment First on Mutation { before: pack(id: "l", apples: 7) { id } }
    """

    answer = await network.ask(query)

    assert answer.data == {"before": {"id": "l"}, "then": {"entries": ["packed 7", "shipped with 7"]}}


async def test_one_mutation_asked_for_under_two_conditions_is_done_once(network: Network) -> None:
    query = """
    mutation ($go: Boolean!) {
      pack(id: "m", apples: 1) @include(if: $go) { id }
      pack(id: "m", apples: 1) { apples }
    }
    """

    answer = await network.ask(query, {"go": True})

    assert answer.data == {"pack": {"id": "m", "apples": 1}}


async def test_a_query_inside_of_a_mutations_result_sees_what_was_done(network: Network) -> None:
    answer = await network.ask('mutation { tidy(id: "n") { query { crates { id apples shipped } } } }')

    assert answer.data == {"tidy": {"query": {"crates": [{"id": "n", "apples": 9, "shipped": False}]}}}
    assert answer.asked[0] == "stock"
    assert sum(request.document.startswith("mutation") for request in answer.requests) == 1
