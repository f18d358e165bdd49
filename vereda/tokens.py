"""Transaction tokens: short-lived, signed by the gateway, the only thing that a service accepts.

A JWT of type `txn+jwt`, ES256, living 60 s, for the network's own subgraphs, sent in the header `Txn-Token`. Claims:
`sub`, `org` (organisation id), `scope`, `roles`, `purpose`, after draft-ietf-oauth-transaction-tokens. An access
token of the outside (`at+jwt`) is refused by its type, its audience and its key. The request id travels beside it,
in `X-Request-Id`, so that one token can serve all requests of its minute.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from vereda.caller import Caller
from vereda.keys import ALGORITHM, KeyRing

HEADER: Final = "Txn-Token"
TOKEN_TYPE: Final = "txn+jwt"  # noqa: S105
AUDIENCE: Final = "urn:vereda:subgraphs"
ISSUER: Final = "urn:vereda:gateway"
LIFETIME_S: Final = 60
_LEEWAY_S: Final = 5
_REFETCH_AFTER_S: Final = 10.0


class TokenRefusedError(Exception):
    """The token is missing, malformed, expired, not for us, or signed by nobody we trust."""


def mint(keys: KeyRing, caller: Caller, *, now: float | None = None) -> str:
    """A transaction token in the caller's name."""
    issued = int(time.time() if now is None else now)
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": caller.subject,
        "org": str(caller.organization),
        "scope": " ".join(sorted(caller.scopes)),
        "roles": sorted(caller.roles),
        "iat": issued,
        "exp": issued + LIFETIME_S,
    }
    if caller.purpose is not None:
        claims["purpose"] = caller.purpose
    key = keys.signing_key
    header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


class Verifier:
    """Checks transaction tokens against the gateway's public keys (a file or an http(s) URL of a JWK Set).

    An unknown key id makes it read the keys again, at most every ten seconds: that is how a rotation arrives.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._keys: KeySet | None = None
        self._read_at = float("-inf")

    async def verify(self, token: str) -> Caller:
        """The caller that the token speaks for. Raises: TokenRefusedError."""
        try:
            return self._decode(token, await self._current(token))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise TokenRefusedError(type(error).__name__) from None

    async def _current(self, token: str) -> KeySet:
        header = orjson.loads(_segment(token))
        kid = header.get("kid") if isinstance(header, dict) else None
        known = self._keys is not None and any(key.kid == kid for key in self._keys.keys)
        if not known and time.monotonic() - self._read_at > _REFETCH_AFTER_S:
            self._read_at = time.monotonic()
            self._keys = KeySet.import_key_set(orjson.loads(await asyncio.to_thread(_read, self._location)))
        if self._keys is None:
            raise TokenRefusedError("no keys")
        return self._keys

    def _decode(self, token: str, keys: KeySet) -> Caller:
        decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
        if decoded.header.get("typ") != TOKEN_TYPE:
            raise TokenRefusedError("typ")
        JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            org={"essential": True},
        ).validate(decoded.claims)
        claims = decoded.claims
        return Caller(
            subject=str(claims["sub"]),
            organization=UUID(claims["org"]),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            roles=frozenset(claims.get("roles", ())),
            purpose=claims.get("purpose"),
        )


def _segment(token: str) -> bytes:
    from joserfc.util import urlsafe_b64decode

    return urlsafe_b64decode(token.split(".", 1)[0].encode())


def _read(location: str) -> bytes:
    if location.startswith(("http://", "https://")):
        with urllib.request.urlopen(location, timeout=5) as answer:  # noqa: S310
            content: bytes = answer.read(65_536)
            return content
    return Path(location).read_bytes()
