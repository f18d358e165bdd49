"""What an example of the properties is: a graph with its world, and some operations over it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any, Final

from hypothesis import reject
from hypothesis import strategies as st

from gateway.supergraph import Supergraph
from gateway.supergraph.fieldsets import FieldItem, FieldSet
from gateway.supergraph.model import Kind
from tests.gateway.oracle.composing import supergraph_sdl
from tests.gateway.oracle.drawing import draw_graph
from tests.gateway.oracle.mending import DoesNotFitError
from tests.gateway.oracle.placing import SPLIT_VALUE
from tests.gateway.oracle.sketch import LABEL
from tests.gateway.planner.dice import Dice
from tests.gateway.planner.random_queries import Asked, random_operation
from tests.gateway.planner.world import World

#: What has its fields in several places.
_SPLIT: Final = {SPLIT_VALUE, "county"}


class Case:
    """A supergraph, a world behind it, and what is asked of it."""

    def __init__(self, sdl: str, **world_is: Any) -> None:
        """`world_is`: what to make the world with."""
        self.sdl = sdl
        self.world_is = world_is
        self.world = World(sdl, **world_is)
        self.asked: list[Asked] = []

    def fail(self, coordinates: Collection[str]) -> None:
        """From now on these fields fail."""
        self.world_is["failing"] = sorted(coordinates)
        self.world = World(self.sdl, **self.world_is)

    @property
    def queries(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.text.startswith("query")]

    def __repr__(self) -> str:
        """As one would paste it into a test."""
        shown = "\n\n".join(f"{asked.text}\n{dict(asked.variables)}" for asked in self.asked)
        return f"\n{self.sdl}\n\n{self.world_is}\n\n{shown}\n"


@st.composite
def cases(draw: st.DrawFn, *, failing: bool = False) -> Case:
    """A case, as hypothesis draws it."""
    try:
        return draw_case(Dice.of(draw), failing=failing)
    except DoesNotFitError:
        return reject()


def same_cases(count: int, *, failing: bool = False) -> list[Case]:
    """So many cases that have nothing in common, and are the same in each run."""
    found: list[Case] = []
    for seed in itertools.count():
        with suppress(DoesNotFitError):
            found.append(draw_case(Dice.seeded(seed), failing=failing))
        if len(found) == count:
            return found
    raise AssertionError("never reached")


def draw_case(dice: Dice, *, failing: bool = False) -> Case:
    """One or two queries over a graph, and a mutation where it has any.

    `failing`: up to eight fields fail, none of which others hang on. Raises: DoesNotFitError.
    """
    sdl = supergraph_sdl(draw_graph(dice, alike=failing))
    case = Case(sdl, nulls=dice.pick((0, 6)), labels=dice.some((LABEL,), 0, 1))
    supergraph = case.world.supergraph
    case.asked += draw_operations(dice, supergraph)
    if failing:
        may_fail, liked = _may_fail(supergraph), frozenset(dependent(supergraph))
        told_of = [coordinate for coordinate in may_fail if coordinate in liked]
        case.fail({*dice.some(told_of, 0, 4), *dice.some(may_fail, 1, 4)})
    return case


def draw_operations(dice: Dice, supergraph: Supergraph, more_liked: Collection[str] = ()) -> list[Asked]:
    """One or two queries, and a mutation where there is any. `more_liked`: coordinates to ask for more often."""
    schema, liked = supergraph.api_schema, frozenset({*dependent(supergraph), *more_liked})
    kinds = ["query"] * dice.number(1, 2) + (["mutation"] if schema.mutation_type else [])
    # Two fields under one key of two types that one subgraph cannot tell apart are refused (`ClashError`).
    merged = {
        name
        for subgraph in supergraph.subgraphs.values()
        for type_ in subgraph.types.values()
        if type_.is_interface_object
        for name in type_.possible
    }
    return [
        random_operation(
            dice, schema, kind=kind, liked=liked, merged=merged, defers=kind == "query" and dice.chance(20)
        )
        for kind in kinds
    ]


def dependent(supergraph: Supergraph) -> Iterator[str]:
    """Coordinates of the fields that some directive says something about: where planners err."""
    for subgraph in supergraph.subgraphs.values():
        for type_ in subgraph.types.values():
            for name, said in type_.fields.items():
                if (
                    said.external
                    or said.overridden
                    or said.requires
                    or said.provides
                    or _SPLIT & {type_.name, name}
                ):
                    yield f"{type_.name}.{name}"
                elif type_.is_interface_object or _differs(supergraph, type_.name, name):
                    yield from (f"{owner}.{name}" for owner in (type_.name, *type_.possible))


def _differs(supergraph: Supergraph, type_name: str, name: str) -> bool:
    """Whether implementations of an interface promise more than it does."""
    types = [
        supergraph.types[owner].fields.get(name)
        for owner in (type_name, *supergraph.types[type_name].possible)
    ]
    return len({type_.text for type_ in types if type_ is not None}) > 1


def _may_fail(supergraph: Supergraph) -> list[str]:
    """Coordinates whose failing means the same with and without federation.

    Not what keys or `@requires` name: a field computed from it would fail too. And where these are nested, only
    fields that may be null: another would take the object away of which something is required.
    """
    needed: set[str] = set()
    nested = False
    for type_name, items in _field_sets(supergraph):
        for owner in supergraph.types[type_name].possible:
            nested = _add_needed(supergraph, items, owner, needed) or nested
    return [
        coordinate
        for type_ in supergraph.types.values()
        if type_.kind is Kind.OBJECT
        for name, field_type in type_.fields.items()
        if (coordinate := f"{type_.name}.{name}") not in needed
        and not (nested and field_type.text.endswith("!"))
    ]


def _field_sets(supergraph: Supergraph) -> Iterator[tuple[str, FieldSet]]:
    """Each key and each `@requires`, with its type."""
    for subgraph in supergraph.subgraphs.values():
        for type_ in subgraph.types.values():
            yield from ((type_.name, key.fields) for key in type_.keys)
            yield from ((type_.name, said.requires) for said in type_.fields.values())


def _add_needed(supergraph: Supergraph, items: FieldSet, type_name: str, needed: set[str]) -> bool:
    """Add the coordinates of a field set; whether it has fields of fields."""
    nested = False
    for item in items:
        if not isinstance(item, FieldItem):
            _add_needed(supergraph, item.items, item.type_condition, needed)
            continue
        needed.add(f"{type_name}.{item.name}")
        if item.items:
            nested = True
            for owner in supergraph.types[supergraph.types[type_name].fields[item.name].named].possible:
                _add_needed(supergraph, item.items, owner, needed)
    return nested
