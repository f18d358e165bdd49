"""Files that say who may see them and what they cost."""

from __future__ import annotations

from tests.federation.subgraph import Data

_FILE = {"id": "f", "body": "b", "size": 1, "owner": "o"}

SUBGRAPHS = {
    "files": Data({"File": (_FILE,)}, {"Query.files": [_FILE], "Query.page": {"items": [_FILE]}}),
    "audit": Data({"File": ({"id": "f", "readers": []},)}, {"Query.trail": []}),
}
