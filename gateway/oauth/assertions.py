"""Client assertions: JWTs by which clients that keep a private key authenticate (RFC 7521 §4.2, RFC 7523 §3).

The audience is this server alone: its issuer, as draft-ietf-oauth-rfc7523bis asks, or the token endpoint, as SMART
Backend Services does; never one among several, so that no other server gets an assertion that is good here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.jose import Jwt, JwtRefusedError, instant_of, text_of
from gateway.oauth.client import Client
from gateway.oauth.client_keys import ClientKeys
from gateway.oauth.replays import Kind, SeenTokens

#: SMART Backend Services: no more than five minutes. Some libraries let theirs end in an hour: what counts is when it was
#: made.
LONGEST_LIFETIME_S: Final = 300.0
_LEEWAY_S: Final = 30.0
#: All that a header may hold. `x5t` names a certificate, and is not looked at; whoever brings a key, a place of keys or an
#: extension (`crit`) is refused. `jku`: SMART lets a client repeat the URL that it registered.
_HEADER: Final = frozenset({"alg", "typ", "kid", "x5t", "x5t#S256", "jku"})
#: `client-authentication+jwt` is draft-ietf-oauth-rfc7523bis'. No token of another kind is an assertion (RFC 8725 §3.11).
_TYPES: Final = frozenset({"", "jwt", "client-authentication+jwt"})


class AssertionCheck:
    """Decides whether an assertion is the client's own, fresh, for this server, and presented for the first time.

    `audiences`: what this server is called. `now`: the clock, in Unix seconds.
    """

    def __init__(
        self,
        audiences: frozenset[str],
        keys: ClientKeys,
        seen: SeenTokens,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._audiences = audiences
        self._keys = keys
        self._seen = seen
        self._now = now

    async def signed(self, client: Client, assertion: Jwt) -> None:
        """Raises: JwtRefusedError unless the client has signed it."""
        header = assertion.header
        if not header.keys() <= _HEADER or ("jku" in header and header["jku"] != client.jwks_uri):
            raise JwtRefusedError("Its header says more than is taken.")
        if str(header.get("typ", "")).lower() not in _TYPES:
            raise JwtRefusedError("It is a token of another kind.")
        assertion.verified(await self._keys.find(client, header))

    async def accept(self, client: Client, assertion: Jwt, endpoint: str) -> None:
        """Take it for a request to `endpoint`, whose URL is an audience, too. It was `signed`.

        Raises: JwtRefusedError that says what is wrong.
        """
        claims, now = assertion.claimed, self._now()
        if not text_of(claims, "iss") == text_of(claims, "sub") == client.client_id:
            raise JwtRefusedError("The claims iss and sub must both be the client_id.")
        audience = claims.get("aud")
        if isinstance(audience, list) and len(audience) == 1:
            audience = audience[0]
        if not isinstance(audience, str) or audience not in self._audiences | {endpoint}:
            raise JwtRefusedError("The claim aud must be this server's issuer, or its token endpoint, alone.")
        ends = self._end(claims)
        if "nbf" in claims and instant_of(claims, "nbf") > now + _LEEWAY_S:
            raise JwtRefusedError("It is not valid yet.")
        if not await self._seen.is_new(
            Kind.CLIENT_ASSERTION, client.client_id, text_of(claims, "jti"), ends + _LEEWAY_S
        ):
            raise JwtRefusedError("The claim jti was used before: make a new assertion for each request.")

    def _end(self, claims: Mapping[str, Any]) -> float:
        """When it ends, in Unix seconds: as it says itself, and five minutes after it was made. Where it does not say when
        that was, it must end within five minutes (RFC 7523 §3, points 4 and 6)."""
        now, expires = self._now(), instant_of(claims, "exp")
        made = instant_of(claims, "iat") if "iat" in claims else None
        if made is not None and made > now + _LEEWAY_S:
            raise JwtRefusedError("It is not valid yet.")
        ends = expires if made is None else min(expires, made + LONGEST_LIFETIME_S)
        if ends <= now - _LEEWAY_S:
            raise JwtRefusedError("It has expired: make a new assertion for each request, and set the clock.")
        if made is None and expires > now + LONGEST_LIFETIME_S + _LEEWAY_S:
            raise JwtRefusedError("Without an iat, the claim exp must be no more than five minutes ahead.")
        return ends
