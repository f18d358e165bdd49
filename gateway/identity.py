"""Who a request at the gateway is from, and what its subgraph requests carry for it.

The engine knows only this protocol: it works the same behind our OAuth (`gateway.oauth`) and behind none.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.types import Scope

from vereda.caller import PURPOSE_HEADER, Caller

#: How long one check of credentials holds: what was revoked or has ended is refused, and a transaction token (60 s) made
#: anew, within this time.
CHECKED_FOR_S: Final = 30.0
_REMEMBERED: Final = 10_000
#: Where, in a request's ASGI scope, an authenticator puts headers (a mapping) that it wants in the answer.
ANSWER_HEADERS: Final = "vereda.answer_headers"


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


_PURPOSE: Final = re.compile(r"[A-Z][A-Z_]{0,39}")


def for_purpose(identity: Identity, named: list[str]) -> Identity:
    """The identity for a request that names its purpose, which goes on to the services and tells it from its others.

    `named`: what the header `Vereda-Purpose` holds. Raises: ValueError where that is not one code.
    """
    if not named:
        return identity
    if len(named) > 1 or not _PURPOSE.fullmatch(named[0]):
        raise ValueError("not one purpose")
    headers = {**identity.headers, PURPOSE_HEADER: named[0]}
    return replace(identity, key=f"{identity.key} for {named[0]}", headers=headers)


class AuthenticationError(Exception):
    """The request's credentials are missing or refused: answered with 401, `challenge` in `WWW-Authenticate`, and these
    further `headers`."""

    def __init__(
        self, message: str, challenge: str = "Bearer", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.challenge = challenge
        self.headers = dict(headers or {})


class IdentityUnavailableError(Exception):
    """Who the request is from cannot be found out just now: answered with 503. The message tells nothing of why."""

    def __init__(self) -> None:
        super().__init__("Who you are cannot be checked just now: try again in a moment.")


class Authenticator(Protocol):
    """Decides who a request is from. Raises: AuthenticationError, IdentityUnavailableError."""

    async def authenticate(self, request: Request) -> Identity: ...


class NoAuthentication:
    """Lets everybody in as the same nobody, who is not authenticated: for stand-alone use on loopback."""

    _nobody = Identity(key="anonymous", authenticated=False)

    async def authenticate(self, request: Request) -> Identity:
        return self._nobody


@dataclass(frozen=True, slots=True)
class _Admitted:
    identity: Identity
    until: float
    keys: object


def header_values(scope: Scope, name: bytes) -> list[str]:
    """All that a request's head says under one name, given in lower case. Each request is asked: nothing is decoded but
    what is looked for."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


class Admissions:
    """Remembers who was admitted, for so long as a check holds, by the digest of what they showed: no table of usable
    credentials lies in memory. Requests that come with the same credentials at the same time share one check.

    `keys` tells which keys are in force. A check holds under those that it was made with: when one is replaced, what was
    signed with it is believed no more, and signed anew.
    """

    def __init__(self, now: Callable[[], float], keys: Callable[[], object]) -> None:
        self._now = now
        self._keys = keys
        self._admitted: OrderedDict[bytes, _Admitted] = OrderedDict()
        self._checking: dict[bytes, asyncio.Task[Identity]] = {}

    def admitted(self, credentials: str) -> Identity | None:
        """The identity that `credentials` were admitted as, while that holds."""
        return self._admitted_as(_digest(credentials))

    async def admit(
        self, credentials: str, check: Callable[[], Coroutine[Any, Any, tuple[Identity, float]]]
    ) -> Identity:
        """The identity that `credentials` were admitted as; else what `check` says, with the time (of `now`) until which
        it holds. Raises whatever `check` raises."""
        digest = _digest(credentials)
        identity = self._admitted_as(digest)
        if identity is not None:
            return identity
        task = self._checking.get(digest)
        if task is None:
            task = asyncio.create_task(self._check(digest, check()))
            self._checking[digest] = task
            task.add_done_callback(lambda _done: self._checking.pop(digest, None))
        return await asyncio.shield(task)

    def _admitted_as(self, digest: bytes) -> Identity | None:
        admitted = self._admitted.get(digest)
        if admitted is None or self._now() >= admitted.until or admitted.keys != self._keys():
            return None
        self._admitted.move_to_end(digest)
        return admitted.identity

    async def _check(self, digest: bytes, checking: Coroutine[Any, Any, tuple[Identity, float]]) -> Identity:
        keys = self._keys()
        identity, until = await checking
        self._admitted[digest] = _Admitted(identity, until, keys)
        self._admitted.move_to_end(digest)
        while len(self._admitted) > _REMEMBERED:
            self._admitted.popitem(last=False)
        return identity


def _digest(credentials: str) -> bytes:
    return sha256(credentials.encode()).digest()


def identity_key(caller: Caller) -> str:
    """`Identity.key` of a caller: two with the same rights are the same; any difference tells them apart."""
    rights = [
        caller.subject,
        str(caller.organization),
        sorted(caller.scopes),
        sorted(caller.roles),
        caller.purpose,
        caller.authenticated_at,
    ]
    return sha256(orjson.dumps(rights)).hexdigest()
