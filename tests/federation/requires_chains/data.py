"""An orchard: prices depend on weights, taxes on prices, labels on taxes, freight on all of it."""

from __future__ import annotations

from tests.federation.subgraph import Data

_TREES = (
    {"id": "t1", "kilos": 10, "middle": 100},
    {"id": "t2", "kilos": 0, "middle": 200},
)
_IDS = ({"id": "t1"}, {"id": "t2"})
_BASKETS = (
    {"number": 1, "tree": _TREES[0], "trees": [_TREES[1], None, _TREES[0]]},
    {"number": 2, "tree": _TREES[1], "trees": []},
)

SUBGRAPHS = {
    "orchard": Data(
        {"Tree": _TREES, "Basket": _BASKETS},
        {
            "Query.trees": _TREES,
            "Query.baskets": _BASKETS,
            "Tree.label": lambda tree: f"{tree['total']}/{tree['grade']}",
            "Tree.left": lambda tree: tree["right"] - 1,
        },
    ),
    "market": Data(
        {"Tree": _IDS},
        {
            "Tree.price": lambda tree: tree["kilos"] * 3,
            "Tree.right": lambda tree: tree["middle"] + 1000,
        },
    ),
    "tax": Data(
        {"Tree": _IDS},
        {
            "Tree.total": lambda tree: tree["price"] + tree["kilos"],
            "Tree.grade": lambda tree: "A" if tree["kilos"] else "B",
        },
    ),
    "carrier": Data(
        {"Basket": ({"number": 1}, {"number": 2})},
        {
            "Basket.freight": lambda basket: f"for {basket['tree']['total']}",
            "Basket.weight": lambda basket: " ".join(
                f"{tree['kilos']}:{tree['label']}" if tree else "-" for tree in basket["trees"]
            ),
        },
    ),
}
