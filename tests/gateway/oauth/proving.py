"""A client that holds a key and proves it with each request (RFC 9449)."""

from __future__ import annotations

import base64
import time
from hashlib import sha256
from typing import Any

import httpx
from starlette.requests import Request

from tests.gateway.oauth.signing import Key, new_key, signed
from vereda.ids import new_id


class Prover:
    """`nonce` is what the server asked for last; `url` what the proofs are for."""

    def __init__(self, url: str, kind: str = "P-256", algorithm: str = "ES256") -> None:
        self.key: Key = new_key(kind)
        self.url = url
        self.algorithm = algorithm
        self.nonce: str | None = None

    @property
    def jkt(self) -> str:
        return str(self.key.thumbprint())

    def proof(
        self,
        method: str = "POST",
        *,
        header: dict[str, Any] | None = None,
        token: str | None = None,
        **claims: Any,
    ) -> str:
        """A proof that is right, but for what is said here; a claim or header parameter that is None is left out."""
        values = {
            "jti": str(new_id()),
            "htm": method,
            "htu": self.url,
            "iat": int(time.time()),
            "nonce": self.nonce,
            "ath": None if token is None else hash_of(token),
            **claims,
        }
        whole = {"typ": "dpop+jwt", "kid": None, "jwk": self.key.as_dict(private=False), **(header or {})}
        whole["jwk"] = without_kid(whole["jwk"])
        return signed(self.key, values, **{"algorithm": self.algorithm, **whole})

    def heard(self, answer: httpx.Response) -> None:
        self.nonce = answer.headers["dpop-nonce"]


def without_kid(jwk: Any) -> Any:
    return {name: value for name, value in jwk.items() if name != "kid"} if isinstance(jwk, dict) else jwk


def hash_of(token: str) -> str:
    """RFC 9449 §4.2 `ath`."""
    return base64.urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()


def request_with(
    token: str, *proofs: str, scheme: str = "DPoP", method: str = "POST", path: str = "/graphql"
) -> Request:
    """A request with this token and these proofs: a GraphQL one, unless it is said otherwise."""
    headers = [(b"authorization", f"{scheme} {token}".encode())]
    headers += [(b"dpop", proof.encode()) for proof in proofs]
    return Request({"type": "http", "method": method, "path": path, "headers": headers})
