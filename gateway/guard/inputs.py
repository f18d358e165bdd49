"""Bounds on what the client's variables hold, whatever their types: a scalar of JSON takes anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.codes import GatewayCode
from gateway.guard.documents import RefusedError
from gateway.guard.limits import Limits


def check_variables(variables: Mapping[str, Any], limits: Limits) -> None:
    """Raises: RefusedError for a list of too many items, or lists and objects too deep inside of each other."""
    for value in variables.values():
        kind = type(value)
        if kind is list or kind is dict:
            _check(value, limits)


def _check(value: Any, limits: Limits) -> None:
    """Level by level, so that no nesting is too deep for the interpreter's stack."""
    level: list[Any] = [value]
    for _ in range(limits.input_depth):
        inside: list[Any] = []
        for held in level:
            if type(held) is list and len(held) > limits.list_items:
                raise RefusedError(
                    GatewayCode.TOO_MANY_LIST_ITEMS,
                    f"A variable holds a list of more than {limits.list_items} items.",
                )
            items: Iterable[Any] = held if type(held) is list else held.values()
            inside += [item for item in items if type(item) is list or type(item) is dict]
        if not inside:
            return
        level = inside
    raise RefusedError(
        GatewayCode.NESTED_TOO_DEEPLY,
        f"A variable holds more than {limits.input_depth} lists and objects inside of each other.",
    )
