"""One thing that is asked of a caller, and whether a caller has it.

Source: "Federation 2 §@authenticated, §@requiresScopes, §@policy".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from gateway.identity import Identity
from gateway.supergraph import Authorization

#: Any of these sets, each as a whole.
AnyOf: TypeAlias = frozenset[frozenset[str]]

#: More alternatives than people write: what would need more to be told is not compared further.
_MOST_ALTERNATIVES: Final = 256


class Kind(Enum):
    """Which of the three directives asks."""

    AUTHENTICATED = auto()
    SCOPES = auto()
    POLICIES = auto()


@dataclass(frozen=True, slots=True)
class Demand:
    """What one directive asks for. `@authenticated` has one alternative, which names nothing."""

    kind: Kind
    any_of: AnyOf

    def is_met_by(self, caller: Identity) -> bool:
        """Whether the caller brings all of one alternative. Of no alternatives none can be brought."""
        if self.kind is Kind.AUTHENTICATED:
            return caller.authenticated
        held = caller.scopes if self.kind is Kind.SCOPES else caller.policies
        return any(wanted <= held for wanted in self.any_of)


def demands_of(said: Authorization | None) -> Iterator[Demand]:
    """What the directives at one coordinate ask for; all of it."""
    if said is None:
        return
    if said.authenticated:
        yield Demand(Kind.AUTHENTICATED, frozenset({frozenset[str]()}))
    for kind, alternatives in ((Kind.SCOPES, said.scopes), (Kind.POLICIES, said.policies)):
        if alternatives is not None:
            yield Demand(kind, _simplest(map(frozenset, alternatives)))


def all_of(demands: Iterable[Demand]) -> AnyOf | None:
    """The alternatives of several demands of one kind taken together; None for none, or too many to tell."""
    found: AnyOf | None = None
    for demand in demands:
        found = demand.any_of if found is None else _simplest(a | b for a in found for b in demand.any_of)
        if len(found) > _MOST_ALTERNATIVES:
            return None
    return found


def _simplest(alternatives: Iterable[frozenset[str]]) -> AnyOf:
    """Without those that ask for more than another does."""
    kept: list[frozenset[str]] = []
    for wanted in sorted(set(alternatives), key=len):
        if not any(other <= wanted for other in kept):
            kept.append(wanted)
    return frozenset(kept)
