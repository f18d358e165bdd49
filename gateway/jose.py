"""JWTs that others sign: client assertions and DPoP proofs. Read strictly, and verified with a key that the caller has
reason to trust, for an algorithm that the key decides (RFC 7515, RFC 7517, RFC 8725 §3)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

_LONGEST: Final = 8192
_RSA: Final = frozenset({"RS256", "RS384", "PS256", "PS384"})
#: What a key of a type and curve may be used for: never an HMAC, never `none` (RFC 8725 §3.1, §3.2). RS384 and ES384 are
#: those of SMART Backend Services, RS256 is mandatory in RFC 7523 §5, `Ed25519` is RFC 9864's name of `EdDSA`.
_ALGORITHMS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),
    ("RSA", ""): _RSA,
}
#: For the metadata: all that is verified here.
SIGNATURE_ALGORITHMS: Final = tuple(sorted(frozenset().union(*_ALGORITHMS.values())))
#: RFC 7518 §3.3 demands 2048 bits; more than 4096, or a large exponent, is work for us and no gain for anybody.
_RSA_BITS: Final = (2048, 4096)
_LARGEST_EXPONENT: Final = 2**32

_NO_KEY: Final = "It is no public key for signatures of a kind that is used here."
_BROKEN: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


class JwtRefusedError(Exception):
    """The token or key cannot be taken. The message is ours, and repeats nothing of it."""


class _Registry(JWSRegistry):
    """An RSA key in a header (RFC 9449 §4.2) is longer than joserfc's default; `EdDSA` is known to be an old name."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise JwtRefusedError("It is not signed by an algorithm for its key.")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, and what signatures it verifies."""

    kid: str | None
    key: ECKey | OKPKey | RSAKey
    algorithms: frozenset[str]

    @property
    def thumbprint(self) -> str:
        """RFC 7638, by SHA-256."""
        return str(self.key.thumbprint())


def public_key(members: Any) -> PublicKey:
    """The public key of a JWK (RFC 7517 §4). Raises: JwtRefusedError, also for one that holds a private key."""
    try:
        return _public_key(members)
    except _BROKEN:
        raise JwtRefusedError(_NO_KEY) from None


def _public_key(members: Any) -> PublicKey:
    if JWKRegistry.key_types[members["kty"]] not in (ECKey, OKPKey, RSAKey):
        raise JwtRefusedError(_NO_KEY)
    key = JWKRegistry.import_key(members)
    algorithms = _ALGORITHMS.get((members["kty"], members.get("crv", "")), frozenset())
    if "alg" in members:
        algorithms &= {members["alg"]}
    if key.is_private or not algorithms or members.get("use", "sig") != "sig" or not _verifies(members):
        raise JwtRefusedError(_NO_KEY)
    assert isinstance(key, ECKey | OKPKey | RSAKey)
    if isinstance(key, RSAKey) and not _good_rsa(key):
        raise JwtRefusedError("An RSA key must have 2048 to 4096 bits.")
    kid = members.get("kid")
    return PublicKey(kid if isinstance(kid, str) else None, key, algorithms)


def _verifies(members: Mapping[str, Any]) -> bool:
    """RFC 7517 §4.3."""
    operations = members.get("key_ops", ["verify"])
    return isinstance(operations, list) and "verify" in operations


def _good_rsa(key: RSAKey) -> bool:
    numbers = key.public_key.public_numbers()
    return _RSA_BITS[0] <= numbers.n.bit_length() <= _RSA_BITS[1] and numbers.e <= _LARGEST_EXPONENT


@dataclass(frozen=True, slots=True)
class Jwt:
    """A JWT as it came: nothing of it is known to be true before `verified`."""

    text: str
    header: Mapping[str, Any]
    claimed: Mapping[str, Any]

    @classmethod
    def read(cls, text: str) -> Jwt:
        """Raises: JwtRefusedError for what is no compact JWS of a JSON object (RFC 7519 §7.2): five parts are a JWE."""
        if len(text) > _LONGEST:
            raise JwtRefusedError("It is too long.")
        parts = text.split(".")
        if len(parts) != 3:
            raise JwtRefusedError("It is no signed JWT.")
        try:
            header, claimed = (orjson.loads(urlsafe_b64decode(part.encode("ascii"))) for part in parts[:2])
        except _BROKEN:
            raise JwtRefusedError("It is no signed JWT.") from None
        if not isinstance(header, dict) or not isinstance(claimed, dict):
            raise JwtRefusedError("It is no signed JWT.")
        return cls(text, header, claimed)

    def verified(self, key: PublicKey) -> Mapping[str, Any]:
        """The claims, signed by `key`. Raises: JwtRefusedError."""
        registry = _Registry(algorithms=sorted(key.algorithms))
        try:
            jws.deserialize_compact(self.text, key.key, registry=registry)
        except _BROKEN:
            raise JwtRefusedError("Its signature is wrong.") from None
        return self.claimed


def text_of(claims: Mapping[str, Any], name: str, *, longest: int = 512) -> str:
    """A claim that must be there and be text. Raises: JwtRefusedError."""
    value = claims.get(name)
    if not isinstance(value, str) or not value or len(value) > longest:
        raise JwtRefusedError(f"The claim {name} is missing or cannot be read.")
    return value


def instant_of(claims: Mapping[str, Any], name: str) -> float:
    """A NumericDate (RFC 7519 §2) that must be there: Unix seconds. Raises: JwtRefusedError."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise JwtRefusedError(f"The claim {name} is missing or cannot be read.")
    return float(value)
