"""Third stage: for each field of the operation, the place that answers it, opened as cheaply as can be.

Those with the fewest choices are decided first, and each next one prefers requests that are being made anyway.
Cheapest means: fewest sequential requests, then fewest requests, then fewest fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, TypeAlias

from gateway.planner.fetches import LAST, TYPENAME, Asked, Group, SelectionTree
from gateway.planner.laying import TYPENAME_FIELD, Layout, Leaf
from gateway.planner.names import Names
from gateway.planner.operation import FieldSelection, PlanningError, Selection
from gateway.planner.places import Place, Position, Via, View
from gateway.planner.plan import KeyField, KeyFragment, KeySelection, OperationKind
from gateway.planner.reach import Reach
from gateway.supergraph.fieldsets import FieldItem, FieldSet, FragmentItem
from gateway.supergraph.model import Subgraph, Supergraph, TypeRef

_STRING: Final = TypeRef("String!", "String", "!")


#: Lists merged by index from two subgraphs, sequential requests, new requests, own depth; then what serves most.
_Price: TypeAlias = tuple[int, int, int, int, int]


class Search:
    """Plans the fields under one root: a query's all together, a mutation's one by one."""

    def __init__(
        self, supergraph: Supergraph, names: Names, kind: OperationKind, first_number: int = 0
    ) -> None:
        self._supergraph = supergraph
        self._reach = Reach(supergraph)
        self._layout = Layout(self._reach)
        self._names = names
        self._kind = kind
        self._next = first_number
        self._deepest = 1
        self._roots: dict[str, Group] = {}
        self._prices: dict[Place, tuple[int, int]] = {}
        self._uses: Counter[Place] = Counter()
        self._open_hops: set[tuple[str, tuple[str, ...], int]] = set()
        self.groups: list[Group] = []

    def plan(self, root_type: str, selections: tuple[Selection, ...], subgraphs: Iterable[Subgraph]) -> None:
        """Fill `groups`. Raises PlanningError naming a field that no subgraph answers."""
        sources = [
            Place(Via.ROOT, subgraph, subgraph.types[root_type], 1)
            for subgraph in subgraphs
            if root_type in subgraph.types
        ]
        root = Position(root_type, (), (), (), None, sources)
        view = self._reach.view(root, root_type)
        # The root is never asked for again as an entity: its places are all there are.
        view.closed = True
        self._decide(self._layout.leaves(view, selections))

    # Deciding

    def _decide(self, leaves: list[Leaf]) -> None:
        """Open a place for each leaf, those without a choice first."""
        self._count_uses(leaves)
        ranked = sorted(enumerate(leaves), key=lambda entry: len(entry[1].candidates))
        for rank, leaf in ranked:
            self._ask(self._cheapest(leaf.candidates), leaf.selection, rank)

    def _count_uses(self, leaves: list[Leaf]) -> None:
        """How many leaves could be answered by each place, or inside it: of equal choices, the one that serves most."""
        for leaf in leaves:
            served: set[Place] = set()
            for candidate in leaf.candidates:
                place: Place | None = candidate
                while place is not None and place not in served:
                    served.add(place)
                    place = place.parent
            self._uses.update(served)

    def _ask(self, place: Place, selection: FieldSelection, rank: int = LAST) -> Group:
        """Add a leaf to the request of a place; `rank` is where the client wrote it."""
        self._open(place).field(self._asked(place, selection), rank)
        above = place
        while rank < LAST and above.parent is not None:
            position = above.view.position
            if above.via is Via.FIELD and position.selection is not None:
                assert above.parent.tree is not None
                above.parent.tree.field(self._asked(above.parent, position.selection), rank)
            above = above.parent
        assert place.group is not None
        return place.group

    def _asked(self, place: Place, selection: FieldSelection) -> Asked:
        field = place.type.fields.get(selection.name)
        type_ = field.type if field is not None else _STRING
        return Asked(selection.key, selection.name, selection.arguments, selection.conditions, type_)

    def _cheapest(self, candidates: Iterable[Place], limit: int | None = None) -> Place:
        allowed = [place for place in candidates if limit is None or place.depth < limit]
        if not allowed:
            raise PlanningError("A key cannot be fetched before the entity that needs it.")
        if len(allowed) == 1:
            return allowed[0]
        return min(allowed, key=self._price)

    def _price(self, place: Place) -> _Price:
        doubled, requests = self._requests(place)
        return doubled, max(self._deepest, place.depth), requests, place.depth, -self._served(place)

    def _served(self, place: Place) -> int:
        """How many fields could use what opening a place would open."""
        while place.parent is not None and place.parent.tree is None:
            place = place.parent
        return self._uses[place]

    def _requests(self, place: Place) -> tuple[int, int]:
        """Lists that would be merged by index, and requests that would be added, by opening a place."""
        if place.tree is not None:
            return 0, 0
        known = self._prices.get(place)
        if known is None:
            known = self._prices[place] = self._requests_of(place)
        return known

    def _requests_of(self, place: Place) -> tuple[int, int]:
        if place.via is Via.ROOT:
            return 0, 0 if place.subgraph.name in self._roots else 1
        if place.via is Via.HOP:
            if (place.subgraph.name, place.view.position.path, place.depth) in self._open_hops:
                return 0, 0
            doubled, requests = self._requests_of_needs((*place.key, *place.requires), place)
            return doubled, requests + 1
        assert place.parent is not None
        doubled, requests = self._requests(place.parent)
        position = place.view.position
        if place.via is Via.FIELD and position.in_list and position.opened - {place.subgraph.name}:
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

    def _open(self, place: Place) -> SelectionTree:
        """The selections of a place, its request and all that leads to it made if need be."""
        if place.tree is not None:
            return place.tree
        self._prices.clear()
        if place.via is Via.ROOT:
            place.group = self._root(place.subgraph)
            place.tree = place.group.tree
        elif place.via is Via.HOP:
            self._open_hop(place)
        else:
            assert place.parent is not None
            tree = self._open(place.parent)
            place.group = place.parent.group
            if place.via is Via.NARROW:
                place.tree = tree.fragment(place.type.name)
            else:
                position = place.view.position
                position.opened.add(place.subgraph.name)
                assert position.selection is not None
                place.tree = tree.field(self._asked(place.parent, position.selection))
        assert place.tree is not None
        return place.tree

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
        group = Group(self._next, subgraph.name, kind, path, tree)
        self._next += 1
        self.groups.append(group)
        return group

    def _open_hop(self, place: Place) -> None:
        """A new request for the entities at a view, and the fields that they are asked by."""
        view = place.view
        self._deepest = max(self._deepest, place.depth)
        self._open_hops.add((place.subgraph.name, view.position.path, place.depth))
        is_entity = place.type.name != self._supergraph.query_type
        tree = SelectionTree("_Entity" if is_entity else place.type.name)
        group = self._group(place.subgraph, "query", view.path, tree)
        group.is_entity = is_entity
        group.conditions = view.position.conditions
        place.group = group
        place.tree = tree.fragment(place.type.name)
        group.depends.add(self._ask_typename(view, place.depth))
        if is_entity:
            needed = self._need((*place.key, *place.requires), view, place.depth, group)
            group.send(view.type_name, view.runtime, (KeyField(TYPENAME), *needed))
            if place.type.is_interface_object:
                group.substitute = place.type.name

    def _ask_typename(self, view: View, limit: int) -> Group:
        real = [place for place in self._reach.candidates(view, TYPENAME) if place.depth < limit]
        place = self._cheapest(real or view.places, limit)
        return self._ask(place, TYPENAME_FIELD)

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
            group.depends.add(self._ask(self._cheapest(candidates), selection))
            return (KeyField(item.name, alias),)
        position = self._layout.child(view, selection, self._reach.candidates(view, item.name))
        inner = self._reach.view(position, position.type_name)
        needed = self._need(item.items, inner, limit, group)
        if self._reach.is_abstract(position.type_name):
            group.depends.add(self._ask_typename(inner, limit))
            needed = (KeyField(TYPENAME), *needed)
        return (KeyField(item.name, alias, needed),)
