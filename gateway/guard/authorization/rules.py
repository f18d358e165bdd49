"""What each coordinate of one supergraph asks of a caller, with all that hangs on it: compiled once.

What a field asks for is the union of: what is said of it; of its type; of the type that it leads to; of the interfaces of
its type, and of the same field on them; and of everything that it is computed from by `@requires`. An interface's field is
no coordinate of its own here: it is decided for each type that an object of it can have.

Each demand is one bit, so that what a field asks for and what a caller lacks are whole numbers, compared by `&`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.guard.authorization.demands import Demand, all_of, demands_of
from gateway.identity import Identity
from gateway.supergraph import Supergraph
from gateway.supergraph.fieldsets import FieldItem, FieldSet
from gateway.supergraph.model import Kind, SubgraphField, SupergraphType

#: A set of demands: one bit each.
Mask: TypeAlias = int

#: Callers' rights that are remembered; they are few, since tokens are granted by role.
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What a field of an object type asks for: all of `mask`; and, where it leads to an interface or a union, that at
    least one of its types is open: what each of them asks for is `members`."""

    mask: Mask
    members: tuple[Mask, ...] = ()

    @property
    def looked_at(self) -> Mask:
        """Every demand that the decision hangs on."""
        found = self.mask
        for member in self.members:
            found |= member
        return found

    def is_closed(self, lacking: Mask) -> bool:
        """Whether a caller who lacks these may not ask for the field."""
        if self.mask & lacking:
            return True
        return bool(self.members) and all(member & lacking for member in self.members)


_OPEN: Final = FieldRule(0)


@dataclass(frozen=True, slots=True)
class Rules:
    """The demands of one supergraph. `types`, and what is in `inputs` by coordinate ("Type.field(arg:)", "Input.field"),
    hold what is asked at that coordinate; `fields` are those of object types, with all that hangs on them. `mistaken`: the
    types that some service, which knows an `@interfaceObject` for all of them, cannot tell from a type."""

    demands: tuple[Demand, ...]
    types: Mapping[str, Mask]
    inputs: Mapping[str, Mask]
    fields: Mapping[str, Mapping[str, FieldRule]]
    mistaken: Mapping[str, frozenset[str]]
    _lacking: dict[tuple[bool, frozenset[str], frozenset[str]], Mask]

    def lacking(self, caller: Identity) -> Mask:
        """The demands that a caller does not meet."""
        rights = (caller.authenticated, caller.scopes, caller.policies)
        found = self._lacking.get(rights)
        if found is None:
            found = sum(1 << bit for bit, demand in enumerate(self.demands) if not demand.is_met_by(caller))
            if len(self._lacking) >= _MOST_REMEMBERED:
                self._lacking.clear()
            self._lacking[rights] = found
        return found

    def type(self, name: str) -> Mask:
        return self.types.get(name, 0)

    def field(self, type_name: str, name: str) -> FieldRule:
        """Of an object type."""
        known = self.fields.get(type_name)
        return _OPEN if known is None else known.get(name, _OPEN)


def compile_rules(supergraph: Supergraph) -> Rules | None:
    """None where nothing is asked of anybody."""
    return _Compiler(supergraph).rules() if supergraph.authorization else None


class _Compiler:
    def __init__(self, supergraph: Supergraph) -> None:
        self._graph = supergraph
        self._said = supergraph.authorization
        self._bits: dict[Demand, int] = {}
        self._types: dict[str, Mask] = {}
        self._masks: dict[tuple[str, str], Mask] = {}

    def rules(self) -> Rules:
        for type_ in self._graph.types.values():
            self._types[type_.name] = self._type(type_)
        objects = [type_ for type_ in self._graph.types.values() if type_.kind is Kind.OBJECT]
        for type_ in objects:
            for name in type_.fields:
                self._masks[type_.name, name] = self._field(type_, name)
        while self._add_inputs(objects):  # until what a required field is computed from is required as well
            pass
        return Rules(
            demands=tuple(self._bits),
            types={name: mask for name, mask in self._types.items() if mask},
            inputs={
                coordinate: self._mask(demands_of(said))
                for coordinate, said in self._said.items()
                if self._is_input(coordinate)
            },
            fields={type_.name: self._field_rules(type_) for type_ in objects},
            mistaken=self._mistaken(),
            _lacking={},
        )

    def _mistaken(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for subgraph in self._graph.subgraphs.values():
            for type_ in subgraph.types.values():
                for name in type_.possible if type_.is_interface_object else ():
                    found[name] = found.get(name, frozenset()) | type_.possible
        return found

    def _mask(self, demands: Iterable[Demand]) -> Mask:
        found = 0
        for demand in demands:
            found |= 1 << self._bits.setdefault(demand, len(self._bits))
        return found

    def _is_input(self, coordinate: str) -> bool:
        owner = self._graph.types.get(coordinate.partition(".")[0])
        return "(" in coordinate or ("." in coordinate and owner is not None and owner.kind is Kind.INPUT)

    def _type(self, type_: SupergraphType) -> Mask:
        """What is said of the type, and of the interfaces that it implements: an object of a protected interface is
        protected under its own name as well (CVE-2025-64530)."""
        if type_.kind is not Kind.INTERFACE:
            own = self._mask(demands_of(self._said.get(type_.name)))
        else:
            own = self._mask(self._of_interface(type_, lambda name: name))
        for interface in type_.interfaces:
            own |= self._mask(self._of_interface(self._graph.types[interface], lambda name: name))
        return own

    def _of_interface(self, interface: SupergraphType, coordinate: Callable[[str], str]) -> Iterator[Demand]:
        """What is said of an interface, or of a field of it (`coordinate` of a type's name), and means all of its types.

        Present-day composition lets nobody protect an interface: it writes there what the types of it ask for together,
        so that whoever looks at the interface alone shows nothing. That says nothing new of a type; each of them says
        what it asks for. What is anything else was written by people, and holds for every type.
        """
        members = [
            demand
            for member in interface.possible
            for demand in demands_of(self._said.get(coordinate(member)))
        ]
        for demand in demands_of(self._said.get(coordinate(interface.name))):
            if demand.any_of != all_of(one for one in members if one.kind is demand.kind):
                yield demand

    def _field(self, type_: SupergraphType, name: str) -> Mask:
        """Without what it is computed from."""
        own = self._types[type_.name] | self._mask(demands_of(self._said.get(f"{type_.name}.{name}")))
        for interface in type_.interfaces:
            if name in self._graph.types[interface].fields:
                said = self._of_interface(self._graph.types[interface], lambda owner: f"{owner}.{name}")
                own |= self._mask(said)
        return own | self._types.get(type_.fields[name].named, 0)

    def _field_rules(self, type_: SupergraphType) -> dict[str, FieldRule]:
        found = {}
        for name, ref in type_.fields.items():
            target = self._graph.types.get(ref.named)
            members: tuple[Mask, ...] = ()
            if target is not None and target.is_abstract:
                visible = (name for name in target.possible if name in self._graph.api_schema.type_map)
                members = tuple(self._types[member] for member in visible)
            rule = FieldRule(self._masks[type_.name, name], members if any(members) else ())
            if rule.looked_at:
                found[name] = rule
        return found

    # `@requires`

    def _add_inputs(self, objects: Iterable[SupergraphType]) -> bool:
        """Let each field ask for what its `@requires` name ask for (GHSA-m8jr-fxqx-8xx6); whether that was news."""
        news = False
        for type_ in objects:
            for name in type_.fields:
                known = self._masks[type_.name, name]
                added = known
                for field in self._answered(type_, name):
                    added |= self._set(field.requires, type_.possible)
                if added != known:
                    self._masks[type_.name, name] = added
                    news = True
        return news

    def _answered(self, type_: SupergraphType, name: str) -> Iterator[SubgraphField]:
        """The field in each subgraph that may answer it: of the type itself, or of an `@interfaceObject` for it."""
        for subgraph in self._graph.subgraphs.values():
            for owner in (type_.name, *type_.interfaces):
                there = subgraph.types.get(owner)
                if there is not None and there.is_object and name in there.fields:
                    field = there.fields[name]
                    if field.requires and not (field.overridden and field.label is None):
                        yield field

    def _set(self, items: FieldSet, possible: tuple[str, ...]) -> Mask:
        """What a field set asks for on objects that can be of any of these types; which they are is not known here."""
        found = 0
        for name in possible:
            found |= self._types[name]
        for item in items:
            if not isinstance(item, FieldItem):
                narrower = self._graph.types[item.type_condition].possible
                found |= self._set(item.items, tuple(name for name in possible if name in narrower))
                continue
            targets: dict[str, None] = {}
            for name in possible:
                ref = self._graph.types[name].fields.get(item.name)
                if ref is not None:
                    found |= self._masks[name, item.name]
                    targets.update(dict.fromkeys(self._targets(ref.named) if item.items else ()))
            found |= self._set(item.items, tuple(targets)) if item.items else 0
        return found

    def _targets(self, named: str) -> tuple[str, ...]:
        known = self._graph.types.get(named)
        return () if known is None else known.possible
