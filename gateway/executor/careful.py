"""Projection that knows where it is: for answers with faults, with the null propagation of GraphQL §6.4.4."""

from __future__ import annotations

from typing import Any

from gateway.codes import GatewayCode
from gateway.executor.faults import Faults
from gateway.executor.paths import ResponsePath
from gateway.executor.shapes import (
    Choice,
    Closed,
    Constant,
    Leaf,
    ListOf,
    ObjectOf,
    OneOf,
    Selection,
    Shape,
)


class _NullBubbles(Exception):  # noqa: N818 (a signal to the nearest nullable parent)
    pass


def project_carefully(root: Selection, merged: dict[str, Any], faults: Faults) -> dict[str, Any] | None:
    """The client's data; each null that should not be is recorded in `faults` unless it is explained already."""
    try:
        return _Careful(faults).fields(root, merged, ())
    except _NullBubbles:
        return None


class _Careful:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def fields(self, selection: Selection, value: dict[str, Any], path: ResponsePath) -> dict[str, Any]:
        return {
            field.key: self._complete(field.shape, value.get(field.source), (*path, field.key), field.name)
            for field in selection.fields
        }

    def _complete(self, shape: Shape, value: Any, path: ResponsePath, name: str) -> Any:
        if isinstance(shape, Constant):
            return shape.value
        if isinstance(shape, Closed):
            return self._closed(shape.required, path, name)
        if isinstance(shape, OneOf) and type(value) is dict and value.get("__typename") in shape.closed:
            return self._closed(shape.required, path, name)
        try:
            completed = None if value is None else self._value(shape, value, path, name)
        except _NullBubbles:
            if shape.required:
                raise
            return None
        if completed is None and shape.required:
            self._faults.null_in_required(path, name)
            raise _NullBubbles
        return completed

    def _closed(self, required: bool, path: ResponsePath, name: str) -> None:
        """What the caller may not see: an error of its own, and a null of the usual kind."""
        self._faults.unauthorized(path, name)
        if required:
            raise _NullBubbles

    def _value(self, shape: Shape, value: Any, path: ResponsePath, name: str) -> Any:
        """The completed value; None, with the fault recorded, where it does not fit."""
        if isinstance(shape, Leaf):
            if not shape.accepts or type(value) in shape.accepts:
                return value
            return self._misshapen(path, name)
        if isinstance(shape, Choice):
            if type(value) is str and value in shape.values:
                return value
            message = f"{name} has a value that this API does not know."
            return self._faults.misfit(GatewayCode.UNKNOWN_ENUM_VALUE, path, message)
        if isinstance(shape, ListOf):
            if type(value) is list:
                return [
                    self._complete(shape.item, item, (*path, index), name) for index, item in enumerate(value)
                ]
            return self._misshapen(path, name)
        if type(value) is not dict:
            return self._misshapen(path, name)
        if isinstance(shape, ObjectOf):
            return self.fields(shape.selection, value, path)
        assert isinstance(shape, OneOf)
        type_name = value.get("__typename", shape.type_name)
        selection = shape.unresolved if type_name == shape.type_name else shape.selections.get(type_name)
        # An object of a type that is no part of the public schema does not exist for the client.
        return None if selection is None else self.fields(selection, value, path)

    def _misshapen(self, path: ResponsePath, name: str) -> None:
        message = f"{name} has a value of another shape than its type."
        return self._faults.misfit(GatewayCode.VALUE_OF_WRONG_SHAPE, path, message)
