"""Third stage: for each field of the operation, the place that answers it, opened as cheaply as can be.

Those with the fewest choices are decided first, and each next one prefers requests that are being made anyway.
Cheapest means: no list put together from two subgraphs by index where that can be helped, then fewest sequential
requests, then fewest requests. Whole plans are compared by `merging.cost`, which counts fields as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeAlias

from gateway.planner.budget import Budget, PlanningError
from gateway.planner.fetches import LAST, LEADS, TYPENAME, Asked, Group, SelectionTree
from gateway.planner.laying import TYPENAME_FIELD, Laid
from gateway.planner.merging import merge_groups
from gateway.planner.names import Names
from gateway.planner.operation import FieldSelection
from gateway.planner.places import Place, Position, Via, View
from gateway.planner.plan import KeyField, KeyFragment, KeySelection, OperationKind
from gateway.supergraph.fieldsets import FieldItem, FieldSet, FragmentItem
from gateway.supergraph.model import Subgraph, Supergraph, TypeRef

_STRING: Final = TypeRef("String!", "String", "!")


#: Lists merged by index from two subgraphs, sequential requests, new requests, own depth; then what is preferred, and what serves most.
_Price: TypeAlias = tuple[int, int, int, int, int, int]


class Search:
    """Plans the fields under one root: a query's all together, a mutation's one by one."""

    def __init__(
        self,
        supergraph: Supergraph,
        laid: Laid,
        kind: OperationKind,
        budget: Budget,
        preferred: str | None = None,
    ) -> None:
        self._supergraph = supergraph
        self._layout = laid.layout
        self._reach = laid.layout.reach
        self._leaves = laid.leaves
        self._names = Names(laid.selections)
        self._kind = kind
        self._preferred = preferred
        self._budget = budget
        #: The part of the answer whose leaves are being decided.
        self._part = 0
        self._deepest = 1
        self._roots: dict[str, Group] = {}
        self._opened: dict[tuple[Place, int], tuple[SelectionTree, Group]] = {}
        self._answered_by: dict[Position, set[str]] = defaultdict(set)
        self._open_hops: set[tuple[str, tuple[str, ...], int, int]] = set()
        self._prices: dict[Place, tuple[int, int]] = {}
        self._uses: Counter[Place] = Counter()
        self._groups: list[Group] = []
        #: Subgraphs between which nothing but their order decided; naming one as `preferred` decides otherwise.
        self.ties: set[str] = set()

    def groups(self) -> list[Group]:
        """The requests that answer all that was laid out."""
        self._decide()
        return merge_groups(self._groups)

    # Deciding

    def _decide(self) -> None:
        """Open a place for each leaf: first those of what is answered first; of these, those without a choice."""
        self._count_uses()
        ranked = sorted(
            enumerate(self._leaves), key=lambda entry: (entry[1].selection.part, len(entry[1].candidates))
        )
        for rank, leaf in ranked:
            if leaf.selection.part != self._part:
                self._part = leaf.selection.part
                self._prices.clear()
            self._ask(self._cheapest(leaf.candidates), leaf.selection, self._part, rank)

    def _count_uses(self) -> None:
        """How many leaves could be answered by each place, or inside it: of equal choices, the one that serves most."""
        for leaf in self._leaves:
            served: set[Place] = set()
            for candidate in leaf.candidates:
                place: Place | None = candidate
                while place is not None and place not in served:
                    served.add(place)
                    place = place.parent
            self._uses.update(served)

    def _ask(self, place: Place, selection: FieldSelection, part: int, rank: int = LAST) -> Group:
        """Add a leaf to the request of a place; `rank` is where the client wrote it."""
        tree, group = self._open(place, part)
        tree.field(self._asked(place, selection), rank)
        above = place
        while rank < LAST and above.parent is not None:
            position = above.view.position
            if above.via is Via.FIELD and position.selection is not None:
                around, _ = self._opened[above.parent, _settled(above.parent, part)]
                around.field(self._asked(above.parent, position.selection), rank)
            above = above.parent
        return group

    def _asked(self, place: Place, selection: FieldSelection) -> Asked:
        field = place.type.fields.get(selection.name)
        type_ = field.type if field is not None else _STRING
        return Asked(
            selection.key,
            selection.name,
            selection.arguments,
            selection.conditions,
            type_,
            selection.directives,
        )

    def _cheapest(self, candidates: Iterable[Place], limit: int | None = None) -> Place:
        allowed = [place for place in candidates if limit is None or place.depth < limit]
        if not allowed:
            raise PlanningError("A key cannot be fetched before the entity that needs it.")
        if len(allowed) == 1:
            return allowed[0]
        prices = [(self._price(place), place) for place in allowed]
        least = min((price for price, _ in prices), key=lambda price: price[:4])
        names = {place.subgraph.name for price, place in prices if price[:4] == least[:4]}
        if len(names) > 1:
            self.ties |= names
        return min(prices, key=lambda entry: entry[0])[1]

    def _price(self, place: Place) -> _Price:
        doubled, requests = self._requests(place)
        liking = 0 if place.subgraph.name == self._preferred else 1
        return doubled, max(self._deepest, place.depth), requests, place.depth, liking, -self._served(place)

    def _served(self, place: Place) -> int:
        """How many fields could use what opening a place would open."""
        while place.parent is not None and not self._is_open(place.parent):
            place = place.parent
        return self._uses[place]

    def _requests(self, place: Place) -> tuple[int, int]:
        """Lists that would be merged by index, and requests that would be added, by opening a place."""
        if self._is_open(place):
            return 0, 0
        known = self._prices.get(place)
        if known is None:
            known = self._prices[place] = self._requests_of(place)
        return known

    def _is_open(self, place: Place) -> bool:
        return (place, _settled(place, self._part)) in self._opened

    def _requests_of(self, place: Place) -> tuple[int, int]:
        self._budget.step()
        if place.via is Via.ROOT:
            return 0, 0 if place.subgraph.name in self._roots else 1
        if place.via is Via.HOP:
            if (place.subgraph.name, place.view.position.path, place.depth, self._part) in self._open_hops:
                return 0, 0
            doubled, requests = self._requests_of_needs((*place.key, *place.requires), place)
            return doubled, requests + 1
        assert place.parent is not None
        doubled, requests = self._requests(place.parent)
        position = place.view.position
        if (
            place.via is Via.FIELD
            and position.in_list
            and self._answered_by[position] - {place.subgraph.name}
        ):
            doubled += 1
        return doubled, requests

    def _requests_of_needs(self, items: FieldSet, place: Place) -> tuple[int, int]:
        worst = (0, 0)
        for item in items:
            if isinstance(item, FieldItem):
                found = self._reach.candidates(place.view, item.name)
                prices = [self._requests(source) for source in found if source.depth < place.depth]
                worst = max(worst, min(prices, default=(0, 0)))
        return worst

    # Opening

    def _open(self, place: Place, part: int) -> tuple[SelectionTree, Group]:
        """The selections of a place and its request; that, and all that leads to it, is made if need be."""
        part = _settled(place, part)
        known = self._opened.get((place, part))
        if known is None:
            self._prices.clear()
            if place.via is Via.ROOT:
                group = self._root(place.subgraph)
                known = group.tree, group
            elif place.via is Via.HOP:
                known = self._open_hop(place, part)
            else:
                known = self._open_inside(place, part)
            self._opened[place, part] = known
        return known

    def _open_inside(self, place: Place, part: int) -> tuple[SelectionTree, Group]:
        """A place in the request of its parent: under a field, or in a fragment."""
        assert place.parent is not None
        tree, group = self._open(place.parent, part)
        if place.via is Via.NARROW:
            return tree.fragment(place.type.name), group
        position = place.view.position
        self._answered_by[position].add(place.subgraph.name)
        assert position.selection is not None
        rank = LEADS if position.selection.selections else LAST
        return tree.field(self._asked(place.parent, position.selection), rank), group

    def _root(self, subgraph: Subgraph) -> Group:
        group = self._roots.get(subgraph.name)
        if group is None:
            tree = SelectionTree(self._root_type())
            group = self._roots[subgraph.name] = self._group(subgraph, self._kind, (), tree)
        return group

    def _root_type(self) -> str:
        names = {
            "query": self._supergraph.query_type,
            "mutation": self._supergraph.mutation_type,
            "subscription": self._supergraph.subscription_type,
        }
        return names[self._kind] or self._kind

    def _group(
        self, subgraph: Subgraph, kind: OperationKind, path: tuple[str, ...], tree: SelectionTree
    ) -> Group:
        group = Group(subgraph.name, kind, path, tree)
        self._groups.append(group)
        return group

    def _open_hop(self, place: Place, part: int) -> tuple[SelectionTree, Group]:
        """A new request for the entities at a view, and the fields that they are asked by."""
        view = place.view
        self._deepest = max(self._deepest, place.depth)
        self._open_hops.add((place.subgraph.name, view.position.path, place.depth, part))
        is_entity = place.type.name != self._supergraph.query_type
        tree = SelectionTree("_Entity" if is_entity else place.type.name)
        group = self._group(place.subgraph, "query", view.path, tree)
        group.is_entity = is_entity
        group.part = part
        group.conditions = view.position.conditions
        for told in (view, *self._reach.told_apart_above(view)):
            group.depends.add(self._ask_typename(told, place.depth, group))
        if is_entity:
            key = self._need(place.key, view, place.depth, group)
            required = _sent_along(self._need(place.requires, view, place.depth, group))
            group.send(view.type_name, view.runtime, (KeyField(TYPENAME), *key, *required))
            if place.type.is_interface_object:
                group.substitute = place.type.name
                group.apart = self._layout.closed is not None
        return tree.fragment(place.type.name), group

    def _ask_typename(self, view: View, limit: int, group: Group) -> Group:
        real = [place for place in self._reach.candidates(view, TYPENAME) if place.depth < limit]
        return self._ask_for(group, self._cheapest(real or view.places, limit), TYPENAME_FIELD)

    def _ask_for(self, group: Group, place: Place, selection: FieldSelection) -> Group:
        """Ask for what a representation needs; where it is asked for anyway, a deferred part needs not ask again."""
        part = 0 if (place, 0) in self._opened else group.part
        return self._ask(place, selection, part)

    def _need(self, items: FieldSet, view: View, limit: int, group: Group) -> tuple[KeySelection, ...]:
        """Ask, before depth `limit`, for what a representation holds, and say how it is read."""
        found: list[KeySelection] = []
        for item in items:
            if isinstance(item, FragmentItem):
                found += self._need_fragment(item, view, limit, group)
            elif item.name != TYPENAME:
                found += self._need_field(item, view, limit, group)
        return tuple(found)

    def _need_fragment(
        self, item: FragmentItem, view: View, limit: int, group: Group
    ) -> tuple[KeySelection, ...]:
        if item.type_condition == view.type_name:
            return self._need(item.items, view, limit, group)
        matching = set(self._reach.possible(item.type_condition))
        if not matching & set(view.runtime):
            return ()
        narrower = self._reach.view(view.position, item.type_condition)
        needed = self._need(item.items, narrower, limit, group)
        return (KeyFragment(item.type_condition, narrower.runtime, needed),)

    def _need_field(self, item: FieldItem, view: View, limit: int, group: Group) -> tuple[KeySelection, ...]:
        candidates = [place for place in self._reach.candidates(view, item.name) if place.depth < limit]
        if not candidates:
            spread = tuple(FragmentItem(name, (item,)) for name in view.runtime)
            return self._need(spread, view, limit, group)
        key = self._names.key_for(view.position.keys, item)
        alias = None if key == item.name else key
        selection = FieldSelection(key, item.name, item.arguments, (), ())
        if not item.items:
            group.depends.add(self._ask_for(group, self._cheapest(candidates), selection))
            return (KeyField(item.name, alias),)
        position = self._layout.child(view, selection, self._reach.candidates(view, item.name))
        inner = self._reach.view(position, position.type_name)
        needed = self._need(item.items, inner, limit, group)
        if self._reach.is_abstract(position.type_name):
            group.depends.add(self._ask_typename(inner, limit, group))
            needed = (KeyField(TYPENAME), *needed)
        return (KeyField(item.name, alias, needed),)


def _settled(place: Place, part: int) -> int:
    """The part whose request a place is in: what needs no request of its own comes with what is answered first."""
    while part and place.parent is not None:
        place = place.parent
    return 0 if place.via is Via.ROOT else part


def _sent_along(selections: tuple[KeySelection, ...]) -> tuple[KeySelection, ...]:
    """What `@requires` adds to a representation, as against its key."""
    return tuple(
        replace(selection, selections=_sent_along(selection.selections), identifies=False)
        if isinstance(selection, KeyField)
        else replace(selection, selections=_sent_along(selection.selections))
        for selection in selections
    )
