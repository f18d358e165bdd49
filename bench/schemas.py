"""The bench graph as executable schemas: its four subgraphs, and the same graph whole. Executed by graphql-core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    graphql_sync,
)

from bench import rows

FOLDER: Final = Path(__file__).parent / "graph"
SUBGRAPHS: Final = ("people", "catalogue", "venues", "feedback")

Info: TypeAlias = GraphQLResolveInfo[Any]
Resolver: TypeAlias = Callable[..., Any]
#: An entity's representation in, its object out; None where there is no such entity.
Lookup: TypeAlias = Callable[[Mapping[str, Any]], Any]

#: What every subgraph has besides its own schema ("Federation 2 §subgraph specification").
_FEDERATION: Final = """
directive @link(url: String!, import: [String]) repeatable on SCHEMA
directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT
directive @external on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @shareable on FIELD_DEFINITION
scalar _Any
type _Service { sdl: String! }
extend type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
"""


def query() -> str:
    """The operation that the engines are measured on."""
    return (FOLDER / "query.graphql").read_text()


def whole_schema() -> GraphQLSchema:
    schema = build_schema((FOLDER / "whole.graphql").read_text())
    attach(schema, "Query", _ROOTS)
    attach(schema, "Person", {"notes": _notes_of_author})
    attach(
        schema,
        "Workshop",
        {
            "host": _host,
            "notes": _notes_on_workshop,
            "hasSeats": _has_seats,
            "travelGrant": lambda workshop, _info: rows.travel_grant(workshop.fee, workshop.minutes),
        },
    )
    attach(schema, "Note", {"workshop": _workshop_of_note, "author": _author_of_note})
    return schema


def subgraph_schemas() -> dict[str, GraphQLSchema]:
    people = subgraph_schema((FOLDER / "people.graphql").read_text(), {"Person": _find_person})
    catalogue = subgraph_schema((FOLDER / "catalogue.graphql").read_text(), {"Workshop": _find_workshop})
    venues = subgraph_schema((FOLDER / "venues.graphql").read_text(), {"Workshop": dict})
    feedback = subgraph_schema(
        (FOLDER / "feedback.graphql").read_text(),
        {"Note": _find_note, "Person": _find_person, "Workshop": _find_workshop},
    )
    for schema in (people, catalogue, venues, feedback):
        roots = {name: _ROOTS[name] for name in _fields(schema, "Query") if name in _ROOTS}
        attach(schema, "Query", roots)
    attach(catalogue, "Workshop", {"host": _host})
    attach(
        venues,
        "Workshop",
        {
            "language": lambda entity, _info: rows.WORKSHOP[entity["code"]].language,
            "hasSeats": lambda entity, _info: rows.WORKSHOP[entity["code"]].seats > 0,
            # Some engines leave out a required field that is null.
            "travelGrant": lambda entity, _info: rows.travel_grant(entity.get("fee"), entity.get("minutes")),
        },
    )
    attach(feedback, "Note", {"workshop": _workshop_of_note, "author": _author_of_note})
    attach(feedback, "Person", {"notes": _notes_of_author})
    attach(feedback, "Workshop", {"notes": _notes_on_workshop})
    return {"people": people, "catalogue": catalogue, "venues": venues, "feedback": feedback}


def subgraph_schema(sdl: str, lookups: Mapping[str, Lookup]) -> GraphQLSchema:
    """A subgraph of its own SDL and the field `_entities`, which finds each type's entities by `lookups`."""
    union = f"union _Entity = {' | '.join(lookups)}"
    schema = build_schema(f"{sdl}\n{_FEDERATION}\n{union}", assume_valid_sdl=True)

    def entities(_root: object, _info: Info, representations: list[dict[str, Any]]) -> list[Any]:
        return [lookups[each["__typename"]](each) for each in representations]

    attach(schema, "Query", {"_entities": entities, "_service": lambda *_: {"sdl": sdl}})
    entity = schema.type_map["_Entity"]
    assert isinstance(entity, GraphQLUnionType)
    entity.resolve_type = lambda found, _info, _type: _type_name(found)
    return schema


def attach(schema: GraphQLSchema, type_name: str, resolvers: Mapping[str, Resolver]) -> None:
    for name, resolver in resolvers.items():
        _fields(schema, type_name)[name].resolve = resolver


def answer(schema: GraphQLSchema, request: Mapping[str, Any]) -> dict[str, Any]:
    """The GraphQL answer to a request's parameters."""
    result = graphql_sync(
        schema,
        request["query"],
        variable_values=request.get("variables"),
        operation_name=request.get("operationName"),
    )
    formatted: dict[str, Any] = dict(result.formatted)
    return formatted


def _fields(schema: GraphQLSchema, type_name: str) -> dict[str, Any]:
    found = schema.type_map[type_name]
    assert isinstance(found, GraphQLObjectType)
    return found.fields


def _type_name(entity: Any) -> str:
    """Rows have their type's name as their class; an entity that is its own representation says it."""
    name: str = entity["__typename"] if isinstance(entity, dict) else type(entity).__name__
    return name


def _find_person(representation: Mapping[str, Any]) -> rows.Person | None:
    return rows.PERSON.get(representation["id"])


def _find_workshop(representation: Mapping[str, Any]) -> rows.Workshop | None:
    return rows.WORKSHOP.get(representation["code"])


def _find_note(representation: Mapping[str, Any]) -> rows.Note | None:
    return rows.NOTE.get(representation["id"])


def _host(workshop: rows.Workshop, _info: Info) -> rows.Person:
    return rows.PERSON[workshop.host]


def _has_seats(workshop: rows.Workshop, _info: Info) -> bool:
    return workshop.seats > 0


def _workshop_of_note(note: rows.Note, _info: Info) -> rows.Workshop:
    return rows.WORKSHOP[note.workshop]


def _author_of_note(note: rows.Note, _info: Info) -> rows.Person:
    return rows.PERSON[note.author]


def _notes_of_author(person: rows.Person, _info: Info) -> tuple[rows.Note, ...]:
    return rows.NOTES_OF_AUTHOR[person.id]


def _notes_on_workshop(workshop: rows.Workshop, _info: Info) -> tuple[rows.Note, ...]:
    return rows.NOTES_ON_WORKSHOP[workshop.code]


_ROOTS: Final[Mapping[str, Resolver]] = {
    "people": lambda _root, _info: rows.PEOPLE,
    "person": lambda _root, _info, id: rows.PERSON.get(id),  # noqa: A006
    "workshops": lambda _root, _info, first=5: rows.WORKSHOPS[:first],
    "rooms": lambda _root, _info: rows.ROOMS,
    "note": lambda _root, _info, id: rows.NOTE.get(id),  # noqa: A006
}
