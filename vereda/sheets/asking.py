"""The graph, as a command asks it: in the name of a partner's system, or in a test of whoever answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from vereda.errors import OperatorError


class Asks(Protocol):
    async def ask(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]: ...


async def data_of(asks: Asks, document: str, variables: dict[str, Any]) -> Mapping[str, Any]:
    """The answer's data. Raises: OperatorError for an answer with errors."""
    answer = await asks.ask(document, variables)
    for error in answer.get("errors", ()):
        code = error.get("extensions", {}).get("code", "")
        raise OperatorError(f"The network answers {code}: {error.get('message')}")
    return dict(answer["data"])
