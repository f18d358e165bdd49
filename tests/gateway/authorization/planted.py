"""Holes that authorization has had, here or elsewhere, each as a change to one function of the gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gateway import preparing, supergraph
from gateway.executor import faults, shaping
from gateway.guard.authorization import demands, removing, rules, survey, wall
from tests.gateway.oracle.planted import Bug


def _returns(value: Any) -> Callable[[Any], Any]:
    return lambda _right: lambda *_, **__: value


def _without_target(right: Any) -> Any:
    """What a field asks for is put together without the type that it leads to."""

    def wrong(self: Any, type_: Any, name: str) -> Any:
        known = self._types
        self._types = {**known, type_.fields[name].named: known[type_.name] & 0}
        try:
            return right(self, type_, name)
        finally:
            self._types = known

    return wrong


def _derived_is_meant(_right: Any) -> Any:
    """What composition writes on an interface is taken for a demand on each of its types."""

    def wrong(self: Any, interface: Any, coordinate: Any) -> Any:
        return demands.demands_of(self._said.get(coordinate(interface.name)))

    return wrong


def _without_links(right: Any) -> Any:
    """Directives are looked for under their own names only."""

    def wrong(document: Any) -> Any:
        read = right(document)
        read.local.update({name: name for name in ("authenticated", "requiresScopes", "policy")})
        return read

    return wrong


def _one_program_for_all(right: Any) -> Any:
    def wrong(self: Any, document: Any, text: str, labels: Any, verdict: Any) -> Any:
        program = self._programs.get(text, labels)
        if program is None:
            program = right(self, document, text, labels, verdict)
            self._programs.keep(text, labels, program)
        return program

    return wrong


def _any_token(_right: Any) -> Any:
    """One token of a set is enough."""

    def wrong(self: Any, caller: Any) -> bool:
        if self.kind is demands.Kind.AUTHENTICATED:
            return bool(caller.authenticated)
        held = caller.scopes if self.kind is demands.Kind.SCOPES else caller.policies
        return any(wanted & held for wanted in self.any_of)

    return wrong


def _every_set(_right: Any) -> Any:
    """All alternatives are needed."""

    def wrong(self: Any, caller: Any) -> bool:
        if self.kind is demands.Kind.AUTHENTICATED:
            return bool(caller.authenticated)
        held = caller.scopes if self.kind is demands.Kind.SCOPES else caller.policies
        return all(wanted <= held for wanted in self.any_of)

    return wrong


def _whole(right: Any) -> Any:
    """What is planned is the client's document as it is."""

    def wrong(self: Any, document: Any, labels: Any, verdict: Any) -> Any:
        if verdict is not None:
            verdict.left = document
        return right(self, document, labels, verdict)

    return wrong


_compiler = rules._Compiler

PLANTED: Final = (
    Bug("past an interface (CVE-2025-64530)", (_compiler, "_of_interface"), _returns(())),
    Bug("derived is taken for meant", (_compiler, "_of_interface"), _derived_is_meant),
    Bug("through @requires (GHSA-m8jr-fxqx-8xx6)", (_compiler, "_add_inputs"), _returns(False)),
    Bug("renamed directives (CVE-2025-64347)", (supergraph, "read_links"), _without_links),
    Bug("a closed type can be led to", (_compiler, "_field"), _without_target),
    Bug("one token of a set is enough", (demands.Demand, "is_met_by"), _any_token),
    Bug("all alternatives are needed", (demands.Demand, "is_met_by"), _every_set),
    Bug(
        "an interface's field is closed for all or for none (CVE-2025-64173)",
        (removing.Remover, "_is_closed"),
        lambda right: lambda self, owner, node: right(self, owner, node) and owner.name != "Barn",
    ),
    Bug("what is closed is asked for", (preparing.Preparing, "_plan"), _whole),
    Bug("closed fields are shown", (shaping.Shaper, "_is_closed"), _returns(False)),
    Bug("closed objects are shown", (wall.Verdict, "type"), _returns(False)),
    Bug("literals are not looked at", (survey._Surveyor, "_asks"), _returns(None)),
    Bug("variables are not looked at", (wall.Wall, "closed_values"), _returns(frozenset())),
    Bug("callers share a program", (preparing.Preparing, "_program"), _one_program_for_all),
    Bug("callers share what was made of a text", (preparing.Preparing, "lacking"), _returns(0)),
    Bug(
        "an error stands somewhere else",
        (faults.Faults, "unauthorized"),
        lambda right: lambda self, path, name: right(self, path[:-1], name),
    ),
)
