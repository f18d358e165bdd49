"""The normal form of a client's operation: what `normalising` makes, and every later stage reads.

Named fragments are written out, `@skip`/`@include` are pushed down to fields as conditions, and selections of
the same response key under the same conditions are merged ("GraphQL §Field Collection"). What stands in a fragment
with `@defer` keeps the number of that part of the answer ("GraphQL incremental delivery §@defer").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gateway.planner.plan import OperationKind


@dataclass(frozen=True, slots=True, order=True)
class When:
    """Holds when the client's Boolean `variable` has `value`: `@include(if:)` is true, `@skip(if:)` is false."""

    variable: str
    value: bool


Conditions: TypeAlias = tuple[When, ...]


@dataclass(frozen=True, slots=True)
class FieldSelection:
    """One field to answer. `arguments` is printed GraphQL without its parentheses, empty for none.

    `part`: 0 for what is answered first, else the number of the deferred part that the field belongs to.
    `directives`: those that are the subgraphs' own, as printed GraphQL.
    """

    key: str
    name: str
    arguments: str
    conditions: Conditions
    selections: tuple[Selection, ...]
    part: int = 0
    directives: str = ""


@dataclass(frozen=True, slots=True)
class FragmentSelection:
    """`... on type_condition { … }`, already free of conditions of its own."""

    type_condition: str
    selections: tuple[Selection, ...]


Selection: TypeAlias = "FieldSelection | FragmentSelection"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the operation, and its definition as GraphQL text."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Part:
    """One fragment with `@defer`. `path`: the fields that it stands under, each with the type that it is asked on
    where a fragment says so; `selection` is its GraphQL text."""

    label: str | None
    path: tuple[tuple[str, str, str | None], ...]
    selection: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation in normal form. `parts[n - 1]` is the deferred part number n; `defer_variables` are those Booleans
    that decide whether something is deferred, and were not said to be true."""

    kind: OperationKind
    name: str | None
    selections: tuple[Selection, ...]
    variables: Mapping[str, Variable]
    parts: tuple[Part, ...] = ()
    defer_variables: frozenset[str] = frozenset()
