"""Requests to a subgraph's `_entities`, and their answers' way into the merged answer.

Entity fetches of one subgraph that may be sent at the same time are one request: those that ask the same share a list
of representations; those that ask for something else are told apart by aliases of `_entities`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
    print_ast,
    strip_ignored_characters,
)

from gateway.executor.faults import Locate
from gateway.executor.fetching import Fetching, Renames, Run, Sent, TakenAlongError, is_path
from gateway.executor.gathering import Gather, Gathered, Way, compile_gather
from gateway.executor.merging import Merge, Object
from gateway.executor.paths import ResponsePath, objects_at, without_conditions
from gateway.planner.plan import Fetch
from gateway.transport import SubgraphAnswer

_ENTITIES: Final = "_entities"


@dataclass(frozen=True, slots=True)
class Asked:
    """One fetch of the plan, and all the ways to objects that it is for."""

    fetch: Fetch
    ways: tuple[Way, ...]


class _Part:
    """What a request asks of `_entities` under one response key."""

    __slots__ = ("areas", "gather", "key", "paths", "renames", "variable")

    def __init__(self, asked: Asked, key: str, variable: str, merge: Merge) -> None:
        self.key = key
        self.variable = f'"{variable}":'.encode()
        self.gather: Gather = compile_gather(asked.ways, asked.fetch)
        self.paths = tuple(way.path for way in asked.ways)
        self.areas = tuple(without_conditions(path) for path in self.paths)
        self.renames = Renames(asked.fetch, merge)


class EntityFetch(Fetching):
    """Asks a subgraph's `_entities` for more fields of the objects at some paths."""

    def __init__(self, asked: Sequence[Asked], merge: Merge) -> None:
        first = asked[0].fetch
        document, name, keys = first.document, first.operation_name, [_ENTITIES]
        if len(asked) > 1:
            keys = [f"_{position}" for position in range(len(asked))]
            document = _joined([one.fetch for one in asked], keys)
        variables = dict.fromkeys(variable for one in asked for variable in one.fetch.variables)
        super().__init__(first.subgraph, document, name, variables, merge)
        self._parts = tuple(
            _Part(one, key, first.representations_variable + (key if len(asked) > 1 else ""), merge)
            for one, key in zip(asked, keys, strict=True)
        )
        self._areas = tuple(area for part in self._parts for area in part.areas)
        self._apart = tuple(EntityFetch([one], merge) for one in asked) if len(asked) > 1 else ()
        self._body += b',"variables":{'

    @property
    def lengths(self) -> tuple[int, ...]:
        """How long the way is to the objects of each part."""
        return tuple(min(len(path) for path in part.paths) for part in self._parts)

    def gather(self, run: Run, part: int) -> Gathered:
        """What is to be sent for one part."""
        return self._parts[part].gather(run.data, run.found)

    def batches(self, run: Run, gathered: list[Gathered]) -> list[list[Gathered]]:
        """What is sent, in as many requests as it takes for none to have too many representations."""
        most = run.representations
        if sum([len(one.representations) for one in gathered]) <= most:
            return [gathered]
        batches = [[Gathered() for _ in gathered]]
        room = most
        for position, one in enumerate(gathered):
            count = len(one.representations)
            if not count:
                continue
            if not room:
                batches.append([Gathered() for _ in gathered])
                room = most
            starts = [0, *range(room, count, most)]
            for number, part in enumerate(one.cut(starts)):
                if number:
                    batches.append([Gathered() for _ in gathered])
                    room = most
                batches[-1][position] = part
                room -= len(part.representations)
        return batches

    def begin(self, run: Run, gathered: list[Gathered]) -> Sent | None:
        """Send what was gathered for each part. None where no object is there to be asked for."""
        if not any(one.representations for one in gathered):
            return None
        body = [self._body]
        for part, one in zip(self._parts, gathered, strict=True):
            body += part.variable, orjson.dumps(one.representations), b","
        if self._variables and (forwarded := self._forwarded(run.variables)):
            body += orjson.dumps(forwarded)[1:], b"}"
        else:
            body[-1] = b"}}"
        return run.send(self._subgraph, b"".join(body), run.headers), gathered

    def finish(
        self, run: Run, gathered: list[Gathered], answer: SubgraphAnswer
    ) -> list[tuple[EntityFetch, list[Gathered]]]:
        """Take the answer over. What must be asked once more, each part by itself: `_entities` is not nullable, so that
        a subgraph which fails for one part as a whole has nothing to say of the others."""
        try:
            data = self._read(run, answer, self._locator(run, gathered), whole=not self._apart)
        except TakenAlongError:
            parts = zip(self._apart, gathered, strict=True)
            return [(fetch, [one]) for fetch, one in parts if one.representations]
        if data is not None:
            for part, one in zip(self._parts, gathered, strict=True):
                self._take(run, part, one, data.get(part.key))
        return []

    def _take(self, run: Run, part: _Part, gathered: Gathered, entities: Any) -> None:
        """Merge what the subgraph says of each entity into the objects that stand for it."""
        if type(entities) is not list or len(entities) != len(gathered.representations):
            run.faults.invalid_answer(self._subgraph, part.areas)
            return
        if part.renames.any:
            for entity in entities:
                if type(entity) is dict:
                    part.renames.apply(entity)
        merge = self._merge
        misshapen = False
        for target, slot in zip(gathered.targets, gathered.slots, strict=True):
            entity = entities[slot]
            if type(entity) is not dict:
                misshapen = misshapen or entity is not None
            elif target.keys().isdisjoint(entity):
                target.update(entity)
            else:
                merge(target, entity)
        if misshapen:
            run.faults.invalid_answer(self._subgraph, part.areas)

    def _locator(self, run: Run, gathered: Sequence[Gathered]) -> Locate:
        """Finds client paths for `["_entities", i, ...]`; the walk that it needs is made at the first question."""
        known: dict[str, dict[int, list[ResponsePath]]] = {}

        def locate(given: Any) -> list[ResponsePath]:
            if not (is_path(given) and len(given) > 1 and type(given[1]) is int):
                return []
            for part, one in zip(self._parts, gathered, strict=True):
                if given[0] == part.key:
                    if part.key not in known:
                        known[part.key] = _places(run.data, part.paths, one)
                    inside = part.renames.path(given[2:])
                    return [(*place, *inside) for place in known[part.key].get(given[1], ())]
            return []

        return locate


def _places(
    data: Object, paths: Iterable[tuple[str, ...]], gathered: Gathered
) -> dict[int, list[ResponsePath]]:
    """Where in the client's answer the entity of each slot stands."""
    paths_of: dict[int, list[ResponsePath]] = {}
    for path in paths:
        for found, at in objects_at(data, path):
            paths_of.setdefault(id(found), []).append(at)
    places: dict[int, list[ResponsePath]] = {}
    for target, slot in zip(gathered.targets, gathered.slots, strict=True):
        places.setdefault(slot, []).extend(paths_of.pop(id(target), ()))
    return places


def _joined(fetches: Sequence[Fetch], keys: Sequence[str]) -> str:
    """One document for several `_entities` fetches, each under its own key and with representations of its own."""
    definitions = {}
    fields = []
    for fetch, key in zip(fetches, keys, strict=True):
        operation = parse(fetch.document, no_location=True).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        (field,) = operation.selection_set.selections
        assert isinstance(field, FieldNode)
        own = fetch.representations_variable + key
        for definition in operation.variable_definitions or ():
            name = definition.variable.name.value
            if name == fetch.representations_variable:
                name = own
                definition = type(definition)(variable=_variable(own), type=definition.type)  # noqa: PLW2901
            definitions[name] = definition
        fields.append(
            FieldNode(
                alias=NameNode(value=key),
                name=field.name,
                arguments=(ArgumentNode(name=NameNode(value="representations"), value=_variable(own)),),
                selection_set=field.selection_set,
            )
        )
    first = parse(fetches[0].document, no_location=True).definitions[0]
    assert isinstance(first, OperationDefinitionNode)
    operation = OperationDefinitionNode(
        operation=first.operation,
        name=first.name,
        variable_definitions=tuple(definitions.values()),
        selection_set=SelectionSetNode(selections=tuple(fields)),
    )
    return strip_ignored_characters(print_ast(DocumentNode(definitions=(operation,))))


def _variable(name: str) -> VariableNode:
    return VariableNode(name=NameNode(value=name))
