"""What the two subgraphs know. Everybody is a friend of everybody, so that a query may nest without end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.federation.subgraph import Data

#: What may only be read with the scope or the role that the schema asks for: in no answer to an attacker.
PHONES: Final = tuple(f"559-555-01{number:02}" for number in range(5))
ADDRESS: Final = "1200 Unlisted Street"
#: What a subgraph's exception says of its insides: in no answer to anybody.
INSIDE: Final = "KeyError at /srv/people/storage.py: SELECT phone FROM persons"

_PEOPLE: Final = tuple(
    {"id": f"p{number}", "name": f"Person {number}", "phone": phone} for number, phone in enumerate(PHONES)
)
_SHELTER: Final = {"id": "s1", "phone": "559-555-0199", "address": ADDRESS}
_NOTES: Final = tuple({"text": f"note {number}", "about": {"id": f"p{number}"}} for number in range(5))


def _breaks() -> str:
    raise RuntimeError(INSIDE)


def _people(first: int | None = None) -> list[Mapping[str, Any]]:
    return list(_PEOPLE[: 5 if first is None else first])


def _person(id: str) -> Mapping[str, Any] | None:  # noqa: A002
    return next((person for person in _PEOPLE if person["id"] == id), None)


def _echo(text: str | None = None, **_others: Any) -> str | None:
    return text


SUBGRAPHS = {
    "people": Data(
        {"Person": _PEOPLE, "Shelter": (_SHELTER,)},
        {
            "Query.motto": "nobody alone",
            "Query.broken": _breaks,
            "Query.echo": _echo,
            "Query.people": _people,
            "Query.person": _person,
            "Query.reachable": [
                {"__typename": "Person", **_PEOPLE[0]},
                {"__typename": "Shelter", **_SHELTER},
            ],
            "Query.found": [{"__typename": "Person", **_PEOPLE[0]}, {"__typename": "Shelter", **_SHELTER}],
            "Mutation.rename": lambda id, name: {"id": id, "name": name},  # noqa: A006
            "Person.friends": lambda _person: list(_PEOPLE),
        },
    ),
    "notes": Data(
        {"Person": tuple({"id": person["id"]} for person in _PEOPLE), "Shelter": ({"id": "s1", "beds": 9},)},
        {
            "Query.latest": "note 4",
            "Query.notes": _NOTES,
            "Query.shelters": [{"id": "s1", "address": ADDRESS}],
            "Person.notes": lambda _person: list(_NOTES),
            "Person.reminder": lambda person: f"Call {person['phone']}",
        },
    ),
}
