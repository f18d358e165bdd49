"""Which labels of progressive `@override`s are in force for a request ("Federation 2 §@override, label").

`percent(20)` is in force for a fifth of all requests. One draw decides all such labels of a request, so that of n
labels only n + 1 mixtures are ever planned for. Any other label is in force while the operator says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_PERCENT: Final = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


def labels_in_force(known: Iterable[str], said: frozenset[str], draw: float) -> frozenset[str]:
    """Those of the `known` labels that the operator `said`, and the shares that `draw` (0 to 1) falls into."""
    return frozenset(label for label in known if label in said or draw * 100 < _share(label))


def _share(label: str) -> float:
    """Percent of requests; 0 for a label that names no share."""
    found = _PERCENT.fullmatch(label)
    return float(found[1]) if found else 0.0
