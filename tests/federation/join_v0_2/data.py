"""A cinema and a stage, in a graph that was composed when Federation 2 was new."""

from __future__ import annotations

from tests.federation.subgraph import Data

_RAIN = {"__typename": "Film", "id": "f1", "title": "old title", "runtime": 95}
_PUFF = {"__typename": "Short", "id": "s1", "title": "Puff"}
_STAGED = {"__typename": "Film", "id": "f1", "title": "Rain"}
_LEAR = {"__typename": "Play", "id": "p1", "acts": 5}

SUBGRAPHS = {
    "films": Data(
        {"Film": (_RAIN,), "Short": (_PUFF,)}, {"Query.tonight": [_RAIN, _PUFF], "Query.genre": "OTHER"}
    ),
    "stage": Data(
        {"Film": (_STAGED,), "Play": (_LEAR,)},
        {"Query.season": [_LEAR, None, _STAGED], "Film.break": lambda film: film["runtime"] // 2},
    ),
}
