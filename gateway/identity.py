"""Who a request at the gateway is from, and what its subgraph requests carry for it.

The engine knows only this protocol: it works the same behind our OAuth (`gateway.oauth`) and behind none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated caller as the engine needs it.

    `key` tells callers apart: nothing is shared, cached or deduplicated between two keys. `headers` go with each
    subgraph request. `authenticated`, `scopes` and `policies` are what `@authenticated`, `@requiresScopes` and `@policy`
    ask about: a policy's name is one of `policies` when this caller satisfies it, such as `role:supervisor`.

    `client_id` and `organization` are whom limits are counted for. `trusted_documents_only` and `cost_per_minute` are
    that client's own policies; None is the gateway's default.
    """

    key: str
    headers: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    authenticated: bool = True
    policies: frozenset[str] = frozenset()
    client_id: str | None = None
    organization: UUID | None = None
    trusted_documents_only: bool = False
    cost_per_minute: int | None = None


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
