"""Introspection is answered by the gateway, from the public schema alone (GraphQL §4)."""

from __future__ import annotations

from typing import Any

from graphql import build_client_schema, get_introspection_query, print_schema

from tests.federation.network import Network, federation


async def whole(network: Network) -> Any:
    query = get_introspection_query(
        descriptions=True, specified_by_url=True, input_value_deprecation=True, schema_description=True
    )
    answer = await network.ask(query, None, "IntrospectionQuery")
    assert answer.asked == []
    return answer.data


async def test_the_public_schema_can_be_built_from_it(network: Network) -> None:
    schema = build_client_schema(await whole(network))

    text = print_schema(schema)
    assert '"""A ward, with its beds."""\ntype Ward implements Place {' in text
    assert "wards(first: Int = 10, after: ID): [Ward!]!" in text
    assert 'old: String @deprecated(reason: "Ask `wards`.")' in text
    assert "HIGH @deprecated" in text
    assert 'scalar Date @specifiedBy(url: "https://example.org/date")' in text
    assert "levels: [Level!] = [LOW]" in text
    assert 'former: String @deprecated(reason: "no more")' in text
    assert "nurses: Int!" in text


async def test_nothing_of_federation_is_told(network: Network) -> None:
    text = str(await whole(network))

    for word in (
        "join__",
        "link__",
        "_entities",
        "_Any",
        "_Service",
        "FieldSet",
        "'key'",
        "'tag'",
        "'authenticated'",
    ):
        assert word not in text


async def test_the_standard_directives_are_told(network: Network) -> None:
    answer = await network.ask("{ __schema { directives { name locations isRepeatable args { name } } } }")

    names = {directive["name"] for directive in answer.data["__schema"]["directives"]}
    assert {"skip", "include", "deprecated", "specifiedBy"} <= names


async def test_it_stands_beside_fields_of_subgraphs(network: Network) -> None:
    query = """
    query ($n: String!, $x: Boolean!) {
      wards { id nurses }
      a: __type(name: $n) { kind fields { name } }
      b: __type(name: "Level") { enumValues { name } all: enumValues(includeDeprecated: true) { name } }
      none: __type(name: "Nothing") { name }
      __schema @include(if: $x) { queryType { name } mutationType { ...Named } subscriptionType { name } }
      __typename
    }
    fragment Named on __Type { name kind __typename }
    """

    answer = await network.ask(query, {"n": "Ward", "x": True})

    assert answer.data == {
        "wards": [{"id": "w1", "nurses": 4}],
        "a": {
            "kind": "OBJECT",
            "fields": [{"name": "id"}, {"name": "nurses"}, {"name": "level"}, {"name": "since"}],
        },
        "b": {"enumValues": [{"name": "LOW"}], "all": [{"name": "LOW"}, {"name": "HIGH"}]},
        "none": None,
        "__schema": {
            "queryType": {"name": "Query"},
            "mutationType": {"name": "Mutation", "kind": "OBJECT", "__typename": "__Type"},
            "subscriptionType": None,
        },
        "__typename": "Query",
    }
    assert answer.asked == ["wards", "staff"]


async def test_it_can_be_left_out_and_aliased(network: Network) -> None:
    query = "query ($x: Boolean!) { __schema @include(if: $x) { types { name } } s: __schema @skip(if: $x) { q: queryType { n: name } } }"

    answer = await network.ask(query, {"x": False})

    assert answer.data == {"s": {"q": {"n": "Query"}}}


async def test_two_askers_with_other_variables_get_other_answers(network: Network) -> None:
    query = "query ($n: String!) { __type(name: $n) { name } }"

    first, second = await network.ask(query, {"n": "Ward"}), await network.ask(query, {"n": "Date"})

    assert (first.data, second.data) == ({"__type": {"name": "Ward"}}, {"__type": {"name": "Date"}})


async def test_fields_inside_of_fragments_on_the_root(network: Network) -> None:
    answer = await network.ask(
        '{ ... on Query { __type(name: "Place") { possibleTypes { name } } ...Q } } fragment Q on Query { old __typename }'
    )

    assert answer.data == {
        "__type": {"possibleTypes": [{"name": "Ward"}]},
        "old": "old",
        "__typename": "Query",
    }


async def test_it_is_for_development_only() -> None:
    async with federation("introspection", development=False) as network:
        refused = await network.ask("{ wards { id } __schema { types { name } } }")
        named = await network.ask("{ wards { __typename id } __typename }")

    assert [code for code, _ in refused.errors] == ["INTROSPECTION_DISABLED"]
    assert refused.asked == []
    assert named.data == {"wards": [{"__typename": "Ward", "id": "w1"}], "__typename": "Query"}
