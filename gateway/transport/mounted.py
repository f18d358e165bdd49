"""Subgraphs that are part of this process beside those that are reached over the network."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping

from gateway.transport.answer import SubgraphAnswer
from gateway.transport.asgi import AsgiTransport
from gateway.transport.http import HttpTransport, SubgraphHealth


class MountedTransport:
    """Asks the subgraphs `names` of `inside`, whatever address a supergraph gives them, and all others over HTTP."""

    def __init__(self, names: Iterable[str], inside: AsgiTransport, outside: HttpTransport) -> None:
        self._names = frozenset(names)
        self._inside = inside
        self._outside = outside

    def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> Awaitable[SubgraphAnswer]:
        """See `Transport.send`."""
        to = self._inside if subgraph in self._names else self._outside
        return to.send(subgraph, body, headers, repeatable=repeatable)

    async def get(self, subgraph: str, target: str, headers: Mapping[str, str]) -> SubgraphAnswer:
        """See `HttpTransport.get`."""
        to = self._inside if subgraph in self._names else self._outside
        return await to.get(subgraph, target, headers)

    def route(self, urls: Mapping[str, str]) -> None:
        """Take new addresses. Raises: OperatorError when a URL is none; nothing is changed then."""
        self._outside.route({name: url for name, url in urls.items() if name not in self._names})

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """Requests by subgraph and outcome."""
        return {**self._outside.counts, **self._inside.counts}

    @property
    def health(self) -> dict[str, SubgraphHealth]:
        """See `HttpTransport.health`; what is in this process has no breaker."""
        return self._outside.health

    async def check(self, subgraph: str) -> None:
        """Whether the subgraph can serve. Raises: SubgraphUnavailableError."""
        await (self._inside if subgraph in self._names else self._outside).check(subgraph)

    async def close(self) -> None:
        await self._outside.close()
        await self._inside.close()
