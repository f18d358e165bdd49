"""What came with the graph's answer about the data in it: what was withheld, and under which consents the rest was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
#: An object of the graph's answer, or a FHIR resource.
Node: TypeAlias = Mapping[str, Any]
Resource: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer's `extensions`, looked at from one object of it."""

    withheld: frozenset[Path] = frozenset()
    disclosures: Sequence[tuple[str, str, tuple[Path, ...]]] = ()
    here: Path = field(default=())

    @classmethod
    def of(cls, extensions: Mapping[str, Any]) -> Seen:
        return cls(
            frozenset(tuple(one["path"]) for one in extensions.get("redactions", ())),
            tuple(
                (one["consent"], one["scope"], tuple(tuple(path) for path in one["paths"]))
                for one in extensions.get("disclosures", ())
            ),
        )

    def at(self, *path: str | int) -> Seen:
        return Seen(self.withheld, self.disclosures, (*self.here, *path))

    def masks(self, *path: str | int) -> bool:
        """Whether the field at `path` is null because it was withheld."""
        return (*self.here, *path) in self.withheld

    def under(self) -> list[tuple[str, str]]:
        """Consents, with their scope in words, that opened something of this very object (R11)."""
        return [(consent, scope) for consent, scope, paths in self.disclosures if self.here in paths]
