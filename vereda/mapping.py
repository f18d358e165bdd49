"""Rows to graph objects: what has the same name on both sides is carried over, the rest is said where it differs."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def from_row(kind: type[T], row: object, **others: Any) -> T:
    """A `kind` (a strawberry type) filled from `row`'s attributes of the same names, except for `others`."""
    plain = {name: getattr(row, name) for name in _names(kind) if name not in others}
    return kind(**plain, **others)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if field.init)
