"""All steps in a row: whole federated graphs, whose every field is answerable by construction."""

from __future__ import annotations

from hypothesis import reject
from hypothesis import strategies as st

from tests.gateway.oracle.extras import add_extras
from tests.gateway.oracle.graphs import ROOTS, Field, Graph
from tests.gateway.oracle.mending import DoesNotFitError, mend
from tests.gateway.oracle.placing import Builder, split
from tests.gateway.oracle.sketch import draw_sketch
from tests.gateway.planner.dice import Dice


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A graph, as hypothesis draws it."""
    try:
        return draw_graph(Dice.of(draw))
    except DoesNotFitError:
        return reject()


def draw_graph(dice: Dice, *, alike: bool = False) -> Graph:
    """A graph over two to five subgraphs. `alike`: a shared field has the same type in each of them.

    Raises: DoesNotFitError.
    """
    builder = split(dice, draw_sketch(dice))
    mend(builder)
    add_extras(builder)
    mend(builder)
    if not alike:
        _promise_more(builder)
        _narrow(builder)
    _hide(builder)
    graph = builder.graph
    graph.subgraphs = {name: types for name, types in graph.subgraphs.items() if types}
    return graph


def _promise_more(builder: Builder) -> None:
    """One of the subgraphs that share a field says that it is never null."""
    dice, graph = builder.dice, builder.graph
    for type_name in graph.type_names():
        for _, type_ in graph.declaring(type_name):
            if type_.kind != "object" or type_.is_interface_object or type_name in ROOTS:
                continue
            for said in type_.fields.values():
                declared = graph.declared(type_name, said.name)
                shared = len(declared) > 1 and all(other.is_known and not other.label for other in declared)
                if shared and not said.type.endswith("!") and dice.chance(10):
                    said.type += "!"


def _narrow(builder: Builder) -> None:
    """One of the subgraphs that share a field of an abstract type says which of its types it always is."""
    dice, graph = builder.dice, builder.graph
    for type_name in builder.sketch.named_by_kind("entity", "value"):
        for home, type_ in graph.declaring(type_name):
            for said in type_.fields.values():
                members = _common_members(builder, type_name, said)
                if members and dice.chance(15):
                    member = dice.pick(members)
                    if member in graph.subgraphs[home]:
                        said.type = said.type.replace(said.named, member)


def _common_members(builder: Builder, type_name: str, said: Field) -> list[str]:
    """What a shared field of an abstract type may be in each of its subgraphs; nothing for other fields."""
    spec = builder.sketch.specs.get(said.named)
    declared = builder.graph.declared(type_name, said.name)
    simple = all(other.is_known and not other.label and not other.provides for other in declared)
    if spec is None or spec.kind not in ("interface", "union") or len(declared) < 2 or not simple:
        return []
    objects = builder.sketch.objects
    if (objects is not None and objects.interface == said.named) or any(
        o.named != said.named for o in declared
    ):
        return []
    homes = [home for home, type_ in builder.graph.declaring(type_name) if type_.has(said.name)]
    known = [builder.graph.members(home, said.named) for home in homes]
    return [name for name in known[0] if all(name in names for names in known)]


def _hide(builder: Builder) -> None:
    """Some fields are `@inaccessible`: subgraphs have them and keys use them, but clients do not see them."""
    dice, graph = builder.dice, builder.graph
    for name in builder.sketch.named_by_kind("entity"):
        of_interfaces = {
            field
            for _, type_ in graph.declaring(name)
            for interface in type_.implements
            for _, other in graph.declaring(interface)
            for field in other.fields
        }
        visible = {field: None for _, type_ in graph.declaring(name) for field in type_.fields}
        choices = [
            field
            for field in visible
            if field not in of_interfaces and not any(said.external for said in graph.declared(name, field))
        ]
        if len(visible) > 1 and choices and dice.chance(20):
            graph.hidden.add(f"{name}.{dice.pick(choices)}")
