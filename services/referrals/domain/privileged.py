"""Notes that an attorney's privilege covers, sealed before they come here, to a key that never does (R15).

A note is a JWE (RFC 7516, compact) to a public key of the author's organisation. Whoever runs this service, with its
database and all of its own keys, holds nothing that opens one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey
from joserfc.util import urlsafe_b64decode

#: What a note is sealed with (RFC 7518 §4.6 and §5.3).
ALGORITHM: Final = "ECDH-ES+A256KW"
ENCRYPTION: Final = "A256GCM"
_CURVES: Final = frozenset({"P-256", "X25519"})
_LONGEST_KEY: Final = 1000
_LONGEST_NOTE: Final = 64 * 1024
_PARTS: Final = 5


def public_key(text: str) -> Mapping[str, Any] | None:
    """The members of a public JWK (RFC 7517) on P-256 or X25519; None for anything else, and above all for a private key."""
    if len(text) > _LONGEST_KEY:
        return None
    try:
        members = orjson.loads(text)
        if not isinstance(members, dict) or "d" in members or members.get("crv") not in _CURVES:
            return None
        key = JWKRegistry.import_key(members)
    except (ValueError, TypeError, KeyError, JoseError):
        return None
    return key.as_dict(private=False) if isinstance(key, ECKey | OKPKey) else None


def thumbprint(members: Mapping[str, Any]) -> str:
    """The key's SHA-256 thumbprint (RFC 7638): its name, and what people compare to know that it is theirs."""
    return str(JWKRegistry.import_key(dict(members)).thumbprint())


def sealed_to(note: str) -> str | None:
    """The thumbprint of the key that a note says it is sealed to; None where it is no note of the form that is taken."""
    parts = note.split(".")
    if len(note) > _LONGEST_NOTE or len(parts) != _PARTS or not all((parts[0], parts[1], parts[3], parts[4])):
        return None
    try:
        header = orjson.loads(urlsafe_b64decode(parts[0].encode()))
    except (ValueError, TypeError):
        return None
    if not isinstance(header, dict) or (header.get("alg"), header.get("enc")) != (ALGORITHM, ENCRYPTION):
        return None
    return str(header.get("kid"))
