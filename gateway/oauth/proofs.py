"""DPoP proofs: that whoever uses a token, or asks for one, holds the key that it is bound to (RFC 9449 §4.3)."""

from __future__ import annotations

import base64
import hmac
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from gateway.jose import Jwt, JwtRefusedError, PublicKey, instant_of, public_key, text_of
from gateway.oauth.nonces import LONGEST_LIFE_S, Nonces
from gateway.oauth.replays import Kind, SeenTokens

_TYPE: Final = "dpop+jwt"
#: All that a proof's header may hold (§4.2): no `kid`, which names a key of nobody, and no `crit` (RFC 7515 §4.1.11).
_HEADER: Final = frozenset({"alg", "typ", "jwk"})
#: The nonce says how fresh a proof is. The client's clock may go wrong by as much as a nonce lasts, and no more.
_CLOCKS_DIFFER_S: Final = float(LONGEST_LIFE_S)

_PERCENT: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS: Final = {"https": 443, "http": 80}


class ProofRefusedError(Exception):
    """The proof is none, or not for this request. The message is ours, and says what is wrong."""


class NonceWantedError(Exception):
    """The proof must hold a nonce that we gave out lately: `nonce`."""

    def __init__(self, nonce: str) -> None:
        super().__init__("Make the proof anew, with the nonce of the DPoP-Nonce header.")
        self.nonce = nonce


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that was checked. `jkt` is the thumbprint of its key (RFC 7638)."""

    jkt: str
    jti: str


class ProofCheck:
    """Checks proofs for one server. `now`: the clock, in Unix seconds."""

    def __init__(self, nonces: Nonces, seen: SeenTokens, *, now: Callable[[], float] = time.time) -> None:
        self.nonces = nonces
        self._seen = seen
        self._now = now

    def read(
        self, headers: Sequence[str], method: str, url: str, *, access_token: str | None = None
    ) -> Proof:
        """The proof in the `DPoP` headers of a request with `method` to `url`, which is our own name for it, whatever the
        Host header says. With an `access_token` the proof must be for that one. Not yet looked at: whether it was used
        before, and whether the token is bound to its key.

        Raises: ProofRefusedError, NonceWantedError.
        """
        if len(headers) != 1:
            raise ProofRefusedError("There must be one DPoP header, with one proof.")
        try:
            jwt = Jwt.read(headers[0])
            key = _key(jwt)
            claims = jwt.verified(key)
            jti, method_claim, url_claim = (text_of(claims, name) for name in ("jti", "htm", "htu"))
            issued = instant_of(claims, "iat")
            hashed = text_of(claims, "ath") if access_token is not None else None
        except JwtRefusedError as error:
            raise ProofRefusedError(f"The DPoP proof cannot be taken. {error}") from None
        if method_claim != method:
            raise ProofRefusedError("The DPoP proof is for another method.")
        if normalised(url_claim) != normalised(url):
            raise ProofRefusedError("The DPoP proof is for another URL.")
        if hashed is not None and not hmac.compare_digest(hashed.encode(), _hash(access_token or "")):
            raise ProofRefusedError("The DPoP proof is for another access token.")
        if not self.nonces.knows(claims.get("nonce")):
            raise NonceWantedError(self.nonces.current())
        if abs(issued - self._now()) > _CLOCKS_DIFFER_S:
            raise ProofRefusedError("The DPoP proof's iat is too far from now: set the clock.")
        return Proof(key.thumbprint, jti)

    async def spend(self, proof: Proof) -> None:
        """A proof is for one request (§11.1). Raises: ProofRefusedError when it was used before."""
        until = self._now() + LONGEST_LIFE_S
        if not await self._seen.is_new(Kind.DPOP_PROOF, proof.jkt, proof.jti, until):
            raise ProofRefusedError("The DPoP proof was used before: make a new one for each request.")


def _key(jwt: Jwt) -> PublicKey:
    """The public key that the proof itself brings. Raises: JwtRefusedError."""
    if jwt.header.keys() != _HEADER:
        raise JwtRefusedError("Its header must hold alg, typ and jwk, and nothing else.")
    if jwt.header["typ"] != _TYPE:
        raise JwtRefusedError("It is a token of another kind.")
    return public_key(jwt.header["jwk"])


def _hash(access_token: str) -> bytes:
    return base64.urlsafe_b64encode(sha256(access_token.encode()).digest()).rstrip(b"=")


def normalised(url: str) -> str | None:
    """A URL without query and fragment, as RFC 3986 §6.2.2 and §6.2.3 would write it; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if not host or scheme not in _PORTS or parts.username is not None:
        return None
    where = f"[{host}]" if ":" in host else host
    if port not in (None, _PORTS[scheme]):
        where = f"{where}:{port}"
    return f"{scheme}://{where}{_without_dots(_PERCENT.sub(_decoded, parts.path)) or '/'}"


def _decoded(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else f"%{match[1].upper()}"


def _without_dots(path: str) -> str:
    """RFC 3986 §5.2.4."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
