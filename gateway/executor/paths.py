"""Walks along plan paths: response keys, `@` for each element, `|[Book,Movie]` for a condition on the type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

EACH: Final = "@"

#: A place in the client's answer: response keys and list indexes (GraphQL §7.1.2).
ResponsePath: TypeAlias = tuple[str | int, ...]


def condition_types(step: str) -> frozenset[str] | None:
    """The concrete types that a step `|[Book,Movie]` lets through; None for every other step."""
    if not step.startswith("|"):
        return None
    return frozenset(name.strip() for name in step[1:].strip("[]").split(","))


def without_conditions(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(step for step in path if not step.startswith("|"))


def objects_at(
    value: Any, path: tuple[str, ...], at: ResponsePath = ()
) -> Iterator[tuple[dict[str, Any], ResponsePath]]:
    """The objects that `path` leads to from `value`, each with its place in the answer."""
    for position, step in enumerate(path):
        if step == EACH:
            if type(value) is list:
                for index, element in enumerate(value):
                    yield from objects_at(element, path[position + 1 :], (*at, index))
            return
        if type(value) is not dict:
            return
        types = condition_types(step)
        if types is None:
            value = value.get(step)
            at = (*at, step)
        elif value.get("__typename", next(iter(types))) not in types:
            return
    if type(value) is dict:
        yield value, at
