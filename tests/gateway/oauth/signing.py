"""What a client that keeps a private key signs: assertions (RFC 7523) and, with any header and claims, what is none."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from vereda.ids import new_id

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Key = ECKey | OKPKey | RSAKey


class Anything(JWSRegistry):
    """Signs with any header: what is refused must be refused by us."""

    max_header_length = 100_000

    def check_header(self, header: Any) -> None:
        pass

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def new_key(kind: str = "P-256", **members: Any) -> Key:
    """A private key: of a curve, or `RSA` with a number of bits behind it."""
    if kind.startswith("RSA"):
        return RSAKey.generate_key(int(kind[3:] or 2048), members or None, auto_kid=True)
    if kind.startswith("P-"):
        return ECKey.generate_key(kind, members or None, auto_kid=True)
    return OKPKey.generate_key(kind, members or None, auto_kid=True)


def public(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed(key: Key, claims: dict[str, Any], *, algorithm: str = "ES256", **header: Any) -> str:
    """A JWT; a claim or header parameter that is None is left out."""
    whole = {"alg": algorithm, "kid": key.kid, **header}
    return jwt.encode(
        {name: value for name, value in whole.items() if value is not None},
        {name: value for name, value in claims.items() if value is not None},
        key,
        registry=Anything(algorithms=[algorithm]),
        default_type=None,
    )


def assertion(
    key: Key,
    client_id: str,
    audience: str,
    *,
    algorithm: str = "ES256",
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """A client assertion that is right, but for what is said here."""
    now = int(time.time())
    values = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": str(new_id()),
        "iat": now,
        "exp": now + 240,
        **claims,
    }
    return signed(key, values, algorithm=algorithm, **(header or {}))


def with_hmac(text: str, secret: bytes) -> str:
    """The claims of the JWT `text` under an HMAC by `secret`, as if a public key were one (RFC 8725 §2.1)."""
    head, body, _signature = text.split(".")
    header = {**json.loads(base64.urlsafe_b64decode(head + "==")), "alg": "HS256"}
    content = f"{_encoded(json.dumps(header).encode())}.{body}"
    return f"{content}.{_encoded(hmac.digest(secret, content.encode(), 'sha256'))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
