"""A kitchen, both of whose subgraphs know a directive that clients may write on fields."""

from __future__ import annotations

from tests.federation.subgraph import Data

SUBGRAPHS = {
    "menu": Data(
        {"Dish": ({"id": "d", "name": "stew"},)},
        {"Query.dish": lambda id: {"id": id, "name": "stew"}},  # noqa: A006
    ),
    "kitchen": Data(
        {"Dish": ({"id": "d", "minutes": 40},)},
        {"Dish.steps": lambda dish, first=None: ["cut", "boil"][:first]},
    ),
}
