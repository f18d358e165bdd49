"""What of an error a client may see. The rest goes to the log, under the request id that the client is given."""

from __future__ import annotations

import re
from typing import Final

import asyncpg
from graphql import GraphQLError, GraphQLSyntaxError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from vereda.deadline import PASSED
from vereda.errors import ClientError, ErrorCode
from vereda.keyring.away import KeysAwayError
from vereda.telemetry import logger, report, request_id

_log = logger("errors")

#: Where the messages of graphql-core and strawberry quote the value that was sent (R34), and what is said instead.
_QUOTED: Final = (
    (re.compile(r"[,;] found: .*", re.DOTALL), "."),
    (re.compile(r"Invalid isoformat string: .*", re.DOTALL), "It is not written as ISO 8601 says."),
    (re.compile(r"(cannot represent [^:]*): .*", re.DOTALL), r"\1."),
    (re.compile(r"Value '.*' does not exist in", re.DOTALL), "The value does not exist in"),
    (re.compile(r"((?:found|Unexpected) [A-Z]\w*) ['\"].*", re.DOTALL), r"\1."),
)
_UNSTORABLE: Final = (
    "The input holds a value that cannot be stored, such as a NUL character or a number out of range."
)
_CHANGED: Final = "Somebody else changed it at the same time: read it again, then decide."
_NOT_ALLOWED: Final = "This is not yours to change."
_BUSY: Final = "The service cannot reach its data at the moment. Nothing was changed; try again shortly."


def shown(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it: with a stable `extensions.code`, and no internal detail."""
    cause = error.original_error
    if isinstance(cause, ClientError) or isinstance(error, ClientError):
        return error
    if isinstance(cause, GraphQLError) and cause.message.startswith("Argument "):  # null where none may be
        return _located(error, _without_values(cause.message), ErrorCode.GRAPHQL_VALIDATION_FAILED)
    if error.path is None and isinstance(cause, ValueError | GraphQLError | None):
        code = (
            ErrorCode.GRAPHQL_PARSE_FAILED
            if isinstance(error, GraphQLSyntaxError)
            else ErrorCode.GRAPHQL_VALIDATION_FAILED
        )
        return _located(error, _without_values(error.message), code)
    for kind, code, message in _KNOWN:
        if isinstance(cause, kind) or isinstance(_driver_error(cause), kind):
            return _located(error, message, code)
    report(_log, cause or error, rid=request_id.get(), path=error.path)
    return _located(
        error,
        f"Something went wrong on our side; nothing was acknowledged. Quote request {request_id.get()}.",
        ErrorCode.INTERNAL,
    )


def _without_values(message: str) -> str:
    for quoting, instead in _QUOTED:
        message = quoting.sub(instead, message)
    return message


def _driver_error(cause: BaseException | None) -> BaseException | None:
    """The asyncpg error under SQLAlchemy's."""
    if not isinstance(cause, DBAPIError) or cause.orig is None:
        return None
    return cause.orig.__cause__


def _located(error: GraphQLError, message: str, code: ErrorCode) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code.value},
    )


_KNOWN: Final = (
    (StaleDataError, ErrorCode.VERSION_CONFLICT, _CHANGED),
    ((asyncpg.DataError, UnicodeEncodeError), ErrorCode.BAD_USER_INPUT, _UNSTORABLE),
    (asyncpg.SerializationError, ErrorCode.VERSION_CONFLICT, _CHANGED),
    (asyncpg.InsufficientPrivilegeError, ErrorCode.FORBIDDEN, _NOT_ALLOWED),
    (asyncpg.QueryCanceledError, ErrorCode.DEADLINE_EXCEEDED, PASSED),  # SQLAlchemy's is an OperationalError
    (KeysAwayError, ErrorCode.SERVICE_UNAVAILABLE, _BUSY),
    (
        (OperationalError, InterfaceError, PoolTimeoutError, OSError),
        ErrorCode.SERVICE_UNAVAILABLE,
        _BUSY,
    ),
)
