"""Rows to graph objects: what has the same name on both sides is carried over, the rest is said where it differs."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")
_known: dict[type[Any], tuple[str, ...]] = {}


def from_row(kind: type[T], row: object, /, **others: Any) -> T:
    """A `kind` (a strawberry type) filled from `row`'s attributes of the same names, except for `others`.

    Ids become text, as GraphQL's `ID` wants them.
    """
    plain = {name: _shown(getattr(row, name)) for name in _plain_fields(kind) if name not in others}
    return kind(**plain, **others)


def _shown(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


def _plain_fields(kind: type[Any]) -> tuple[str, ...]:
    names = _known.get(kind)
    if names is None:
        names = _known[kind] = tuple(field.name for field in dataclasses.fields(kind) if field.init)
    return names
