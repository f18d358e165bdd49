"""The resource server's side: who an access token is from, and the transaction token that goes inside in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request

from gateway.identity import (
    ANSWER_HEADERS,
    CHECKED_FOR_S,
    Admissions,
    AuthenticationError,
    Identity,
    IdentityUnavailableError,
    header_values,
    identity_key,
)
from gateway.jose import SIGNATURE_ALGORITHMS
from gateway.oauth.access import AccessTokens, Live
from gateway.oauth.metadata import RESOURCE_METADATA
from gateway.oauth.nonces import Nonces
from gateway.oauth.proofs import NonceWantedError, Proof, ProofCheck, ProofRefusedError
from gateway.oauth.replays import SeenTokens
from gateway.store.away import NO_DATABASE
from vereda.caller import RESERVED_SCOPES, Caller
from vereda.database import Database
from vereda.keys import key_ring
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.telemetry import logger, request_id
from vereda.tokens import HEADER, mint, moment

_NONCE: Final = "DPoP-Nonce"

_log = logger("oauth")


class OAuthAuthenticator:
    """Admits access tokens of our own authorization server (RFC 9068 §4), sent in the header: by the scheme `Bearer` (RFC
    6750 §2.1), or, where they are bound to a key, by `DPoP` with a proof (RFC 9449 §7.1), and then by nothing else.

    Needs the database once per token and half a minute, and once per proof; when that cannot answer, nobody new is let in.
    """

    def __init__(
        self, settings: Settings, database: Database, *, now: Callable[[], float] = time.time
    ) -> None:
        self._tokens = AccessTokens(settings, database)
        self._keys = key_ring(settings, "transaction")
        self._now = now
        self._proofs = ProofCheck(Nonces.of(settings, "resource"), SeenTokens(database))
        self._public_url = settings.public_url
        self._metadata = f'resource_metadata="{settings.public_url}{RESOURCE_METADATA}"'
        self._algorithms = f'algs="{" ".join(SIGNATURE_ALGORITHMS)}"'
        self._admissions = Admissions(now, lambda: (self._keys.state, self._tokens.keys.state))

    async def authenticate(self, request: Request) -> Identity:
        """The caller whose access token the request carries. Raises: AuthenticationError, IdentityUnavailableError."""
        scheme, token = self._credentials(request)
        if scheme == "bearer":  # nearly always, and nearly always known
            known = self._admissions.admitted(_shown(token, None))
            if known is not None:
                return known
        try:
            return await self._authenticate(request, scheme, token)
        except NO_DATABASE as error:
            # The kind of error only: its text would repeat what was sent to the database.
            _log.error("no database", kind=type(error).__name__, rid=request_id.get())
            raise IdentityUnavailableError from None

    def _url(self, request: Request) -> str:
        """What is asked for, under our own name, whatever the Host header says: one proof opens one path (RFC 9449 §4.3)."""
        scope = request.scope
        path = scope.get("raw_path") or quote(scope["path"]).encode()
        return f"{self._public_url}{path.decode('latin-1')}"

    async def _authenticate(self, request: Request, scheme: str, token: str) -> Identity:
        if scheme == "bearer":
            return await self._admit(scheme, token, None)
        try:
            proof = self._proofs.read(
                request.headers.getlist("dpop"), request.method, self._url(request), access_token=token
            )
            identity = await self._admit(scheme, token, proof)
            await self._proofs.spend(proof)
        except NonceWantedError as error:
            raise self._refusal(scheme, "use_dpop_nonce", str(error), {_NONCE: error.nonce}) from None
        except ProofRefusedError as error:
            raise self._refusal(scheme, "invalid_dpop_proof", str(error)) from None
        # RFC 9449 §8.2: with the nonce for the next request, so that clients are seldom turned away for one.
        request.scope[ANSWER_HEADERS] = {_NONCE: self._proofs.nonces.current()}
        return identity

    def _credentials(self, request: Request) -> tuple[str, str]:
        headers = header_values(request.scope, b"authorization")
        if not headers:
            raise AuthenticationError(
                "An access token is needed.",
                f"Bearer {self._metadata}, DPoP {self._algorithms}, {self._metadata}",
            )
        scheme, _, token = headers[0].partition(" ")
        scheme, token = scheme.lower(), token.strip()
        if len(headers) > 1 or scheme not in ("bearer", "dpop") or not token:
            raise self._refusal(
                "bearer", "invalid_token", "The Authorization header must be one access token."
            )
        return scheme, token

    async def _admit(self, scheme: str, token: str, proof: Proof | None) -> Identity:
        jkt = None if proof is None else proof.jkt
        try:
            return await self._admissions.admit(_shown(token, jkt), lambda: self._check(token, jkt))
        except TokenRefusedError:
            message = "The access token is expired, revoked or not valid here."
            raise self._refusal(scheme, "invalid_token", message) from None

    def _refusal(
        self, scheme: str, error: str, message: str, headers: Mapping[str, str] | None = None
    ) -> AuthenticationError:
        """RFC 6750 §3.1, RFC 9449 §7.1, with RFC 9728 §5.1."""
        name = "DPoP" if scheme == "dpop" else "Bearer"
        hints = [self._algorithms] if scheme == "dpop" else []
        parameters = [f'error="{error}"', f'error_description="{message}"', *hints, self._metadata]
        return AuthenticationError(message, f"{name} {', '.join(parameters)}", headers)

    async def _check(self, token: str, jkt: str | None) -> tuple[Identity, float]:
        """Raises: TokenRefusedError, also when the token is bound to another key than was proven, or was not proven at all
        (a stolen token that is sent as a plain one), or is not bound and was sent as if it were."""
        now = self._now()
        live = await self._tokens.live(token)
        if live.claims.get("cnf", {}).get("jkt") != jkt:
            raise TokenRefusedError("cnf")
        return self._identity(live), min(now + CHECKED_FOR_S, float(live.claims["exp"]))

    def _identity(self, live: Live) -> Identity:
        caller, client = _caller(live.claims), live.client
        return Identity(
            key=f"{client.client_id} {identity_key(caller)}",
            headers={HEADER: mint(self._keys, caller)},
            scopes=caller.scopes,
            policies=frozenset(f"role:{role}" for role in caller.roles),
            client_id=client.client_id,
            organization=caller.organization,
            trusted_documents_only=client.trusted_documents_only,
            cost_per_minute=client.cost_per_minute,
        )


def _shown(token: str, jkt: str | None) -> str:
    """What is remembered: the token with the key that was proven. With another key, or none, it is checked anew."""
    return f"{jkt} {token}"


def _caller(claims: Mapping[str, Any]) -> Caller:
    try:
        caller = Caller(
            subject=str(claims["sub"]),
            organization=UUID(claims["org"]),
            scopes=frozenset(str(claims["scope"]).split()),
            roles=frozenset(claims["roles"]),
            purpose=claims.get("purpose"),
            authenticated_at=moment(claims.get("auth_time")),
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise TokenRefusedError(type(error).__name__) from None
    if caller.scopes & RESERVED_SCOPES:  # ours alone: no token carries it, whoever signed it
        raise TokenRefusedError("scope")
    return caller
