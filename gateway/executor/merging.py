"""Joins subgraph answers into one, and applies the plan's rewrites to what goes in and comes out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

from gateway.executor.paths import objects_at
from gateway.planner.plan import Rename, SetValue

Object: TypeAlias = dict[str, Any]
Rewrite: TypeAlias = Callable[[Object], None]
Merge: TypeAlias = Callable[[Object, Object], None]


def make_merge(abstract_types: Collection[str]) -> Merge:
    """A function that merges the second object, a part of the same thing, into the first.

    A `__typename` that is one of `abstract_types` (an `@interfaceObject` subgraph knows no better) gives way to a
    concrete one; a null gives way to a value, whichever of the two came first.
    """

    def merge(into: Object, new: Object) -> None:
        if into.keys().isdisjoint(new):
            into.update(new)
            return
        for key, value in new.items():
            known = into.get(key)
            if known is None:
                into[key] = value
            elif type(value) is dict and type(known) is dict:
                if known is not value:
                    merge(known, value)
            elif type(value) is list and type(known) is list:
                if known is not value:
                    merge_lists(known, value)
            elif value is not None and (key != "__typename" or known in abstract_types):
                into[key] = value

    def merge_lists(into: list[Any], new: list[Any]) -> None:
        for index, value in enumerate(new[: len(into)]):
            known = into[index]
            if known is None:
                into[index] = value
            elif type(value) is dict and type(known) is dict:
                merge(known, value)
            elif type(value) is list and type(known) is list:
                merge_lists(known, value)

    return merge


def renaming(rename: Rename, merge: Merge) -> Rewrite:
    """Moves a value to the key that the client asked for. A value that is there already is the same field's, asked of
    the same object in another shape: the two are made one by `merge`."""
    *parents, key = rename.path
    path = tuple(parents)
    to = rename.to

    def apply(answer: Object) -> None:
        for owner, _ in objects_at(answer, path):
            if key in owner:
                merge(owner, {to: owner.pop(key)})

    return apply


def setting(rewrite: SetValue) -> Rewrite:
    *parents, key = rewrite.path
    path = tuple(parents)
    value = rewrite.value

    def apply(representation: Object) -> None:
        for owner, _ in objects_at(representation, path):
            owner[key] = value

    return apply
