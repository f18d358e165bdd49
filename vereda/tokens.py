"""Transaction tokens: short-lived, signed by the gateway, the only thing that a service accepts.

A JWT of type `txn+jwt`, living 60 s, for the network's own subgraphs, sent in the header `Txn-Token`. Claims:
`sub`, `org` (organisation id), `scope`, `roles`, `purpose`, `auth_time` (seconds), after draft-ietf-oauth-transaction-tokens. An access
token of the outside (`at+jwt`) is refused by its type, its audience and its key. The request id travels beside it,
in `X-Request-Id`, so that one token can serve all requests of its minute.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from vereda.caller import RESERVED_SCOPES, Caller
from vereda.keys import KeyRing
from vereda.signed import SignedVerifier, TokenRefusedError
from vereda.signed import mint as sign

HEADER: Final = "Txn-Token"
TOKEN_TYPE: Final = "txn+jwt"  # noqa: S105
AUDIENCE: Final = "urn:vereda:subgraphs"
ISSUER: Final = "urn:vereda:gateway"
LIFETIME_S: Final = 60


def mint(keys: KeyRing, caller: Caller, *, now: float | None = None) -> str:
    """A transaction token in the caller's name."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": caller.subject,
        "org": str(caller.organization),
        "scope": " ".join(sorted(caller.scopes)),
        "roles": sorted(caller.roles),
    }
    if caller.purpose is not None:
        claims["purpose"] = caller.purpose
    if caller.authenticated_at is not None:
        claims["auth_time"] = int(caller.authenticated_at.timestamp())
    return sign(keys, TOKEN_TYPE, claims, lifetime_s=LIFETIME_S, now=now)


def moment(seconds: Any) -> datetime | None:
    """A numeric date (RFC 7519 §2); None for none. Raises: TypeError, ValueError, OverflowError when it is no number."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


class Verifier:
    """Checks transaction tokens against the gateway's public keys (a file or an http(s) URL of a JWK Set)."""

    def __init__(self, location: str) -> None:
        self._signed = SignedVerifier(
            location, TOKEN_TYPE, issuer=ISSUER, audience=AUDIENCE, longest_s=LIFETIME_S
        )

    async def verify(self, token: str) -> Caller:
        """The caller that the token speaks for. Raises: TokenRefusedError."""
        claims = await self._signed.claims(token)
        try:
            caller = Caller(
                subject=str(claims["sub"]),
                organization=UUID(claims["org"]),
                scopes=frozenset(str(claims.get("scope", "")).split()),
                roles=frozenset(claims.get("roles", ())),
                purpose=claims.get("purpose"),
                authenticated_at=moment(claims.get("auth_time")),
            )
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise TokenRefusedError(type(error).__name__) from None
        if caller.scopes & RESERVED_SCOPES:  # our own processes', which need no token
            raise TokenRefusedError("scope")
        return caller
