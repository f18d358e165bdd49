"""Gathers what an `_entities` request sends: each representation once (Federation 2 §entity representations).

The way to the objects is written out as Python for the plan's own paths, and so is the representation where it is
flat, so that a request runs straight through.

The same entity often stands in many places of an answer. Where it looks the same in two places on one path, the second
place is given the first one's object: from then on there is one object to fill, to look through and to project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from gateway.executor.generating import Source
from gateway.executor.merging import Object
from gateway.executor.paths import EACH, condition_types
from gateway.executor.representations import FlatRepresentation, compile_representation, flat_representations
from gateway.planner.plan import Fetch


@dataclass(frozen=True, slots=True)
class Way:
    """A path to objects. `shared_at`: positions in it at which the same object may be come to more than once."""

    path: tuple[str, ...]
    shared_at: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Gathered:
    """`targets[i]` is represented by the `slots[i]`-th of `representations`, which are JSON, in order, distinct."""

    targets: list[Object]
    slots: list[int]
    representations: Mapping[bytes, int]


Gather: TypeAlias = Callable[[Object], Gathered]


def compile_gather(ways: Sequence[Way], fetch: Fetch) -> Gather:
    """A function from the merged answer to the representations that `fetch` needs of the objects at all `ways`."""
    source = Source()
    source.constant("Gathered", Gathered)
    source.constant("dumps", orjson.dumps)
    source.constant("missing", object())
    with source.block("def gather(v0):"):
        source.line("targets = []; slots = []; unique = {}; known = {}")
        source.line("add_target = targets.append; add_slot = slots.append")
        for way in ways:
            source.line("met = set(); first = {}")
            with ExitStack() as blocks:
                _walk(source, blocks, way, fetch)
        source.line("return Gathered(targets, slots, unique)")
    gather: Gather = source.build("gather")
    return gather


def _walk(source: Source, blocks: ExitStack, way: Way, fetch: Fetch) -> None:
    """The loops and branches along a way, each inside the one before, and what is done at its end."""
    value, number, put = "v0", 0, "pass"
    for position, step in enumerate(way.path):
        if step == EACH:
            items, number = value, number + 1
            value = f"v{number}"
            blocks.enter_context(source.block(f"if type({items}) is list:"))
            blocks.enter_context(source.block(f"for i{number}, {value} in enumerate({items}):"))
            put = f"{items}[i{number}] = seen"
            continue
        once = f" and id({value}) not in met" if position in way.shared_at else ""
        blocks.enter_context(source.block(f"if type({value}) is dict{once}:"))
        if once:
            source.line(f"met.add(id({value}))")
        types = condition_types(step)
        if types is not None:
            allowed = source.constant("types", types | {None})
            blocks.enter_context(source.block(f"if {value}.get('__typename') in {allowed}:"))
            continue
        owner, number = value, number + 1
        value = f"v{number}"
        source.line(f"{value} = {owner}.get({step!r})")
        put = f"{owner}[{step!r}] = seen"
        if position in way.shared_at:
            blocks.enter_context(source.block(f"if id({value}) not in met:"))
            source.line(f"met.add(id({value}))")
    blocks.enter_context(source.block(f"if type({value}) is dict:"))
    _represent(source, fetch, value, put)


def _represent(source: Source, fetch: Fetch, value: str, put: str) -> None:
    """Statements that enter the object `value`; `put` puts `seen` in its place."""
    flat = flat_representations(fetch)
    if flat is None:
        represent = source.constant("represent", compile_representation(fetch))
        source.line(f"r = {represent}({value})")
        with source.block("if r is not None:"):
            source.line("key = dumps(r)")
            _enter(source, value, put, "key")
        return
    source.line(f"get = {value}.get")
    source.line("t = get('__typename')")
    for index, representation in enumerate(flat):
        types = source.constant("types", representation.types)
        with source.block(f"{'el' if index else ''}if t in {types}:"):
            _represent_flat(source, representation, value, put)


def _represent_flat(source: Source, representation: FlatRepresentation, value: str, put: str) -> None:
    """Statements for a representation without nested fields: they read, check, and enter it."""
    names = [f"f{index}" for index in range(len(representation.fields))]
    for name, (_, key) in zip(names, representation.fields, strict=True):
        source.line(f"{name} = get({key!r}, missing)")
    sent_type = repr(representation.sent_as) if representation.sent_as else "t"
    entries = "".join(
        f", {sent!r}: {name}" for name, (sent, _) in zip(names, representation.fields, strict=True)
    )
    written = f"dumps({{'__typename': {sent_type}{entries}}})"
    if len(names) == 1:
        # Nearly every key is one string or number: it is known again without being written out.
        with source.block("if type(f0) is str or type(f0) is int:"):
            source.line("key = t, f0")
            _enter(source, value, put, written)
        with source.block("elif f0 is not missing and f0 is not None:"):
            source.line(f"key = {written}")
            _enter(source, value, put, "key")
        return
    found = " and ".join(f"{name} is not missing" for name in names)
    some = " or ".join(f"{name} is not None" for name in names)
    with source.block(f"if {found} and ({some}):"):
        source.line(f"key = {written}")
        _enter(source, value, put, "key")


def _enter(source: Source, value: str, put: str, written: str) -> None:
    """Statements that make `value` a target, unless one that is the same in all is a target already."""
    source.line("seen = first.get(key)")
    with source.block("if seen is None:"):
        source.line(f"first[key] = {value}")
        source.line("slot = known.get(key)")
        with source.block("if slot is None:"):
            source.line(f"slot = known[key] = unique.setdefault({written}, len(unique))")
        source.line(f"add_target({value}); add_slot(slot)")
    with source.block(f"elif seen is not {value}:"):
        with source.block(f"if seen == {value}:"):
            source.line(put)
        with source.block("else:"):
            source.line(f"add_target({value}); add_slot(known[key])")
