"""JWTs and keys that are like good ones but for anything at all: refused by a word of ours, never by an accident."""

from __future__ import annotations

import base64
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.jose import Jwt, JwtRefusedError, public_key
from gateway.oauth import clients
from gateway.oauth.assertions import AssertionCheck
from gateway.oauth.client_keys import ClientKeys, usable_keys
from gateway.oauth.nonces import Nonces
from gateway.oauth.proofs import NonceWantedError, ProofCheck, ProofRefusedError, normalised
from gateway.outbound import Outbound
from tests.gateway.oauth.conftest import Partner
from tests.gateway.oauth.signing import new_key, signed
from tests.support.trying import examples
from vereda.database import Database

pytestmark = pytest.mark.usefixtures("quick_hashing")

URL = "https://graph.example.org/oauth/token"
KEYS = [new_key("P-256"), new_key("P-384"), new_key("Ed25519"), new_key("RSA2048")]
PUBLIC = [{**key.as_dict(private=False), "use": "sig"} for key in KEYS]
NONCES = Nonces(b"key", "test")

texts = st.one_of(
    st.text(max_size=20), st.sampled_from(["", "ES256", "HS256", "none", "EC", "oct", "RSA", "AA"])
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


def changed(good: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """`good` with up to three members changed, added or taken away."""
    names = st.one_of(
        st.sampled_from(sorted(good)), st.sampled_from(["crit", "jku", "x5u", "jwk", "d", "k"]), texts
    )
    changes = st.dictionaries(names, st.one_of(st.just(...), values), max_size=3)
    return changes.map(lambda made: {n: v for n, v in {**good, **made}.items() if v is not ...})


def encoded(part: Any) -> str:
    return (
        base64.urlsafe_b64encode(orjson.dumps(part, option=orjson.OPT_PASSTHROUGH_DATETIME))
        .rstrip(b"=")
        .decode()
    )


@examples(400)
@given(st.one_of(values, *(changed(members) for members in PUBLIC)))
def test_a_key_of_any_shape_is_taken_or_refused(members: Any) -> None:
    with suppress(JwtRefusedError):
        key = public_key(members)
        assert key.algorithms
        assert key.thumbprint in {one.thumbprint() for one in KEYS}
        assert "d" not in members
    usable_keys(members)
    usable_keys({"keys": members})
    usable_keys({"keys": [members]})


@examples(400)
@given(
    st.one_of(
        st.text(max_size=200),
        st.binary(max_size=60).map(lambda raw: f"{base64.urlsafe_b64encode(raw).decode()}.e30.AA"),
        st.tuples(values, values).map(lambda both: f"{_safe(both[0])}.{_safe(both[1])}.AA"),
    )
)
def test_a_token_of_any_shape_is_read_or_refused(text: str) -> None:
    with suppress(JwtRefusedError):
        jwt = Jwt.read(text)
        with pytest.raises(JwtRefusedError):
            jwt.verified(public_key(PUBLIC[0]))


def _safe(part: Any) -> str:
    try:
        return encoded(part)
    except (TypeError, ValueError):
        return "e30"


def good_claims() -> dict[str, Any]:
    return {"jti": "1", "htm": "POST", "htu": URL, "iat": int(time.time()), "nonce": NONCES.current()}


def good_header(number: int) -> dict[str, Any]:
    return {"typ": "dpop+jwt", "alg": ("ES256", "ES384", "EdDSA", "RS256")[number], "jwk": PUBLIC[number]}


@examples(400)
@given(st.data(), st.integers(0, 3))
def test_a_proof_of_any_shape_is_taken_or_refused(data: st.DataObject, number: int) -> None:
    """The forger holds the key: the signature is right, whatever else is not."""
    drawn = {**data.draw(changed(good_header(number))), "alg": good_header(number)["alg"]}
    header = {name: value for name, value in drawn.items() if value is not None}
    claims = data.draw(changed(good_claims()))
    try:
        proof = signed(KEYS[number], claims, algorithm=header["alg"], **{"kid": None, **_plain(header)})
    except (TypeError, ValueError):
        return  # what no JSON can say
    check = ProofCheck(NONCES, None)  # type: ignore[arg-type]
    try:
        taken = check.read([proof], "POST", URL)
    except (ProofRefusedError, NonceWantedError):
        return
    assert taken.jkt == KEYS[number].thumbprint()
    assert header.keys() == {"typ", "alg", "jwk"}
    assert (claims["htm"], normalised(claims["htu"])) == ("POST", URL)


def _plain(header: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in header.items() if name not in ("algorithm", "key", "claims", "alg")
    }


class NeverSeen:
    async def is_new(self, *_what: Any) -> bool:
        return True


@dataclass
class Registered:
    """What is asked of a client."""

    client_id: str = "ehr"
    jwks: Any = field(default_factory=lambda: {"keys": PUBLIC})
    jwks_uri: str | None = None


@examples(300)
@given(st.data())
async def test_an_assertion_of_any_shape_is_taken_or_refused(data: st.DataObject) -> None:
    """Signed by nobody; and, as if it had been signed, with any claims."""
    client: Any = Registered()
    seen: Any = NeverSeen()
    now = int(time.time())
    good = {"iss": "ehr", "sub": "ehr", "aud": URL, "jti": "1", "iat": now, "exp": now + 60}
    header = data.draw(changed({"alg": "ES256", "kid": KEYS[0].kid, "typ": "JWT"}))
    claims = data.draw(changed(good))
    check = AssertionCheck(frozenset({URL}), ClientKeys(Outbound()), seen)
    try:
        jwt = Jwt.read(f"{_safe(header)}.{_safe(claims)}.AA")
        await check.accept(client, jwt, URL)
        assert (jwt.claimed["iss"], jwt.claimed["sub"]) == ("ehr", "ehr")
    except JwtRefusedError:
        return
    with pytest.raises(JwtRefusedError):
        await check.signed(client, jwt)


@examples(300)
@given(st.text(max_size=60))
def test_an_address_of_any_shape_is_written_in_one_way_or_is_none(url: str) -> None:
    for text in (url, f"https://{url}", f"https://graph.example.org/{url}"):
        written = normalised(text)
        assert written is None or normalised(written) == written


@pytest.mark.parametrize(
    "header",
    [
        {"alg": []},
        {"alg": {}},
        {"alg": 1},
        {"alg": None},
        {"alg": "ES256", "kid": []},
        {"alg": "ES256", "kid": {}},
        {"alg": "ES256", "typ": []},
        {"alg": "ES256", "jku": None},
        {},
    ],
)
async def test_a_header_that_holds_what_it_should_not_is_an_invalid_client(
    partner: Partner, http: httpx.AsyncClient, database: Database, header: dict[str, Any]
) -> None:
    await clients.replace_keys(database, partner.client_id, jwks={"keys": PUBLIC})
    body = {"iss": partner.client_id, "sub": partner.client_id}

    answer = await http.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": f"{encoded(header)}.{encoded(body)}.AA",
        },
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
