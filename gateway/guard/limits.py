"""Bounds on a client's document, checked before validation, whose rules are not all linear (CVE-2023-26144)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from graphql import DocumentNode, GraphQLSyntaxError, parse

from gateway.codes import GatewayCode
from gateway.guard.measures import Measure, measure


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one document may have. Fragments count as often as they are spread."""

    characters: int = 100_000
    tokens: int = 5_000
    comments: int = 500
    definitions: int = 100
    depth: int = 25
    fields: int = 2_500
    root_fields: int = 50
    aliases: int = 100
    directives: int = 100
    repeats: int = 250
    """Fields whose response key another field of the same selection set has already."""
    reported_errors: int = 10
    """Validation and coercion errors that one answer names."""


class RefusedError(Exception):
    """The document exceeds a limit; nothing more was done with it."""

    def __init__(self, code: GatewayCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class _Bound:
    code: GatewayCode
    what: str
    measured: Callable[[Measure], int]
    most: Callable[[Limits], int]


_BOUNDS: Final = (
    _Bound(GatewayCode.NESTED_TOO_DEEPLY, "levels of nesting", lambda m: m.depth, lambda t: t.depth),
    _Bound(GatewayCode.TOO_MANY_ROOT_FIELDS, "root fields", lambda m: m.root_fields, lambda t: t.root_fields),
    _Bound(GatewayCode.TOO_MANY_ALIASES, "aliases", lambda m: m.aliases, lambda t: t.aliases),
    _Bound(GatewayCode.TOO_MANY_DIRECTIVES, "directives", lambda m: m.directives, lambda t: t.directives),
    _Bound(GatewayCode.TOO_MANY_FIELDS, "repeated fields", lambda m: m.repeats, lambda t: t.repeats),
    _Bound(GatewayCode.TOO_MANY_FIELDS, "fields", lambda m: m.fields, lambda t: t.fields),
)

#: How graphql-core words the parser's own bounds.
_PARSER_BOUNDS: Final = (
    ("tokens. Parsing aborted", GatewayCode.TOO_MANY_TOKENS),
    ("comments. Parsing aborted", GatewayCode.TOO_MANY_TOKENS),
    ("nested too deeply", GatewayCode.NESTED_TOO_DEEPLY),
)


def read_document(text: str, limits: Limits) -> DocumentNode:
    """Parse, within the limits.

    Raises: RefusedError; GraphQLSyntaxError when it is no GraphQL.
    """
    if len(text) > limits.characters:
        raise RefusedError(
            GatewayCode.TOO_MANY_TOKENS, f"The document has more than {limits.characters} characters."
        )
    try:
        document = parse(
            text,
            max_lexical_tokens=limits.tokens,
            max_comments=limits.comments,
            allow_empty_selection_sets=False,
        )
    except GraphQLSyntaxError as error:
        for words, code in _PARSER_BOUNDS:
            if words in error.message:
                raise RefusedError(code, error.message.removeprefix("Syntax Error: ")) from None
        raise
    check_document(document, limits)
    return document


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Raises: RefusedError naming the first limit that is exceeded."""
    if len(document.definitions) > limits.definitions:
        raise RefusedError(
            GatewayCode.TOO_MANY_DEFINITIONS, f"The document has more than {limits.definitions} definitions."
        )
    try:
        measured = measure(document)
    except RecursionError:
        raise RefusedError(GatewayCode.NESTED_TOO_DEEPLY, "The document is nested too deeply.") from None
    for bound in _BOUNDS:
        if bound.measured(measured) > bound.most(limits):
            raise RefusedError(bound.code, f"The document has more than {bound.most(limits)} {bound.what}.")
