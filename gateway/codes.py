"""`extensions.code` of errors that the gateway itself raises. Stable: clients match on it. Catalogue: docs/errors.md."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from vereda.errors import ErrorCode


class GatewayCode(StrEnum):
    """What the gateway says about a request, a subgraph, or an answer."""

    BAD_REQUEST = "BAD_REQUEST"
    """The HTTP request is no GraphQL request."""
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    BODY_TOO_SLOW = "BODY_TOO_SLOW"
    BATCHING_NOT_SUPPORTED = "BATCHING_NOT_SUPPORTED"
    CSRF_PREVENTED = "CSRF_PREVENTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    IDENTITY_UNAVAILABLE = "IDENTITY_UNAVAILABLE"
    """Who asks could not be found out: the gateway's own database does not answer."""
    UNAUTHORIZED_FIELD_OR_TYPE = "UNAUTHORIZED_FIELD_OR_TYPE"
    """The caller lacks what `@authenticated`, `@requiresScopes` or `@policy` ask for."""
    RATE_LIMITED = "RATE_LIMITED"
    OVERLOADED = "OVERLOADED"
    PERSISTED_QUERY_MISMATCH = "PERSISTED_QUERY_MISMATCH"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    """The caller may run registered documents only, and this is none of them."""

    TOO_MANY_TOKENS = "TOO_MANY_TOKENS"
    NESTED_TOO_DEEPLY = "NESTED_TOO_DEEPLY"
    TOO_MANY_ALIASES = "TOO_MANY_ALIASES"
    TOO_MANY_ROOT_FIELDS = "TOO_MANY_ROOT_FIELDS"
    TOO_MANY_DIRECTIVES = "TOO_MANY_DIRECTIVES"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    TOO_MANY_DEFINITIONS = "TOO_MANY_DEFINITIONS"
    TOO_MANY_LIST_ITEMS = "TOO_MANY_LIST_ITEMS"
    PAGE_TOO_LARGE = "PAGE_TOO_LARGE"
    SLICING_ARGUMENT_NEEDED = "SLICING_ARGUMENT_NEEDED"
    """A list has several arguments that say how much of it is wanted, and not exactly one is given."""
    COST_ESTIMATED_TOO_EXPENSIVE = "COST_ESTIMATED_TOO_EXPENSIVE"

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    """A variable's value does not fit its type."""
    OPERATION_NOT_FOUND = "OPERATION_NOT_FOUND"
    OPERATION_NOT_PLANNABLE = "OPERATION_NOT_PLANNABLE"
    OPERATION_TOO_COMPLEX = "OPERATION_TOO_COMPLEX"
    """To plan the operation would take more time or space than is allowed."""
    SUBSCRIPTIONS_NOT_SERVED = "SUBSCRIPTIONS_NOT_SERVED"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"

    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    """The request took longer than it may; what had not come by then is null."""
    ANSWER_TOO_LARGE = "ANSWER_TOO_LARGE"
    SUBGRAPH_UNAVAILABLE = "SUBGRAPH_UNAVAILABLE"
    """A service could not be reached; `extensions.service` names it, and all of its fields are null."""
    SUBGRAPH_ANSWER_INVALID = "SUBGRAPH_ANSWER_INVALID"
    """A service answered something that is not GraphQL."""
    NULL_IN_NON_NULL_FIELD = "NULL_IN_NON_NULL_FIELD"
    UNKNOWN_ENUM_VALUE = "UNKNOWN_ENUM_VALUE"
    VALUE_OF_WRONG_SHAPE = "VALUE_OF_WRONG_SHAPE"
    INTERNAL = "INTERNAL"


#: Codes of service errors whose messages are written for clients. Messages with any other code stay inside.
PASSED_ON: Final[frozenset[str]] = frozenset(ErrorCode) - {
    ErrorCode.INTERNAL,
    ErrorCode.GRAPHQL_PARSE_FAILED,  # of documents that the gateway wrote
    ErrorCode.GRAPHQL_VALIDATION_FAILED,
}
