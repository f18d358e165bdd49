"""`@authenticated`, `@requiresScopes` and `@policy`: what is closed to a caller is null, and nobody is asked for it."""

from __future__ import annotations

import json

import pytest
from graphql import strip_ignored_characters

from gateway.supergraph import load
from tests.federation.authorization.callers import NOBODY, SOMEBODY, holding
from tests.federation.authorization.data import ERASED
from tests.federation.compose import FOLDER
from tests.federation.network import Network
from tests.test_gateway_page import shown

CODE = "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_what_is_closed_is_null_with_an_error_at_its_place_and_the_rest_is_answered(
    network: Network,
) -> None:
    answer = await network.ask('{ person(id: "p1") { name phone visits } }', headers=NOBODY)

    assert answer.partial_data == {"person": {"name": "Ana", "phone": None, "visits": 3}}
    assert answer.errors == [(CODE, ["person", "phone"])]
    assert answer.status == 200
    assert "phone" not in answer.documents("people")


async def test_who_has_the_right_gets_all(network: Network) -> None:
    answer = await network.ask('{ person(id: "p1") { name phone visits } }', headers=SOMEBODY)

    assert answer.data == {"person": {"name": "Ana", "phone": "555-1", "visits": 3}}


@pytest.mark.parametrize(
    ("scopes", "income"),
    [
        (("money:read", "case:read"), 900),
        (("audit",), 900),
        (("money:read",), None),
        (("case:read", "other"), None),
    ],
)
async def test_one_of_several_sets_of_scopes_is_enough_and_half_of_one_is_not(
    network: Network, scopes: tuple[str, ...], income: int | None
) -> None:
    answer = await network.ask('{ person(id: "p1") { income } }', headers=holding(*scopes))

    assert answer.body["data"] == {"person": {"income": income}}


async def test_what_is_computed_from_what_is_closed_is_closed(network: Network) -> None:
    query = "{ people { grant visits } }"
    few = await network.ask(query, headers=SOMEBODY)
    all_ = await network.ask(query, headers=holding("audit"))

    assert few.partial_data == {"people": [{"grant": None, "visits": 3}, {"grant": None, "visits": 0}]}
    assert few.errors == [(CODE, ["people", 0, "grant"]), (CODE, ["people", 1, "grant"])]
    assert "income" not in few.documents("people")
    assert all_.data == {"people": [{"grant": 100, "visits": 3}, {"grant": None, "visits": 0}]}


async def test_a_service_of_which_nothing_is_left_is_not_asked(network: Network) -> None:
    answer = await network.ask("{ people { name grant } }", headers=NOBODY)

    assert answer.partial_data
    assert answer.asked == ["people"]


async def test_a_key_that_is_asked_for_joins_stays_between_the_services(network: Network) -> None:
    answer = await network.ask("{ people { visits } }", headers=NOBODY)

    assert answer.data == {"people": [{"visits": 3}, {"visits": 0}]}


async def test_through_an_interface_each_object_is_shown_as_its_own_type_allows(network: Network) -> None:
    """Composition derives what the interface says from its types: that closes it for none of the others."""
    query = "{ listed { name phone } }"
    advocate = await network.ask(query, headers=holding(policies="role:advocate"))
    nobody = await network.ask(query, headers=NOBODY)

    assert advocate.data["listed"] == [
        {"name": "Ana", "phone": "555-1"},
        {"name": "East", "phone": "555-3"},
        {"name": "Harbor", "phone": "555-4"},
    ]
    assert nobody.partial_data["listed"] == [
        {"name": "Ana", "phone": None},
        {"name": "East", "phone": "555-3"},
        None,
    ]
    assert nobody.errors == [(CODE, ["listed", 0, "phone"]), (CODE, ["listed", 2])]


async def test_an_object_of_a_closed_type_does_not_even_tell_its_type(network: Network) -> None:
    answer = await network.ask("{ found { __typename ... on Office { phone places } } }", headers=NOBODY)

    assert answer.partial_data == {"found": [{"__typename": "Office", "phone": "555-3", "places": 7}, None]}
    assert answer.errors == [(CODE, ["found", 1])]
    assert not any("Shelter" in message for message in answer.messages)
    assert answer.asked_of("aid")[0].representations == [{"__typename": "Office", "id": "o1"}]


@pytest.mark.parametrize("policy", ["role:advocate", "role:coordinator role:other"])
async def test_a_policy_opens_what_it_is_for(network: Network, policy: str) -> None:
    answer = await network.ask(
        "{ found { ... on Shelter { name places } } }", headers=holding(policies=policy)
    )

    assert answer.data == {"found": [{}, {"name": "Harbor", "places": 2}]}


async def test_a_value_of_a_closed_type_closes_the_field_that_it_is_given_to(network: Network) -> None:
    query = "query ($order: Order) { people(order: $order) { name } }"
    given = await network.ask(query, {"order": "INCOME"}, headers=NOBODY)
    not_given = await network.ask(query, {}, headers=NOBODY)

    assert given.body["data"] is None
    assert given.errors == [(CODE, ["people"])]
    assert given.asked == []
    assert not_given.data == {"people": [{"name": "Ana"}, {"name": "Ben"}]}


async def test_a_closed_mutation_does_not_happen(network: Network) -> None:
    ERASED.clear()
    query = 'mutation { erase(id: "p1") rename(id: "p1", name: "Eva") { name } }'

    answer = await network.ask(query, headers=SOMEBODY)
    assert answer.partial_data == {"erase": None, "rename": {"name": "Eva"}}
    assert ERASED == []

    assert (await network.ask(query, headers=holding("erase"))).data["erase"] is True
    assert ERASED == ["p1"]


async def test_what_one_caller_was_answered_says_nothing_to_the_next(network: Network) -> None:
    query = '{ person(id: "p1") { income } }'
    seen = [
        (await network.ask(query, headers=who)).body["data"]["person"]["income"]
        for who in (holding("audit"), SOMEBODY, NOBODY, holding("audit"), holding("erase"))
    ]

    assert seen == [900, None, None, 900, None]


@pytest.mark.parametrize(
    ("accept", "status"), [("application/graphql-response+json", 403), ("application/json", 200)]
)
async def test_an_operator_can_have_operations_refused_of_which_a_part_is_closed(
    refusing: Network, accept: str, status: int
) -> None:
    """GraphQL over HTTP §6.4: `application/json` tells by its body alone."""
    query = '{ person(id: "p1") { name phone } }'
    refused = await refusing.ask(query, headers={**NOBODY, "Accept": accept})
    answered = await refusing.ask(query, headers={**SOMEBODY, "Accept": accept})

    assert refused.status == status
    assert "data" not in refused.body
    assert refused.errors == [(CODE, None)]
    assert refused.messages == [
        "You have no right to Person.phone: ask without it, or with a token that carries the right."
    ]
    assert refused.asked == []
    assert answered.status == 200
    assert answered.data == {"person": {"name": "Ana", "phone": "555-1"}}


async def test_the_page_of_the_gateway_shows_what_happens_here(network: Network) -> None:
    answer = await network.ask(shown("what a caller may not see"), headers=SOMEBODY)

    assert answer.body == json.loads(shown("what it is answered"))
    (request,) = answer.requests
    assert strip_ignored_characters(request.document) == strip_ignored_characters(
        shown("what is left to ask")
    )


def test_composition_wrote_what_this_folder_is_about() -> None:
    said = load((FOLDER / "authorization" / "supergraph.graphql").read_text()).authorization

    assert said["Listed"] == said["Shelter"], "derived from the one type that asks for something"
    assert said["Listed.phone"] == said["Person.phone"]
    assert "Office" not in said
