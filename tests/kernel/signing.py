"""Tokens that nobody honest makes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from vereda.keys import KeyRing


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def unpacked(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, unchecked."""
    header, claims, _ = token.split(".")
    return tuple(orjson.loads(base64.urlsafe_b64decode(p + "==")) for p in (header, claims))  # type: ignore[return-value]


def signed(ring: KeyRing, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A compact JWS (ES256) over just these, with the ring's newest key, made by hand: no library asks questions."""
    content = f"{part(header)}.{part(claims)}"
    private: Any = ring.signing_key.get_op_key("sign")
    r, s = decode_dss_signature(private.sign(content.encode(), ECDSA(SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{content}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def altered(ring: KeyRing, token: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """`token` with other claims (None leaves a claim out) or header, signed anew."""
    old_header, old_claims = unpacked(token)
    kept = {name: value for name, value in {**old_claims, **claims}.items() if value is not None}
    heads = {name: value for name, value in {**old_header, **(header or {})}.items() if value is not None}
    return signed(ring, heads, kept)


def unsigned(token: str, algorithm: str) -> str:
    header, claims = unpacked(token)
    return f"{part({**header, 'alg': algorithm})}.{part(claims)}."


def signed_with_the_public_key_as_secret(ring: KeyRing, token: str, secret: bytes) -> str:
    """HS256 over a secret that everybody knows (RFC 8725 §2.1)."""
    header, claims = unpacked(token)
    content = f"{part({**header, 'alg': 'HS256'})}.{part(claims)}"
    mac = hmac.digest(secret, content.encode(), hashlib.sha256)
    return f"{content}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
