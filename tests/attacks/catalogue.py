"""What an attack is, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from gateway.codes import GatewayCode
from tests.attacks.wire import Answer, Sent

#: The most bytes that a refusal may have: an attacker gets no amplification out of us.
LARGEST_REFUSAL: Final = 64 * 1024
#: The code of an operation that would bring too much.
COST: Final = "COST_ESTIMATED_TOO_EXPENSIVE"


class Expected(Protocol):
    """What must come of an attack."""

    served: bool
    """Whether a subgraph may be asked."""

    def check(self, answer: Answer) -> None:
        """Fails the test when the answer is another."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A GraphQL error with this code and no data, nothing fetched for it."""

    code: str
    status: int = 400
    served: bool = False

    def check(self, answer: Answer) -> None:
        said = answer.json()
        assert "data" not in said
        assert {error["extensions"]["code"] for error in said["errors"]} == {self.code}
        assert self.code in set(GatewayCode)
        told_in_body_alone = (
            200 if answer.header("content-type").startswith("application/json") else self.status
        )
        assert answer.status in (self.status, told_in_body_alone)


@dataclass(frozen=True, slots=True)
class Dropped:
    """Refused before it is GraphQL: an HTTP status, or nothing but a closed connection."""

    status: int
    served: bool = False

    def check(self, answer: Answer) -> None:
        assert answer.status == self.status


@dataclass(frozen=True, slots=True)
class Harmless:
    """Answered, and rightly so."""

    data: Any
    codes: tuple[str, ...] = ()
    """Of the errors beside the data."""
    served: bool = True

    def check(self, answer: Answer) -> None:
        said = answer.json()
        assert answer.status == 200
        assert said["data"] == self.data
        assert tuple(error["extensions"]["code"] for error in said.get("errors", ())) == self.codes


@dataclass(frozen=True, slots=True)
class Attack:
    kind: str
    name: str
    defence: str
    lessons: tuple[str, ...]
    """The published holes that it is known from."""
    request: Callable[[], Sent]
    expected: Expected


ATTACKS: Final[list[Attack]] = []


def attack(
    kind: str, expected: Expected, *lessons: str
) -> Callable[[Callable[[], Sent]], Callable[[], Sent]]:
    """Put a function that makes a request into the catalogue, under its name and its docstring."""

    def keep(request: Callable[[], Sent]) -> Callable[[], Sent]:
        assert request.__doc__, f"{request.__name__} does not say what stops it"
        name = request.__name__.replace("_", " ")
        ATTACKS.append(Attack(kind, name, request.__doc__.strip(), lessons, request, expected))
        return request

    return keep


def document(text: str, **variables: Any) -> Sent:
    """A POST of one GraphQL document."""
    return body({"query": text, "variables": variables} if variables else {"query": text})


def body(content: Any) -> Sent:
    """A POST of this as JSON, or of these very bytes."""
    encoded = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Sent("POST", "/graphql", {"Content-Type": "application/json"}, encoded)


def parameters(headers: dict[str, str] | None = None, **given: str) -> Sent:
    """A GET with the parameters of a GraphQL request."""
    return Sent("GET", f"/graphql?{urlencode(given)}", headers or {})
