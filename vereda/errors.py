"""Errors that may be shown, each with a stable code; everything else is masked. Catalogue: docs/errors.md."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from graphql import GraphQLError


class ErrorCode(StrEnum):
    """`extensions.code` of errors raised by services. Stable: clients match on it."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BAD_CURSOR = "BAD_CURSOR"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    PAGE_TOO_LARGE = "PAGE_TOO_LARGE"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    SENSITIVE_TEXT = "SENSITIVE_TEXT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    INTERNAL = "INTERNAL"


class ClientError(GraphQLError):
    """An error whose message is written for the client: what happened, to which input, what to do.

    Never holds a value that a client sent (R34): name the field, not its content.
    """

    def __init__(self, code: ErrorCode, message: str, extensions: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, extensions={"code": code.value, **(extensions or {})})
        self.code = code


class OperatorError(Exception):
    """A start-up problem that one sentence explains to the operator; the CLI prints it and exits with 1."""
