"""Names of subgraphs, types, fields and arguments that a gateway might stumble over, and values that it must not change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.federation.network import Network


async def test_subgraphs_types_and_keys_may_have_any_name(network: Network) -> None:
    answer = await network.ask(
        "{ list { get representations type query { errors } extensions path subscription { self None } } }"
    )

    assert answer.data == {
        "list": [
            {
                "get": 'a "quoted" key\n☃ \\',
                "representations": -1,
                "type": "Type",
                "query": {"errors": "none"},
                "extensions": "some",
                "path": 'a "quoted" key\n☃ \\',
                "subscription": {"self": 0.1, "None": True},
            },
            {
                "get": "",
                "representations": 0,
                "type": "",
                "query": None,
                "extensions": None,
                "path": "",
                "subscription": {"self": 0.0, "None": False},
            },
        ]
    }


async def test_zero_false_and_the_empty_string_are_keys(network: Network) -> None:
    answer = await network.ask("{ list { path } }")

    assert [thing["path"] for thing in answer.data["list"]] == ['a "quoted" key\n☃ \\', ""]
    assert answer.requests[1].representations[1] == {
        "__typename": "Type",
        "representations": 0,
        "type": "",
        "get": "",
    }


async def test_operations_fragments_and_variables_may_have_any_name(network: Network) -> None:
    query = """
    query query($query: String, $on: on) { data(null_: $query, on: $on) ...fragment }
    fragment fragment on Query { list { ...mutation } }
    fragment mutation on Type { extensions }
    """

    answer = await network.ask(query, {"query": "{", "on": "mutation"}, "query")

    assert json.loads(answer.data["data"]) == {"null_": "{", "on": "mutation", "fragment": True}
    assert answer.data["list"] == [{"extensions": "some"}, {"extensions": None}]


WRITTEN: dict[str, tuple[str, Any]] = {
    "escapes": (r's: "\u00e9\t\"\\\/\b\f\n\r"', {"s": 'é\t"\\/\b\f\n\r'}),
    "letters beyond the first plane": ('s: "😀 \\u{1F600} \\uD83D\\uDE00"', {"s": "😀 😀 😀"}),
    "a block of text": (
        's: """\n    one\n      "two" \\""" three\\n\n    four\n    """',
        {"s": 'one\n  "two" """ three\\n\nfour'},
    ),
    "an empty text": ('s: ""', {"s": ""}),
    "an empty block": ('s: """"""', {"s": ""}),
    "braces and dollars": ('s: "{ $x } # no comment"', {"s": "{ $x } # no comment"}),
    "a number in its long form": ("f: 1.50e+2", {"f": 150.0}),
    "a small number": ("f: -1e-7", {"f": -1e-7}),
    "a whole number beyond 64 bits": (
        "j: 123456789012345678901234567890",
        {"j": 123456789012345678901234567890},
    ),
    "an object of everything": (
        'j: { a: [], b: {}, on: on, t: true, n: null, s: "x", deep: [[{ null_: [null] }]] }',
        {"j": {"a": [], "b": {}, "on": "on", "t": True, "n": None, "s": "x", "deep": [[{"null_": [None]}]]}},
    ),
}


@pytest.mark.parametrize(("written", "expected"), WRITTEN.values(), ids=WRITTEN)
async def test_what_is_written_in_the_document_arrives_unchanged(
    network: Network, written: str, expected: Any
) -> None:
    answer = await network.ask(f"{{ a({written}) }}")

    assert json.loads(answer.data["a"]) == expected


async def test_a_variables_default_arrives_unchanged(network: Network) -> None:
    query = 'query ($s: String = """\n  one\n    "two"\n""", $j: json = { a: [1, null, on] }, $f: Float = 1) { a(s: $s, j: $j, f: $f) }'

    answer = await network.ask(query)

    assert json.loads(answer.data["a"]) == {"s": 'one\n  "two"', "j": {"a": [1, None, "on"]}, "f": 1.0}
