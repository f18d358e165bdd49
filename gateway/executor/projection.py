"""Cuts the client's answer out of the merged one: straight Python, written for one shape, for answers without a fault.

An entity's object may stand in many places (`gathering`); it is cut out once, and its result stands in all of them.

Where something is closed to the caller, there is null (`gateway.executor.closed` finds the places). Where a value is not
what the shape says (a null in a non-null field, an unknown enum value or type, another shape altogether) the generated code gives up with one of `GIVES_UP`, and `gateway.executor.careful` does it again, slowly,
knowing where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, TypeAlias

from gateway.executor.generating import Source
from gateway.executor.shapes import (
    Choice,
    Closed,
    Constant,
    Leaf,
    ListOf,
    ObjectOf,
    OneOf,
    Selection,
    Shape,
)


class FaultFound(Exception):  # noqa: N818 (it is a signal between two functions, never an error)
    """The answer holds something that its shape does not allow."""


GIVES_UP: Final = (FaultFound, AttributeError, KeyError, TypeError)

Project: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


def compile_projection(root: Selection, entity_types: Collection[str] = ()) -> Project:
    """The function for one shape. Raises, when it runs: one of `GIVES_UP`.

    `entity_types`: object types whose objects may stand in many places.
    """
    writer = _Writer(entity_types)
    name = writer.selection(root)
    with writer.source.block("def project(o):"):
        writer.source.line(f"return {name}(o, [{', '.join(['{}'] * writer.memos)}])")
    project: Project = writer.source.build("project")
    return project


class _Writer:
    """Writes one function for each selection and each kind of list, inner ones first.

    Each takes what it cuts from, and `m`: for each selection of an entity, what was cut out already, by object.
    """

    def __init__(self, entity_types: Collection[str]) -> None:
        self._entity_types = entity_types
        self.memos = 0
        self.source = Source()
        self.source.constant("FaultFound", FaultFound)
        self._functions: dict[Selection, str] = {}
        self._count = 0

    def _new_name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def selection(self, selection: Selection) -> str:
        known = self._functions.get(selection)
        if known is not None:
            return known
        name = self._functions[selection] = self._new_name("object_")
        entries = []
        keys: dict[str, str] = {}
        statements: list[str] = []
        for index, field in enumerate(selection.fields):
            shape = field.shape
            if isinstance(shape, Constant):
                entries.append(f"{field.key!r}: {shape.value!r}")
                continue
            if isinstance(shape, Closed) and not shape.required:
                entries.append(f"{field.key!r}: None")
                continue
            variable = f"v{index}"
            keys[variable] = field.source
            entries.append(f"{field.key!r}: {variable}")
            if shape.required or not isinstance(shape, Leaf) or shape.accepts:
                statements.append(self._completion(shape, variable))
        result = f"{{{', '.join(entries)}}}"
        with self.source.block(f"def {name}(o, m):"):
            if selection.type_name in self._entity_types:
                self.source.line(f"known = m[{self.memos}]")
                self.source.line("r = known.get(id(o))")
                self.source.line("if r is not None: return r")
                result = f"known.setdefault(id(o), {result})"
                self.memos += 1
            self._reads(keys)
            for statement in statements:
                self.source.line(statement)
            self.source.line(f"return {result}")
        return name

    def _reads(self, keys: dict[str, str]) -> None:
        """Read the fields: quickest where all are there, as they nearly always are."""
        if not keys:
            self.source.line("o.keys")  # gives up where it is no object, as every other selection does
            return
        with self.source.block("try:"):
            for variable, key in keys.items():
                self.source.line(f"{variable} = o[{key!r}]")
        with self.source.block("except KeyError:"):
            self.source.line("get = o.get")
            for variable, key in keys.items():
                self.source.line(f"{variable} = get({key!r})")

    def _completion(self, shape: Shape, variable: str) -> str:
        """One statement that makes of the variable's value what the client gets."""
        if isinstance(shape, Leaf):
            wrong = f"{variable} is None"
            if len(shape.accepts) == 1:
                wrong = f"type({variable}) is not {next(iter(shape.accepts)).__name__}"
            elif shape.accepts:
                wrong = f"type({variable}) not in {self.source.constant('accepted', shape.accepts)}"
            null = "" if shape.required else f"{variable} is not None and "
            return f"if {null}{wrong}: raise FaultFound"
        if isinstance(shape, Choice):
            return f"if {variable} not in {self._values(shape)}: raise FaultFound"
        if isinstance(shape, Closed):
            return "raise FaultFound"  # the object is null, or one around it
        expression = f"{variable} = {self._call(shape, variable)}"
        return expression if shape.required else f"if {variable} is not None: {expression}"

    def _values(self, shape: Choice) -> str:
        values: frozenset[str | None] = shape.values if shape.required else shape.values | {None}
        return self.source.constant("values", values)

    def _call(self, shape: Shape, variable: str) -> str:
        """The expression for a value that is not null."""
        if isinstance(shape, ObjectOf):
            return f"{self.selection(shape.selection)}({variable}, m)"
        if isinstance(shape, OneOf):
            return f"{self._table(shape)}({variable}['__typename'])({variable}, m)"
        assert isinstance(shape, ListOf)
        return f"{self._list(shape)}({variable}, m)"

    def _table(self, shape: OneOf) -> str:
        """A function that finds the selection's function by type name."""
        names = {type_name: self.selection(selection) for type_name, selection in shape.selections.items()}
        if shape.unresolved is not None:
            names[shape.type_name] = self.selection(shape.unresolved)
        if shape.closed and not shape.required:
            names |= dict.fromkeys(sorted(shape.closed), self._nothing())
        table = self._new_name("table_")
        self.source.line(f"{table} = {{{', '.join(f'{k!r}: {v}' for k, v in names.items())}}}.__getitem__")
        return table

    def _nothing(self) -> str:
        """A function for objects that the caller may not see."""
        name = self._new_name("closed_")
        self.source.line(f"def {name}(o, m): return None")
        return name

    def _list(self, shape: ListOf) -> str:
        item = shape.item
        if isinstance(item, Leaf) and item.accepts:
            accepted = item.accepts if item.required else item.accepts | {type(None)}
            checks = [
                f"if not {self.source.constant('accepted', accepted)}.issuperset(map(type, v)): raise FaultFound"
            ]
            result = "v"
        elif isinstance(item, Leaf):
            checks = ["if None in v: raise FaultFound"] if item.required else []
            result = "v"
        elif isinstance(item, Choice):
            checks = [f"if not {self._values(item)}.issuperset(v): raise FaultFound"]
            result = "v"
        else:
            call = self._call(item, "x")
            checks = []
            result = f"[{call if item.required else f'None if x is None else {call}'} for x in v]"
        name = self._new_name("list_")
        with self.source.block(f"def {name}(v, m):"):
            self.source.line("if type(v) is not list: raise FaultFound")
            for check in checks:
                self.source.line(check)
            self.source.line(f"return {result}")
        return name
