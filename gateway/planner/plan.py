"""The query plan: what the planner hands to the executor, and nothing else.

The nodes and their JSON form are those of Apollo's query plan format, which the field's tools read
(Fetch, Flatten, Sequence, Parallel, Condition, Subscription, Defer). Every node is frozen: a plan is cached
and shared by requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

#: Where the merged answer has a field that the client calls `__typename` and that is another: the name is taken there.
OTHER_TYPENAME: Final = "__typename__"

OperationKind: TypeAlias = Literal["query", "mutation", "subscription"]

#: One step into an answer: a response key, ``"@"`` for "each element of the list here", or a type condition
#: ``"|[Book,Movie]"`` that keeps only objects of these concrete types.
PathStep: TypeAlias = str


@dataclass(frozen=True, slots=True)
class KeyField:
    """A field of a representation: read under `name` from the merged answer, sent under `name`.

    `alias` is the key in the merged answer where it differs from the name (fields aliased apart by the planner).
    `identifies`: it is part of a key; what `@requires` adds is sent along, but tells nobody which entity is meant.
    """

    name: str
    alias: str | None = None
    selections: tuple[KeySelection, ...] = ()
    identifies: bool = True


@dataclass(frozen=True, slots=True)
class KeyFragment:
    """Inline fragment of a representation: applies where the object's `__typename` is `type_condition`
    or, for an abstract type, one of `possible_types`."""

    type_condition: str
    possible_types: tuple[str, ...]
    selections: tuple[KeySelection, ...]


KeySelection: TypeAlias = KeyField | KeyFragment


@dataclass(frozen=True, slots=True)
class Rename:
    """After a fetch: move the value at `path` (relative to the fetched objects) to the key `to`.

    Used where the planner aliased a field so that a subgraph would not see a merge conflict.
    """

    path: tuple[PathStep, ...]
    to: str


@dataclass(frozen=True, slots=True)
class SetValue:
    """Before an entity fetch: overwrite the value at `path` of each representation (for example `__typename`
    with the interface's name, where the subgraph knows the entity as an `@interfaceObject`)."""

    path: tuple[PathStep, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph.

    `requires` empty: a root fetch. Otherwise the document is an `_entities(representations:)` query whose
    representations are gathered, by `requires`, from the objects that the enclosing `Flatten` leads to.
    `variables`: names of the client's variables to forward. `id` is unique in its plan. `after`: the fetches whose
    answers it waits for; None where the order of the tree says so. `only_if`: conditions on the client's Booleans, all
    of one of which must hold; empty where it is always wanted. `representations_variable`: what the document calls it.
    """

    id: int
    subgraph: str
    kind: OperationKind
    document: str
    operation_name: str | None
    variables: tuple[str, ...] = ()
    requires: tuple[KeySelection, ...] = ()
    input_rewrites: tuple[SetValue, ...] = ()
    output_rewrites: tuple[Rename, ...] = ()
    after: tuple[int, ...] | None = None
    only_if: tuple[tuple[tuple[str, bool], ...], ...] = ()
    representations_variable: str = "representations"


@dataclass(frozen=True, slots=True)
class Flatten:
    """Run `node` for the objects at `path` of the merged answer; an entity fetch's results are merged there."""

    path: tuple[PathStep, ...]
    node: PlanNode


@dataclass(frozen=True, slots=True)
class Sequence:
    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Choose by the client's Boolean variable (from `@skip` / `@include`)."""

    variable: str
    if_clause: PlanNode | None
    else_clause: PlanNode | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription's root fetch, and what to run for each event that it brings."""

    primary: Fetch
    rest: PlanNode | None


@dataclass(frozen=True, slots=True)
class DeferredPart:
    """`depends`: fetches, outside of the part, that its own wait for. `path` leads to the objects that it adds to, as
    paths in `node` do not: those begin at the root. `selection`: what it adds, as GraphQL text."""

    label: str | None
    path: tuple[PathStep, ...]
    depends: tuple[int, ...]
    node: PlanNode | None
    selection: str = ""


@dataclass(frozen=True, slots=True)
class Defer:
    """`@defer`: answer with `primary` first, then each part when its fetches are done."""

    primary: PlanNode | None
    deferred: tuple[DeferredPart, ...]


PlanNode: TypeAlias = Fetch | Flatten | Sequence | Parallel | Condition | Subscription | Defer


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """`node` is None where nothing needs to be fetched (only introspection or root `__typename`)."""

    node: PlanNode | None
