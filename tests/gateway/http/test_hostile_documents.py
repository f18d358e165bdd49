"""Documents made to hurt are refused cheaply: by code, small, and quickly (SECURITY: dos, leak, fed)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.gateway.http.network import Network, network


@pytest_asyncio.fixture(scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("hostile")) as running:
        yield running


def fragment_bomb(levels: int, inside: str = "latest") -> str:
    """Each fragment spreads the next one twice."""
    steps = [f"fragment f{i} on Query {{ ...f{i + 1} ... {{ ...f{i + 1} }} }}" for i in range(levels)]
    return "{ ...f0 } " + " ".join(steps) + f" fragment f{levels} on Query {{ {inside} }}"


def aliased_bomb(levels: int) -> str:
    steps = [
        f"fragment f{i} on Query {{ ...f{i + 1} ... @include(if: true) {{ ...f{i + 1} }} }}"
        for i in range(levels)
    ]
    return "{ ...f0 } " + " ".join(steps) + f" fragment f{levels} on Query {{ a: latest b: latest }}"


REFUSED = {
    "1000 aliases of __typename": (
        "{" + " ".join(f"a{i}:__typename" for i in range(1000)) + "}",
        "TOO_MANY_ROOT_FIELDS",
    ),
    "500 aliases of a list field": (
        "{" + " ".join(f"a{i}:books{{id}}" for i in range(500)) + "}",
        "TOO_MANY_ROOT_FIELDS",
    ),
    "200 aliases below the root": (
        "{books{" + " ".join(f"a{i}:id" for i in range(200)) + "}}",
        "TOO_MANY_ALIASES",
    ),
    "2000 unknown directives": ("{latest " + "@no " * 2000 + "}", "TOO_MANY_DIRECTIVES"),
    "2000 times @include": ("{latest " + "@include(if:true) " * 2000 + "}", "TOO_MANY_DIRECTIVES"),
    "a field 10000 times": ("{" + "latest " * 10_000 + "}", "TOO_MANY_ROOT_FIELDS"),
    "1500 overlapping fields": ("{books{" + "id " * 1500 + "}}", "TOO_MANY_FIELDS"),
    "depth 60": ("{books" + "{reviews" * 60 + "{text}" + "}" * 60 + "}", "NESTED_TOO_DEEPLY"),
    "depth 2000": ("{books" + "{reviews" * 2000 + "{text}" + "}" * 2000 + "}", "NESTED_TOO_DEEPLY"),
    "depth 5000": ("{a" * 5000 + "}" * 5000, "NESTED_TOO_DEEPLY"),
    "3000 nested inline fragments": ("{" + "...{" * 3000 + "latest" + "}" * 3000 + "}", "TOO_MANY_TOKENS"),
    "a fragment bomb": (fragment_bomb(28), "TOO_MANY_ROOT_FIELDS"),
    "a fragment bomb below the root": (
        fragment_bomb(24, "id").replace("on Query", "on Book").replace("{ ...f0 }", "{books{...f0}}"),
        "TOO_MANY_FIELDS",
    ),
    "a fragment bomb with aliases": (aliased_bomb(24), "TOO_MANY_ROOT_FIELDS"),
    "a chain of 3000 fragments": (fragment_bomb(3000).replace("... {", "...{"), "TOO_MANY_TOKENS"),
    "a chain of 400 fragments": (
        "{...f0}" + "".join(f"fragment f{i} on Query{{...f{i + 1}}}" for i in range(400)),
        "TOO_MANY_DEFINITIONS",
    ),
    "a list literal nested 10000 deep": (
        "{books(first:" + "[" * 10_000 + "]" * 10_000 + "){id}}",
        "TOO_MANY_TOKENS",
    ),
    "an object literal nested 2000 deep": (
        "{books(first:" + "{a:" * 2000 + "1" + "}" * 2000 + "){id}}",
        "TOO_MANY_TOKENS",
    ),
    "a list type nested 2000 deep": (
        "query($a:" + "[" * 2000 + "Int" + "]" * 2000 + "){latest}",
        "NESTED_TOO_DEEPLY",
    ),
    "10000 operations": (" ".join(f"query q{i}{{latest}}" for i in range(10_000)), "TOO_MANY_TOKENS"),
    "10000 variable definitions": (
        "query(" + " ".join(f"$v{i}:Int" for i in range(10_000)) + "){latest}",
        "TOO_MANY_TOKENS",
    ),
    "comments and commas": ("{latest}" + ",#\n" * 20_000, "TOO_MANY_TOKENS"),
    "a long string": ('{books(first:"' + "x" * 200_000 + '"){id}}', "TOO_MANY_TOKENS"),
    "2000 unknown fields": ("{" + " ".join(f"unknown{i}" for i in range(2000)) + "}", "TOO_MANY_ROOT_FIELDS"),
    "a fragment cycle": (
        "{...a} fragment a on Query{...b} fragment b on Query{...a}",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "repeated @skip": ("{latest " + "@skip(if:false) " * 50 + "}", "GRAPHQL_VALIDATION_FAILED"),
    "a number of 90000 digits": ("{books(first:" + "9" * 90_000 + "){id}}", "GRAPHQL_VALIDATION_FAILED"),
    "introspection": ("{__schema{types{name}}}", "INTROSPECTION_DISABLED"),
    "introspection by __type": ('{x:__type(name:"Book"){name}}', "INTROSPECTION_DISABLED"),
    "introspection in a fragment": ("{...on Query{\n__schema\n{types{name}}}}", "INTROSPECTION_DISABLED"),
    "entities": ("{_entities(representations:[]){__typename}}", "GRAPHQL_VALIDATION_FAILED"),
    "the service's schema": ("{_service{sdl}}", "GRAPHQL_VALIDATION_FAILED"),
    "a lone surrogate": ('{books(first:"\\ud800"){id}}', "GRAPHQL_PARSE_FAILED"),
}


@pytest.mark.parametrize(("query", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_refused_with_a_stable_code_in_little_time_and_few_bytes(
    net: Network, query: str, code: str
) -> None:
    asked = len(net.catalog.headers) + len(net.reviews.headers)
    started = time.perf_counter()

    response = await net.client.post("/graphql", json={"query": query})

    assert time.perf_counter() - started < 1  # a quarter of it on a machine that does nothing else
    assert response.status_code in (200, 400)
    assert len(response.content) < 64 * 1024
    answer = response.json()
    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert len(net.catalog.headers) + len(net.reviews.headers) == asked


async def test_validation_errors_are_few_and_name_nothing_of_the_schema(net: Network) -> None:
    query = "{ " + " ".join(f"book{i}" for i in range(40)) + " books(frist: 1) { titel } }"

    answer = await net.ask(query)

    assert len(answer["errors"]) <= 11
    assert {error["message"] for error in answer["errors"]} == {"This is not valid against the schema."}
    assert all(error["locations"] for error in answer["errors"][:10])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("[" * 900 + "]" * 900, "NESTED_TOO_DEEPLY"),
        ("[" + "1," * 1000 + "1]", "TOO_MANY_LIST_ITEMS"),
        ("9" * 5000, "BAD_REQUEST"),
        ('"\\u0000"', "BAD_USER_INPUT"),
        ('{"a":{"a":{}}}', "BAD_USER_INPUT"),
    ],
)
async def test_strange_variables_are_refused(net: Network, value: str, code: str) -> None:
    body = '{"query":"query($n: Int){ books(first:$n){ id } }","variables":{"n":' + value + "}}"
    response = await net.client.post("/graphql", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in (200, 400)
    assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_prototype_names_are_harmless_aliases(net: Network) -> None:
    answer = await net.ask("{ __proto__: latest constructor: books { prototype: id } }")

    assert answer == {
        "data": {"__proto__": "about 1", "constructor": [{"prototype": "1"}, {"prototype": "2"}]}
    }
