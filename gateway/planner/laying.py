"""Second stage: an operation laid out over the supergraph: each field with every place that could answer it.

Nothing is chosen here, except where an interface's field must be asked of each implementation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from gateway.planner.budget import Budget, PlanningError
from gateway.planner.fetches import TYPENAME
from gateway.planner.operation import FieldSelection, FragmentSelection, Selection
from gateway.planner.places import Place, Position, Via, View
from gateway.planner.reach import Reach
from gateway.supergraph.model import Subgraph, Supergraph

TYPENAME_FIELD: Final = FieldSelection(TYPENAME, TYPENAME, "", (), ())


class Closed(Protocol):
    """What nobody may be asked for in this plan, since the caller may not see it."""

    def coordinate(self, type_name: str, name: str) -> bool:
        """Whether a field of an object type is closed."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A field without selections, and every place that could answer it."""

    view: View
    selection: FieldSelection
    candidates: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """Selections of a root type, laid out: what `search` decides about, as often as it likes."""

    selections: tuple[FieldSelection, ...]
    leaves: tuple[Leaf, ...]
    layout: Layout


def lay_out(
    supergraph: Supergraph,
    root_type: str,
    selections: tuple[FieldSelection, ...],
    subgraphs: Iterable[Subgraph],
    budget: Budget,
    closed: Closed | None = None,
    *,
    for_provided: bool = False,
) -> Laid:
    """Lay out the fields of a root type of some subgraphs.

    `closed`: fields of some types that the selections ask of others only.
    `for_provided`: ask an interface's field of each implementation where one of them has `@provides` on it, which the
    interface's own has not. Whether that saves requests, only the plan tells (`Layout.would_provide`).

    Raises PlanningError naming a field that no subgraph answers.
    """
    sources = [
        Place(Via.ROOT, subgraph, subgraph.types[root_type], 1)
        for subgraph in subgraphs
        if root_type in subgraph.types
    ]
    layout = Layout(Reach(supergraph, budget), budget, closed, for_provided)
    view = layout.reach.view(Position(root_type, (), (), (), None, sources), root_type)
    # The root is never asked for again as an entity: its places are all there are.
    view.closed = True
    return Laid(selections, tuple(layout.leaves(view, selections)), layout)


class Layout:
    """Lays out one operation."""

    def __init__(self, reach: Reach, budget: Budget, closed: Closed | None, for_provided: bool) -> None:
        self.reach = reach
        self.closed = closed
        self.would_provide = False
        """Whether an implementation was met that provides more than the interface that its field was asked on."""
        self._budget = budget
        self._for_provided = for_provided

    def leaves(self, view: View, selections: tuple[FieldSelection, ...]) -> list[Leaf]:
        """Every leaf under a root."""
        found: list[Leaf] = []
        for selection in selections:
            leaves = self._lay(view, selection)
            if leaves is None:
                where = f"{view.type_name}.{selection.name}"
                raise PlanningError(f"No subgraph answers all that is asked of `{where}`.")
            found += leaves
        return found

    def _lay_all(self, position: Position, selections: tuple[Selection, ...]) -> list[Leaf] | None:
        """Every leaf under a position; None when one of them cannot be answered."""
        whole = self.reach.view(position, position.type_name)
        leaves = self._typename_leaves(whole, selections)
        for view, selection in self._assigned(whole, whole, selections):
            found = self._lay(view, selection)
            if found is None:
                return None
            leaves += found
        if not leaves:
            leaves.append(Leaf(whole, _typename(whole), tuple(whole.position.sources)))
        return leaves

    def _typename_leaves(self, whole: View, selections: tuple[Selection, ...]) -> list[Leaf]:
        """An object of an abstract type always tells its type, for keys, paths and projection.

        An `@interfaceObject` cannot; where it matters which type it is, another subgraph is asked.
        """
        if not self.reach.is_abstract(whole.type_name):
            return []
        sources = whole.position.sources
        real = tuple(place for place in sources if not place.type.is_interface_object)
        leaves = [Leaf(whole, _typename(whole), real or tuple(sources))]
        if not real and any(
            isinstance(selection, FragmentSelection) or selection.name == TYPENAME for selection in selections
        ):
            found = self.reach.candidates(whole, TYPENAME)
            if found:
                leaves.append(Leaf(whole, _typename(whole), tuple(found)))
        return leaves

    def _assigned(
        self, whole: View, view: View, selections: tuple[Selection, ...]
    ) -> Iterable[tuple[View, FieldSelection]]:
        """Each field with the view that it is asked on; fragments that can match nothing are left out."""
        for selection in selections:
            if isinstance(selection, FieldSelection):
                yield view, selection
                continue
            condition = selection.type_condition
            matching = set(self.reach.possible(condition))
            runtime = [name for name in view.runtime if name in matching]
            if condition == view.type_name or not self.reach.is_abstract(view.type_name):
                if runtime:
                    yield from self._assigned(whole, view, selection.selections)
            elif not self.reach.is_abstract(condition) or len(runtime) == len(
                [name for name in whole.runtime if name in matching]
            ):
                if runtime:
                    narrower = self.reach.view(whole.position, condition)
                    yield from self._assigned(whole, narrower, selection.selections)
            else:
                for name in runtime:
                    narrower = self.reach.view(whole.position, name)
                    yield from self._assigned(whole, narrower, selection.selections)

    def _lay(self, view: View, selection: FieldSelection) -> list[Leaf] | None:
        """The leaves of one field: asked as it stands, or of each implementation where that is the only way."""
        self._budget.field()
        abstract = self.reach.is_abstract(view.type_name)
        candidates = self._open(self.reach.candidates(view, selection.name), selection.name)
        spread = abstract and (
            self._is_nearer_spread(view, selection.name, candidates)
            or self._is_provided_spread(view, selection)
        )
        if candidates and not spread:
            found = self._lay_at(view, selection, candidates)
            if found is not None:
                return found
        if not abstract or not self._can_spread(view, selection.name):
            return None
        leaves: list[Leaf] = []
        for name in view.runtime:
            narrower = self.reach.view(view.position, name)
            found = self._lay(narrower, selection)
            if found is None:
                return None
            leaves += found
        if all(place.type.is_interface_object for place in view.position.sources):
            leaves.append(Leaf(view, _typename(view), tuple(self.reach.candidates(view, TYPENAME))))
        return leaves

    def _open(self, candidates: list[Place], name: str) -> list[Place]:
        """Those that ask no object for what is closed: an `@interfaceObject` that does not tell types apart asks all."""
        closed = self.closed
        if closed is None:
            return candidates
        return [
            place
            for place in candidates
            if not place.type.is_interface_object
            or not any(closed.coordinate(type_name, name) for type_name in _asked_types(place))
        ]

    def _can_spread(self, view: View, name: str) -> bool:
        """An interface's field can be asked of each implementation if one source leads to it for all of them.

        To piece it together from sources that each know some of the types would hide that the graph is broken.
        """
        sources = view.position.sources
        if not view.runtime:
            return False
        return len(sources) == 1 or any(self.reach.spreads_from(source, view, name) for source in sources)

    def _is_nearer_spread(self, view: View, name: str, candidates: list[Place]) -> bool:
        """Whether every implementation answers in fewer requests than the interface does."""
        if not candidates:
            return False
        direct = min(place.depth for place in candidates)
        if direct <= min(place.depth for place in view.places):
            return False
        depths = [
            min(
                (
                    place.depth
                    for place in self.reach.candidates(self.reach.view(view.position, member), name)
                ),
                default=direct,
            )
            for member in view.runtime
        ]
        return bool(depths) and max(depths) < direct

    def _is_provided_spread(self, view: View, selection: FieldSelection) -> bool:
        """Whether implementations are to be asked for what they provide below the field."""
        if not selection.selections or not self.reach.provides_more(view, selection.name):
            return False
        self.would_provide = True
        return self._for_provided and self._can_spread(view, selection.name)

    def _lay_at(self, view: View, selection: FieldSelection, candidates: list[Place]) -> list[Leaf] | None:
        if self.reach.is_leaf(view, selection.name):
            return [Leaf(view, selection, tuple(candidates))]
        position = self.child(view, selection, candidates)
        return self._lay_all(position, selection.selections) if position.sources else None

    def child(self, view: View, selection: FieldSelection, candidates: list[Place]) -> Position:
        found = view.children.get(selection)
        if found is None:
            level = view.position.level
            found = view.children[selection] = self.reach.child(view, selection, candidates, level)
        return found


def _asked_types(place: Place) -> tuple[str, ...]:
    """The types of the objects that are asked what is asked at a place."""
    while place.via is Via.NARROW and place.parent is not None:
        place = place.parent
    return place.view.runtime


def _typename(view: View) -> FieldSelection:
    """`__typename`, in the part of the answer that the view's position is in."""
    selection = view.position.selection
    return replace(TYPENAME_FIELD, part=selection.part) if selection is not None else TYPENAME_FIELD
