"""Bounds on a client's document, checked before validation, whose rules are not all linear (CVE-2023-26144)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from graphql import DocumentNode, GraphQLSyntaxError, parse

from gateway.codes import GatewayCode
from gateway.guard.limits import Limits
from gateway.guard.measures import Measure, height, measure
from gateway.guard.scanning import excess


class RefusedError(Exception):
    """The request exceeds a limit; nothing more was done with it. `extensions` go beside the code."""

    def __init__(self, code: GatewayCode, message: str, **extensions: float) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extensions = extensions


@dataclass(frozen=True, slots=True)
class _Bound:
    code: GatewayCode
    what: str
    measured: Callable[[Measure], int]
    most: Callable[[Limits], int]


_BOUNDS: Final = (
    _Bound(GatewayCode.NESTED_TOO_DEEPLY, "levels of nesting", lambda m: m.depth, lambda t: t.depth),
    _Bound(GatewayCode.TOO_MANY_ROOT_FIELDS, "root fields", lambda m: m.root_fields, lambda t: t.root_fields),
    _Bound(
        GatewayCode.TOO_MANY_ROOT_FIELDS,
        "introspection fields",
        lambda m: m.introspections,
        lambda t: t.introspections,
    ),
    _Bound(GatewayCode.TOO_MANY_ALIASES, "aliases", lambda m: m.aliases, lambda t: t.aliases),
    _Bound(GatewayCode.TOO_MANY_DIRECTIVES, "directives", lambda m: m.directives, lambda t: t.directives),
    _Bound(GatewayCode.TOO_MANY_FIELDS, "repeated fields", lambda m: m.repeats, lambda t: t.repeats),
    _Bound(GatewayCode.TOO_MANY_FIELDS, "fields", lambda m: m.fields, lambda t: t.fields),
    _Bound(
        GatewayCode.TOO_MANY_LIST_ITEMS, "items in one list", lambda m: m.list_items, lambda t: t.list_items
    ),
    _Bound(
        GatewayCode.NESTED_TOO_DEEPLY,
        "lists and objects inside of each other in one argument",
        lambda m: m.input_depth,
        lambda t: t.input_depth,
    ),
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
    return read_measured(text, limits)[0]


def read_measured(text: str, limits: Limits) -> tuple[DocumentNode, Measure]:
    """The same, with what was measured."""
    if len(text) > limits.characters:
        raise RefusedError(
            GatewayCode.TOO_MANY_TOKENS, f"The document has more than {limits.characters} characters."
        )
    if too_much := excess(text, limits):
        raise RefusedError(too_much.code, too_much.message)
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
    return document, check_document(document, limits)


def check_document(document: DocumentNode, limits: Limits) -> Measure:
    """What was measured. Raises: RefusedError naming the first limit that is exceeded."""
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
    # Last: it writes fragments out, which is harmless once their fields have been counted.
    if measured.fields > limits.height and height(document) > limits.height:
        raise RefusedError(
            GatewayCode.TOO_MANY_FIELDS, f"The document has more than {limits.height} different fields."
        )
    return measured
