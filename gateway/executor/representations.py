"""What stands for an entity in a request: `__typename`, a key, and what `@requires` names
(Federation 2 §entity representations)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from gateway.executor.merging import Object, setting
from gateway.executor.paths import condition_types
from gateway.planner.plan import Fetch, KeyField, KeyFragment, KeySelection

_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class FlatRepresentation:
    """A representation of scalars alone. `fields`: the name to send, the key to read it by, whether it identifies.

    `sent_as`: the type name to send where it is not the object's own (`@interfaceObject`).
    """

    types: frozenset[str]
    fields: tuple[tuple[str, str, bool], ...]
    sent_as: str | None


def flat_representations(fetch: Fetch) -> list[FlatRepresentation] | None:
    """What `fetch` needs of each type, if all of it is flat; types with equal needs together."""
    sent_as: dict[str, str] = {}
    by_type, always = _needs(fetch)
    if always:
        return None
    for rewrite in fetch.input_rewrites:
        *conditions, last = rewrite.path
        if last != "__typename" or any(condition_types(step) is None for step in conditions):
            return None
        for name in by_type:
            if all(name in (condition_types(step) or ()) for step in conditions):
                sent_as.setdefault(name, rewrite.value)
    grouped: dict[tuple[tuple[tuple[str, str, bool], ...], str | None], set[str]] = {}
    for name, selections in by_type.items():
        fields: dict[str, tuple[str, bool]] = {}
        for selection in selections:
            if isinstance(selection, KeyFragment) or selection.selections:
                return None
            if selection.name != "__typename":
                _, identifies = fields.get(selection.name, ("", False))
                fields[selection.name] = (
                    selection.alias or selection.name,
                    identifies or selection.identifies,
                )
        if not any(identifies for _, identifies in fields.values()):
            return None
        needs = tuple((sent, key, identifies) for sent, (key, identifies) in fields.items())
        grouped.setdefault((needs, sent_as.get(name)), set()).add(name)
    return [FlatRepresentation(frozenset(types), *needs) for needs, types in grouped.items()]


def _needs(fetch: Fetch) -> tuple[dict[str, list[KeySelection]], list[KeyField]]:
    """What is needed by type name, and what is needed whatever the type."""
    always = [selection for selection in fetch.requires if isinstance(selection, KeyField)]
    by_type: dict[str, list[KeySelection]] = {}
    for selection in fetch.requires:
        if isinstance(selection, KeyFragment):
            for name in {selection.type_condition: None, **dict.fromkeys(selection.possible_types)}:
                by_type.setdefault(name, [*always]).extend(selection.selections)
    return by_type, always


def compile_representation(fetch: Fetch) -> Callable[[Object], Object | None]:
    """A function from an object to its representation; None where the object has not all that is needed.

    That is so for an object of another type, for one whose fields were not all found (its own fetch failed, or it is
    null elsewhere), and for one whose every key is null: it identifies nothing.
    """
    by_type, otherwise = _needs(fetch)
    rewrites = [setting(rewrite) for rewrite in fetch.input_rewrites]

    def represent(entity: Object) -> Object | None:
        type_name = entity.get("__typename")
        selections = by_type.get(type_name, otherwise) if type_name is not None else ()
        if not selections:
            return None
        representation: Object = {"__typename": type_name}
        if not _pick(entity, selections, representation) or not _identifies(entity, selections):
            return None
        for rewrite in rewrites:
            rewrite(representation)
        return representation

    return represent


def _pick(value: Object, selections: Iterable[KeySelection], into: Object) -> bool:
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


def _identifies(value: Any, selections: Iterable[KeySelection]) -> bool:
    """Whether anything in the key parts of an object, at any depth, is not null. That there are none is a key, too."""
    if type(value) is list:
        return not value or any(_identifies(element, selections) for element in value)
    if type(value) is not dict:
        return False
    for selection in selections:
        if isinstance(selection, KeyFragment):
            name = value.get("__typename")
            applies = name == selection.type_condition or name in selection.possible_types
            if applies and _identifies(value, selection.selections):
                return True
        elif selection.identifies and selection.name != "__typename":
            found = value.get(selection.alias or selection.name)
            if found is not None and (not selection.selections or _identifies(found, selection.selections)):
                return True
    return False


def _pick_nested(value: Any, selections: tuple[KeySelection, ...]) -> Any:
    if type(value) is list:
        elements = [None if element is None else _pick_nested(element, selections) for element in value]
        return _MISSING if _MISSING in elements else elements
    if type(value) is not dict:
        return _MISSING
    picked: Object = {}
    return picked if _pick(value, selections, picked) else _MISSING
