"""Signed JSON that one of our processes hands to another: minted with a key ring, checked against its public keys."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from pathlib import Path
from typing import Any, Final, cast

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from vereda.keys import ALGORITHM, KeyRing

_LEEWAY_S: Final = 5
_REFETCH_AFTER_S: Final = 10.0
_LONGEST: Final = 8192


class TokenRefusedError(Exception):
    """The token is missing, malformed, expired, not for us, or signed by nobody we trust."""


def mint(
    keys: KeyRing, type_: str, claims: dict[str, Any], *, lifetime_s: float, now: float | None = None
) -> str:
    """A compact JWS (ES256) with the header `typ: type_`; `iat` and `exp` (Unix seconds) are set here."""
    issued = int(time.time() if now is None else now)
    key = keys.signing_key
    header = {"alg": ALGORITHM, "typ": type_, "kid": key.kid}
    return jwt.encode(
        header, {**claims, "iat": issued, "exp": int(issued + lifetime_s)}, key, algorithms=[ALGORITHM]
    )


class SignedVerifier:
    """Checks what `mint` made, against a JWK Set in a file or at an http(s) URL.

    An unknown key id makes it read the keys again, at most every ten seconds: that is how a rotation arrives.
    """

    def __init__(self, location: str, type_: str, *, issuer: str, audience: str) -> None:
        self._location = location
        self._type = type_
        self._keys: KeySet | None = None
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._registry = JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
        )

    async def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that is genuine, of this type, in time, from the issuer and for the audience.

        Raises: TokenRefusedError.
        """
        if len(token) > _LONGEST:
            raise TokenRefusedError("too long")
        try:
            keys = await self._current(token)
            decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
            if decoded.header.get("typ") != self._type:
                raise TokenRefusedError("typ")
            self._registry.validate(decoded.claims)
        except (JoseError, OSError, ValueError, TypeError, KeyError) as error:
            raise TokenRefusedError(type(error).__name__) from None
        return dict(decoded.claims)

    async def _current(self, token: str) -> KeySet:
        header = orjson.loads(urlsafe_b64decode(token.split(".", 1)[0].encode()))
        kid = header.get("kid") if isinstance(header, dict) else None
        if self._knows(kid):
            return cast("KeySet", self._keys)
        async with self._reading:  # who comes while the keys are being read waits for them
            if not self._knows(kid) and time.monotonic() - self._read_at > _REFETCH_AFTER_S:
                self._read_at = time.monotonic()
                self._keys = KeySet.import_key_set(
                    orjson.loads(await asyncio.to_thread(_read, self._location))
                )
        if self._keys is None:
            raise TokenRefusedError("no keys")
        return self._keys

    def _knows(self, kid: object) -> bool:
        return self._keys is not None and any(key.kid == kid for key in self._keys.keys)


def _read(location: str) -> bytes:
    if location.startswith(("http://", "https://")):
        with urllib.request.urlopen(location, timeout=5) as answer:  # noqa: S310
            content: bytes = answer.read(65_536)
            return content
    return Path(location).read_bytes()
