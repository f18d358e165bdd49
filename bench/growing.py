"""A graph that can be asked for more: as many entities as one likes, from as many subgraphs as one likes, up to 16.

`garden` lists the beds of a community garden; each of sixteen others tells, of a bed, how many litres it was given on
one day. Asked for N beds on k days, an engine fetches once for the beds and k times, side by side, for N entities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLSchema

from bench.schemas import attach, subgraph_schema

DAYS: Final = tuple(f"day{number:02}" for number in range(1, 17))

_GARDEN: Final = """
type Query { beds(first: Int!): [Bed!]! }
type Bed @key(fields: "id") { id: ID! crop: String! }
"""
_CROPS: Final = ("kale", "beans", "squash", "garlic", "chillies")

#: The least that a reader of supergraphs looks for ("join v0.3").
_SUPERGRAPH: Final = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{{
  query: Query
}}

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(
  graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean,
  override: String, usedOverridden: Boolean
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true,
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(
  url: String, as: String, for: link__Purpose, import: [link__Import]
) repeatable on SCHEMA

scalar join__FieldSet
scalar link__Import
enum link__Purpose {{ SECURITY EXECUTION }}
enum join__Graph {{
{graphs}
}}

type Query {query_types} {{
  beds(first: Int!): [Bed!]! @join__field(graph: GARDEN)
}}

type Bed {bed_types} {{
  id: ID!
  crop: String! @join__field(graph: GARDEN)
{days}
}}
"""


def supergraph(base_url: str) -> str:
    """The supergraph, with each subgraph at `base_url`/name."""
    names = ("garden", *DAYS)
    return _SUPERGRAPH.format(
        graphs="\n".join(
            f'  {name.upper()} @join__graph(name: "{name}", url: "{base_url}/{name}")' for name in names
        ),
        query_types=" ".join(f"@join__type(graph: {name.upper()})" for name in names),
        bed_types=" ".join(f'@join__type(graph: {name.upper()}, key: "id")' for name in names),
        days="\n".join(f"  {day}: Int! @join__field(graph: {day.upper()})" for day in DAYS),
    )


def growing_schemas() -> dict[str, GraphQLSchema]:
    garden = subgraph_schema(_GARDEN, {"Bed": lambda found: bed(int(found["id"]))})
    attach(garden, "Query", {"beds": lambda _root, _info, first: [bed(number) for number in range(first)]})
    return {"garden": garden} | {day: _day_schema(day) for day in DAYS}


def query(days: int) -> str:
    return f"query Watering($first: Int!) {{ beds(first: $first) {{ id crop {' '.join(DAYS[:days])} }} }}"


def answer(beds: int, days: int) -> dict[str, Any]:
    """What is right to answer to `query(days)` for so many beds."""
    found = [bed(number) | {day: litres(str(number), day) for day in DAYS[:days]} for number in range(beds)]
    for each in found:
        del each["__typename"]
    return {"data": {"beds": found}}


def bed(number: int) -> dict[str, Any]:
    return {"__typename": "Bed", "id": str(number), "crop": _CROPS[number % len(_CROPS)]}


def litres(id_: str, day: str) -> int:
    return (int(id_) * 7 + int(day[-2:]) * 3) % 40


def _day_schema(day: str) -> GraphQLSchema:
    sdl = f"""
    type Query {{ rained: Boolean! }}
    type Bed @key(fields: "id") {{ id: ID! {day}: Int! }}
    """

    def find(representation: Mapping[str, Any]) -> Mapping[str, Any]:
        id_ = representation["id"]
        return {"__typename": "Bed", "id": id_, day: litres(id_, day)}

    return subgraph_schema(sdl, {"Bed": find})
