"""An external OpenID Connect provider: found by discovery, asked by authorization code with PKCE, believed only by a signed
ID token that fits what was asked (OpenID Connect Core, RFC 9700 §2.1)."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from gateway.jose import Jwt, JwtRefusedError, PublicKey, instant_of, public_key, text_of
from gateway.outbound import FetchError, Outbound

_FRESH_S: Final = 3600.0
#: Whoever invents key ids makes us read the provider's keys no more often than this.
_AGAIN_AFTER_S: Final = 30.0
_MOST_KEYS: Final = 50
_CLOCKS_DIFFER_S: Final = 60.0
#: An ID token is answered at once; an older one was kept by somebody.
_OLDEST_S: Final = 600.0
#: RFC 8176 and the values that providers use for "several factors".
_SEVERAL: Final = frozenset({"mfa", "mca"})
_SCOPE: Final = "openid profile email"


class ProviderError(Exception):
    """The provider cannot be asked, or what came from it is not believed. The message is ours."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the provider's answer has to fit; kept with the sign-in under way."""

    state: str
    nonce: str
    code_verifier: str

    def kept(self) -> dict[str, str]:
        return {"state": self.state, "nonce": self.nonce, "code_verifier": self.code_verifier}


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for. `claims` are all that it says of them."""

    issuer: str
    subject: str
    email: str | None
    name: str | None
    several_factors: bool
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Metadata:
    """OpenID Connect Discovery §3, as far as it is needed."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    says_issuer: bool
    """Whether each answer names the provider (RFC 9207)."""
    read_at: float


class Provider:
    """`multi_factor`: everybody is asked for several factors there. `now`: the clock, in Unix seconds."""

    def __init__(
        self,
        outbound: Outbound,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        multi_factor: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self._outbound = outbound
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._multi_factor = multi_factor
        self._now = now
        self._metadata: _Metadata | None = None
        self._keys: tuple[PublicKey, ...] = ()
        self._keys_read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def ask(self) -> tuple[str, Asked]:
        """Where to send the browser, and what its answer has to fit. Raises: ProviderError."""
        metadata = await self._found()
        asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)))
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": _SCOPE,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": create_s256_code_challenge(asked.code_verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in metadata.authorization_endpoint else "?"
        return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}", asked

    async def answered(self, asked: Asked, answer: Mapping[str, str]) -> Vouched:
        """Whom the answer that came to the redirect URI is about. Raises: ProviderError."""
        metadata = await self._found()
        if not hmac.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
            raise ProviderError("The answer is to another question.")
        # RFC 9207 §2.4: an answer of another provider's is not taken for this one's.
        if answer.get("iss", None if metadata.says_issuer else self.issuer) != self.issuer:
            raise ProviderError("The answer is not this provider's.")
        if not answer.get("code"):
            raise ProviderError("The provider let nobody in.")
        token = await self._redeemed(metadata, answer["code"], asked.code_verifier)
        return self._believed(await self._verified(metadata, token), asked)

    async def _found(self) -> _Metadata:
        """The provider's metadata, read once an hour."""
        async with self._reading:
            known = self._metadata
            if known is not None and self._now() - known.read_at < _FRESH_S:
                return known
            said = await self._fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if said.get("issuer") != self.issuer:
                raise ProviderError("The provider calls itself something else.")
            endpoints = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            if not all(isinstance(one, str) for one in endpoints):
                raise ProviderError("The provider's metadata lacks an endpoint.")
            authorization, token, jwks = (str(one) for one in endpoints)
            try:
                self._outbound.check_url(authorization)
            except FetchError as error:
                raise ProviderError(f"The provider's authorization endpoint: {error}") from None
            says_issuer = said.get("authorization_response_iss_parameter_supported") is True
            self._metadata = _Metadata(authorization, token, jwks, says_issuer, self._now())
            return self._metadata

    async def _redeemed(self, metadata: _Metadata, code: str, verifier: str) -> str:
        """The ID token for a code (OpenID Connect Core §3.1.3)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        try:
            # RFC 6749 §2.3.1: both are form-encoded first.
            said = await self._outbound.json_for(
                metadata.token_endpoint, form, quote_plus(self._client_id), quote_plus(self._client_secret)
            )
        except FetchError as error:
            raise ProviderError(f"The provider's token endpoint: {error}") from None
        token = said.get("id_token") if isinstance(said, dict) else None
        if not isinstance(token, str):
            raise ProviderError("The provider gave no ID token.")
        return token

    async def _verified(self, metadata: _Metadata, token: str) -> Mapping[str, Any]:
        """The claims of an ID token that the provider signed, by a key that it publishes and an algorithm of that key."""
        try:
            jwt = Jwt.read(token)
            return jwt.verified(await self._key(metadata, jwt.header))
        except JwtRefusedError as error:
            raise ProviderError(f"The ID token is not believed: {error}") from None

    async def _key(self, metadata: _Metadata, header: Mapping[str, Any]) -> PublicKey:
        """By `kid` and `alg` alone: never by a key, or a place of keys, that the token itself brings."""
        async with self._reading:
            age_s = self._now() - self._keys_read_at
            found = _fitting(self._keys, header)
            if age_s >= _FRESH_S or (found is None and age_s >= _AGAIN_AFTER_S):
                said = await self._fetched(metadata.jwks_uri)
                members = said.get("keys")
                self._keys = _usable(members if isinstance(members, list) else [])
                self._keys_read_at = self._now()
                found = _fitting(self._keys, header)
        if found is None:
            raise JwtRefusedError("It names no key of the provider's.")
        return found

    def _believed(self, claims: Mapping[str, Any], asked: Asked) -> Vouched:
        """OpenID Connect Core §3.1.3.7."""
        now = self._now()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        try:
            wrong = (
                claims.get("iss") != self.issuer
                or self._client_id not in audiences
                or claims.get("azp", self._client_id if len(audiences) == 1 else None) != self._client_id
                or instant_of(claims, "exp") <= now - _CLOCKS_DIFFER_S
                or not -_OLDEST_S <= instant_of(claims, "iat") - now <= _CLOCKS_DIFFER_S
                or not hmac.compare_digest(text_of(claims, "nonce").encode(), asked.nonce.encode())
            )
            subject = text_of(claims, "sub", longest=255)
        except JwtRefusedError as error:
            raise ProviderError(f"The ID token is not believed: {error}") from None
        if wrong:
            raise ProviderError("The ID token is not for us, not for now, or not for this question.")
        methods = claims.get("amr")
        said = {one for one in methods if isinstance(one, str)} if isinstance(methods, list) else set()
        verified = claims.get("email_verified") is True
        return Vouched(
            issuer=self.issuer,
            subject=subject,
            email=_text(claims.get("email"), 254) if verified else None,
            name=_text(claims.get("name"), 200),
            several_factors=self._multi_factor or bool(said & _SEVERAL),
            claims=claims,
        )

    async def _fetched(self, url: str) -> Mapping[str, Any]:
        try:
            said = await self._outbound.json(url)
        except FetchError as error:
            raise ProviderError(f"The provider's documents: {error}") from None
        if not isinstance(said, dict):
            raise ProviderError("The provider's document is no object.")
        return said


def _fitting(keys: tuple[PublicKey, ...], header: Mapping[str, Any]) -> PublicKey | None:
    """The one key that a token with this header says to be signed with; without a `kid` there must be only one."""
    kid, algorithm = header.get("kid"), header.get("alg")
    fitting = [one for one in keys if algorithm in one.algorithms and kid in (None, one.kid)]
    return fitting[0] if len(fitting) == 1 else None


def _usable(members: list[Any]) -> tuple[PublicKey, ...]:
    """What can be used of a key set; the rest is ignored (RFC 7517 §5)."""
    keys = []
    for one in members[:_MOST_KEYS]:
        try:
            keys.append(public_key(one))
        except JwtRefusedError:
            continue
    return tuple(keys)


def _text(value: Any, longest: int) -> str | None:
    return value.strip()[:longest] or None if isinstance(value, str) else None
