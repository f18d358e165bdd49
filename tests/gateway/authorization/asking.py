"""A small supergraph in words, a world behind it, and what a caller gets of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.engine import Engine, GraphQLRequest
from gateway.executor import Outcome
from gateway.identity import Identity
from gateway.supergraph import load
from tests.gateway.authorization.guarding import GuardedWorld
from tests.gateway.oracle.answering import Subgraphs

NOBODY = Identity("nobody", authenticated=False)
SOMEBODY = Identity("somebody")

_HEAD = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  %s
{ query: Query mutation: Mutation }
enum join__Graph {
  A @join__graph(name: "a", url: "http://a.test")
  B @join__graph(name: "b", url: "http://b.test")
}
type Mutation @join__type(graph: A) { noop: Int wipe: Int @authenticated }
"""
LINKS = " ".join(
    f'@link(url: "https://specs.apollo.dev/{spec}/v0.1", for: SECURITY)'
    for spec in ("authenticated", "requiresScopes", "policy")
)


def holding(*scopes: str, policies: tuple[str, ...] = ()) -> Identity:
    """An authenticated caller with these scopes."""
    return Identity("+".join((*scopes, *policies)), scopes=frozenset(scopes), policies=frozenset(policies))


@dataclass(frozen=True)
class Answer:
    """What a caller got, and what services were asked for it, as "Type.field" of the objects' real types."""

    data: Any
    errors: list[Mapping[str, Any]]
    asked: set[str]
    outcome: Outcome

    @property
    def closed(self) -> list[str]:
        """Places that are closed, as "people.0.ssn"; there must be no other errors."""
        codes = {error["extensions"]["code"] for error in self.errors}
        assert codes <= {"UNAUTHORIZED_FIELD_OR_TYPE"}, self.errors
        return [".".join(map(str, error["path"])) for error in self.errors]


class Graph:
    """A supergraph of two subgraphs, `A` and `B`. `sdl`: its types, the query type among them."""

    def __init__(self, sdl: str, *, links: str = LINKS, **engine: Any) -> None:
        head = _HEAD % links
        if "type Mutation" in sdl:
            head = head[: head.index("type Mutation")]
        self.world = GuardedWorld(head + sdl)
        self.subgraphs = Subgraphs(self.world)
        self.engine = Engine(load(head + sdl), self.subgraphs, development=True, **engine)

    async def ask(self, query: str, caller: Identity = NOBODY, **variables: Any) -> Answer:
        """Fails when a subgraph was asked for what it cannot answer."""
        self.world.asked.clear()
        result = await self.engine.execute(GraphQLRequest(query, variables=variables), caller)
        if self.subgraphs.broken:
            raise self.subgraphs.broken[0]
        asked = {f"{type_name}.{field}" for type_name, field in self.world.asked}
        return Answer(result.data, list(result.errors), asked, result.outcome)
