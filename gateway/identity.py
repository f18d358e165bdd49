"""Who a request at the gateway is from, and what its subgraph requests carry for it.

The engine knows only this protocol: it works the same behind our OAuth (`gateway.oauth`) and behind none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated caller as the engine needs it.

    `key` tells callers apart: nothing is shared, cached or deduplicated between two keys. `headers` go with each
    subgraph request. `scopes` and `authenticated` are what `@requiresScopes` and `@authenticated` ask about.
    """

    key: str
    headers: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    authenticated: bool = True


class AuthenticationError(Exception):
    """The request's credentials are missing or refused: answered with 401 and `challenge` in `WWW-Authenticate`."""

    def __init__(self, message: str, challenge: str = "Bearer") -> None:
        super().__init__(message)
        self.challenge = challenge


class Authenticator(Protocol):
    """Decides who a request is from. Raises: AuthenticationError."""

    async def authenticate(self, request: Request) -> Identity: ...


class NoAuthentication:
    """Lets everybody in as the same nobody: for stand-alone use on loopback."""

    _nobody = Identity(key="anonymous")

    async def authenticate(self, request: Request) -> Identity:
        return self._nobody
