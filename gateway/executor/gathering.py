"""Gathers what an `_entities` request sends: each representation once (Federation 2 §entity representations).

The way to the objects is written out as Python for the plan's own path, and so is the representation where it is
flat, so that a request runs straight through.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from gateway.executor.generating import Source
from gateway.executor.merging import Object
from gateway.executor.paths import EACH, condition_types
from gateway.executor.representations import FlatRepresentation, compile_representation, flat_representations
from gateway.planner.plan import Fetch


@dataclass(frozen=True, slots=True)
class Gathered:
    """`targets[i]` is represented by the `slots[i]`-th of `representations`, which are JSON, in order, distinct."""

    targets: list[Object]
    slots: list[int]
    representations: Mapping[bytes, int]


Gather: TypeAlias = Callable[[Object], Gathered]


def compile_gather(path: tuple[str, ...], fetch: Fetch, shared_at: Collection[int] = ()) -> Gather:
    """A function from the merged answer to the representations that `fetch` needs of the objects at `path`.

    `shared_at`: positions of the steps whose values may be found again elsewhere, for one entity's fields are merged
    wherever the entity stands; such a value is looked at once.
    """
    source = Source()
    source.constant("Gathered", Gathered)
    source.constant("dumps", orjson.dumps)
    with source.block("def gather(v):"):
        source.line("targets = []; slots = []; unique = {}; known = {}; met = set()")
        source.line("add_target = targets.append; add_slot = slots.append")
        _Way(source, fetch, path, frozenset(shared_at)).write(0)
        source.line("return Gathered(targets, slots, unique)")
    gather: Gather = source.build("gather")
    return gather


class _Way:
    """Writes the loops and branches along a path, and what is done at its end."""

    def __init__(
        self, source: Source, fetch: Fetch, path: tuple[str, ...], shared_at: frozenset[int]
    ) -> None:
        self._source = source
        self._fetch = fetch
        self._path = path
        self._shared_at = shared_at

    def write(self, position: int) -> None:
        """Statements for the path from `position` on; they begin at `v`."""
        source = self._source
        if position == len(self._path):
            with source.block("if type(v) is dict:"):
                self._represent()
            return
        step = self._path[position]
        if step == EACH:
            with source.block("if type(v) is list:"), source.block("for v in v:"):
                self.write(position + 1)
            return
        types = condition_types(step)
        with source.block("if type(v) is dict:"):
            if types is not None:
                allowed = source.constant("types", types | {None})
                with source.block(f"if v.get('__typename') in {allowed}:"):
                    self.write(position + 1)
                return
            source.line(f"v = v.get({step!r})")
            if position not in self._shared_at:
                self.write(position + 1)
                return
            with source.block("if id(v) not in met:"):
                source.line("met.add(id(v))")
                self.write(position + 1)

    def _represent(self) -> None:
        source = self._source
        flat = flat_representations(self._fetch)
        if flat is None:
            source.constant("represent", compile_representation(self._fetch))
            source.line("r = represent(v)")
            with source.block("if r is not None:"):
                source.line("add_target(v); add_slot(unique.setdefault(dumps(r), len(unique)))")
            return
        source.constant("missing", object())
        source.line("get = v.get")
        source.line("t = get('__typename')")
        for index, representation in enumerate(flat):
            types = source.constant("types", representation.types)
            with source.block(f"{'el' if index else ''}if t in {types}:"):
                _write_flat(source, representation)


def _write_flat(source: Source, representation: FlatRepresentation) -> None:
    """Statements for one representation without nested fields: they read, check, and enter it once."""
    values = [f"v{index}" for index in range(len(representation.fields))]
    for value, (_, key) in zip(values, representation.fields, strict=True):
        source.line(f"{value} = get({key!r}, missing)")
    sent_type = repr(representation.sent_as) if representation.sent_as else "t"
    entries = "".join(f", {name!r}: {v}" for v, (name, _) in zip(values, representation.fields, strict=True))
    enter = f"unique.setdefault(dumps({{'__typename': {sent_type}{entries}}}), len(unique))"
    if len(values) == 1 and len(representation.types) == 1:
        # Nearly every key is one string: it is known again without being written out.
        with source.block("if type(v0) is str:"):
            source.line("slot = known.get((t, v0))")
            with source.block("if slot is None:"):
                source.line(f"slot = known[t, v0] = {enter}")
            source.line("add_target(v); add_slot(slot)")
        with source.block("elif v0 is not missing and v0 is not None:"):
            source.line(f"add_target(v); add_slot({enter})")
        return
    found = " and ".join(f"{value} is not missing" for value in values)
    some = " or ".join(f"{value} is not None" for value in values)
    with source.block(f"if {found} and ({some}):"):
        source.line(f"add_target(v); add_slot({enter})")
