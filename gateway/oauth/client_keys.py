"""The public keys that clients sign their assertions with: registered by value, or published by the client at a URL."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.jose import JwtRefusedError, PublicKey, public_key
from gateway.oauth.client import Client
from gateway.outbound import FetchError, Outbound
from vereda.errors import OperatorError
from vereda.telemetry import logger

_MOST_KEYS: Final = 20
#: How old keys may be before they are read again; while that fails they serve on until `_TOO_OLD_S`, no longer: a key
#: that its owner has taken back must not live for as long as somebody keeps us from hearing of it.
_FRESH_S: Final = 300.0
_TOO_OLD_S: Final = 3600.0
#: Whoever invents key ids makes us read a set no more often than this.
_AGAIN_AFTER_S: Final = 10.0
_REMEMBERED: Final = 1_000

_log = logger("oauth")


def checked_jwks(document: Any) -> dict[str, Any]:
    """A JWK Set (RFC 7517 §5) to register. Raises: OperatorError when it holds a private key, or none that is of use."""
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list) or not 0 < len(members) <= _MOST_KEYS:
        raise OperatorError(f'A key set is a JSON object {{"keys": [...]}} with 1 to {_MOST_KEYS} keys.')
    if any(isinstance(one, dict) and {"d", "k"} & one.keys() for one in members):
        raise OperatorError(
            "The key set holds a private key: register the public half alone, and replace that key."
        )
    if not usable_keys(document):
        raise OperatorError(
            "The key set has no key of use: P-256, P-384, Ed25519, or RSA of 2048 to 4096 bits."
        )
    return {"keys": members}


def usable_keys(document: Any) -> tuple[PublicKey, ...]:
    """What can be used of a key set; the rest is ignored (RFC 7517 §5)."""
    members = document.get("keys") if isinstance(document, dict) else None
    keys = []
    for one in members[:_MOST_KEYS] if isinstance(members, list) else ():
        try:
            keys.append(public_key(one))
        except JwtRefusedError:
            continue
    return tuple(keys)


@dataclass(slots=True)
class _Published:
    """The keys at one URL. `read_at`, `tried_at`: on the monotonic clock, in seconds."""

    keys: tuple[PublicKey, ...] = ()
    read_at: float = float("-inf")
    tried_at: float = float("-inf")
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class ClientKeys:
    """Finds the key of an assertion. What is fetched is kept, by URL, in this process."""

    def __init__(self, outbound: Outbound, *, now: Callable[[], float] = time.monotonic) -> None:
        self._outbound = outbound
        self._now = now
        self._published: OrderedDict[str, _Published] = OrderedDict()

    async def find(self, client: Client, header: Mapping[str, Any]) -> PublicKey:
        """The client's key that a JWT with this header says to be signed with, by `kid` and `alg` alone: never by a key,
        or a place of keys, that the header itself brings (RFC 8725 §3.10). Without a `kid` there must be only one.

        Raises: JwtRefusedError when there is none.
        """
        kid, algorithm = header.get("kid"), header.get("alg")
        found = _fitting(self._at_hand(client), kid, algorithm)
        if found is None:
            found = _fitting(await self._fetched(client, kid), kid, algorithm)
        if found is None:
            raise JwtRefusedError("It names no key of the client's.")
        return found

    def _at_hand(self, client: Client) -> tuple[PublicKey, ...]:
        if client.jwks is not None:
            return usable_keys(client.jwks)
        known = self._published.get(client.jwks_uri or "")
        return known.keys if known is not None and self._now() - known.read_at < _FRESH_S else ()

    async def _fetched(self, client: Client, kid: object) -> tuple[PublicKey, ...]:
        """What the client publishes now: read anew when what is at hand is not fresh, or lacks the key."""
        if client.jwks_uri is None:
            return ()
        known = self._remembered(client.jwks_uri)
        async with known.reading:  # who comes while it is being read waits for the same reading
            now = self._now()
            lacks = not any(one.kid == kid for one in known.keys)
            if (lacks or now - known.read_at >= _FRESH_S) and now - known.tried_at >= _AGAIN_AFTER_S:
                known.tried_at = now
                await self._read(client, known)
        return known.keys if self._now() - known.read_at < _TOO_OLD_S else ()

    async def _read(self, client: Client, known: _Published) -> None:
        assert client.jwks_uri is not None
        try:
            document = await self._outbound.json(client.jwks_uri)
        except FetchError as error:
            _log.warning("client's keys cannot be read", client=client.client_id, why=str(error))
            return
        known.keys, known.read_at = usable_keys(document), self._now()

    def _remembered(self, url: str) -> _Published:
        known = self._published.setdefault(url, _Published())
        self._published.move_to_end(url)
        while len(self._published) > _REMEMBERED:
            self._published.popitem(last=False)
        return known


def _fitting(keys: tuple[PublicKey, ...], kid: object, algorithm: object) -> PublicKey | None:
    if not isinstance(algorithm, str):
        return None
    fit = [one for one in keys if algorithm in one.algorithms and (kid is None or one.kid == kid)]
    return fit[0] if len(fit) == 1 else None
