"""Lost property: desk and depot mean different things by a thing, and bags are what both know."""

from __future__ import annotations

from tests.federation.subgraph import Data

_RED = {"__typename": "Umbrella", "tag": "u1", "colour": "red"}
_SACK = {"__typename": "Bag", "tag": "b1", "litres": 20}
_STORED_SACK = {"__typename": "Bag", "tag": "b1", "shelf": "S4"}
_BIKE = {"__typename": "Bike", "tag": "k1", "gears": None}
_NAMED = {"number": 1}

SUBGRAPHS = {
    "desk": Data(
        {
            "Claim": ({"number": 1, "thing": _SACK, "things": [_SACK, _SACK], "keeper": None},),
            "Umbrella": (_RED,),
            "Bag": (_SACK,),
        },
        {
            "Query.lost": [_RED, _SACK],
            "Query.newest": _SACK,
            "Query.claim": {
                "number": 1,
                "thing": _SACK,
                "things": [_SACK, _SACK],
                "keeper": {"__typename": "Clerk", "name": "Uma", "room": 5},
            },
        },
    ),
    "depot": Data(
        {
            "Claim": (
                {
                    "number": 1,
                    "thing": _STORED_SACK,
                    "things": [_STORED_SACK, _STORED_SACK],
                    "helper": {"__typename": "Robot", "name": "R2", "model": None},
                },
            ),
            "Bag": (_STORED_SACK,),
            "Bike": (_BIKE,),
        },
        {"Query.stored": [_BIKE, None, _STORED_SACK], "Query.newest": _STORED_SACK},
    ),
    "photos": Data(
        {
            "Umbrella": ({"tag": "u1", "photo": "u.png"},),
            "Bag": ({"tag": "b1", "photo": "b.png"},),
            "Bike": ({"tag": "k1", "photo": None},),
        }
    ),
}
