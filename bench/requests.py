"""The requests that the programs by hand send for the bench query: one for each fetch of its plan, and those in which
the gateway joins several. Tests hold them against the plan, and against what the gateway really sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson


@dataclass(frozen=True, slots=True)
class Request:
    """`names`: where the answer's data holds what was asked for. `parts`: the body, which is all of it for a root
    request, and else has a list of representations after each part and two braces after the last."""

    subgraph: str
    names: tuple[str, ...]
    parts: tuple[bytes, ...]


def _of_root(subgraph: str, name: str, selection: str) -> Request:
    return Request(subgraph, (name,), (orjson.dumps({"query": f"{{{selection}}}"}),))


def _of_entities(subgraph: str, *selections: str) -> Request:
    names = tuple(f"e{number}" for number in range(len(selections)))
    variables = ",".join(f"${name}:[_Any!]!" for name in names)
    fields = " ".join(
        f"{name}:_entities(representations:${name}){{{selection}}}"
        for name, selection in zip(names, selections, strict=True)
    )
    start = orjson.dumps({"query": f"query({variables}){{{fields}}}"})[:-1] + b',"variables":{"e0":'
    return Request(subgraph, names, (start, *(f',"{name}":'.encode() for name in names[1:])))


_WORKSHOP: Final = "...on Workshop{title fee minutes language}"
_HOSTED_WORKSHOP: Final = "...on Workshop{host{id __typename}title fee minutes language}"
_SEATS: Final = "...on Workshop{hasSeats travelGrant}"
_NAME: Final = "...on Person{name}"
_NAMES: Final = "...on Person{name handle}"
_NOTES: Final = "notes{author{notes{workshop{code __typename}id text}id handle __typename}id text}"
_PEOPLES_NOTES: Final = f"...on Person{{notes{{workshop{{{_NOTES} code __typename}}id text}}}}"

# From people: their notes, the notes' workshops, the notes on those, their authors, those authors' notes.
PEOPLE: Final = _of_root("people", "people", "people{id name handle __typename}")
PEOPLE_NOTES: Final = _of_entities("feedback", _PEOPLES_NOTES)
PEOPLE_WORKSHOPS: Final = _of_entities("catalogue", _HOSTED_WORKSHOP)
PEOPLE_AUTHORS: Final = _of_entities("people", _NAME)
PEOPLE_HOSTS: Final = _of_entities("people", _NAMES)
PEOPLE_SEATS: Final = _of_entities("venues", _SEATS)
PEOPLE_INNER: Final = _of_entities("catalogue", _WORKSHOP)
PEOPLE_INNER_SEATS: Final = _of_entities("venues", _SEATS)

# From workshops: their hosts, the notes on them, their authors, those authors' notes.
WORKSHOPS: Final = _of_root(
    "catalogue",
    "workshops",
    "workshops(first:5){host{id __typename}code title fee minutes language __typename}",
)
WORKSHOPS_HOSTS: Final = _of_entities("people", _NAMES)
WORKSHOPS_SEATS: Final = _of_entities("venues", _SEATS)
WORKSHOPS_NOTES: Final = _of_entities("feedback", f"...on Workshop{{{_NOTES}}}")
WORKSHOPS_AUTHORS: Final = _of_entities("people", _NAME)
WORKSHOPS_INNER: Final = _of_entities("catalogue", _WORKSHOP)
WORKSHOPS_INNER_SEATS: Final = _of_entities("venues", _SEATS)

# Several of these in one. Those that ask for the same are one list of representations: the authors' names, the inner
# workshops, and the seats of outer and inner ones (PEOPLE_SEATS).
ALL_NOTES: Final = _of_entities("feedback", _PEOPLES_NOTES, f"...on Workshop{{{_NOTES}}}")
ALL_WORKSHOPS: Final = _of_entities("catalogue", _HOSTED_WORKSHOP, _WORKSHOP)
