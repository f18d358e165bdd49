"""A strict subgraph: it answers what its SDL lets it answer, from the data of its folder, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    SelectionSetNode,
    execute,
    get_named_type,
    is_composite_type,
    is_object_type,
    parse,
    validate,
)

from tests.federation.representations import Row, has_key, is_told, missing, undeclared
from tests.federation.sdl import Declared, fields_for, read


class WrongPlanError(Exception):
    """The subgraph was asked for what it cannot answer: no fault of the data, but of the plan."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a subgraph knows.

    `entities`: the objects that can be asked for by their keys, or a function from the representation to one.
    `fields`: by coordinate, values or functions: those of roots are called with the field's arguments, others with
    the object first: what the subgraph knows of it, and what the representation brought. A field that is not here
    is a value of its object, or, where the object is told by its key alone, of the entity with that key. Objects of a
    union or an interface say their `__typename`.
    """

    entities: Mapping[str, Sequence[Row] | Callable[[Row], Row | None]] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Object:
    """An object on its way through one request: what the way to it brought along."""

    type_name: str
    row: Row
    sent: Row = field(default_factory=dict)
    provided: tuple[SelectionSetNode, ...] = ()


class Subgraph:
    """One service. `complaints`: what it was asked and may not be asked."""

    def __init__(self, name: str, sdl: str, data: Data) -> None:
        self.name = name
        self.complaints: list[str] = []
        self._declared: Declared = read(sdl)
        self._schema = self._declared.schema
        self._data = data
        self._roots = {
            root.name
            for root in (self._schema.query_type, self._schema.mutation_type, self._schema.subscription_type)
            if root is not None
        }

    async def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The response to a GraphQL request."""
        variables: dict[str, Any] = request.get("variables") or {}
        document = parse(request["query"])
        errors = [*validate(self._schema, document), *_not_declared(document, variables)]
        if errors:
            self._complain(request, errors)
            return {"errors": [error.formatted for error in errors]}
        found = execute(
            self._schema,
            document,
            _Object("", {}),
            variable_values=variables,
            operation_name=request.get("operationName"),
            field_resolver=self._resolve,
            type_resolver=lambda source, _info, _type: source.type_name,
        )
        result: Any = await found if isawaitable(found) else found
        wrong = [
            error
            for error in result.errors or ()
            if isinstance(error.original_error, WrongPlanError | KeyError)
        ]
        if wrong:
            self._complain(request, wrong)
        response: dict[str, Any] = {"data": result.data}
        if result.errors:
            response["errors"] = [error.formatted for error in result.errors]
        return response

    def _complain(self, request: Mapping[str, Any], errors: Sequence[GraphQLError]) -> None:
        self.complaints += [f"{self.name}: {error.message} in {request}" for error in errors]

    # Fields

    def _resolve(self, source: _Object, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        name, owner = info.field_name, info.parent_type.name
        if name == "_entities":
            return [self._entity(sent) for sent in arguments["representations"]]
        coordinate = f"{owner}.{name}"
        self._check_allowed(source, coordinate, name)
        value = self._data.fields.get(coordinate, _ABSENT)
        if value is _ABSENT:
            row = source.row if name in source.row else self._full(source)
            if name not in row:
                raise WrongPlanError(f"nothing is known here of {coordinate}")
            value = row[name]
        if callable(value):
            value = value(**arguments) if owner in self._roots else value(self._view(source), **arguments)
        named = get_named_type(info.return_type)
        if not is_composite_type(named):
            return value
        provided = [
            node.selection_set for node in self._provided(source, name) if node.selection_set is not None
        ]
        if coordinate in self._declared.provides:
            provided.append(self._declared.provides[coordinate])
        default = named.name if is_object_type(named) else None

        def wrapped(found: Any) -> Any:
            if isinstance(found, list | tuple):
                return [wrapped(item) for item in found]
            if isinstance(found, Mapping):
                return _Object(found.get("__typename") or default or "", found, provided=tuple(provided))
            return found

        async def awaited(found: Any) -> Any:
            return wrapped(await found)

        return awaited(value) if isawaitable(value) else wrapped(value)

    def _check_allowed(self, source: _Object, coordinate: str, name: str) -> None:
        """`@requires` needs what it requires; `@external` fields are answered where they are provided."""
        required = self._declared.requires.get(coordinate)
        if required is not None:
            absent = missing(self._schema, source.type_name, required, source.sent)
            if absent:
                raise WrongPlanError(f"{coordinate} requires {absent}, which was not sent")
        elif coordinate in self._declared.external and not any(self._provided(source, name)):
            raise WrongPlanError(f"{coordinate} is external")

    def _provided(self, source: _Object, name: str) -> list[FieldNode]:
        return [
            node
            for selected in source.provided
            for node in fields_for(self._schema, source.type_name, selected)
            if node.name.value == name
        ]

    def _view(self, source: _Object) -> dict[str, Any]:
        """What a function sees of its object: its own row without external fields, and what was sent."""
        external = self._declared.external
        row = {**self._full(source), **source.row}
        own = {key: value for key, value in row.items() if f"{source.type_name}.{key}" not in external}
        return {**own, **source.sent}

    # Entities

    def _entity(self, sent: Row) -> _Object | Exception | None:
        """The object that a representation means; an exception where it is none, None where nobody has its key."""
        name = str(sent.get("__typename"))
        keys = self._declared.keys.get(name)
        if keys is None:
            return WrongPlanError(f"{name} is no entity here")
        if strange := undeclared(self._schema, name, sent):
            return WrongPlanError(f"{strange} was sent, which is not declared here")
        complete = [key for key in keys if is_told(self._schema, name, key, sent)]
        if not complete:
            return WrongPlanError(f"{name} is asked for without a key")
        found = self._data.entities.get(name)
        if callable(found):
            try:
                row = found(sent)
            except GraphQLError as error:
                return error
            return None if row is None else _Object(str(row.get("__typename", name)), row, sent)
        for type_name, row in self._rows(name):
            if all(has_key(self._schema, type_name, row, key, sent) for key in complete):
                return _Object(type_name, row, sent)
        return None

    def _full(self, source: _Object) -> Row:
        """The row of an entity that another row only names by its key."""
        for key in self._declared.keys.get(source.type_name, ()):
            if not is_told(self._schema, source.type_name, key, source.row):
                continue
            for type_name, row in self._rows(source.type_name):
                if has_key(self._schema, type_name, row, key, source.row):
                    return row
        return source.row

    def _rows(self, name: str) -> Iterator[tuple[str, Row]]:
        """The entities of a type; of an interface, those of its implementations."""
        type_: Any = self._schema.get_type(name)
        names = [name]
        if not is_object_type(type_):
            names += [member.name for member in self._schema.get_possible_types(type_)]
        for known in names:
            rows = self._data.entities.get(known, ())
            for row in () if callable(rows) else rows:
                yield str(row.get("__typename", known)), row


_ABSENT: Any = object()


def _not_declared(document: Any, variables: Mapping[str, Any]) -> list[GraphQLError]:
    """Variables that are sent without being declared: forwarded where they are not used."""
    declared = {
        definition.variable.name.value
        for node in document.definitions
        for definition in getattr(node, "variable_definitions", None) or ()
    }
    return [GraphQLError(f"${name} is sent, but not declared") for name in variables if name not in declared]
