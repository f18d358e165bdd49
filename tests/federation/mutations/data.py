"""Crates of apples: what is done to them in one subgraph is seen in the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from tests.federation.subgraph import Data

#: What all three subgraphs stand for. Each test has crates of its own.
APPLES: dict[str, int] = {}
SHIPPED: set[str] = set()
ENTRIES: defaultdict[str, list[str]] = defaultdict(list)


def _crate(id: str) -> dict[str, Any]:  # noqa: A002
    return {"id": id}


def _pack(id: str, apples: int) -> dict[str, Any]:  # noqa: A002
    if apples < 0:
        raise GraphQLError("Less than nothing.", extensions={"code": "BAD_USER_INPUT"})
    APPLES[id] = APPLES.get(id, 0) + apples
    ENTRIES[id].append(f"packed {apples}")
    return _crate(id)


def _empty(id: str) -> dict[str, Any]:  # noqa: A002
    APPLES[id] = 0
    ENTRIES[id].append("emptied")
    return _crate(id)


def _ship(id: str) -> dict[str, Any]:  # noqa: A002
    SHIPPED.add(id)
    ENTRIES[id].append(f"shipped with {APPLES.get(id, 0)}")
    return _crate(id)


def _recall(id: str) -> dict[str, Any] | None:  # noqa: A002
    SHIPPED.discard(id)
    return None if id == "lost" else _crate(id)


def _tidy(id: str) -> dict[str, Any]:  # noqa: A002
    APPLES[id] = 9
    return {"query": {}}


def _found(sent: Mapping[str, Any]) -> dict[str, Any]:
    return _crate(sent["id"])


SUBGRAPHS = {
    "stock": Data(
        {"Crate": _found},
        {
            "Query.crates": lambda: [_crate(id) for id in APPLES if id == "n"],  # noqa: A001
            "Mutation.tidy": _tidy,
            "Crate.apples": lambda crate: APPLES.get(crate["id"], 0),
            "Mutation.pack": _pack,
            "Mutation.empty": _empty,
            "Mutation.note": lambda text: True,
        },
    ),
    "transport": Data(
        {"Crate": _found},
        {
            "Crate.shipped": lambda crate: crate["id"] in SHIPPED,
            "Crate.weight": lambda crate: crate["apples"] * 150,
            "Mutation.ship": _ship,
            "Mutation.recall": _recall,
            "Mutation.note": lambda text: True,
        },
    ),
    "books": Data(
        {"Crate": _found},
        {
            "Crate.entries": lambda crate: list(ENTRIES[crate["id"]]),
            "Mutation.count": lambda: {"before": sum(APPLES.values()), "crate": None},
        },
    ),
}
