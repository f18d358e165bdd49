"""Plans in Apollo's JSON form, which the field's tools read; the text form is what the other tests compare."""

from __future__ import annotations

from graphql import parse

from gateway.planner import Planner, to_json, to_text
from tests.gateway.planner.asking import plan, text, world


def test_a_plan_as_json() -> None:
    printed = to_json(plan("care", "{ services { id: name openPlaces } }"))

    assert printed == {
        "kind": "QueryPlan",
        "node": {
            "kind": "Sequence",
            "nodes": [
                {
                    "kind": "Fetch",
                    "serviceName": "directory",
                    "operationKind": "query",
                    "operationName": None,
                    "operation": "{ services { id: name __typename _key_id: id } }",
                    "variableUsages": [],
                    "id": 0,
                },
                {
                    "kind": "Flatten",
                    "path": ["services", "@"],
                    "node": {
                        "kind": "Fetch",
                        "serviceName": "availability",
                        "operationKind": "query",
                        "operationName": None,
                        "operation": "query ($representations: [_Any!]!) { _entities(representations: "
                        "$representations) { ... on Service { openPlaces } } }",
                        "variableUsages": [],
                        "id": 1,
                        "requires": [
                            {
                                "kind": "InlineFragment",
                                "typeCondition": "Service",
                                "selections": [
                                    {"kind": "Field", "name": "__typename"},
                                    {"kind": "Field", "name": "id", "alias": "_key_id"},
                                ],
                            }
                        ],
                    },
                },
            ],
        },
    }


def test_an_empty_plan() -> None:
    empty = Planner(world("care").supergraph).plan(parse("{ __typename }"))

    assert to_json(empty) == {"kind": "QueryPlan", "node": None}
    assert to_text(empty) == "QueryPlan {}\n"


def test_conditions_and_subscriptions_are_printed() -> None:
    conditional = text("care", "query ($x: Boolean!) { services @include(if: $x) { id } }")
    subscription = text("desk", 'subscription { ticketChanged(id: "1") { owner { name } } }')

    assert conditional.startswith("QueryPlan {\n  Include(if: $x) {\n    Fetch")
    assert subscription.startswith("QueryPlan {\n  Subscription {\n    Primary {\n      Fetch")
