"""Response keys in use, so that what the planner adds never lands on a key that the client chose.

Two fields may share a response key only if they have the same name and arguments ("GraphQL §Field Selection
Merging"); what differs is aliased apart.
"""

from __future__ import annotations

from collections import defaultdict

from gateway.planner.operation import FieldSelection, Selection
from gateway.supergraph.fieldsets import FieldItem


class Names:
    """For each place in the answer (its response keys, lists left out): what each key stands for."""

    def __init__(self, selections: tuple[Selection, ...]) -> None:
        self._used: dict[tuple[str, ...], dict[str, set[tuple[str, str]]]] = defaultdict(
            lambda: defaultdict(set)
        )
        self._register((), selections)

    def _register(self, path: tuple[str, ...], selections: tuple[Selection, ...]) -> None:
        for selection in selections:
            if isinstance(selection, FieldSelection):
                self._used[path][selection.key].add((selection.name, selection.arguments))
                self._register((*path, selection.key), selection.selections)
            else:
                self._register(path, selection.selections)

    def key_for(self, path: tuple[str, ...], item: FieldItem) -> str:
        """The response key under which to fetch a field of a key or of `@requires`."""
        meaning = (item.name, item.arguments)
        used = self._used[path]
        candidate, count = item.name, 0
        while used[candidate] - {meaning}:
            count += 1
            candidate = f"_key_{item.name}" if count == 1 else f"_key_{item.name}_{count}"
        used[candidate].add(meaning)
        return candidate
