"""`@shareable` value types: many subgraphs speak of them, each answers for its own ("Federation 2 §@shareable")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_value_comes_from_the_subgraph_that_answers_its_parent(network: Network) -> None:
    bill = await network.ask("{ invoice(number: 1) { total { cents currency } due { from to } } }")
    freight = await network.ask("{ shipment { fee { cents currency } window { from to } } }")

    assert bill.data == {
        "invoice": {"total": {"cents": 500, "currency": "EUR"}, "due": {"from": "May", "to": None}}
    }
    assert freight.data == {
        "shipment": {"fee": {"cents": 9, "currency": "PEN"}, "window": {"from": "June", "to": "July"}}
    }
    assert (bill.asked, freight.asked) == (["billing"], ["freight"])


async def test_values_of_one_type_from_two_subgraphs_are_not_mixed_up(network: Network) -> None:
    answer = await network.ask(
        "{ shipment { fee { cents } invoice { total { cents } carriage { cents currency } } } }"
    )

    assert answer.data == {
        "shipment": {
            "fee": {"cents": 9},
            "invoice": {"total": {"cents": 500}, "carriage": {"cents": None, "currency": "PEN"}},
        }
    }
    assert answer.asked == ["freight", "billing"]


async def test_a_field_that_may_be_null_in_one_subgraph_may_be_null_for_clients(network: Network) -> None:
    answer = await network.ask("{ shipment { fees { cents } } }")

    assert answer.data == {"shipment": {"fees": [{"cents": 9}, None, {"cents": None}]}}


async def test_an_enum_that_is_only_answered_has_the_values_of_all(network: Network) -> None:
    answer = await network.ask("{ shipment { fees { currency } } }")

    assert answer.data == {"shipment": {"fees": [{"currency": "PEN"}, None, {"currency": "USD"}]}}


async def test_only_arguments_that_all_subgraphs_know_are_for_clients(network: Network) -> None:
    known = await network.ask('{ shipment { fee { shown(locale: "qu") } } }')
    unknown = await network.ask("{ shipment { fee { shown(rounded: true) } } }")

    assert known.data == {"shipment": {"fee": {"shown": "9 PEN qu None"}}}
    assert unknown.errors == [("GRAPHQL_VALIDATION_FAILED", None)]
    assert unknown.asked == []


async def test_a_type_may_have_an_interface_in_one_subgraph_only(network: Network) -> None:
    answer = await network.ask(
        "{ shipment { note { ... on Note { text } } } invoice(number: 1) { notes { __typename text } } }"
    )

    assert answer.data == {
        "shipment": {"note": {"text": "fragile"}},
        "invoice": {"notes": [{"__typename": "Plain", "text": "paid"}]},
    }
