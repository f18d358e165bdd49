"""A look over a document's tokens before it is parsed: what is far too large is refused for a fraction of what parsing
it costs, mostly at the first token that is one too many.

What is counted is what `gateway.guard.measures` counts in a parsed document, within one definition and without what its
spreads bring; so no document is refused here that would not be refused there or by validation, if by another code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.codes import GatewayCode
from gateway.guard.limits import Limits

#: GraphQL §2.1: block strings, strings, comments, names, numbers, punctuators. A string that does not end goes to the end
#: of what it may be, so that no character is looked at twice.
_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\(?:""")?|"(?!""))*+(?:"""|\Z)|"(?:[^"\\\r\n]|\\.)*+"?|#[^\r\n]*+'
    r"|[_A-Za-z]\w*+|-?\d[\w.+-]*+|\.\.\.|[!$&():=@\[\]{|}]",
    re.ASCII,
)
_OPERATIONS: Final = frozenset({"query", "mutation", "subscription"})


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that is exceeded, as the caller is told."""

    code: GatewayCode
    message: str


def excess(text: str, limits: Limits) -> Excess | None:
    """The first limit that the text of a document exceeds, if there is one."""
    scan = _Scan(limits)
    tokens, comments, in_arguments = limits.tokens, limits.comments, False
    for found in _TOKEN.finditer(text):
        token = found[0]
        first = token[0]
        if first == "#":
            comments -= 1
            if comments < 0:
                return _told(GatewayCode.TOO_MANY_TOKENS, limits.comments, "comments")
            continue
        tokens -= 1
        if tokens < 0:
            return _told(GatewayCode.TOO_MANY_TOKENS, limits.tokens, "tokens")
        if in_arguments and first != "@":
            in_arguments = first != ")"
        elif first == "(":
            in_arguments = True
        elif too_many := _TAKEN.get(first, _Scan.name)(scan, token):
            return too_many
    return None


def _told(code: GatewayCode, most: int, what: str) -> Excess:
    return Excess(code, f"The document has more than {most} {what}.")


@dataclass(slots=True)
class _Scan:
    """Where in a document a scan is, outside of arguments, and what it has counted in the definition that it is in."""

    limits: Limits
    definitions: int = 0
    repeats: int = 0
    keys: list[set[str]] = field(default_factory=list)
    """Response keys of each selection set that is open; an inline fragment has those of the set around it."""
    before: str = ""
    """The token that says what the next name is: `...`, `@`, `:`, `on`, or nothing of that kind."""
    in_operation: bool = True
    is_new: bool = False
    """Whether the last token named a field, and no field was named like it at its place."""
    in_spread: bool = False
    """Whether a brace would open an inline fragment."""
    places: dict[tuple[int, str], int] = field(default_factory=dict)
    """A number for each different field: by the number of the field around it, and its name."""
    place: int = 0
    """The field that was named last."""
    around: list[int] = field(default_factory=lambda: [0])
    """The field that each open selection set belongs to."""
    depth: int = 0
    fields: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0

    def name(self, token: str) -> Excess | None:
        before, self.before, self.is_new = self.before, "", False
        if not self.keys:
            if before != "@" and token in ("fragment", *_OPERATIONS):
                self.in_operation = token in _OPERATIONS
        elif before == "...":
            self.in_spread = token == "on"  # noqa: S105
            self.before = token if self.in_spread else ""
        elif not before:
            return self._field(token)
        elif before == ":":
            self._named(token)
        return None

    def _field(self, key: str) -> Excess | None:
        limits, known = self.limits, self.keys[-1]
        self.fields += 1
        self.root_fields += self.depth == 1 and self.in_operation
        self.repeats += key in known
        known.add(key)
        if self.root_fields > limits.root_fields:
            return _told(GatewayCode.TOO_MANY_ROOT_FIELDS, limits.root_fields, "root fields")
        if self.fields > limits.fields:
            return _told(GatewayCode.TOO_MANY_FIELDS, limits.fields, "fields")
        if self.repeats > limits.repeats:
            return _told(GatewayCode.TOO_MANY_FIELDS, limits.repeats, "repeated fields")
        if self.depth > limits.depth:
            return _told(GatewayCode.NESTED_TOO_DEEPLY, limits.depth, "levels of nesting")
        if too_many := self._too_high():
            return too_many
        self._named(key)
        return None

    def _named(self, name: str) -> None:
        """A field by its own name, or what may turn out to be its alias: only what follows tells."""
        place = (self.around[-1], name)
        self.is_new = place not in self.places
        self.place = self.places.setdefault(place, len(self.places) + 1)

    def _too_high(self) -> Excess | None:
        """Asked where no field's name is open any more."""
        if len(self.places) > self.limits.height:
            return _told(GatewayCode.TOO_MANY_FIELDS, self.limits.height, "different fields")
        return None

    def colon(self, token: str) -> Excess | None:
        if self.keys and not self.before and self.is_new:
            self.places.popitem()
            self.is_new = False
        self.before = token
        self.aliases += 1
        if self.aliases > self.limits.aliases:
            return _told(GatewayCode.TOO_MANY_ALIASES, self.limits.aliases, "aliases")
        return None

    def at(self, token: str) -> Excess | None:
        self.before, self.is_new = token, False
        self.directives += 1
        if self.directives > self.limits.directives:
            return _told(GatewayCode.TOO_MANY_DIRECTIVES, self.limits.directives, "directives")
        return None

    def spread(self, token: str) -> None:
        self.before, self.is_new = token, False
        self.in_spread = True

    def opening(self, _token: str) -> Excess | None:
        self.before, self.is_new = "", False
        if not self.keys:
            self.definitions += 1
            if self.definitions > self.limits.definitions:
                return _told(GatewayCode.TOO_MANY_DEFINITIONS, self.limits.definitions, "definitions")
        if self.in_spread and self.keys:
            self.keys.append(self.keys[-1])
            self.around.append(self.around[-1])
        else:
            self.keys.append(set())
            self.around.append(self.place)
            self.depth += 1
        self.in_spread = False
        return self._too_high()

    def closing(self, _token: str) -> Excess | None:
        self.before, self.is_new = "", False
        self.in_spread = False
        if not self.keys:
            return None
        too_many = self._too_high()
        closed = self.keys.pop()
        self.around.pop()
        if not self.keys:
            self.places.clear()
            self.place = 0
            self.depth = self.fields = self.root_fields = self.aliases = self.directives = 0
            self.in_operation = True
        elif self.keys[-1] is not closed:
            self.depth -= 1
        return too_many

    def other(self, _token: str) -> None:
        """A punctuator or a value, which stands here only in what is no GraphQL, or in a variable's definition."""


_TAKEN: Final[dict[str, Callable[[_Scan, str], Excess | None]]] = {
    "{": _Scan.opening,
    "}": _Scan.closing,
    ":": _Scan.colon,
    "@": _Scan.at,
    ".": _Scan.spread,
    **dict.fromkeys('!$&)=[]|"-0123456789', _Scan.other),
}
