"""What a transport gives back, and the one way in which it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import NamedTuple, Protocol


class SubgraphAnswer(NamedTuple):
    """An HTTP answer, whatever its status: GraphQL over HTTP lets an error status carry a GraphQL body."""

    status: int
    body: bytes
    headers: Sequence[tuple[bytes, bytes]] = ()
    """Of those that say what the body is and how it may be kept, in lower case; GraphQL needs none."""


class SubgraphUnavailableError(Exception):
    """A subgraph gave no answer. `reason` is for the log: it may name addresses, so no client sees it."""

    def __init__(self, subgraph: str, reason: str) -> None:
        super().__init__(f"subgraph {subgraph} is unavailable: {reason}")
        self.subgraph = subgraph
        self.reason = reason


class Transport(Protocol):
    """Carries one GraphQL request to a subgraph."""

    def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> Awaitable[SubgraphAnswer]:
        """Send `body`, a GraphQL request in JSON. `repeatable`: it may arrive twice without harm (a query).

        What is awaited raises: SubgraphUnavailableError.
        """
        ...

    async def close(self) -> None: ...
