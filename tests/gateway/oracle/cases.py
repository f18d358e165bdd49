"""What an example of the properties is: a graph with its world, and some operations over it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from hypothesis import strategies as st

from gateway.supergraph import Supergraph
from gateway.supergraph.fieldsets import FieldItem, FieldSet
from gateway.supergraph.model import Kind
from tests.gateway.oracle.composing import supergraph_sdl
from tests.gateway.oracle.dice import Dice
from tests.gateway.oracle.drawing import graphs
from tests.gateway.planner.random_queries import Asked, operations
from tests.gateway.planner.world import World


class Case:
    """A supergraph, a world behind it, and what is asked of it."""

    def __init__(self, sdl: str, nulls: int) -> None:
        self.sdl = sdl
        self.world_is: dict[str, Any] = {"nulls": nulls}
        self.world = World(sdl, nulls=nulls)
        self.asked: list[Asked] = []

    def fail(self, coordinates: Collection[str]) -> None:
        """From now on these fields fail."""
        self.world_is["failing"] = sorted(coordinates)
        self.world = World(self.sdl, **self.world_is)

    def __repr__(self) -> str:
        """As one would paste it into a test."""
        shown = "\n\n".join(f"{asked.text}\n{dict(asked.variables)}" for asked in self.asked)
        return f"\n{self.sdl}\n\n{self.world_is}\n\n{shown}\n"


@st.composite
def cases(draw: st.DrawFn, *, alike: bool = False) -> Case:
    """One or two queries over a graph, and a mutation where it has any."""
    case = Case(supergraph_sdl(draw(graphs(alike=alike))), draw(st.sampled_from((0, 3))))
    schema = case.world.supergraph.api_schema
    kinds = ["query"] * draw(st.integers(1, 2)) + (["mutation"] if schema.mutation_type else [])
    case.asked += [draw(operations(schema, kind=kind)) for kind in kinds]
    return case


@st.composite
def failing_cases(draw: st.DrawFn) -> Case:
    """Cases in which up to four fields fail, none of which others hang on."""
    case = draw(cases(alike=True))
    case.fail(Dice(draw).some(_may_fail(case.world.supergraph), 1, 4))
    return case


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
