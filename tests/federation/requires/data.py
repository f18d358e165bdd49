"""A seed bank: the post computes what it says of a seed from what the catalogue knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data

_SEEDS: tuple[dict[str, Any], ...] = (
    {
        "code": "bean",
        "name": "Runner bean",
        "grams": 20.5,
        "origin": {
            "country": "PE",
            "growers": [{"name": "Ayni", "certified": True}, {"name": "Sol", "certified": False}],
        },
        "packs": [{"size": 1, "colour": "red"}, {"size": 3, "colour": "blue"}],
    },
    {"code": "kale", "name": "Kale", "grams": None, "origin": {"country": "FR", "growers": []}, "packs": []},
    {"code": "rye", "name": "Rye", "grams": 7.0, "origin": None, "packs": None},
)
_POST = ({"code": "bean", "zone": 1}, {"code": "kale", "zone": 2}, {"code": "rye", "zone": 3})


def _postage(seed: Mapping[str, Any]) -> float | None:
    return None if seed["grams"] is None else seed["grams"] * 2 + seed["zone"]


def _customs(seed: Mapping[str, Any]) -> str:
    return "unknown" if seed["origin"] is None else f"from {seed['origin']['country']}"


def _trust(seed: Mapping[str, Any]) -> int | None:
    if seed["origin"] is None:
        return None
    return sum(grower["certified"] for grower in seed["origin"]["growers"])


def _volume(seed: Mapping[str, Any]) -> str | None:
    if seed["packs"] is None:
        return None
    return f"{[pack['size'] for pack in seed['packs']]} at {seed['grams']}"


_PRICES = ({"code": "bean", "price": 5}, {"code": "kale", "price": 3}, {"code": "rye", "price": 2})

SUBGRAPHS = {
    "catalogue": Data(
        {"Seed": _SEEDS},
        {
            "Query.seeds": _SEEDS,
            "Query.seed": lambda code: next((seed for seed in _SEEDS if seed["code"] == code), None),
        },
    ),
    "post": Data(
        {"Seed": _POST},
        {
            "Query.parcel": _POST[0],
            "Seed.postage": _postage,
            "Seed.customs": _customs,
            "Seed.trust": _trust,
            "Seed.volume": _volume,
        },
    ),
    "shop": Data(
        {"Seed": _PRICES},
        {"Query.offers": [{"number": n, "seed": seed} for n, seed in enumerate(_PRICES)]},
    ),
}
