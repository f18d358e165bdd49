"""No text is stored that was not looked over: every string that a mutation takes is screened, unless the service says why not.

What an operation screens itself it refuses as a value (`SensitiveText`); what gets as far as here is refused as an error
with the code SENSITIVE_TEXT. A new field of an input is screened from its first day.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)

from vereda.errors import ClientError, ErrorCode
from vereda.screening import screen, screen_numbers


class Text(Enum):
    """What is done about a string that a mutation takes."""

    SCREENED = "looked over here"
    BY_OPERATION = "looked over by the operation, which refuses it as a value"
    ABOUT_SERVICES = "about services, not about somebody: numbers alone are looked for"
    CODED = "no text: a code, key, signed statement or hash, which the operation checks"


#: By the name of an input's field and by `Input.field`, which goes first.
Texts = Mapping[str, Text]

#: What these names mean in every service.
EVERYWHERE: Final[Texts] = {
    "idempotencyKey": Text.CODED,  # kept as a digest
    "language": Text.CODED,  # ISO 639-3, checked
    "languages": Text.CODED,
    "postalCode": Text.CODED,
    "proof": Text.CODED,  # signed by a service of ours
    "offer": Text.CODED,
}


def cast(field: GraphQLField, texts: Texts) -> None:
    """Have the strings that a field takes looked over before it is resolved."""
    resolve: Callable[..., Any] | None = field.resolve
    if resolve is None:
        return

    @functools.wraps(resolve)
    def looked_over(source: Any, info: Any, **arguments: Any) -> Any:
        for name, value in arguments.items():
            for path, text, how in _strings(field.args[name].type, value, name, "", texts):
                finding = screen(text) if how is Text.SCREENED else screen_numbers(text)
                if finding is not None:
                    message = f"`{path}` holds what must not be recorded, and was not stored. {finding.hint}"
                    raise ClientError(
                        ErrorCode.SENSITIVE_TEXT, message, {"field": path, "kind": finding.kind}
                    )
        return resolve(source, info, **arguments)

    field.resolve = looked_over


def how(owner: str, name: str, texts: Texts) -> Text:
    """What is done about the field `name` of the input `owner`."""
    for known in (f"{owner}.{name}", name):
        if known in texts:
            return texts[known]
    return EVERYWHERE.get(name, Text.SCREENED)


def _strings(kind: Any, value: Any, name: str, owner: str, texts: Texts) -> Iterator[tuple[str, str, Text]]:
    """The strings in a value of an input type that are looked over here: path, text, and how."""
    if value is None:
        return
    if isinstance(kind, GraphQLNonNull):
        yield from _strings(kind.of_type, value, name, owner, texts)
    elif isinstance(kind, GraphQLList):
        for one in value:
            yield from _strings(kind.of_type, one, name, owner, texts)
    elif isinstance(kind, GraphQLInputObjectType):
        for field, declared in kind.fields.items():
            if field in value:
                yield from _strings(declared.type, value[field], field, kind.name, texts)
    elif kind is GraphQLString and isinstance(value, str):
        done = how(owner, name, texts)
        if done in (Text.SCREENED, Text.ABOUT_SERVICES):
            yield name, value, done
