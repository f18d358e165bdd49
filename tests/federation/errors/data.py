"""A radio station whose ratings fail for some shows, in every way in which a service may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from tests.federation.subgraph import Data

_SHOWS: tuple[dict[str, Any], ...] = (
    {"id": "dawn", "title": "At dawn", "host": {"name": "Iris"}},
    {"id": "noon", "title": "High noon", "host": None},
    {"id": "dusk", "title": None, "host": {"name": "Paul"}},
)


def _stars(show: Mapping[str, Any]) -> int:
    if show["id"] == "noon":
        raise GraphQLError("Not for you.", extensions={"code": "FORBIDDEN", "requiredScope": "stars"})
    return {"dawn": 4, "dusk": 2}[show["id"]]


def _text(review: Mapping[str, Any]) -> str:
    if review["words"] is None:
        raise RuntimeError("password=hunter2 in review_table")
    return str(review["words"])


def _show(sent: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if sent["id"] == "dusk":
        raise GraphQLError("No such tape.", extensions={"code": "SERVICE_UNAVAILABLE"})
    return {"id": sent["id"], "minutes": 60, "tapes": ["a"]}


def _fans(host: Mapping[str, Any]) -> int:
    if host["name"] == "Paul":
        raise GraphQLError("Nobody counts.", extensions={"code": "FORBIDDEN"})
    return 7


def _code(show: Mapping[str, Any]) -> str:
    if show["id"] == "dusk":
        raise GraphQLError("No code.", extensions={"code": "FORBIDDEN"})
    return f"<{show['id']}>"


def _hour(slot: Mapping[str, Any]) -> int:
    if slot["starts"] is None:
        raise GraphQLError("No hour.", extensions={"code": "FORBIDDEN"})
    return int(slot["starts"])


def _length(show: Mapping[str, Any]) -> int:
    return sum(slot["hour"] or 0 for slot in show["slots"])


def _sponsor(sent: Mapping[str, Any]) -> None:
    raise RuntimeError(f"no table for sponsors: {sent}")


_IRIS, _PAUL = {"name": "Iris"}, {"name": "Paul"}
_RATED = (
    {"id": "dawn", "reviews": [{"words": "warm", "by": _IRIS}, {"words": None, "by": _PAUL}]},
    {"id": "noon", "reviews": []},
    {"id": "dusk", "reviews": [None, {"words": None, "by": None}]},
)

SUBGRAPHS = {
    "schedule": Data(
        {"Show": _SHOWS, "Host": (_IRIS, _PAUL)},
        {
            "Query.shows": _SHOWS,
            "Query.show": lambda id: next((show for show in _SHOWS if show["id"] == id), None),  # noqa: A006
            "Show.code": _code,
            "Show.slots": [{"starts": 8}, {"starts": None}],
            "Slot.hour": _hour,
            "Show.sponsor": {"id": "s"},
            "Query.jingle": "la la",
            "Query.weeks": [{"days": [[_SHOWS[1]], []]}, {"days": [[None, _SHOWS[0], _SHOWS[1]]]}],
            "Mutation.cancel": lambda id: next(show for show in _SHOWS if show["id"] == id),  # noqa: A006
        },
    ),
    "ratings": Data(
        {"Show": _RATED, "Host": (_IRIS, _PAUL), "Sponsor": _sponsor},
        {
            "Query.best": _RATED[0],
            "Show.stars": _stars,
            "Show.tag": lambda show: show["code"],
            "Show.length": _length,
            "Review.text": _text,
            "Host.fans": _fans,
        },
    ),
    "archive": Data({"Show": _show}),
}
