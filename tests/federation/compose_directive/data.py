"""A diary, with directives of its own that say what is private."""

from __future__ import annotations

from tests.federation.subgraph import Data

_ENTRY = {"id": "e", "text": "rain", "mood": "BAD"}

SUBGRAPHS = {
    "diary": Data({"Entry": (_ENTRY,)}, {"Query.entries": lambda year=None: [_ENTRY]}),
    "pictures": Data({"Entry": ({"id": "e", "picture": "e.png"},)}),
}
