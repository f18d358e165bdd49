"""`@requires` that names arguments: the value that was asked for with just these is sent."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_field_is_required_with_its_arguments(network: Network) -> None:
    answer = await network.ask("{ items { tollInSoles } }")

    assert answer.data == {"items": [{"tollInSoles": 40}, {"tollInSoles": 100}]}
    assert answer.requests[1].representations[0] == {"__typename": "Item", "id": "cup", "price": 40}


async def test_one_field_required_with_different_arguments_is_sent_each_in_a_representation_of_its_own(
    network: Network,
) -> None:
    """A representation has but one place for `price`."""
    answer = await network.ask('{ item(id: "cup") { tollInSoles tollInDollars toll } }')

    assert answer.data == {"item": {"tollInSoles": 40, "tollInDollars": 19, "toll": 10}}
    assert answer.asked.count("shop") == 1
    (request,) = answer.asked_of("delivery")
    assert sorted(sent["price"] for sent in request.representations) == [10, 19, 40]


async def test_so_is_a_field_of_one_type_inside_of_what_is_required(network: Network) -> None:
    answer = await network.ask("{ items { tollTogetherInSoles tollTogether } }")

    assert answer.data == {
        "items": [
            {"tollTogetherInSoles": 100, "tollTogether": 25},
            {"tollTogetherInSoles": None, "tollTogether": None},
        ]
    }
    sent = [one["goesWith"] for request in answer.asked_of("delivery") for one in request.representations]
    assert {one["price"] for one in sent if one} == {100, 25}


async def test_equal_arguments_in_another_order_are_equal(network: Network) -> None:
    answer = await network.ask('{ item(id: "cup") { tollInDollars tollAgain } }')

    assert answer.data == {"item": {"tollInDollars": 19, "tollAgain": 19}}
    assert answer.asked == ["shop", "delivery"]
    assert answer.documents("shop").count("price") == 1


async def test_the_client_may_ask_for_the_field_with_yet_others(network: Network) -> None:
    query = """
    query ($in: Currency!) {
      item(id: "cup") {
        price(currency: $in)
        soles: price(currency: PEN)
        toll tollInSoles tollInDollars
      }
    }
    """

    answer = await network.ask(query, {"in": "USD"})

    assert answer.data == {
        "item": {"price": 20, "soles": 40, "toll": 10, "tollInSoles": 40, "tollInDollars": 19}
    }


async def test_the_required_fields_default_is_not_the_clients_argument(network: Network) -> None:
    answer = await network.ask('{ item(id: "pot") { price(currency: PEN, net: true) toll } }')

    assert answer.data == {"item": {"price": 99, "toll": 25}}


async def test_lists_and_objects_are_arguments_too(network: Network) -> None:
    answer = await network.ask("{ items { days(express: true) slow: days } }")

    assert answer.data == {"items": [{"days": 29, "slow": 290}, {"days": 59, "slow": 590}]}
    assert answer.asked == ["shop", "delivery"]


async def test_required_and_asked_lists_with_different_arguments_are_kept_apart(network: Network) -> None:
    query = """
    {
      items {
        days(express: true)
        stock(near: { x: 2 }) { place count(reserved: true) }
        more: stock(places: ["Ica", "Puno"]) { place free: count(reserved: false) }
      }
    }
    """

    answer = await network.ask(query)

    assert answer.data["items"][0] == {
        "days": 29,
        "stock": [{"place": "Quito", "count": 0}],
        "more": [{"place": "Ica", "free": 13}, {"place": "Puno", "free": 14}],
    }


async def test_strings_keep_their_quotes_and_letters(network: Network) -> None:
    answer = await network.ask('{ item(id: "cup") { motto text(style: "plain") } }')

    assert answer.data == {"item": {"motto": 'cup in a "b" ñ', "text": "cup in plain"}}
