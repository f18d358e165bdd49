"""Arguments for any field of a GraphQL schema, made from their types: what is new in the schema is covered by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from vereda.ids import new_id

#: As a known value: the argument or field is left out.
LEFT_OUT: Final = object()
_SOON: Final = datetime.now(UTC) + timedelta(days=10)
#: Where a value of the right type makes no sense by itself: by the name of the field.
_SENSIBLE: Final[Mapping[str, Any]] = {
    "idempotencyKey": lambda: str(new_id()),
    "expectedVersion": 1,
    "language": "spa",
    "languages": ["spa"],
    "postalCode": "93721",
    "county": "06019",
    "counties": ["06019"],
    "zip3": "937",
    "currency": "USD",
    "year": 2027,
    "terms": ["legal.immigration.daca_renewal"],
    "needs": ["legal.immigration.daca_renewal"],
    "endsOn": lambda: (_SOON + timedelta(days=90)).date().isoformat(),
    "endsAt": lambda: (_SOON + timedelta(hours=3)).isoformat(),
    "closesAt": lambda: (_SOON + timedelta(days=30)).isoformat(),
}
_SCALARS: Final[Mapping[str, Callable[[], Any]]] = {
    "ID": lambda: str(new_id()),
    "String": lambda: "text",
    "Int": lambda: 1,
    "Float": lambda: 1.0,
    "Boolean": lambda: True,
    "Date": lambda: _SOON.date().isoformat(),
    "DateTime": lambda: _SOON.isoformat(),
    "Money": lambda: "5000.00 USD",
    "Time": lambda: "09:00:00",
}


class Inputs:
    """Makes arguments. `known`: values by the input type's (or field's) name and the name of what is in it, before all
    others; `text`: what stands in a string, by the same two names; `whole`: optional things are given, too."""

    def __init__(
        self,
        known: Mapping[tuple[str, str], Any] | None = None,
        text: Callable[[str, str], str] | None = None,
        *,
        whole: bool = False,
    ) -> None:
        self._known = known or {}
        self._text = text
        self._whole = whole

    def arguments(self, name: str, field: GraphQLField) -> dict[str, Any]:
        """Values for the arguments of the field `name`."""
        return {
            argument: self.value(name, argument, declared)
            for argument, declared in field.args.items()
            if self._wanted(name, argument, is_required_argument(declared))
        }

    def value(self, owner: str, name: str, declared: GraphQLArgument | GraphQLInputField) -> Any:
        """A value for the argument or input field `name` of `owner`."""
        found = self._known.get((owner, name))
        if found is None:
            found = _SENSIBLE.get(name)
        if found is not None:
            return found() if callable(found) else found
        return self._of(declared.type, owner, name)

    def _wanted(self, owner: str, name: str, required: bool) -> bool:
        given = self._known.get((owner, name))
        return given is not LEFT_OUT and (required or self._whole or given is not None)

    def _of(self, kind: Any, owner: str, name: str) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._of(kind.of_type, owner, name)
        if isinstance(kind, GraphQLList):
            return [self._of(kind.of_type, owner, name)]
        if isinstance(kind, GraphQLEnumType):
            return next(iter(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return {
                field: self.value(kind.name, field, declared)
                for field, declared in kind.fields.items()
                if self._wanted(kind.name, field, is_required_input_field(declared))
            }
        assert isinstance(kind, GraphQLScalarType)
        if kind.name == "String" and self._text is not None:
            return self._text(owner, name)
        return _SCALARS[kind.name]()


def call(operation: str, name: str, field: GraphQLField, arguments: Mapping[str, Any]) -> str:
    """The text of an operation (`query` or `mutation`) that asks for this one field, its arguments as variables."""
    declared = ", ".join(f"${one}: {field.args[one].type}" for one in arguments)
    given = ", ".join(f"{one}: ${one}" for one in arguments)
    head = f"{operation}({declared})" if declared else operation
    return f"{head} {{ {name}{f'({given})' if given else ''}{least(field.type)} }}"


def least(kind: GraphQLOutputType) -> str:
    """The smallest selection set of a type; none for a leaf."""
    return "" if is_leaf_type(get_named_type(kind)) else " { __typename }"
