"""Pages of blocks."""

from __future__ import annotations

from typing import Any

from tests.federation.subgraph import Data

_TITLE = {"__typename": "Title", "text": "Hi"}
_IMAGE = {"__typename": "Image", "url": "a.png"}
_PAGE: dict[str, Any] = {"path": "/", "blocks": [[_TITLE, None], None, [_IMAGE]]}

SUBGRAPHS = {
    "pages": Data(
        {"Image": ({"url": "a.png"},), "Page": (_PAGE,)},
        {
            "Query.blocks": [_TITLE, _IMAGE],
            "Query.page": _PAGE,
            "Query.any": {"__typename": "Circle", "kind": None},
            "Mutation.publish": lambda: _PAGE,
        },
    ),
    "files": Data(
        {"Image": ({"url": "a.png", "bytes": 5, "page": {"path": "/"}},)},
        {"Query.file": {"url": "a.png", "bytes": 5, "page": {"path": "/"}}},
    ),
}
