"""A supergraph of join v0.1, as Federation 1 wrote it: owners, extensions, and values that belong to nobody."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_owners_fields_and_an_extensions_fields(network: Network) -> None:
    answer = await network.ask("{ me { id name concerts { number hours } } }")

    assert answer.data == {"me": {"id": "1", "name": "Eva", "concerts": [{"number": 5, "hours": 3}]}}
    assert answer.asked == ["people", "concerts", "halls"]
    assert answer.requests[1].representations == [{"__typename": "Person", "mail": "eva@x"}]


async def test_an_extension_leads_to_the_owner(network: Network) -> None:
    answer = await network.ask("{ concerts { guest { id mail name } choir { voices rehearsals } } }")

    assert answer.data == {
        "concerts": [
            {
                "guest": {"id": "1", "mail": "eva@x", "name": "Eva"},
                "choir": {"voices": ["HIGH"], "rehearsals": 12},
            }
        ]
    }


async def test_required_fields_are_fetched_from_their_owner(network: Network) -> None:
    answer = await network.ask("{ me { ticket } concerts { fee } }")

    assert answer.data == {"me": {"ticket": "Eva 1980"}, "concerts": [{"fee": 30}]}


async def test_a_provided_field_saves_a_request(network: Network) -> None:
    answer = await network.ask("{ next { guest { name } } }")

    assert answer.data == {"next": {"guest": {"name": "Eva (copy)"}}}
    assert answer.asked == ["concerts"]


async def test_values_interfaces_and_unions_need_no_owner(network: Network) -> None:
    answer = await network.ask(
        "{ concerts { when { year } } me { born { year } } "
        "teams { __typename name ... on Crew { size } ... on Choir { rehearsals } } "
        "any { ... on Concert { number hours } ... on Person { id } } }"
    )

    assert answer.data == {
        "concerts": [{"when": {"year": 2030}}],
        "me": {"born": {"year": 1980}},
        "teams": [
            {"__typename": "Crew", "name": "Hands", "size": None},
            {"__typename": "Choir", "name": "Larks", "rehearsals": 12},
        ],
        "any": {"number": 5, "hours": 3},
    }


async def test_mutations_of_several_owners(network: Network) -> None:
    answer = await network.ask(
        'mutation { rename(id: "1", name: "Eve") { name concerts { number } } book(number: 5) { guest { name } fee } }'
    )

    assert answer.data == {
        "rename": {"name": "Eve", "concerts": [{"number": 5}]},
        "book": {"guest": {"name": "Eva"}, "fee": 30},
    }
    assert answer.asked[:3] == ["people", "concerts", "halls"]
