"""A service believes the gateway's transaction token and nothing that only looks like one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.kernel.signing import (
    altered,
    part,
    signed_with_the_public_key_as_secret,
    unpacked,
    unsigned,
)
from tests.support.subgraph import caller_of
from vereda.caller import RESERVED_SCOPES, Caller, Scope
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.settings import SigningAlgorithm
from vereda.signed import TokenRefusedError
from vereda.signed import mint as sign
from vereda.tokens import AUDIENCE, ISSUER, LIFETIME_S, TOKEN_TYPE, Verifier, mint


class Gateway:
    """The gateway's key ring, and a service's verifier of what it signs."""

    def __init__(self, folder: Path, algorithm: SigningAlgorithm = SigningAlgorithm.ES256) -> None:
        self.folder = folder
        self.ring = KeyRing(folder / "transaction", algorithm)
        self.verifier = Verifier(str(self.jwks))
        self.caller = caller_of(None, Scope.DIRECTORY_READ, Scope.REFERRAL_SEND)

    @property
    def jwks(self) -> Path:
        return self.folder / "transaction" / "jwks.json"

    @property
    def token(self) -> str:
        return mint(self.ring, self.caller)

    async def refuses(self, token: str) -> None:
        with pytest.raises(TokenRefusedError) as refused:
            await self.verifier.verify(token)
        assert token not in str(refused.value)

    async def believes(self, token: str) -> None:
        assert await self.verifier.verify(token) == self.caller


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    return Gateway(tmp_path)


words = st.text(st.characters(exclude_categories=("Cs", "Z", "C")), min_size=1, max_size=9)
callers = st.builds(
    Caller,
    subject=words,
    organization=st.uuids(),
    scopes=st.frozensets(words.filter(lambda word: word not in RESERVED_SCOPES), max_size=4),
    roles=st.frozensets(words, max_size=3),
    purpose=st.none() | words,
    authenticated_at=st.none() | st.integers(0, 2**32).map(lambda at: datetime.fromtimestamp(at, UTC)),
)


@hypothesis_settings(max_examples=30, deadline=None)
@given(caller=callers)
async def test_the_caller_arrives_as_the_gateway_named_it(settings: Any, caller: Caller) -> None:
    ring = KeyRing(settings.keys / "transaction")

    assert await Verifier(settings.jwks_location("transaction")).verify(mint(ring, caller)) == caller


def test_a_token_lives_for_one_minute_and_for_our_subgraphs_alone(gateway: Gateway) -> None:
    header, claims = unpacked(gateway.token)

    assert header == {"alg": "ES256", "typ": TOKEN_TYPE, "kid": gateway.ring.signing_key.kid}
    assert (claims["iss"], claims["aud"]) == (ISSUER, AUDIENCE)
    assert claims["exp"] - claims["iat"] == LIFETIME_S == 60


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
async def test_an_unsigned_token_is_refused(gateway: Gateway, algorithm: str) -> None:
    await gateway.refuses(unsigned(gateway.token, algorithm))


@pytest.mark.parametrize(
    "secret",
    [
        lambda ring: ring.signing_key.as_pem(private=False),
        lambda ring: ring.signing_key.as_der(private=False),
        lambda ring: orjson.dumps(ring.public_jwks()["keys"][0]),
        lambda ring: ring.signing_key.as_dict(private=False)["x"].encode(),
        lambda _ring: b"",
    ],
    ids=["PEM", "DER", "JWK", "coordinate", "empty"],
)
async def test_the_public_key_does_not_serve_as_a_shared_secret(
    gateway: Gateway, secret: Callable[[KeyRing], bytes]
) -> None:
    forged = signed_with_the_public_key_as_secret(gateway.ring, gateway.token, secret(gateway.ring))

    await gateway.refuses(forged)


async def test_a_token_of_a_foreign_key_is_refused(gateway: Gateway, tmp_path: Path) -> None:
    stranger = KeyRing(tmp_path / "stranger")

    await gateway.refuses(mint(stranger, gateway.caller))
    await gateway.refuses(altered(stranger, gateway.token))  # under the name of our key
    await gateway.refuses(altered(stranger, gateway.token, {"kid": None}))
    await gateway.refuses(altered(stranger, gateway.token, {"jwk": stranger.public_jwks()["keys"][0]}))


async def test_a_genuine_token_that_brings_its_own_key_along_is_refused(gateway: Gateway) -> None:
    own = gateway.ring.public_jwks()["keys"][0]

    await gateway.refuses(altered(gateway.ring, gateway.token, {"jwk": own}))


async def test_an_encrypted_token_is_refused(gateway: Gateway) -> None:
    """A JWE (RFC 7516), made for the very key that verifies."""
    protected = {"alg": "ECDH-ES", "enc": "A128GCM", "typ": TOKEN_TYPE, "kid": gateway.ring.current.kid}
    key = ECKey.import_key(gateway.ring.public_jwks()["keys"][0] | {"use": "enc", "alg": "ECDH-ES"})
    sealed = jwe.encrypt_compact(protected, gateway.token, key, algorithms=["ECDH-ES", "A128GCM"])

    await gateway.refuses(sealed)
    await gateway.refuses(".".join(sealed.split(".")[:3]))


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
async def test_each_key_is_for_one_algorithm(tmp_path: Path, algorithm: SigningAlgorithm) -> None:
    gateway = Gateway(tmp_path, algorithm)

    await gateway.believes(gateway.token)
    for other in {"ES256", "Ed25519", "EdDSA", "ES384", "HS256", "RS256", "PS256", "none"} - {algorithm}:
        header, claims = unpacked(gateway.token)
        signature = gateway.token.rpartition(".")[2]
        await gateway.refuses(f"{part({**header, 'alg': other})}.{part(claims)}.{signature}")


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "urn:vereda:partners"},
        {"iss": None},
        {"aud": "https://graph.example.org"},
        {"aud": ["https://graph.example.org"]},
        {"aud": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 4_000_000_000},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"org": "not an id"},
        {"org": 7},
        {"org": None},
        {"sub": None},
        {"roles": 7},
        {"auth_time": "yesterday"},
        {"auth_time": 1e30},
    ],
    ids=str,
)
async def test_a_token_with_a_claim_that_is_wrong_or_missing_is_refused(
    gateway: Gateway, change: dict[str, Any]
) -> None:
    await gateway.refuses(altered(gateway.ring, gateway.token, **change))


@pytest.mark.parametrize("type_", ["at+jwt", "JWT", "service-offer+jwt", "", None])
async def test_a_token_of_another_type_is_refused(gateway: Gateway, type_: str | None) -> None:
    await gateway.refuses(altered(gateway.ring, gateway.token, {"typ": type_}))


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp2"], "exp2": 1},
        {"crit": ["b64"], "b64": False},
        {"alg": "ES384"},
        {"kid": 7},
        {"kid": None},
        {"kid": "../../access/jwks.json"},
        {"kid": "' OR 1=1 --"},
        {"alg": None},
        {"alg": "Ed25519"},
        {"jku": "http://127.0.0.1:9/jwks.json"},
        {"x5u": "http://127.0.0.1:9/chain.pem"},
        {"x5c": ["MIIB"]},
        {"zip": "DEF"},
        {"cty": "JWT"},
    ],
    ids=str,
)
async def test_a_header_that_demands_what_we_do_not_do_is_refused(
    gateway: Gateway, header: dict[str, Any]
) -> None:
    await gateway.refuses(altered(gateway.ring, gateway.token, header))


async def test_an_access_token_of_the_outside_is_refused(gateway: Gateway, tmp_path: Path) -> None:
    claims = {
        "iss": "http://127.0.0.1:4000",
        "aud": "http://127.0.0.1:4000/graphql",
        "sub": "demo-clinic",
        "org": str(new_id()),
        "scope": "directory:read",
    }

    await gateway.refuses(sign(KeyRing(tmp_path / "access"), "at+jwt", claims, lifetime_s=600))
    await gateway.refuses(sign(gateway.ring, "at+jwt", claims, lifetime_s=600))


async def test_a_token_is_refused_once_its_minute_and_the_clocks_leeway_are_over(gateway: Gateway) -> None:
    now = time.time()

    await gateway.believes(mint(gateway.ring, gateway.caller, now=now - 50))
    await gateway.refuses(mint(gateway.ring, gateway.caller, now=now - 67))
    await gateway.refuses(mint(gateway.ring, gateway.caller, now=now + 30))


@pytest.mark.parametrize("reserved", sorted(RESERVED_SCOPES))
async def test_no_token_carries_a_scope_of_our_own_processes(gateway: Gateway, reserved: str) -> None:
    for scope in (reserved, f"directory:read {reserved}", f"{reserved}\t\n"):
        await gateway.refuses(altered(gateway.ring, gateway.token, scope=scope))


async def test_a_genuine_token_that_is_too_long_is_refused(gateway: Gateway) -> None:
    await gateway.refuses(altered(gateway.ring, gateway.token, purpose="p" * 9_000))
    with pytest.raises(TokenRefusedError, match="too long"):
        await gateway.verifier.verify("a" * 10_000_000)


async def test_one_changed_character_breaks_a_token(gateway: Gateway) -> None:
    token = gateway.token
    for position in range(0, len(token) - 1, 7):
        other = "A" if token[position] != "A" else "B"
        await gateway.refuses(token[:position] + other + token[position + 1 :])


json_parts = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda children: (
        st.lists(children, max_size=2)
        | st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64"]), children, max_size=4)
    ),
    max_leaves=6,
).map(part)


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    token=st.text(max_size=60)
    | st.builds(lambda *parts: ".".join(parts), json_parts, json_parts, st.text(max_size=8))
    | st.integers(1, 3000).map(lambda depth: ("W" * (depth * 4 // 3)) + ".e30.AA")
)
async def test_whatever_is_sent_instead_is_refused_and_breaks_nothing(settings: Any, token: str) -> None:
    KeyRing(settings.keys / "transaction")

    with pytest.raises(TokenRefusedError):
        await Verifier(settings.jwks_location("transaction")).verify(token)
