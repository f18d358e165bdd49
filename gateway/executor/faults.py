"""What went wrong during one request, told in the client's own paths (GraphQL §7.1.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from gateway.codes import PASSED_ON, GatewayCode
from gateway.executor.paths import EACH, ResponsePath
from gateway.executor.shapes import Selection, known_length
from vereda.telemetry import logger, request_id

_log = logger("executor")

#: Errors that one answer holds at most: more tell nobody anything.
_MOST_ERRORS: Final = 100
#: Extensions that tell about a subgraph's inside.
_INSIDE: Final = frozenset({"exception", "stacktrace", "debug", "service", "serviceName"})

#: Client paths of a subgraph's path: none where it cannot be told, several where one entity stands in several places.
Locate: TypeAlias = Callable[[Any], list[ResponsePath]]
#: Places that a fetch fills: a response path where `@` stands for every index.
Area: TypeAlias = tuple[str, ...]


class Faults:
    """Errors of one request and what its services say of its data, and which places of the answer errors explain."""

    __slots__ = ("_explained", "_too_large", "_unavailable", "disclosures", "errors", "redactions")

    def __init__(self) -> None:
        self.errors: list[dict[str, Any]] = []
        self.redactions: list[dict[str, Any]] = []
        self.disclosures: dict[str, dict[str, Any]] = {}
        self._explained = _Places()
        self._unavailable: set[str] = set()
        self._too_large = False

    @property
    def room(self) -> int:
        """How many more errors the answer takes."""
        return _MOST_ERRORS - len(self.errors)

    def unavailable(self, service: str, areas: Iterable[Area]) -> None:
        """A service gave no answer: one error for it, however many of its fetches fail."""
        for area in areas:
            self._explained.add(area)
        if service not in self._unavailable:
            self._unavailable.add(service)
            self._add(
                GatewayCode.SUBGRAPH_UNAVAILABLE,
                f"The service {service!r} cannot be reached at the moment; its fields are missing here.",
                service=service,
            )

    def too_late(self) -> None:
        """The request's time is over. Whatever is missing now is missing for that."""
        self._explained.add(())
        self._add(
            GatewayCode.DEADLINE_EXCEEDED,
            "The request took longer than it may: what is missing here was not waited for. Ask for less at once.",
        )

    def answers_too_large(self, areas: Iterable[Area]) -> None:
        """What services answered is together more than one request may bring; told once."""
        for area in areas:
            self._explained.add(area)
        if not self._too_large:
            self._too_large = True
            self._add(
                GatewayCode.ANSWER_TOO_LARGE,
                "The services answered with more than one request may bring: a part is missing. Ask for less at once.",
            )

    def invalid_answer(self, service: str, areas: Iterable[Area]) -> None:
        for area in areas:
            self._explained.add(area)
        _log.error("invalid answer", service=service, rid=request_id.get())
        self._add(
            GatewayCode.SUBGRAPH_ANSWER_INVALID,
            f"The service {service!r} gave an answer that makes no sense. Quote request {request_id.get()}.",
            service=service,
        )

    def from_service(
        self, service: str, errors: Any, data: Any, locate: Locate, areas: Iterable[Area]
    ) -> None:
        """Take over the `errors` of a subgraph's answer, whose `data` has a null where each of them led to one."""
        if not isinstance(errors, list) or not all(isinstance(error, dict) for error in errors):
            self.invalid_answer(service, areas)
            return
        for error in errors:
            message, extensions = _shown(service, error)
            paths = locate(error.get("path"))
            nulled = locate(_to_null(data, error.get("path"))) if data is not None else []
            for place in nulled or areas:
                self._explained.add(place)
            if not paths:
                self._append({"message": message, "extensions": extensions})
            for path in paths:
                self._append({"message": message, "path": list(path), "extensions": extensions})

    def keep_known_paths(self, root: Selection, data: Any) -> None:
        """End each error's path where it leaves what the client asked for: what keys and `@requires` need is fetched
        under names of our own. An error in what was asked of another type's objects alone is nobody's: a subgraph that
        does not tell them apart (`@interfaceObject`) answers it for all. A redaction of what the client did not ask for,
        or may not, is not told."""
        kept = []
        for error in self.errors:
            path = error.get("path")
            if path is not None:
                length = known_length(root, path)
                if length == len(path) and known_length(root, path, data) < length:
                    continue
                error["path"] = path[:length]
            kept.append(error)
        self.errors = kept
        self.redactions = [
            entry for entry in self.redactions if known_length(root, entry["path"]) == len(entry["path"])
        ]
        for key, entry in list(self.disclosures.items()):
            known = (path for path in entry["paths"] if known_length(root, path) == len(path))
            entry["paths"] = [list(path) for path in dict.fromkeys(map(tuple, known))]
            if not entry["paths"]:
                del self.disclosures[key]

    def redacted(self, entries: Any, locate: Locate) -> None:
        """Take over the `extensions.redactions` of a subgraph's answer."""
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                for path in locate(entry.get("path")):
                    self.redactions.append({**entry, "path": list(path)})

    def disclosed(self, entries: Any, locate: Locate) -> None:
        """Take over the `extensions.disclosures` of a subgraph's answer: of each consent once, with all its places."""
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("paths"), list):
                kept = self.disclosures.setdefault(str(entry.get("consent")), {**entry, "paths": []})
                kept["paths"] += [list(place) for path in entry["paths"] for place in locate(path)]

    @property
    def extensions(self) -> dict[str, Any]:
        """What goes beside the data."""
        said = {"redactions": self.redactions, "disclosures": list(self.disclosures.values())}
        return {name: entries for name, entries in said.items() if entries}

    def null_in_required(self, path: ResponsePath, name: str) -> None:
        """A null where there must be none; an error unless one explains it already (GraphQL §6.4.4)."""
        if not self._explained.covers(path):
            self._add(
                GatewayCode.NULL_IN_NON_NULL_FIELD, f"Cannot return null for non-nullable field {name}.", path
            )

    def unauthorized(self, path: ResponsePath, name: str) -> None:
        """The caller has no right to the field `name`, or to an object that was found in it. The message tells neither what
        was found nor what would open it."""
        self._explained.add(path)
        self._add(GatewayCode.UNAUTHORIZED_FIELD_OR_TYPE, unauthorized_message(name), path)

    def misfit(self, code: GatewayCode, path: ResponsePath, message: str) -> None:
        """A value that cannot be shown: the field becomes null."""
        self._explained.add(path)
        self._add(code, message, path)

    def _add(
        self, code: GatewayCode, message: str, path: ResponsePath | None = None, **extensions: str
    ) -> None:
        error: dict[str, Any] = {"message": message}
        if path is not None:
            error["path"] = list(path)
        error["extensions"] = {"code": code.value, **extensions}
        self._append(error)

    def _append(self, error: dict[str, Any]) -> None:
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(error)


def unauthorized_message(name: str) -> str:
    """`name`: the coordinate, as the client's document has it."""
    return f"You have no right to what {name} holds here: ask without it, or with a token that carries the right."


def _shown(service: str, error: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Message and extensions as a client may see them: those with a known code as they are, others masked."""
    given = error.get("extensions")
    extensions: Mapping[str, Any] = given if isinstance(given, dict) else {}
    code, message = extensions.get("code"), error.get("message")
    if isinstance(code, str) and code in PASSED_ON and isinstance(message, str):
        kept = {key: value for key, value in extensions.items() if key not in _INSIDE}
        return message, {**kept, "service": service}
    rid = request_id.get()
    _log.error("subgraph error", service=service, code=code, rid=rid)
    masked = f"Something went wrong in the service {service!r}. Quote request {rid}."
    return masked, {"code": GatewayCode.INTERNAL.value, "service": service}


def _to_null(data: Any, path: Any) -> Any:
    """The beginning of an error's path that leads to the null that stands for all that it took along."""
    if not isinstance(path, list):
        return path
    value = data
    for position, step in enumerate(path):
        if value is None:
            return path[:position]
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and type(step) is int and step < len(value):
            value = value[step]
        else:
            return path
    return path


class _Places:
    """A set of paths, as a tree, that tells whether one of them lies on the way to or from another."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: dict[Any, Any] = {}

    def add(self, path: Iterable[str | int]) -> None:
        node = self._root
        for step in path:
            node = node.setdefault(step, {})
        node[None] = True

    def covers(self, path: ResponsePath) -> bool:
        """Whether a place of the set is `path`, a place around it, or a place inside it."""
        nodes = [self._root] if self._root else []
        for step in path:
            if any(None in node for node in nodes):
                return True
            keys = (step, EACH) if isinstance(step, int) else (step,)
            nodes = [node[key] for node in nodes for key in keys if key in node]
        return bool(nodes)
