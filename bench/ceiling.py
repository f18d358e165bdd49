"""The ceiling: the plan of the bench query, executed by a program that was written by hand for it and knows nothing
else. `python -m bench.ceiling SUBGRAPHS_PORT PORT` serves it.

It sends one request for each fetch that `vereda plan` prints (a test holds the two together), each as soon as its
inputs are there, really parses every answer, sends every representation once in a fetch, and builds the client's
answer anew for each request, people's notes, their workshops and their authors where they stand. Of an engine's other
devices it has none: how near an engine comes to it says what generality costs, less what the devices save, by which
an engine could even pass it. `bench.devices` is the same with them.
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
    workshops = asyncio.create_task(_workshops(send))
    people = await _people(send)
    return _dumps({"data": {"people": people, "workshops": await workshops}})


async def _people(send: Send) -> list[Object]:
    people = await root(send, plan.PEOPLE)
    ids = dict.fromkeys(person["id"] for person in people)
    (noted,) = await entities(send, plan.PEOPLE_NOTES, [{"__typename": "Person", "id": id_} for id_ in ids])
    notes_of = {id_: entity["notes"] for id_, entity in zip(ids, noted, strict=True)}
    outer = [note["workshop"] for person in people for note in notes_of[person["id"]]]
    noted_again = (note for workshop in outer for note in workshop["notes"])
    authors = [author for note in noted_again if (author := note["author"]) is not None]
    naming = asyncio.create_task(_named(send, plan.PEOPLE_AUTHORS, authors))
    going_in = asyncio.create_task(_inner(send, plan.PEOPLE_INNER, plan.PEOPLE_INNER_SEATS, authors))

    codes = dict.fromkeys(workshop["code"] for workshop in outer)
    (found,) = await entities(send, plan.PEOPLE_WORKSHOPS, _workshop_keys(codes))
    hosting = asyncio.create_task(_hosts(send, plan.PEOPLE_HOSTS, found))
    seats = await _seats(send, plan.PEOPLE_SEATS, codes, found)
    workshops = dict(zip(codes, found, strict=True))
    hosts, names, inner = await hosting, await naming, await going_in

    return [
        {
            "id": (id_ := person["id"]),
            "name": person["name"],
            "handle": person["handle"],
            "notes": [
                {
                    "id": note["id"],
                    "text": note["text"],
                    "workshop": _workshop(note["workshop"], workshops, seats, hosts, names, inner),
                }
                for note in notes_of[id_]
            ],
        }
        for person in people
    ]


async def _workshops(send: Send) -> list[Object]:
    workshops = await root(send, plan.WORKSHOPS)
    by_code = {workshop["code"]: workshop for workshop in workshops}
    hosting = asyncio.create_task(_hosts(send, plan.WORKSHOPS_HOSTS, workshops))
    seating = asyncio.create_task(_seats(send, plan.WORKSHOPS_SEATS, by_code, by_code.values()))
    (noted,) = await entities(send, plan.WORKSHOPS_NOTES, _workshop_keys(by_code))
    noted_again = (note for entity in noted for note in entity["notes"])
    authors = [author for note in noted_again if (author := note["author"]) is not None]
    naming = asyncio.create_task(_named(send, plan.WORKSHOPS_AUTHORS, authors))
    inner = await _inner(send, plan.WORKSHOPS_INNER, plan.WORKSHOPS_INNER_SEATS, authors)
    hosts, seats, names = await hosting, await seating, await naming
    notes_on = dict(zip(by_code, noted, strict=True))
    return [
        _workshop(
            {"code": workshop["code"], "notes": notes_on[workshop["code"]]["notes"]},
            by_code,
            seats,
            hosts,
            names,
            inner,
        )
        for workshop in workshops
    ]


async def _inner(
    send: Send, workshops: Request, seats: Request, authors: Iterable[Object]
) -> dict[str, Object]:
    """The innermost workshops, ready for the answer, by code: each is built once, since one representation of it
    brought all that there is to say."""
    codes = dict.fromkeys(note["workshop"]["code"] for author in authors for note in author["notes"])
    (found,) = await entities(send, workshops, _workshop_keys(codes))
    seated = await _seats(send, seats, codes, found)
    return {
        code: {
            "code": code,
            "title": workshop["title"],
            "fee": workshop["fee"],
            "minutes": workshop["minutes"],
            "language": workshop["language"],
            "hasSeats": (seat := seated[code])["hasSeats"],
            "travelGrant": seat["travelGrant"],
        }
        for code, workshop in zip(codes, found, strict=True)
    }


def _workshop_keys(codes: Iterable[str]) -> list[Object]:
    return [{"__typename": "Workshop", "code": code} for code in codes]


async def _seats(
    send: Send, request: Request, codes: Iterable[str], workshops: Iterable[Object]
) -> dict[str, Object]:
    """What venues says of each workshop, which it is told fee and minutes of."""
    representations = [
        {"__typename": "Workshop", "code": code, "fee": workshop["fee"], "minutes": workshop["minutes"]}
        for code, workshop in zip(codes, workshops, strict=True)
    ]
    (found,) = await entities(send, request, representations)
    return dict(zip(codes, found, strict=True))


async def _named(send: Send, request: Request, people: Iterable[Object]) -> dict[str, Object]:
    ids = dict.fromkeys(person["id"] for person in people)
    representations = [{"__typename": "Person", "id": id_} for id_ in ids]
    (found,) = await entities(send, request, representations)
    return dict(zip(ids, found, strict=True))


async def _hosts(send: Send, request: Request, workshops: Iterable[Object]) -> dict[str, Object]:
    """The hosts of `workshops`, ready for the answer, by id."""
    named = await _named(send, request, [host for each in workshops if (host := each["host"]) is not None])
    return {
        id_: {"id": id_, "name": person["name"], "handle": person["handle"]} for id_, person in named.items()
    }


def _workshop(
    noted: Object,
    workshops: dict[str, Object],
    seats: dict[str, Object],
    hosts: dict[str, Object],
    names: dict[str, Object],
    inner: dict[str, Object],
) -> Object:
    code = noted["code"]
    workshop = workshops[code]
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
                "author": None
                if (author := note["author"]) is None
                else {
                    "id": (id_ := author["id"]),
                    "name": names[id_]["name"],
                    "handle": author["handle"],
                    "notes": [
                        {"id": own["id"], "text": own["text"], "workshop": inner[own["workshop"]["code"]]}
                        for own in author["notes"]
                    ],
                },
            }
            for note in noted["notes"]
        ],
    }


if __name__ == "__main__":
    main(season)
