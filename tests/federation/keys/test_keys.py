"""`@key`: one object known to several subgraphs ("Federation 2 §@key")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_entity_is_found_by_the_key_that_both_subgraphs_know(network: Network) -> None:
    answer = await network.ask('{ tool(serial: "dr-1") { name borrower } }')

    assert answer.data == {"tool": {"name": "drill", "borrower": "Ines"}}
    assert answer.asked == ["inventory", "loans"]
    assert answer.requests[1].representations == [{"__typename": "Tool", "serial": "dr-1"}]


async def test_each_subgraph_is_asked_with_the_key_that_it_knows(network: Network) -> None:
    with network.meeting("loans", "repairs"):
        answer = await network.ask('{ tool(serial: "sw-2") { borrower condition } }')

    assert answer.data == {"tool": {"borrower": None, "condition": "BROKEN"}}
    assert answer.asked_of("loans")[0].representations == [{"__typename": "Tool", "serial": "sw-2"}]
    assert answer.asked_of("repairs")[0].representations == [{"__typename": "Tool", "barcode": 502}]


async def test_a_key_that_the_client_did_not_ask_for_is_not_shown(network: Network) -> None:
    answer = await network.ask("{ broken { name } }")

    assert answer.data == {"broken": [{"name": "saw"}]}


async def test_a_key_alone_needs_no_second_subgraph(network: Network) -> None:
    answer = await network.ask("{ broken { barcode } lent { serial } }")

    assert answer.data == {
        "broken": [{"barcode": 502}],
        "lent": [{"serial": "dr-1"}, None, {"serial": "ld-3"}, {"serial": "dr-1"}],
    }
    assert sorted(answer.asked) == ["loans", "repairs"]


async def test_all_objects_of_a_list_are_asked_for_at_once_and_each_only_once(network: Network) -> None:
    answer = await network.ask("{ lent { name } }")

    assert answer.data == {"lent": [{"name": "drill"}, None, {"name": "ladder"}, {"name": "drill"}]}
    assert answer.asked == ["loans", "inventory"]
    assert answer.requests[1].representations == [
        {"__typename": "Tool", "serial": "dr-1"},
        {"__typename": "Tool", "serial": "ld-3"},
    ]


async def test_lists_of_lists_keep_their_shape(network: Network) -> None:
    answer = await network.ask("{ shelves { name } }")

    assert answer.data == {"shelves": [[{"name": "drill"}, {"name": "saw"}], [], [{"name": "saw"}]]}
    assert answer.asked == ["loans", "inventory"]
    assert len(answer.requests[1].representations) == 2


async def test_nothing_is_asked_for_when_there_is_no_object(network: Network) -> None:
    answer = await network.ask('{ tool(serial: "lost") { borrower condition } }')

    assert answer.data == {"tool": None}
    assert answer.asked == ["inventory"]


async def test_an_object_met_at_two_places_is_completed_at_both(network: Network) -> None:
    answer = await network.ask(
        '{ first: tool(serial: "dr-1") { condition } second: tool(serial: "dr-1") { borrower } lent { condition } }'
    )

    assert answer.data == {
        "first": {"condition": "WORN"},
        "second": {"borrower": "Ines"},
        "lent": [{"condition": "WORN"}, None, {"condition": "SOUND"}, {"condition": "WORN"}],
    }


async def test_the_clients_own_names_do_not_disturb_the_keys(network: Network) -> None:
    """`serial` and `barcode` are names here for other fields than the keys."""
    answer = await network.ask('{ tool(serial: "dr-1") { serial: name barcode: serial borrower condition } }')

    assert answer.data == {
        "tool": {"serial": "drill", "barcode": "dr-1", "borrower": "Ines", "condition": "WORN"}
    }


async def test_one_field_with_two_arguments_is_asked_twice_of_one_entity(network: Network) -> None:
    answer = await network.ask(
        '{ tool(serial: "sw-2") { all: timesLent one: timesLent(year: 2021) two: timesLent(year: 2022) } }'
    )

    assert answer.data == {"tool": {"all": 4, "one": 4, "two": 8}}
    assert answer.asked == ["inventory", "loans"]


async def test_entities_lead_on_to_entities(network: Network) -> None:
    """Sequential as far as one waits for the other, and no further."""
    answer = await network.ask("{ broken { name replacedBy { name borrower replacedBy { name } } } }")

    assert answer.data == {
        "broken": [
            {
                "name": "saw",
                "replacedBy": {"name": "drill", "borrower": "Ines", "replacedBy": {"name": "ladder"}},
            }
        ]
    }
    assert answer.asked.count("repairs") == 1
    assert answer.asked.count("loans") == 1
