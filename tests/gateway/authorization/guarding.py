"""The world again, with services that write down what they are asked for, whoever it was for."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLResolveInfo

from gateway.supergraph.fieldsets import FieldItem, FieldSet
from gateway.supergraph.model import Subgraph
from tests.gateway.planner.world import Thing, World


class GuardedWorld(World):
    """`asked`: the real type and the field of everything that a service was asked to answer."""

    def __init__(self, sdl: str, **world_is: Any) -> None:
        super().__init__(sdl, **world_is)
        self.asked: set[tuple[str, str]] = set()
        self.keys = frozenset(self._keys())

    def _resolve(
        self, subgraph: Subgraph, thing: Thing, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]
    ) -> Any:
        if info.field_name != "_entities":
            self.asked.add((thing.type_name or info.parent_type.name, info.field_name))
        return super()._resolve(subgraph, thing, info, arguments)

    def _keys(self) -> set[tuple[str, str]]:
        """Type and field of what a key names, at any depth, on any type that an object of it can have."""
        found: set[tuple[str, str]] = set()
        for subgraph in self.supergraph.subgraphs.values():
            for type_ in subgraph.types.values():
                for key in type_.keys:
                    for owner in self.supergraph.types[type_.name].possible:
                        self._add_key(key.fields, owner, found)
        return found

    def _add_key(self, items: FieldSet, owner: str, found: set[tuple[str, str]]) -> None:
        for item in items:
            assert isinstance(item, FieldItem), "a key has no fragments"
            found.add((owner, item.name))
            ref = self.supergraph.types[owner].fields[item.name]
            for target in self.supergraph.types[ref.named].possible if item.items else ():
                self._add_key(item.items, target, found)
