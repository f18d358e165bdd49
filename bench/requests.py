"""The fetches of the bench query's plan, as the hand-written program sends them. A test holds them against the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson


@dataclass(frozen=True, slots=True)
class Request:
    """One fetch of the plan: to which subgraph, for the objects at which path, asking what."""

    subgraph: str
    path: str
    document: str

    @property
    def body(self) -> bytes:
        return orjson.dumps({"query": self.document})

    @property
    def head(self) -> bytes:
        """The body up to its representations; they and two braces follow."""
        return orjson.dumps({"query": self.document})[:-1] + b',"variables":{"representations":'


def _of_entities(subgraph: str, path: str, selection: str) -> Request:
    document = (
        f"query($representations:[_Any!]!){{_entities(representations:$representations){{{selection}}}}}"
    )
    return Request(subgraph, path, document)


_WORKSHOP: Final = "...on Workshop{title fee minutes language}"
_SEATS: Final = "...on Workshop{hasSeats travelGrant}"
_NAME: Final = "...on Person{name}"
_NAMES: Final = "...on Person{name handle}"
_OF_AUTHOR: Final = "author{notes{workshop{code __typename}id text}id handle __typename}"

ALL_PEOPLE: Final = Request("people", "", "{people{id name handle __typename}}")
NOTES_OF_PEOPLE: Final = _of_entities(
    "feedback",
    "people.@",
    f"...on Person{{notes{{workshop{{notes{{{_OF_AUTHOR} id text}}code __typename}}id text}}}}",
)
_MIDDLE: Final = "people.@.notes.@.workshop"
MIDDLE_WORKSHOPS: Final = _of_entities(
    "catalogue", _MIDDLE, "...on Workshop{host{id __typename}title fee minutes language}"
)
MIDDLE_HOSTS: Final = _of_entities("people", f"{_MIDDLE}.host", _NAMES)
MIDDLE_SEATS: Final = _of_entities("venues", _MIDDLE, _SEATS)
MIDDLE_AUTHORS: Final = _of_entities("people", f"{_MIDDLE}.notes.@.author", _NAME)
MIDDLE_DEEP_WORKSHOPS: Final = _of_entities(
    "catalogue", f"{_MIDDLE}.notes.@.author.notes.@.workshop", _WORKSHOP
)
MIDDLE_DEEP_SEATS: Final = _of_entities("venues", f"{_MIDDLE}.notes.@.author.notes.@.workshop", _SEATS)

TOP_WORKSHOPS: Final = Request(
    "catalogue",
    "",
    "{workshops(first:5){host{id __typename}code title fee minutes language __typename}}",
)
TOP_HOSTS: Final = _of_entities("people", "workshops.@.host", _NAMES)
TOP_NOTES: Final = _of_entities("feedback", "workshops.@", f"...on Workshop{{notes{{{_OF_AUTHOR} id text}}}}")
TOP_SEATS: Final = _of_entities("venues", "workshops.@", _SEATS)
TOP_AUTHORS: Final = _of_entities("people", "workshops.@.notes.@.author", _NAME)
TOP_DEEP_WORKSHOPS: Final = _of_entities(
    "catalogue", "workshops.@.notes.@.author.notes.@.workshop", _WORKSHOP
)
TOP_DEEP_SEATS: Final = _of_entities("venues", "workshops.@.notes.@.author.notes.@.workshop", _SEATS)

REQUESTS: Final = tuple(value for value in globals().values() if isinstance(value, Request))
