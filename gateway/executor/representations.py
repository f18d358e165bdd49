"""Gathers what an `_entities` request sends (Federation 2 §entity representations): each representation once.

The walk to the objects is written out as Python for the plan's own path, so that a request runs straight through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from gateway.executor.generating import Source
from gateway.executor.merging import Object, setting
from gateway.executor.paths import EACH, condition_types
from gateway.planner.plan import Fetch, KeyFragment, KeySelection

_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Gathered:
    """`targets[i]` is represented by the `slots[i]`-th of `representations`, which are JSON, in order, distinct."""

    targets: list[Object]
    slots: list[int]
    representations: Mapping[bytes, int]


Gather: TypeAlias = Callable[[Object], Gathered]


def compile_gather(path: tuple[str, ...], fetch: Fetch) -> Gather:
    """A function from the merged answer to the representations that `fetch` needs of the objects at `path`."""
    source = Source()
    source.constant("represent", compile_representation(fetch))
    source.constant("dumps", orjson.dumps)
    source.constant("Gathered", Gathered)
    with source.block("def gather(v):"):
        source.line("targets = []; slots = []; unique = {}")
        _walk(source, path)
        source.line("return Gathered(targets, slots, unique)")
    gather: Gather = source.build("gather")
    return gather


def _walk(source: Source, path: tuple[str, ...]) -> None:
    """Write the loops and branches that lead from `v` along `path`, and what is done at its end."""
    if not path:
        with source.block("if type(v) is dict:"):
            source.line("key = represent(v)")
            with source.block("if key is not None:"):
                source.line("slot = unique.setdefault(key, len(unique))")
                source.line("targets.append(v); slots.append(slot)")
        return
    step, *rest = path
    if step == EACH:
        with source.block("if type(v) is list:"), source.block("for v in v:"):
            _walk(source, tuple(rest))
        return
    types = condition_types(step)
    with source.block("if type(v) is dict:"):
        if types is None:
            source.line(f"v = v.get({step!r})")
            _walk(source, tuple(rest))
        else:
            allowed = source.constant("types", types | {None})
            with source.block(f"if v.get('__typename') in {allowed}:"):
                _walk(source, tuple(rest))


def compile_representation(fetch: Fetch) -> Callable[[Object], bytes | None]:
    """A function from an object to its representation in JSON; None where the object has not all that is needed.

    That is so for an object of another type, for one whose fields were not all found (its own fetch failed, or it is
    null elsewhere), and for one whose every key is null: it identifies nothing.
    """
    alternatives: dict[str, list[KeySelection]] = {}
    for selection in fetch.requires:
        if isinstance(selection, KeyFragment):
            for name in {selection.type_condition, *selection.possible_types}:
                alternatives.setdefault(name, []).extend(selection.selections)
    always = [selection for selection in fetch.requires if not isinstance(selection, KeyFragment)]
    by_type = {name: (*always, *selections) for name, selections in alternatives.items()}
    otherwise = tuple(always)
    rewrites = [setting(rewrite) for rewrite in fetch.input_rewrites]
    dumps = orjson.dumps

    def represent(entity: Object) -> bytes | None:
        type_name = entity.get("__typename")
        selections = by_type.get(type_name, otherwise) if type_name is not None else ()
        if not selections:
            return None
        representation: Object = {"__typename": type_name}
        if not _pick(entity, selections, representation):
            return None
        if all(value is None for key, value in representation.items() if key != "__typename"):
            return None
        for rewrite in rewrites:
            rewrite(representation)
        return dumps(representation)

    return represent


def _pick(value: Object, selections: tuple[KeySelection, ...], into: Object) -> bool:
    """Copy the selected fields; False where one is missing."""
    for selection in selections:
        if isinstance(selection, KeyFragment):
            name = value.get("__typename")
            if (name == selection.type_condition or name in selection.possible_types) and not _pick(
                value, selection.selections, into
            ):
                return False
            continue
        found = value.get(selection.alias or selection.name, _MISSING)
        if found is _MISSING:
            return False
        if selection.selections and found is not None:
            found = _pick_nested(found, selection.selections)
            if found is _MISSING:
                return False
        into[selection.name] = found
    return True


def _pick_nested(value: Any, selections: tuple[KeySelection, ...]) -> Any:
    if type(value) is list:
        elements = [None if element is None else _pick_nested(element, selections) for element in value]
        return _MISSING if _MISSING in elements else elements
    if type(value) is not dict:
        return _MISSING
    picked: Object = {}
    return picked if _pick(value, selections, picked) else _MISSING
