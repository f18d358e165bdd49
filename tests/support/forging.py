"""Tokens that are like a genuine one but for one thing (RFC 8725 §2, RFC 9068 §5)."""

from __future__ import annotations

import base64
import hmac
import json
import time
import zlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.settings import Settings

#: Nobody listens there.
NOWHERE = "http://127.0.0.1:9"


class Forger:
    """Makes tokens that are like a genuine one but for one thing."""

    def __init__(self, genuine: str, settings: Settings) -> None:
        header, payload, self.signature = genuine.split(".")
        self.header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(header + "=="))
        self.claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
        self.ring = KeyRing(settings.keys / "access")

    def signed(self, key: ECKey | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Signed with the genuine key unless another is given; a header or claim that is None is left out."""
        parts = ({**self.header, **(header or {})}, {**self.claims, **claims})
        content = ".".join(_json({k: v for k, v in part.items() if v is not None}) for part in parts)
        private = (key or self.ring.signing_key).private_key
        assert private is not None
        r, s = decode_dss_signature(private.sign(content.encode(), ECDSA(SHA256())))
        return f"{content}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def unsigned(self, **header: Any) -> str:
        return f"{_json({**self.header, **header})}.{_json(self.claims)}."

    def with_hmac(self, secret: bytes, **header: Any) -> str:
        signed = self.unsigned(alg="HS256", **header).rstrip(".")
        return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _json(content: Any) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def forgeries(f: Forger, settings: Settings, elsewhere: str = NOWHERE) -> dict[str, str]:
    """By what is wrong with each; `elsewhere` is the base URL that some of them lead to."""
    public = json.loads((settings.keys / "access" / "jwks.json").read_bytes())["keys"][0]
    public_pem = f.ring.signing_key.as_pem(private=False)
    own = ECKey.generate_key("P-256", private=True)
    transaction = KeyRing(settings.keys / "transaction")
    now = int(time.time())
    head, body = f.signed().split(".")[:2]
    other_body = f.signed(scope="grant:pay").split(".")[1]
    return {
        "alg none": f.unsigned(alg="none"),
        "alg None": f.unsigned(alg="None"),
        "signature cut off": f"{head}.{body}.",
        "signature of other claims": f"{head}.{other_body}.{f.signature}",
        "HS256 with the public key as its secret": f.with_hmac(public_pem),
        "HS256 with the public JWK as its secret": f.with_hmac(json.dumps(public).encode()),
        "foreign key under our kid": f.signed(own),
        "foreign kid": f.signed(own, {"kid": "another"}),
        "foreign key without kid": f.signed(own, {"kid": None}),
        "embedded jwk": f.signed(own, {"kid": None, "jwk": own.as_dict(private=False)}),
        "jku": f.signed(own, {"kid": "another", "jku": f"{elsewhere}/jwks.json"}),
        "x5u": f.signed(own, {"kid": "another", "x5u": f"{elsewhere}/x5u.pem"}),
        "kid that is a path": f.signed(own, {"kid": "../transaction/0001.private.jwk"}),
        "kid that is a URL": f.signed(own, {"kid": f"{elsewhere}/jwks.json"}),
        "kid that is SQL": f.signed(own, {"kid": "x' UNION SELECT 'k' --"}),
        "kid that is a command": f.signed(own, {"kid": "|touch /tmp/kid"}),
        "kid that is /dev/null": f.with_hmac(b"", kid="/dev/null"),
        "embedded x5c": f.signed(own, {"kid": None, "x5c": ["AAAA"]}),
        "jku of our own key, that leads elsewhere": f.signed(
            own, {"jku": f"{elsewhere}/.well-known/jwks.json"}
        ),
        "an issuer elsewhere": f.signed(own, {"kid": "another"}, iss=elsewhere),
        "kid that is no string": f.signed(own, {"kid": {}}),
        "kid that is a number": f.signed(own, {"kid": 1}),
        "unknown crit": f.signed(None, {"crit": ["urn:example:unknown"], "urn:example:unknown": True}),
        "the transaction ring's key": f.signed(transaction.signing_key, {"kid": transaction.signing_key.kid}),
        "typ JWT": f.signed(None, {"typ": "JWT"}),
        "typ txn+jwt": f.signed(None, {"typ": "txn+jwt"}),
        "no typ": f.signed(None, {"typ": None}),
        "another audience": f.signed(aud="https://elsewhere.example/graphql"),
        "the subgraphs' audience": f.signed(aud="urn:vereda:subgraphs"),
        "no audience": f.signed(aud=None),
        "another issuer": f.signed(iss="https://elsewhere.example"),
        "no issuer": f.signed(iss=None),
        "expired": f.signed(iat=now - 700, exp=now - 100),
        "no expiry": f.signed(exp=None),
        "not yet valid": f.signed(nbf=now + 300),
        "issued in the future": f.signed(iat=now + 300, exp=now + 900),
        "no id": f.signed(jti=None),
        "an id that is none": f.signed(jti="x"),
        "an id that was never given": f.signed(jti=str(new_id())),
        "no organization": f.signed(org=None),
        "the system's scope": f.signed(scope="system directory:read"),
        "b64 false": f.signed(None, {"b64": False, "crit": ["b64"]}),
        "zip in a JWS": f.signed(None, {"zip": "DEF", "crit": ["zip"]}),
        "a header nested deep": f"{_encoded(b'[' * 9000)}.{body}.{f.signature}",
        "a header that is no object": f"{_json([])}.{body}.{f.signature}",
        "claims that are no object": f"{head}.{_json([])}.{f.signature}",
        "claims nested deep": f"{head}.{_encoded(b'{' * 9000)}.{f.signature}",
        "no UTF-8": f"{_encoded(bytes([255, 254]))}.{body}.{f.signature}",
        "another alphabet": f"{head}.{body}.{f.signature[:-2]}+/",
        "four parts": f"{head}.{body}.{f.signature}.",
        "no parts": "." * 2,
        "dots": "." * 5000,
        "JSON serialization": json.dumps({"payload": body, "protected": head, "signature": f.signature}),
        "JWE": ".".join([_json({"alg": "dir", "enc": "A128GCM"}), "AA", "AA", "AA", "AA"]),
        "JWE with two thousand million rounds of PBES2": ".".join(
            [
                _json({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_000_000_000, "p2s": "AAAA"}),
                *(["AA"] * 4),
            ]
        ),
        "JWE that inflates": ".".join(
            [
                _json({"alg": "dir", "enc": "A128GCM", "zip": "DEF"}),
                "",
                "AA",
                _encoded(zlib.compress(b"0" * 5_000_000, 9)),
                "AA",
            ]
        ),
    }
