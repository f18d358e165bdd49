"""What the client is told when something is missing: partial data, one error for each cause, in its own paths."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.transport import SubgraphAnswer
from tests.gateway.executor.plans import (
    Parallel,
    Rename,
    Sequence,
    entities,
    entity_answers,
    key,
    root,
    run,
)
from vereda.telemetry import request_id

CLINIC = """
type Query { clients: [Client] client: Client services: [Service!]! status: Status }
type Mutation { send: Boolean }
enum Status { OPEN }
type Client { id: ID! name: String need: String! referral: Referral }
type Referral { id: ID! note: String outcome: String! }
type Service { id: ID! name: String! }
"""
CLIENTS = {"data": {"clients": [{"__typename": "Client", "id": i} for i in "aba"]}}


def with_needs(selection: str = "need", **options: Any) -> Sequence:
    return Sequence(
        (
            root("people", "{clients{__typename id}}"),
            entities(
                "clients.@", "needs", f"... on Client{{{selection}}}", (key("Client", "id"),), **options
            ),
        )
    )


async def test_an_unreachable_service_is_one_named_error_and_other_data_is_kept() -> None:
    plan = Parallel((with_needs(), root("status", "{status}", id=3), root("status", "{status}", id=4)))
    answers = {"people": CLIENTS, "needs": None, "status": {"data": {"status": "OPEN"}}}

    result = await run(CLINIC, "{ clients { id need } status }", plan, answers)

    assert result.data == {"clients": [None, None, None], "status": "OPEN"}
    assert [e["extensions"] for e in result.errors] == [{"code": "SUBGRAPH_UNAVAILABLE", "service": "needs"}]
    assert "'needs'" in result.errors[0]["message"]


async def test_an_unreachable_service_hides_no_fault_of_another() -> None:
    plan = Parallel((root("people", "{client{need}}"), root("status", "{services{id}}", id=2)))
    answers = {"people": None, "status": {"data": {"services": [{"id": "1", "name": None}]}}}

    result = await run(CLINIC, "{ client { need } services { id name } }", plan, answers)

    assert result.data is None
    assert [(e["extensions"]["code"], e.get("path")) for e in result.errors] == [
        ("SUBGRAPH_UNAVAILABLE", None),
        ("NULL_IN_NON_NULL_FIELD", ["services", 0, "name"]),
    ]


async def test_entity_errors_are_told_at_every_place_where_the_entity_stands() -> None:
    error = {"message": "Not yours.", "path": ["_entities", 0, "need"], "extensions": {"code": "FORBIDDEN"}}
    answers = {
        "people": CLIENTS,
        "needs": entity_answers(lambda r: {"need": "food"} if r["id"] == "b" else None, errors=[error]),
    }

    result = await run(CLINIC, "{ clients { id need } }", with_needs(), answers)

    assert result.data == {"clients": [None, {"id": "b", "need": "food"}, None]}
    expected = {"message": "Not yours.", "extensions": {"code": "FORBIDDEN", "service": "needs"}}
    assert result.errors == [
        {**expected, "path": ["clients", 0, "need"]},
        {**expected, "path": ["clients", 2, "need"]},
    ]


async def test_error_paths_have_the_clients_keys() -> None:
    plan = root(
        "people",
        "{clients{n__1:name}}",
        output_rewrites=(Rename(("clients", "@", "n__1"), "n"),),
    )
    error = {"message": "No.", "path": ["clients", 1, "n__1"], "extensions": {"code": "FORBIDDEN"}}
    answers = {"people": {"data": {"clients": [{"n__1": "x"}, {"n__1": None}]}, "errors": [error]}}

    result = await run(CLINIC, "{ clients { n: name } }", plan, answers)

    assert result.data == {"clients": [{"n": "x"}, {"n": None}]}
    assert result.errors[0]["path"] == ["clients", 1, "n"]


async def test_unknown_codes_are_masked_and_known_ones_pass_with_their_details() -> None:
    errors = [
        {"message": "KeyError: 'ssn' in /srv/app.py", "path": ["client"], "extensions": {"code": "OOPS"}},
        {"message": "no extensions"},
        {"message": "Too many.", "extensions": {"code": "PAGE_TOO_LARGE", "most": 100, "stacktrace": ["x"]}},
    ]
    token = request_id.set("test-request-2")
    result = await run(
        CLINIC,
        "{ client { id } }",
        root("people", "{client{id}}"),
        {"people": {"data": {"client": None}, "errors": errors}},
    )
    request_id.reset(token)

    masked = "Something went wrong in the service 'people'. Quote request test-request-2."
    internal = {"code": "INTERNAL", "service": "people"}
    assert result.errors == [
        {"message": masked, "path": ["client"], "extensions": internal},
        {"message": masked, "extensions": internal},
        {
            "message": "Too many.",
            "extensions": {"code": "PAGE_TOO_LARGE", "most": 100, "service": "people"},
        },
    ]


async def test_a_null_in_a_non_null_field_bubbles_to_the_nearest_nullable_parent_with_one_error() -> None:
    client = {"id": "1", "need": "x", "referral": {"id": "2", "outcome": None}}
    result = await run(
        CLINIC,
        "{ client { id referral { id outcome } } }",
        root("people", "{client{id}}"),
        {"people": {"data": {"client": client}}},
    )

    assert result.data == {"client": {"id": "1", "referral": None}}
    assert result.errors == [
        {
            "message": "Cannot return null for non-nullable field Referral.outcome.",
            "path": ["client", "referral", "outcome"],
            "extensions": {"code": "NULL_IN_NON_NULL_FIELD"},
        }
    ]


async def test_a_null_that_a_service_explained_bubbles_without_a_second_error() -> None:
    error = {
        "message": "No.",
        "path": ["client", "referral", "outcome"],
        "extensions": {"code": "FORBIDDEN"},
    }
    client = {"id": "1", "referral": None}
    result = await run(
        CLINIC,
        "{ client { id referral { id outcome } } }",
        root("people", "{client{id}}"),
        {"people": {"data": {"client": client}, "errors": [error]}},
    )

    assert result.data == {"client": client}
    assert len(result.errors) == 1


async def test_a_null_root_makes_the_whole_data_null() -> None:
    result = await run(
        CLINIC, "{ services { id } }", root("a", "{services{id}}"), {"a": {"data": {"services": [None]}}}
    )

    assert result.data is None
    assert result.errors[0]["path"] == ["services", 0]


async def test_an_enum_value_outside_the_public_schema_is_null_with_an_error_that_does_not_name_it() -> None:
    result = await run(CLINIC, "{ status }", root("a", "{status}"), {"a": {"data": {"status": "SECRET"}}})

    assert result.data == {"status": None}
    assert result.errors[0]["path"] == ["status"]
    assert result.errors[0]["extensions"]["code"] == "UNKNOWN_ENUM_VALUE"
    assert "SECRET" not in str(result.errors)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (SubgraphAnswer(200, b"<html>"), "SUBGRAPH_ANSWER_INVALID"),
        (SubgraphAnswer(200, b"[]"), "SUBGRAPH_ANSWER_INVALID"),
        (SubgraphAnswer(200, b"{}"), "SUBGRAPH_ANSWER_INVALID"),
        (SubgraphAnswer(502, b"Bad gateway"), "SUBGRAPH_UNAVAILABLE"),
    ],
)
async def test_an_answer_that_is_no_graphql_is_told_as_such(answer: SubgraphAnswer, code: str) -> None:
    result = await run(CLINIC, "{ status }", root("a", "{status}"), {"a": lambda _: answer})

    assert result.data == {"status": None}
    assert [e["extensions"] for e in result.errors] == [{"code": code, "service": "a"}]


async def test_an_error_status_with_a_graphql_body_is_read_as_graphql() -> None:
    body = b'{"errors":[{"message":"Log in.","extensions":{"code":"UNAUTHENTICATED"}}]}'
    result = await run(
        CLINIC, "{ status }", root("a", "{status}"), {"a": lambda _: SubgraphAnswer(401, body)}
    )

    assert result.data == {"status": None}
    assert result.errors[0]["message"] == "Log in."


@pytest.mark.parametrize("entities_", [None, [], [{"need": "x"}] * 3, "nonsense"])
async def test_an_entity_list_of_another_length_is_not_merged(entities_: Any) -> None:
    answers = {"people": CLIENTS, "needs": {"data": {"_entities": entities_}}}

    result = await run(CLINIC, "{ clients { id name need } }", with_needs(), answers)

    assert result.data == {"clients": [None, None, None]}


async def test_redactions_are_told_in_the_clients_paths_beside_the_data() -> None:
    entry = {"path": ["_entities", 1, "need"], "dataClass": "HEALTH", "reason": "NO_CONSENT"}
    answers = {
        "people": {**CLIENTS, "extensions": {"redactions": [{**entry, "path": ["clients", 1, "name"]}]}},
        "needs": entity_answers(lambda r: {"need": "x"}, extensions={"redactions": [entry], "cost": 1}),
    }

    result = await run(CLINIC, "{ clients { name need } }", with_needs(), answers)

    assert result.errors == []
    assert result.extensions == {
        "redactions": [
            {"path": ["clients", 1, "name"], "dataClass": "HEALTH", "reason": "NO_CONSENT"},
            {"path": ["clients", 1, "need"], "dataClass": "HEALTH", "reason": "NO_CONSENT"},
        ]
    }


async def test_r11_the_scope_of_a_consent_travels_once_with_all_places_that_it_opened() -> None:
    one, other = ({"consent": name, "scope": f"Scope of {name}."} for name in ("one", "other"))
    answers = {
        "people": {
            **CLIENTS,
            "extensions": {"disclosures": [{**one, "paths": [["clients", 0], ["clients", 1], ["unasked"]]}]},
        },
        "needs": entity_answers(
            lambda r: {"need": "x"},
            extensions={
                "disclosures": [{**one, "paths": [["_entities", 1]]}, {**other, "paths": [["_entities", 0]]}]
            },
        ),
    }

    result = await run(CLINIC, "{ clients { name need } }", with_needs(), answers)

    assert result.extensions == {
        "disclosures": [
            {**one, "paths": [["clients", 0], ["clients", 1]]},
            {**other, "paths": [["clients", 0], ["clients", 2]]},
        ]
    }


async def test_an_answer_holds_a_bounded_number_of_errors() -> None:
    clients = [{"id": str(i), "need": None} for i in range(500)]
    result = await run(
        CLINIC,
        "{ clients { id need } }",
        root("a", "{clients{id need}}"),
        {"a": {"data": {"clients": clients}}},
    )

    assert result.data == {"clients": [None] * 500}
    assert len(result.errors) == 100


async def test_errors_end_where_the_clients_own_selection_ends() -> None:
    """What a key or `@requires` needs was asked for by the gateway, under names that say nothing to the client."""
    failing = {"message": "no", "path": ["clients", 0, "_key_need"], "extensions": {"code": "FORBIDDEN"}}
    answer = {"data": {"clients": [{"id": "a", "_key_need": None}]}, "errors": [failing]}

    result = await run(
        CLINIC, "{ clients { id } }", root("people", "{clients{id _key_need:need}}"), {"people": answer}
    )

    assert [error["path"] for error in result.errors] == [["clients", 0]]


async def test_an_error_in_what_was_asked_of_objects_of_another_type_is_nobodys() -> None:
    """A subgraph that knows only the interface answers a fragment's fields for objects of every type."""
    schema = """
    type Query { people: [Person!]! }
    interface Person { id: ID! }
    type Worker implements Person { id: ID! desk: String }
    type Guest implements Person { id: ID! desk: String }
    """
    people = [{"__typename": name, "id": name, "desk": None} for name in ("Worker", "Guest")]
    errors = [
        {"message": "no", "path": ["people", index, "desk"], "extensions": {"code": "FORBIDDEN"}}
        for index in (0, 1)
    ]
    answers = {"people": {"data": {"people": people}, "errors": errors}}

    query = "{ people { id ... on Guest { desk } } }"
    result = await run(schema, query, root("people", "{people{__typename id desk}}"), answers)

    assert result.data == {"people": [{"id": "Worker"}, {"id": "Guest", "desk": None}]}
    assert [error["path"] for error in result.errors] == [["people", 1, "desk"]]
