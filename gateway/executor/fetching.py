"""One request to one subgraph, and its answer's way into the merged answer."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from gateway.executor.faults import Area, Faults, Locate
from gateway.executor.gathering import Found
from gateway.executor.merging import Merge, Object, renaming
from gateway.executor.paths import EACH, ResponsePath, objects_at, without_conditions
from gateway.planner.plan import Fetch, Rename
from gateway.transport import SubgraphAnswer

_SERVER_ERROR: Final = 500


class Send(Protocol):
    """How a request goes to a subgraph: `Transport.send`."""

    def __call__(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> Awaitable[SubgraphAnswer]: ...


#: The answer to come, and what the fetch must know again when it has come.
Sent: TypeAlias = tuple[Awaitable[SubgraphAnswer], Any]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What running one operation may take."""

    representations: int = 1_000
    """Entities in one request to a subgraph: more are asked for by several requests."""
    answer_bytes: int = 64 * 1024 * 1024
    """Of all answers of subgraphs together."""


@dataclass(slots=True)
class Run:
    """One request under way. `data` is the merged answer; it grows with each fetch. `found`: see `gathering`.

    `representations`: see `Bounds`. `bytes_left`: of what answers of subgraphs may still bring.
    """

    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    send: Send
    representations: int
    bytes_left: int
    faults: Faults = field(default_factory=Faults)
    data: Object = field(default_factory=dict)
    found: Found = field(default_factory=dict)


class TakenAlongError(Exception):
    """An error in one thing that was asked for left nothing of the others that were asked for with it."""


class Fetching:
    """What both kinds of fetch have in common: one request to one subgraph."""

    def __init__(
        self, subgraph: str, document: str, operation_name: str | None, variables: Iterable[str], merge: Merge
    ) -> None:
        """`variables`: names of the client's that the document uses."""
        self._subgraph = subgraph
        self._variables = tuple(variables)
        self._merge = merge
        body = {"query": document}
        if operation_name:
            body["operationName"] = operation_name
        self._body = orjson.dumps(body)[:-1]  # without its closing brace: the variables follow
        self._areas: tuple[Area, ...] = ()

    def unavailable(self, run: Run) -> None:
        """There is no answer."""
        run.faults.unavailable(self._subgraph, self._areas)

    def _read(self, run: Run, answer: SubgraphAnswer, locate: Locate, *, whole: bool = True) -> Object | None:
        """Take over errors and redactions; the answer's data, None where there is none.

        Raises: TakenAlongError where errors took all of the data along, unless it is `whole`: asked for one thing.
        """
        run.bytes_left -= len(answer.body)
        if run.bytes_left < 0:
            run.faults.answers_too_large(self._areas)
            return None
        try:
            payload = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            payload = None
        if type(payload) is not dict or not ("data" in payload or payload.get("errors")):
            report = run.faults.unavailable if answer.status >= _SERVER_ERROR else run.faults.invalid_answer
            report(self._subgraph, self._areas)
            return None
        data, errors = payload.get("data"), payload.get("errors")
        if errors and data is None and not whole:
            raise TakenAlongError
        if errors:
            run.faults.from_service(self._subgraph, errors, data, locate, self._areas)
        elif type(data) is not dict:
            run.faults.invalid_answer(self._subgraph, self._areas)
        extensions = payload.get("extensions")
        if type(extensions) is dict:
            if "redactions" in extensions:
                run.faults.redacted(extensions["redactions"], locate)
            if "disclosures" in extensions:
                run.faults.disclosed(extensions["disclosures"], locate)
        return data if type(data) is dict else None

    def _forwarded(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The client's variables that this fetch uses; those that were not given stay absent."""
        return {name: variables[name] for name in self._variables if name in variables}


class Renames:
    """The renames of a fetch, which undo the aliases that the planner gave."""

    def __init__(self, fetch: Fetch, merge: Merge) -> None:
        self._rewrites = tuple(renaming(rename, merge) for rename in fetch.output_rewrites)
        self._keys = tuple(_renamed_keys(rename) for rename in fetch.output_rewrites)
        self.any = bool(self._rewrites)

    def apply(self, answer: Object) -> None:
        for rewrite in self._rewrites:
            rewrite(answer)

    def path(self, path: list[str | int]) -> ResponsePath:
        """A path inside the fetched objects, with the keys that the client knows."""
        if self._keys:
            keys = [(index, step) for index, step in enumerate(path) if isinstance(step, str)]
            for renamed, to in self._keys:
                if tuple(step for _, step in keys[: len(renamed)]) == renamed:
                    path[keys[len(renamed) - 1][0]] = to
        return tuple(path)


class RootFetch(Fetching):
    """Asks a subgraph's root fields, for the answer itself or for each object of the query type at `path`."""

    def __init__(self, fetch: Fetch, path: tuple[str, ...], merge: Merge) -> None:
        super().__init__(fetch.subgraph, fetch.document, fetch.operation_name, fetch.variables, merge)
        self._repeatable = fetch.kind != "mutation"
        self._path = path
        self._renames = Renames(fetch, merge)
        keys = _root_keys(fetch.document, fetch.operation_name)
        self._areas = tuple((*without_conditions(path), str(self._renames.path([key])[0])) for key in keys)
        self._expected = frozenset(key for key, always in keys.items() if always)

    def begin(self, run: Run) -> Sent | None:
        """Send the request. None where there is no object to ask for."""
        targets: list[tuple[Object, ResponsePath]] = [(run.data, ())]
        if self._path:
            targets = list(objects_at(run.data, self._path))
            if not targets:
                return None
        body = self._body
        if self._variables:
            body = b"".join((body, b',"variables":', orjson.dumps(self._forwarded(run.variables))))
        answer = run.send(self._subgraph, body + b"}", run.headers, repeatable=self._repeatable)
        return answer, targets

    def finish(self, run: Run, targets: list[tuple[Object, ResponsePath]], answer: SubgraphAnswer) -> None:
        """Take the answer over."""
        data = self._read(run, answer, self._locator([at for _, at in targets]))
        if data is None:
            return
        if not data.keys() >= self._expected:  # null is an answer, absence is none
            run.faults.invalid_answer(self._subgraph, self._areas)
        self._renames.apply(data)
        for target, _ in targets[1:]:
            self._merge(target, deepcopy(data))
        self._merge(targets[0][0], data)

    def _locator(self, places: list[ResponsePath]) -> Locate:
        def locate(path: Any) -> list[ResponsePath]:
            return [(*place, *self._renames.path([*path])) for place in places] if is_path(path) else []

        return locate


def is_path(path: Any) -> bool:
    return isinstance(path, list) and all(isinstance(step, str | int) for step in path)


def _renamed_keys(rename: Rename) -> tuple[tuple[str, ...], str]:
    return tuple(step for step in without_conditions(rename.path) if step != EACH), rename.to


def _root_keys(document: str, operation_name: str | None) -> dict[str, bool]:
    """Response keys of the document's root fields, and whether each is asked for whatever the variables are."""
    definitions = parse(document, no_location=True).definitions
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
    named = [d for d in operations if d.name is not None and d.name.value == operation_name]
    keys: dict[str, bool] = {}

    def collect(selection_set: SelectionSetNode, always: bool) -> None:
        for node in selection_set.selections:
            asked = always and not any(d.name.value in ("skip", "include") for d in node.directives or ())
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                keys[key] = asked or keys.get(key, False)
            elif isinstance(node, InlineFragmentNode):
                collect(node.selection_set, asked)
            elif isinstance(node, FragmentSpreadNode):
                collect(fragments[node.name.value].selection_set, asked)

    collect((named or operations)[0].selection_set, always=True)
    return keys
