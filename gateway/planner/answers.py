"""Whether a subgraph answers a field by itself at a place ("Federation 2 §@external, @provides, @override")."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.planner.places import Place
from gateway.supergraph.fieldsets import FieldItem, FieldSet
from gateway.supergraph.model import Subgraph, SubgraphField, SubgraphType


def answer(place: Place, name: str) -> SubgraphField | None:
    """The field, if the subgraph answers it at this place by itself, for every object that may be there."""
    here = place.type
    field = here.fields.get(name)
    if field is None:
        return None
    if here.is_object:
        return field if _answers(place, here, field, name) else None
    for member in here.possible.intersection(place.view.runtime):
        type_ = place.subgraph.types[member]
        implemented = type_.fields.get(name)
        if implemented is None or not _answers(place, type_, implemented, name):
            return None
    return field


def provided_below(place: Place, name: str) -> FieldSet:
    """What `@provides` says below a field of this place."""
    type_names = place.type.possible | {place.type.name}
    found = _provided_items(place.subgraph, place.provided, name, type_names)
    return tuple(inner for item in found for inner in item.items)


def _answers(place: Place, type_: SubgraphType, field: SubgraphField, name: str) -> bool:
    if field.needs_context:
        return False
    if field.requires:
        # Answered only by the hop that carries exactly these fields.
        return place.requires == field.requires
    if field.overridden:
        return False
    if not field.external:
        return True
    provided = _provided_items(place.subgraph, place.provided, name, frozenset({type_.name}))
    return any(True for _ in provided)


def _provided_items(
    subgraph: Subgraph, items: FieldSet, name: str, type_names: frozenset[str]
) -> Iterator[FieldItem]:
    for item in items:
        if isinstance(item, FieldItem):
            if item.name == name:
                yield item
        else:
            known = subgraph.types.get(item.type_condition)
            members = known.possible if known is not None else frozenset[str]()
            if item.type_condition in type_names or members & type_names:
                yield from _provided_items(subgraph, item.items, name, type_names)
