"""What can be answered where: the moves of "Federation 2 §query planning" over places.

Moves are: a field in the same subgraph; a fragment to a narrower type; a hop to another subgraph by a key. All
of it is asked lazily and remembered on the views, so that each (view, subgraph) is looked at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.planner.answers import answer, provided_below
from gateway.planner.budget import Budget
from gateway.planner.fetches import TYPENAME
from gateway.planner.operation import FieldSelection
from gateway.planner.places import Place, Position, Via, View
from gateway.supergraph.fieldsets import FieldItem, FieldSet, FragmentItem
from gateway.supergraph.model import (
    Key,
    Subgraph,
    SubgraphType,
    Supergraph,
)

#: A key's nested object is itself reached by keys, at most this many times over; composition never needs more.
_MAX_LEVEL: Final = 3


class Reach:
    """Answers "from which places" for one plan. Nothing is fetched or chosen here."""

    def __init__(self, supergraph: Supergraph, budget: Budget) -> None:
        self._supergraph = supergraph
        self._budget = budget
        self._asking: set[tuple[int, str, str]] = set()

    # Positions and views

    def child(self, view: View, selection: FieldSelection, places: list[Place], level: int) -> Position:
        """The position under a composite field that is answered at any of `places`."""
        type_ref = self._supergraph.types[view.type_name].fields[selection.name]
        sources = [self._step(place, selection.name) for place in places]
        return Position(
            type_ref.named,
            (*view.path, selection.key, *("@",) * type_ref.list_depth),
            (*view.position.keys, selection.key),
            tuple(sorted({*view.position.conditions, *selection.conditions})),
            selection,
            [place for place in sources if place is not None],
            in_list=type_ref.list_depth > 0,
            level=level,
            under=view,
        )

    def view(self, position: Position, type_name: str) -> View:
        """The position seen as its own type, or as a narrower one."""
        found = position.views.get(type_name)
        if found is None:
            if type_name == position.type_name:
                found = View(position, type_name, self._runtime(position), position.path, position.sources)
            else:
                found = self._narrowed(self.view(position, position.type_name), type_name)
            position.views[type_name] = found
        return found

    def close(self, view: View) -> list[Place]:
        """All places of a view: its sources, and the subgraphs that its keys lead to, nearest first."""
        if not view.closed:
            view.closed = True
            if view.position.level <= _MAX_LEVEL:
                self._add_hops(view)
        return view.places

    def is_abstract(self, type_name: str) -> bool:
        return self._supergraph.types[type_name].is_abstract

    def is_leaf(self, view: View, name: str) -> bool:
        if name == TYPENAME:
            return True
        named = self._supergraph.types[view.type_name].fields[name].named
        known = self._supergraph.types.get(named)
        return known is None or not (known.is_abstract or known.fields)

    def possible(self, type_name: str) -> tuple[str, ...]:
        return self._supergraph.types[type_name].possible

    def _runtime(self, position: Position) -> tuple[str, ...]:
        """Object types that every source can return, in the supergraph's order.

        Subgraphs that share a field resolve it alike ("Federation 2 §@shareable"), so a type that one of them
        does not know cannot be the answer; where they have nothing in common, any source's types may be.
        """
        sets = [place.type.possible for place in position.sources]
        known = frozenset.intersection(*sets) if sets else frozenset[str]()
        known = known or frozenset[str]().union(*sets)
        return tuple(name for name in self.possible(position.type_name) if name in known)

    def spreads_from(self, source: Place, view: View, name: str) -> bool:
        """Whether a field of an interface is answered for each implementation that one source can return."""
        copy = Place(source.via, source.subgraph, source.type, source.depth, provided=source.provided)
        whole = view.position
        alone = Position(whole.type_name, whole.path, whole.keys, (), None, [copy], level=whole.level)
        return all(
            self.candidates(self.view(alone, member), name)
            for member in view.runtime
            if member in source.type.possible
        )

    def provides_more(self, view: View, name: str) -> bool:
        """Whether a source answers an implementation's field with more beside it than it does the interface's own."""
        for place in view.position.sources:
            for member in view.runtime:
                known = place.subgraph.types.get(member)
                field = known.fields.get(name) if known is not None else None
                if field is not None and field.provides and not field.external and not field.overridden:
                    return True
        return False

    def _narrowed(self, whole: View, type_name: str) -> View:
        members = set(self.possible(type_name))
        runtime = tuple(name for name in whole.runtime if name in members)
        steps = whole.path
        if runtime != whole.runtime:
            steps = (*whole.path, f"|[{','.join(runtime)}]")
        sources = [self._narrow(place, type_name, runtime) for place in self.close(whole)]
        kept = [place for place in sources if place is not None]
        return View(whole.position, type_name, runtime, steps, kept)

    # Moves

    def _step(self, place: Place, name: str) -> Place | None:
        """Through a composite field inside the same subgraph."""
        field = answer(place, name)
        assert field is not None
        type_ = place.subgraph.types.get(field.type.named)
        if type_ is None:
            return None
        provided = (*provided_below(place, name), *field.provides)
        return Place(
            Via.FIELD, place.subgraph, type_, place.depth, parent=place, field=field, provided=provided
        )

    def _narrow(self, place: Place, type_name: str, runtime: tuple[str, ...]) -> Place | None:
        """Through a fragment inside the same subgraph, where every object that it should keep matches there."""
        here = place.type
        target: SubgraphType | None = here
        if here.is_interface_object:
            target = here
        elif here.is_object:
            target = here if here.name in runtime else None
        else:
            target = place.subgraph.types.get(type_name)
            reachable = here.possible.intersection(runtime)
            if (
                target is None
                or target.is_interface_object
                or not reachable
                or not reachable <= target.possible
            ):
                return None
        if target is None:
            return None
        return Place(Via.NARROW, place.subgraph, target, place.depth, parent=place, provided=place.provided)

    def _add_hops(self, view: View) -> None:
        """Grow the view's places round by round, each round one request deeper."""
        waiting = list(self._targets(view))
        if len({place.subgraph.name for place in view.places}) == 1:
            only = view.places[0].subgraph.name
            waiting = [target for target in waiting if target[0].name != only]
        while waiting:
            reached = [
                (depth, place)
                for subgraph, type_, keys in waiting
                if (found := self._hop(view, subgraph, type_, keys, ())) is not None
                for depth, place in [found]
            ]
            if not reached:
                return
            nearest = min(depth for depth, _ in reached)
            for depth, place in reached:
                if depth == nearest:
                    place.view = view
                    view.places.append(place)
            arrived = {(place.subgraph.name, place.type.name) for depth, place in reached if depth == nearest}
            waiting = [target for target in waiting if (target[0].name, target[1].name) not in arrived]

    def _targets(self, view: View) -> Iterator[tuple[Subgraph, SubgraphType, tuple[Key, ...]]]:
        """Subgraphs that can be asked for the view's entity, and with which keys.

        An `@interfaceObject` stands for every implementation ("Federation 2 §@interfaceObject"). The query type
        needs no key: anybody can be asked for it.
        """
        known = self._supergraph.types[view.type_name]
        for subgraph in self._supergraph.subgraphs.values():
            for name in (view.type_name, *sorted(known.interfaces)):
                type_ = subgraph.types.get(name)
                if type_ is None or (name != view.type_name and not type_.is_interface_object):
                    continue
                if name == self._supergraph.query_type:
                    yield subgraph, type_, (Key(()),)
                keys = tuple(key for key in type_.keys if key.resolvable)
                if keys and (type_.is_object or type_.possible.issuperset(view.runtime)):
                    yield subgraph, type_, keys

    def _hop(
        self, view: View, subgraph: Subgraph, type_: SubgraphType, keys: tuple[Key, ...], requires: FieldSet
    ) -> tuple[int, Place] | None:
        """The nearest way to ask `subgraph` for the view's entity: the key whose fields are known soonest."""
        self._budget.step()
        typename = self._typename_depth(view)
        extra = self.depth_of(requires, view, view.places)
        if typename is None or extra is None:
            return None
        best: tuple[int, int, Key] | None = None
        for key in keys:
            depth = self.depth_of(key.fields, view, view.places)
            if depth is not None and (best is None or (depth, len(key.fields)) < best[:2]):
                best = (depth, len(key.fields), key)
        if best is None:
            return None
        depth = 1 + max(best[0], typename, extra)
        place = Place(Via.HOP, subgraph, type_, depth, key=best[2].fields, requires=requires)
        return depth, place

    def _typename_depth(self, view: View) -> int | None:
        """When the `__typename` to send is known. Seen as an interface, an `@interfaceObject`'s own will do.

        Where the way here leads through objects of one type only, the types of those must be known by then, too.
        """
        real = [place.depth for place in view.places if not place.type.is_interface_object]
        if not real and self.is_abstract(view.type_name):
            real = [place.depth for place in view.places]
        deepest = min(real, default=None)
        for whole in self.told_apart_above(view):
            depths = [place.depth for place in self.close(whole) if not place.type.is_interface_object]
            if deepest is None or not depths:
                return None
            deepest = max(deepest, min(depths))
        return deepest

    def told_apart_above(self, view: View) -> Iterator[View]:
        """Positions on the way to a view that it leaves by one of several types, and that only come as an
        `@interfaceObject`, which does not tell them."""
        above = view.position.under
        while above is not None:
            whole = self.view(above.position, above.position.type_name)
            if above.runtime != whole.runtime and self._comes_untold(whole):
                yield whole
            above = above.position.under

    def _comes_untold(self, view: View) -> bool:
        """Whether the objects of a position come as an `@interfaceObject` only."""
        arrived = [place for place in view.places if place.via is not Via.HOP]
        return bool(arrived) and all(place.type.is_interface_object for place in arrived)

    # Fields

    def candidates(self, view: View, name: str) -> list[Place]:
        """Every place of a view where a field is answered, `@requires` included."""
        found = view.candidates.get(name)
        if found is None:
            found = self._candidates(view, name, self.close(view))
            for place in found:
                place.view = view
            view.candidates[name] = found
        return found

    def _candidates(self, view: View, name: str, places: list[Place]) -> list[Place]:
        self._budget.step()
        if name == TYPENAME:
            return [place for place in places if not place.type.is_interface_object]
        found = [place for place in places if answer(place, name) is not None]
        question = (id(view.position), view.type_name, name)
        if question in self._asking or view.position.level > _MAX_LEVEL:
            return found
        self._asking.add(question)
        try:
            for subgraph, type_, keys in self._targets(view):
                field = type_.fields.get(name)
                if (
                    field is None
                    or not type_.is_object
                    or not field.requires
                    or field.overridden
                    or field.needs_context
                ):
                    continue
                reached = self._hop(view, subgraph, type_, keys, field.requires)
                if reached is not None:
                    found.append(reached[1])
        finally:
            self._asking.discard(question)
        return found

    # Field sets

    def depth_of(
        self, items: FieldSet, view: View, places: list[Place], *, inside: bool = False
    ) -> int | None:
        """How many requests until all of a field set is known at a view; None when it never is.

        `inside`: these are the selections under a field of a field set, not a field set of their own.
        """
        deepest = 0
        for item in items:
            depth = self._item_depth(item, view, places, inside)
            if depth is None:
                return None
            deepest = max(deepest, depth)
        return deepest

    def _item_depth(
        self, item: FieldItem | FragmentItem, view: View, places: list[Place], inside: bool
    ) -> int | None:
        if isinstance(item, FragmentItem):
            return self._fragment_depth(item, view, places, inside)
        found = self._candidates(view, item.name, places)
        if not found:
            return self._spread_depth(item, view, inside)
        if not item.items:
            return min(place.depth for place in found)
        for place in found:
            place.view = view
        selection = FieldSelection(item.name, item.name, item.arguments, (), ())
        position = self.child(view, selection, found, view.position.level + (0 if inside else 1))
        inner = self.view(position, position.type_name)
        return self.depth_of(item.items, inner, self.close(inner), inside=True)

    def _fragment_depth(
        self, item: FragmentItem, view: View, places: list[Place], inside: bool
    ) -> int | None:
        if item.type_condition == view.type_name:
            return self.depth_of(item.items, view, places, inside=inside)
        if not set(self.possible(item.type_condition)) & set(view.runtime):
            return 0
        # Not remembered: the view's places may still be growing.
        narrower = self._narrowed(view, item.type_condition)
        depth = self.depth_of(item.items, narrower, self.close(narrower), inside=inside)
        told = self._told_depth(view) if inside else 0
        return None if depth is None or told is None else max(depth, told)

    def _told_depth(self, view: View) -> int | None:
        """When the real types of a position's objects are known, by which fragments are told apart."""
        if not self._comes_untold(view):
            return 0
        depths = [place.depth for place in self.close(view) if not place.type.is_interface_object]
        return min(depths, default=None)

    def _spread_depth(self, item: FieldItem, view: View, inside: bool) -> int | None:
        """A field of an interface that no place answers as such: ask each implementation."""
        if not self.is_abstract(view.type_name) or item.name == TYPENAME:
            return None
        fragments = tuple(FragmentItem(name, (item,)) for name in view.runtime)
        return self.depth_of(fragments, view, view.places, inside=inside)
