"""A harsher mark than the ceiling: the bench query by hand, with this engine's own devices in it as well.
`python -m bench.devices SUBGRAPHS_PORT PORT` serves it.

The devices are two. Fetches of one subgraph go together in one request where that costs no time, as
`gateway.executor.joining` has it; so it sends exactly what the gateway sends (a test holds the two together). And an
entity that stands in many places is looked through and built once. What is then left between it and the gateway is the
cost of being general alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import orjson

from bench import requests as plan
from bench.one_query import Object, Send, entities, main, root
from bench.requests import Request

_dumps: Final = orjson.dumps


async def season(send: Send) -> bytes:
    """The answer to the bench query."""
    asking = asyncio.create_task(root(send, plan.PEOPLE))
    workshops = await root(send, plan.WORKSHOPS)
    by_code = {workshop["code"]: workshop for workshop in workshops}
    hosting = asyncio.create_task(_hosts(send, plan.WORKSHOPS_HOSTS, workshops))
    seating = asyncio.create_task(_seats(send, plan.WORKSHOPS_SEATS, by_code))
    people = await asking

    ids = dict.fromkeys(person["id"] for person in people)
    of_people, on_workshops = await entities(
        send, plan.ALL_NOTES, [{"__typename": "Person", "id": id_} for id_ in ids], _workshop_keys(by_code)
    )
    notes_of = {id_: entity["notes"] for id_, entity in zip(ids, of_people, strict=True)}
    notes_on = {code: entity["notes"] for code, entity in zip(by_code, on_workshops, strict=True)}
    outer = _distinct((note for notes in notes_of.values() for note in notes), "workshop", "code")
    commented = [*(workshop["notes"] for workshop in outer), *notes_on.values()]
    authors = _distinct((note for notes in commented for note in notes), "author", "id")
    naming = asyncio.create_task(_named(send, plan.PEOPLE_AUTHORS, authors))

    codes = dict.fromkeys(workshop["code"] for workshop in outer)
    inner_codes = dict.fromkeys(note["workshop"]["code"] for author in authors for note in author["notes"])
    found, inner_found = await entities(
        send, plan.ALL_WORKSHOPS, _workshop_keys(codes), _workshop_keys(inner_codes)
    )
    outer_hosting = asyncio.create_task(_hosts(send, plan.PEOPLE_HOSTS, found))
    of_catalogue = dict(zip(codes, found, strict=True))
    inner_of_catalogue = dict(zip(inner_codes, inner_found, strict=True))
    outer_seats = await _seats(send, plan.PEOPLE_SEATS, inner_of_catalogue | of_catalogue)
    outer_hosts, hosts, seats, names = await outer_hosting, await hosting, await seating, await naming

    written_by = _authors(authors, names, _inner(inner_of_catalogue, outer_seats))
    built = {
        id(each): _workshop(of_catalogue[code], code, each["notes"], outer_seats, outer_hosts, written_by)
        for each in outer
        for code in (each["code"],)
    }
    data = {
        "people": [
            {
                "id": person["id"],
                "name": person["name"],
                "handle": person["handle"],
                "notes": [
                    {"id": note["id"], "text": note["text"], "workshop": built[id(note["workshop"])]}
                    for note in notes_of[person["id"]]
                ],
            }
            for person in people
        ],
        "workshops": [
            _workshop(workshop, code, notes_on[code], seats, hosts, written_by)
            for workshop in workshops
            for code in (workshop["code"],)
        ],
    }
    return _dumps({"data": data})


def _distinct(holders: Iterable[Object], field: str, key: str) -> list[Object]:
    """The distinct objects that `holders` have at `field`, known by their `key`. Where one stands again, equal in all,
    the first takes its place, so that it is looked through and built once."""
    known: dict[str, Object] = {}
    found = []
    for holder in holders:
        value = holder[field]
        if value is None:
            continue
        first = known.setdefault(value[key], value)
        if first is not value and first == value:
            holder[field] = first
        else:
            found.append(value)
    return found


def _workshop_keys(codes: Iterable[str]) -> list[Object]:
    return [{"__typename": "Workshop", "code": code} for code in codes]


async def _seats(send: Send, request: Request, workshops: dict[str, Object]) -> dict[str, Object]:
    """What venues says of each workshop, by code; it is told fee and minutes."""
    representations = [
        {"__typename": "Workshop", "code": code, "fee": workshop["fee"], "minutes": workshop["minutes"]}
        for code, workshop in workshops.items()
    ]
    (found,) = await entities(send, request, representations)
    return dict(zip(workshops, found, strict=True))


async def _named(send: Send, request: Request, people: Iterable[Object]) -> dict[str, Object]:
    ids = dict.fromkeys(person["id"] for person in people)
    (found,) = await entities(send, request, [{"__typename": "Person", "id": id_} for id_ in ids])
    return dict(zip(ids, found, strict=True))


async def _hosts(send: Send, request: Request, workshops: Iterable[Object]) -> dict[str, Object]:
    """The hosts of `workshops`, ready for the answer, by id."""
    named = await _named(send, request, [host for each in workshops if (host := each["host"]) is not None])
    return {
        id_: {"id": id_, "name": person["name"], "handle": person["handle"]} for id_, person in named.items()
    }


def _inner(workshops: dict[str, Object], seats: dict[str, Object]) -> dict[str, Object]:
    """The innermost workshops, ready for the answer, by code: each is built once, since one representation of it
    brought all that there is to say."""
    return {
        code: {
            "code": code,
            "title": workshop["title"],
            "fee": workshop["fee"],
            "minutes": workshop["minutes"],
            "language": workshop["language"],
            "hasSeats": (seat := seats[code])["hasSeats"],
            "travelGrant": seat["travelGrant"],
        }
        for code, workshop in workshops.items()
    }


def _authors(
    authors: Iterable[Object], names: dict[str, Object], inner: dict[str, Object]
) -> dict[int, Object]:
    """Each of `authors`, ready for the answer, by the object that stands for it."""
    return {
        id(author): {
            "id": author["id"],
            "name": names[author["id"]]["name"],
            "handle": author["handle"],
            "notes": [
                {"id": note["id"], "text": note["text"], "workshop": inner[note["workshop"]["code"]]}
                for note in author["notes"]
            ],
        }
        for author in authors
    }


def _workshop(
    workshop: Object,
    code: str,
    notes: Iterable[Object],
    seats: dict[str, Object],
    hosts: dict[str, Object],
    written_by: dict[int, Object],
) -> Object:
    seat = seats[code]
    return {
        "code": code,
        "title": workshop["title"],
        "fee": workshop["fee"],
        "minutes": workshop["minutes"],
        "language": workshop["language"],
        "hasSeats": seat["hasSeats"],
        "travelGrant": seat["travelGrant"],
        "host": None if (host := workshop["host"]) is None else hosts[host["id"]],
        "notes": [
            {
                "id": note["id"],
                "text": note["text"],
                "author": None if (author := note["author"]) is None else written_by[id(author)],
            }
            for note in notes
        ],
    }


if __name__ == "__main__":
    main(season)
