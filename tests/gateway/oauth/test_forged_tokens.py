"""Tokens that are like a genuine one but for one thing: none of them is admitted (RFC 8725 §3, RFC 9068 §5)."""

from __future__ import annotations

import base64
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from gateway.identity import AuthenticationError
from gateway.oauth import OAuthAuthenticator
from tests.gateway.oauth.conftest import Partner, admitted
from vereda.database import Database
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.settings import Settings
from vereda.signed import mint


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

    def with_hmac(self, secret: bytes) -> str:
        signed = self.unsigned(alg="HS256").rstrip(".")
        return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _json(content: dict[str, Any]) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def forgeries(f: Forger, settings: Settings) -> dict[str, str]:
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
        "jku": f.signed(own, {"kid": "another", "jku": "http://127.0.0.1:9/jwks.json"}),
        "x5u": f.signed(own, {"kid": "another", "x5u": "http://127.0.0.1:9/x5u.pem"}),
        "kid that is a path": f.signed(own, {"kid": "../transaction/0001.private.jwk"}),
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
        "JWE": ".".join([_json({"alg": "dir", "enc": "A128GCM"}), "AA", "AA", "AA", "AA"]),
    }


async def test_every_forgery_is_refused_with_the_same_challenge_and_nothing_is_fetched(
    partner: Partner, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    forger = Forger(await partner.token(), settings)
    fetched: list[object] = []
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **_options: fetched.append(args))
    challenges = set()

    for what, forged in forgeries(forger, settings).items():
        authenticator = OAuthAuthenticator(settings, database)
        try:
            await admitted(authenticator, forged)
        except AuthenticationError as error:
            challenges.add(error.challenge)
        else:
            pytest.fail(f"{what} was admitted")

    assert len(challenges) == 1
    assert not fetched
    # The forger's tools work: what they make of nothing but the truth is admitted.
    assert (await admitted(OAuthAuthenticator(settings, database), forger.signed())).authenticated


async def test_a_token_of_another_installation_is_refused(
    partner: Partner, authenticator: OAuthAuthenticator, settings: Settings, tmp_path: Path
) -> None:
    claims = Forger(await partner.token(), settings).claims
    elsewhere = mint(KeyRing(tmp_path / "access"), "at+jwt", claims, lifetime_s=600)

    with pytest.raises(AuthenticationError):
        await admitted(authenticator, elsewhere)
