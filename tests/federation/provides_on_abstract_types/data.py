"""A zoo with copies of what the vets know; copies are told from originals by a star, or by their sign."""

from __future__ import annotations

from tests.federation.subgraph import Data

_OWL = {"__typename": "Bird", "id": "b1", "name": "Olla*", "wings": -2}
_CARP = {"__typename": "Fish", "id": "f1", "name": "Karl*", "pond": {"litres": -50}}
_KEEPER = {"id": "k", "favourite": _OWL, "pet": _CARP}

SUBGRAPHS = {
    "zoo": Data(
        {"Bird": (_OWL,), "Fish": (_CARP,), "Keeper": (_KEEPER,)},
        {"Query.stars": [_OWL, _CARP], "Query.all": [_CARP, _OWL], "Query.keeper": _KEEPER},
    ),
    "vets": Data(
        {
            "Bird": ({"id": "b1", "name": "Olla", "wings": 2},),
            "Fish": ({"id": "f1", "name": "Karl", "pond": {"litres": 50, "depth": 3}},),
        }
    ),
}
