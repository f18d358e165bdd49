"""Gathers what an `_entities` request sends: each representation once (Federation 2 §entity representations).

The way to the objects is written out as Python for the plan's own paths, and so is the representation where it is
flat, so that a request runs straight through.

The same entity often stands in many places of an answer. Where it looks the same in two places on one path, the second
place is given the first one's object: from then on there is one object to fill, to look through and to project. What
was found at a path is kept while the request runs, so that a fetch at the same path, or below it, starts there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import orjson

from gateway.executor.generating import Source
from gateway.executor.merging import Object
from gateway.executor.paths import EACH, condition_types
from gateway.executor.representations import FlatRepresentation, compile_representation, flat_representations
from gateway.planner.plan import Fetch

#: Types whose values are equal only if they are written alike.
_PLAIN: Final = frozenset({str, int, type(None)})

#: All objects at a path of the merged answer, by path.
Found: TypeAlias = dict[tuple[str, ...], list[Object]]


@dataclass(frozen=True, slots=True)
class Way:
    """A path to objects.

    `shared_at`: positions in it at which the same object may be come to more than once. `starts`: how many of its
    first steps were perhaps walked already, most first; the walk may begin where those led to.
    """

    path: tuple[str, ...]
    shared_at: frozenset[int] = frozenset()
    starts: tuple[int, ...] = ()


@dataclass(slots=True)
class Gathered:
    """`targets[i]` is represented by the `slots[i]`-th of `representations`, which are distinct.

    `known`: the slot by what tells a representation from others.
    """

    targets: list[Object] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    representations: list[Object] = field(default_factory=list)
    known: dict[object, int] = field(default_factory=dict)

    def cut(self, starts: Sequence[int]) -> list[Gathered]:
        """The representations from each start, the first of which is 0, up to the next one; and whom they are of."""
        ends = [*starts[1:], len(self.representations)]
        parts = [
            Gathered(representations=self.representations[start:end])
            for start, end in zip(starts, ends, strict=True)
        ]
        for target, slot in zip(self.targets, self.slots, strict=True):
            position = bisect_right(starts, slot) - 1
            parts[position].targets.append(target)
            parts[position].slots.append(slot - starts[position])
        return parts


#: Walks from the given objects, enters into the second argument, and returns the objects at the path's end.
_Walk: TypeAlias = Callable[[list[Object], Gathered], list[Object]]
Gather: TypeAlias = Callable[[Object, Found], Gathered]


def compile_gather(ways: Sequence[Way], fetch: Fetch) -> Gather:
    """A function from the merged answer to the representations that `fetch` needs of the objects at all `ways`."""
    walks: list[tuple[Way, dict[int, _Walk]]] = [(way, {}) for way in ways]

    def gather(data: Object, found: Found) -> Gathered:
        gathered = Gathered()
        for way, known in walks:
            path = way.path
            begin, objects = 0, [data]
            for start in way.starts:
                before = found.get(path[:start])
                if before is not None:
                    begin, objects = start, before
                    break
            walk = known.get(begin)
            if walk is None:
                walk = known[begin] = _compile_walk(way, begin, fetch)
            found[path] = walk(objects, gathered)
        return gathered

    return gather


def _compile_walk(way: Way, begin: int, fetch: Fetch) -> _Walk:
    """The walk along a way from the objects that its first `begin` steps lead to."""
    source = Source()
    source.constant("dumps", orjson.dumps)
    source.constant("missing", object())
    source.constant("plain", _PLAIN)
    with source.block("def walk(objects, gathered):"):
        source.line("targets = gathered.targets; slots = gathered.slots")
        source.line("representations = gathered.representations; known = gathered.known")
        source.line("found = []; met = set(); first = {}")
        source.line("add = found.append; add_target = targets.append; add_slot = slots.append")
        with ExitStack() as blocks:
            blocks.enter_context(source.block("for v0 in objects:"))
            _steps(source, blocks, way, begin, fetch)
        source.line("return found")
    walk: _Walk = source.build("walk")
    return walk


def _steps(source: Source, blocks: ExitStack, way: Way, begin: int, fetch: Fetch) -> None:
    """The loops and branches along a way, each inside the one before, and what is done at its end."""
    value, number, put = "v0", 0, "pass"
    once = (
        True  # whether `value` is certain to be come to once: where the walk begins, each object stands once
    )
    for position, step in enumerate(way.path):
        if position < begin:
            continue
        if step == EACH:
            items, number = value, number + 1
            value, once = f"v{number}", False
            blocks.enter_context(source.block(f"if type({items}) is list:"))
            blocks.enter_context(source.block(f"for i{number}, {value} in enumerate({items}):"))
            put = f"{items}[i{number}] = seen"
            continue
        blocks.enter_context(source.block(f"if type({value}) is dict:"))
        if position in way.shared_at and not once:
            _only_once(source, blocks, value)
            once = True
        types = condition_types(step)
        if types is not None:
            allowed = source.constant("types", types | {None})
            blocks.enter_context(source.block(f"if {value}.get('__typename') in {allowed}:"))
            continue
        owner, number = value, number + 1
        value = f"v{number}"
        source.line(f"{value} = {owner}.get({step!r})")
        put = f"{owner}[{step!r}] = seen"
        once = position in way.shared_at
        if once:
            _only_once(source, blocks, value)
    blocks.enter_context(source.block(f"if type({value}) is dict:"))
    source.line("key = None")
    _represent(source, fetch, value, put)
    blocks.enter_context(source.block("if key is None:"))
    if not once:
        _only_once(source, blocks, value)
    source.line(f"add({value})")


def _only_once(source: Source, blocks: ExitStack, value: str) -> None:
    """What follows is for a value that was not come to before."""
    blocks.enter_context(source.block(f"if id({value}) not in met:"))
    source.line(f"met.add(id({value}))")


def _represent(source: Source, fetch: Fetch, value: str, put: str) -> None:
    """Statements that enter the object `value`; `put` puts `seen` in its place."""
    flat = flat_representations(fetch)
    if flat is None:
        represent = source.constant("represent", compile_representation(fetch))
        source.line(f"r = {represent}({value})")
        with source.block("if r is not None:"):
            source.line("key = dumps(r)")
            _enter(source, value, put)
        return
    source.line(f"get = {value}.get")
    source.line("t = get('__typename')")
    for index, representation in enumerate(flat):
        types = source.constant("types", representation.types)
        with source.block(f"{'el' if index else ''}if t in {types}:"):
            _represent_flat(source, representation, value, put)


def _represent_flat(source: Source, representation: FlatRepresentation, value: str, put: str) -> None:
    """Statements for a representation without nested fields: they read, check, and enter it."""
    fields = [(f"f{index}", *field) for index, field in enumerate(representation.fields)]
    for name, _, key, _ in fields:
        source.line(f"{name} = get({key!r}, missing)")
    sent_type = repr(representation.sent_as) if representation.sent_as else "t"
    entries = "".join(f", {sent!r}: {name}" for name, sent, _, _ in fields)
    found = " and ".join(f"{name} is not missing" for name, *_ in fields)
    some = " or ".join(f"{name} is not None" for name, _, _, identifies in fields if identifies)
    plain = " and ".join(f"type({name}) in plain" for name, *_ in fields)
    with source.block(f"if {found} and ({some}):"):
        source.line(f"r = {{'__typename': {sent_type}{entries}}}")
        # Nearly every value is a string or a number: the entity is known again without being written out.
        source.line(f"key = ({sent_type}, {', '.join(name for name, *_ in fields)}) if {plain} else dumps(r)")
        _enter(source, value, put)


def _enter(source: Source, value: str, put: str) -> None:
    """Statements that make `value`, which `r` represents, a target, unless one that is the same in all is a target already."""
    source.line("seen = first.get(key)")
    with source.block("if seen is None:"):
        source.line(f"first[key] = {value}")
        source.line("slot = known.get(key)")
        with source.block("if slot is None:"):
            source.line("slot = known[key] = len(representations)")
            source.line("representations.append(r)")
        source.line(f"add({value}); add_target({value}); add_slot(slot)")
    with source.block(f"elif seen is not {value}:"):
        with source.block(f"if seen == {value}:"):
            source.line(put)
        with source.block("else:"):
            source.line(f"add({value}); add_target({value}); add_slot(known[key])")
