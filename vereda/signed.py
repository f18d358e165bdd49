"""Signed JSON that one of our processes hands to another: minted with a key ring, checked against its public keys."""

from __future__ import annotations

import time
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from vereda.keylife import LONGEST_TOKEN_S
from vereda.keys import KeyRing
from vereda.published import PublishedKeys

_LEEWAY_S: Final = 5
_LONGEST: Final = 8192
#: All that a header of ours holds: whoever brings a key (`jwk`, `jku`, `x5u`, `x5c`), an extension (`crit`, `b64`) or
#: anything else is not us (RFC 8725 §3.5, §3.10).
_HEADER: Final = frozenset({"alg", "typ", "kid"})


class TokenRefusedError(Exception):
    """The token is missing, malformed, expired, not for us, or signed by nobody we trust."""


def mint(
    keys: KeyRing, type_: str, claims: dict[str, Any], *, lifetime_s: float, now: float | None = None
) -> str:
    """A compact JWS with the header `typ: type_`; `iat` and `exp` (Unix seconds) are set here.

    Raises: ValueError when it would live for longer than a replaced key is kept.
    """
    if lifetime_s > LONGEST_TOKEN_S:
        raise ValueError(f"nothing signed lives for more than {LONGEST_TOKEN_S} s")
    issued = int(time.time() if now is None else now)
    current = keys.current
    header = {"alg": current.algorithm.value, "typ": type_, "kid": current.kid}
    return jwt.encode(
        header,
        {**claims, "iat": issued, "exp": int(issued + lifetime_s)},
        current.key,
        algorithms=[current.algorithm.value],
    )


class SignedVerifier:
    """Checks what `mint` made, against a JWK Set in a file or at an http(s) URL.

    `longest_s`: what claims to live for longer is refused, whoever signed it.
    """

    def __init__(
        self, location: str, type_: str, *, issuer: str, audience: str, longest_s: float = LONGEST_TOKEN_S
    ) -> None:
        self._keys = PublishedKeys(location)
        self._type = type_
        self._longest_s = longest_s
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
            header = _header(token)
            if header["typ"] != self._type:
                raise TokenRefusedError("typ")
            found = await self._keys.get(header["kid"])
            if found is None:
                raise TokenRefusedError("kid")
            key, algorithm = found
            # The algorithm is the key's, not the header's (RFC 8725 §3.1).
            claims = jwt.decode(token, key, algorithms=[algorithm.value]).claims
            self._registry.validate(claims)
            if not 0 <= claims["exp"] - claims["iat"] <= self._longest_s:
                raise TokenRefusedError("lifetime")
        except (JoseError, OSError, ValueError, TypeError, KeyError) as error:
            raise TokenRefusedError(type(error).__name__) from None
        return dict(claims)


def _header(token: str) -> dict[str, Any]:
    """The protected header of a compact JWS, which has three parts (RFC 7515 §7.1). Raises: TokenRefusedError, ValueError."""
    parts = token.split(".", 3)
    if len(parts) != 3:
        raise TokenRefusedError("parts")
    header = orjson.loads(urlsafe_b64decode(parts[0].encode()))
    if not isinstance(header, dict) or header.keys() != _HEADER:
        raise TokenRefusedError("header")
    return header
