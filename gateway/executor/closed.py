"""The places of an answer that are closed to the caller: looked for after the quick projection, which leaves null there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from gateway.executor.paths import ResponsePath
from gateway.executor.shapes import Closed, ListOf, ObjectOf, OneOf, Selection, Shape

#: A closed place, and the coordinate of the field that leads to it.
Place: TypeAlias = tuple[ResponsePath, str]


class ClosedPlaces:
    """Finds them, for one shape, in the order of the client's document, and looks only where there may be any."""

    def __init__(self, root: Selection) -> None:
        self._root = root
        self._known: dict[Selection, bool] = {}
        self.any = self._selects(root)

    def of(self, merged: dict[str, Any]) -> Iterator[Place]:
        """`merged`: data that the quick projection took, so that all of it is of its shape."""
        return self._object(self._root, merged, ())

    def _object(self, selection: Selection, value: dict[str, Any], path: ResponsePath) -> Iterator[Place]:
        for field in selection.fields:
            if isinstance(field.shape, Closed):
                yield (*path, field.key), field.name
            elif self._holds(field.shape):
                yield from self._value(field.shape, value.get(field.source), (*path, field.key), field.name)

    def _value(self, shape: Shape, value: Any, path: ResponsePath, name: str) -> Iterator[Place]:
        if value is None:
            return
        if isinstance(shape, ListOf):
            for index, item in enumerate(value):
                yield from self._value(shape.item, item, (*path, index), name)
        elif isinstance(shape, ObjectOf):
            yield from self._object(shape.selection, value, path)
        elif isinstance(shape, OneOf):
            type_name = value["__typename"]
            if type_name in shape.closed:
                yield path, name
                return
            selection = shape.unresolved if type_name == shape.type_name else shape.selections[type_name]
            if selection is not None and self._selects(selection):
                yield from self._object(selection, value, path)

    def _selects(self, selection: Selection) -> bool:
        """Whether anything closed may stand in objects of a selection."""
        known = self._known.get(selection)
        if known is None:
            known = any(self._holds(field.shape) for field in selection.fields)
            self._known[selection] = known
        return known

    def _holds(self, shape: Shape) -> bool:
        if isinstance(shape, ListOf):
            return self._holds(shape.item)
        if isinstance(shape, ObjectOf):
            return self._selects(shape.selection)
        if isinstance(shape, OneOf):
            inner = (*shape.selections.values(), *((shape.unresolved,) if shape.unresolved else ()))
            return bool(shape.closed) or any(map(self._selects, inner))
        return isinstance(shape, Closed)
