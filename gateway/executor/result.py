"""The answer to one GraphQL request (GraphQL October 2021 §7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson


class Outcome(Enum):
    """How far a request came; HTTP's status follows from it."""

    EXECUTED = "executed"
    REQUEST_ERROR = "request error"
    """It was read, but cannot be executed: parsing, validation, variables (GraphQL §7.1.2)."""
    REFUSED = "refused"
    """It exceeds a limit, and was not looked at further."""
    FORBIDDEN = "forbidden"
    """It is well formed, and its caller may not make it."""


@dataclass(frozen=True, slots=True)
class Result:
    """`errors` are in the response's own form: `message`, `path`, `extensions.code`."""

    data: dict[str, Any] | None
    errors: Sequence[Mapping[str, Any]] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    outcome: Outcome = Outcome.EXECUTED

    def encode(self) -> bytes:
        """The response as JSON; `data` is absent when execution did not begin."""
        response: dict[str, Any] = {}
        if self.errors:
            response["errors"] = self.errors
        if self.outcome is Outcome.EXECUTED:
            response["data"] = self.data
        if self.extensions:
            response["extensions"] = self.extensions
        return orjson.dumps(response)


def request_error(
    code: str, message: str, outcome: Outcome = Outcome.REQUEST_ERROR, **extensions: Any
) -> Result:
    """The answer to a request that is not executed."""
    error = {"message": message, "extensions": {"code": str(code), **extensions}}
    return Result(None, [error], outcome=outcome)
