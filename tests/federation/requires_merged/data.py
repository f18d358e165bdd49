"""A trail guide, who computes most of what he says from maps and from the weather."""

from __future__ import annotations

from tests.federation.subgraph import Data

_HUTS = ({"name": "Low", "beds": 4}, {"name": "High", "beds": 12})
_MAPS = (
    {"id": "ridge", "metres": 9000, "steep": True, "huts": _HUTS},
    {"id": "shore", "metres": 4500, "steep": False, "huts": []},
)
_IDS = ({"id": "ridge"}, {"id": "shore"})

SUBGRAPHS = {
    "maps": Data({"Trail": _MAPS, "Hut": _HUTS}, {"Query.trails": _MAPS, "Query.best": _MAPS[0]}),
    "weather": Data(
        {"Trail": ({"id": "ridge", "rain": 5, "wind": 60}, {"id": "shore", "rain": 0, "wind": 20})}
    ),
    "guide": Data(
        {"Trail": _IDS, "Hut": ({"name": "Low"}, {"name": "High"})},
        {
            "Trail.hours": lambda trail: trail["metres"] / 3000,
            "Trail.effort": lambda trail: 9 if trail["steep"] else 1,
            "Trail.boots": lambda trail: trail["steep"] or trail["rain"] > 2,
            "Trail.coat": lambda trail: trail["wind"] > 50 or trail["rain"] > 2,
            "Trail.nights": lambda trail: sum(hut["beds"] for hut in trail["huts"]),
            "Trail.stops": lambda trail: ", ".join(hut["name"] for hut in trail["huts"]),
            "Trail.season": lambda trail: f"summer on {trail['id']}",
            "Hut.cosy": lambda hut: hut["beds"] < 6,
        },
    ),
}
