"""Variables go to the subgraphs that use them, with just what the client gave (GraphQL §6.1.2, §6.4.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.federation.network import Answer, Network


def asked(answer: Answer) -> dict[str, Any]:
    """What the search was asked with."""
    found: dict[str, Any] = json.loads(answer.data["find"][0]["asked"])
    return found


_PLAIN = {"text": "all", "mode": "FAST"}


async def test_a_variable_goes_only_to_the_subgraph_that_uses_it(network: Network) -> None:
    query = (
        "query ($t: String, $w: Int!, $u: String) { find(text: $t) { asked line(width: $w) } idle(text: $u) }"
    )

    answer = await network.ask(query, {"t": "a", "w": 5, "u": "c"})

    assert asked(answer) == {"text": "a", "mode": "FAST"}
    assert json.loads(answer.data["find"][0]["line"]) == {"width": 5}
    entities = [request for request in answer.asked_of("detail") if "representations" in request.variables]
    assert [sorted(request.variables) for request in entities] == [["representations", "w"]]
    assert answer.asked_of("search")[0].variables == {"t": "a"}


async def test_one_variable_may_be_used_by_several_subgraphs(network: Network) -> None:
    query = "query ($n: Int! = 3) { find(first: $n) { asked line(width: $n) } }"

    answer = await network.ask(query)

    assert asked(answer) == {**_PLAIN, "first": 3}
    assert json.loads(answer.data["find"][0]["line"]) == {"width": 3}


async def test_what_the_client_does_not_give_stays_absent(network: Network) -> None:
    """So that the subgraph's own default holds."""
    answer = await network.ask("query ($t: String, $n: Int) { find(text: $t, first: $n) { asked } }", {})

    assert asked(answer) == _PLAIN
    assert answer.requests[0].variables == {}


async def test_null_is_given(network: Network) -> None:
    answer = await network.ask(
        "query ($t: String, $n: Int) { find(text: $t, first: $n) { asked } }", {"t": None, "n": None}
    )

    assert asked(answer) == {"text": None, "first": None, "mode": "FAST"}


async def test_the_operations_default_comes_before_the_subgraphs(network: Network) -> None:
    query = 'query ($t: String = "mine", $m: Mode = DEEP) { find(text: $t, mode: $m) { asked } }'

    default = await network.ask(query)
    null = await network.ask(query, {"t": None})

    assert asked(default) == {"text": "mine", "mode": "DEEP"}
    assert asked(null) == {"text": None, "mode": "DEEP"}


async def test_variables_inside_of_lists_and_objects(network: Network) -> None:
    query = """
    query ($city: String, $x: Float!, $tag: String!, $none: String, $p: Point!) {
      find(tags: [$tag, "b"], where: { city: $city, near: [{ x: $x }, $p], not: { city: $none } }) { asked }
    }
    """

    answer = await network.ask(query, {"city": None, "x": 1, "tag": "a", "p": {"x": 2, "y": 3}})

    assert asked(answer)["where"] == {
        "city": None,
        "near": [{"x": 1.0, "y": 0.0}, {"x": 2.0, "y": 3.0}],
        "not": {"city": "Quito"},
    }
    assert asked(answer)["tags"] == ["a", "b"]


async def test_input_objects_are_passed_on_as_they_came(network: Network) -> None:
    where = {"not": {"city": None, "any": [None, {"near": []}]}, "near": None}

    answer = await network.ask("query ($w: Where) { find(where: $w) { asked } }", {"w": where})

    assert answer.requests[0].variables == {"w": where}
    assert asked(answer)["where"] == {
        "city": "Quito",
        "not": {"city": None, "any": [None, {"city": "Quito", "near": []}]},
        "near": None,
    }


async def test_a_single_value_is_a_list_of_one(network: Network) -> None:
    answer = await network.ask(
        "query ($t: [String!], $w: Where) { find(tags: $t, where: $w) { asked } }",
        {"t": "a", "w": {"any": {"city": "x"}}},
    )

    assert asked(answer) == {**_PLAIN, "tags": ["a"], "where": {"city": "Quito", "any": [{"city": "x"}]}}


RAW: dict[str, Any] = {
    "an object": {"b": [1, {"c": None}], "a": 'ñ ☃ \u0000 "q" \\'},
    "a list": [[], {}, [None]],
    "a number beyond 64 bits": 2**70,
    "a small number": -(2**63),
    "a fraction": 1e-9,
    "false": False,
    "a string": "null",
}


@pytest.mark.parametrize("value", RAW.values(), ids=RAW)
async def test_a_scalar_of_the_graphs_own_may_be_anything(network: Network, value: Any) -> None:
    answer = await network.ask("query ($r: Json) { find(raw: $r) { asked } }", {"r": value})

    assert asked(answer)["raw"] == value


async def test_a_scalar_of_the_graphs_own_may_be_written_in_the_document(network: Network) -> None:
    query = 'query ($v: String) { find(raw: { a: [1, 2.5, "x", ENUM, null, { b: $v }], c: true }) { asked } }'

    answer = await network.ask(query, {"v": "in"})

    assert asked(answer)["raw"] == {"a": [1, 2.5, "x", "ENUM", None, {"b": "in"}], "c": True}


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "an Int that is none": ("query ($v: Int) { find(first: $v) { id } }", {"v": "1"}),
    "an Int that is too large": ("query ($v: Int) { find(first: $v) { id } }", {"v": 2**31}),
    "a missing value": ("query ($v: Int!) { find { line(width: $v) } }", {}),
    "null where it must not be": ("query ($v: Int!) { find { line(width: $v) } }", {"v": None}),
    "null inside of a list": ("query ($v: [String!]) { find(tags: $v) { id } }", {"v": ["a", None]}),
    "a missing input field": ("query ($v: Where) { find(where: $v) { id } }", {"v": {"near": [{"y": 1}]}}),
    "an unknown input field": ("query ($v: Where) { find(where: $v) { id } }", {"v": {"town": "x"}}),
    "an unknown enum value": ("query ($v: Mode) { find(mode: $v) { id } }", {"v": "SLOW"}),
    "a string for an object": ("query ($v: Where) { find(where: $v) { id } }", {"v": "x"}),
}


@pytest.mark.parametrize(("query", "variables"), REFUSED.values(), ids=REFUSED)
async def test_a_value_that_does_not_fit_reaches_nobody(
    network: Network, query: str, variables: dict[str, Any]
) -> None:
    answer = await network.ask(query, variables)

    assert {code for code, _ in answer.errors} == {"BAD_USER_INPUT"}
    assert "data" not in answer.body
    assert answer.asked == []


async def test_what_the_operation_does_not_declare_is_not_passed_on(network: Network) -> None:
    answer = await network.ask("query ($t: String) { find(text: $t) { asked } }", {"t": "a", "extra": 1})

    assert answer.requests[0].variables == {"t": "a"}


async def test_a_clients_variable_may_have_the_name_of_the_gateways_own(network: Network) -> None:
    query = "query ($representations: Int! = 7) { find(first: $representations) { asked line(width: $representations) } }"

    answer = await network.ask(query, {"representations": 9})

    assert asked(answer)["first"] == 9
    assert json.loads(answer.data["find"][0]["line"]) == {"width": 9}


async def test_one_document_with_other_values_is_not_answered_from_memory(network: Network) -> None:
    query = "query ($w: Int!, $l: [Int]) { find { line(width: $w) list(of: $l) } }"

    for width, items in ((1, [1]), (2, None), (3, [None])):
        answer = await network.ask(query, {"w": width, "l": items})

        (hit,) = answer.data["find"]
        assert json.loads(hit["line"]) == {"width": width}
        assert json.loads(hit["list"]) == {"of": items}


async def test_of_several_operations_only_the_ones_that_run_bring_their_variables(network: Network) -> None:
    query = "query A ($t: String!) { find(text: $t) { asked } } query B ($n: Int = 2) { find(first: $n) { asked } }"

    answer = await network.ask(query, {"t": "x"}, "B")

    assert asked(answer) == {**_PLAIN, "first": 2}


async def test_numbers_keep_their_value(network: Network) -> None:
    answer = await network.ask(
        "query ($a: Float, $b: Float) { a: echo(value: $a) b: echo(value: $b) c: echo(value: 1e3) }",
        {"a": 1, "b": 0.1},
    )

    assert answer.data == {"a": '{"value": 1.0}', "b": '{"value": 0.1}', "c": '{"value": 1000.0}'}
