"""The OAuth endpoints and the pages of signing in: forms, headers and tokens of all kinds."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from tests.attacks.target import Target
from tests.attacks.wire import Sent, answers, exchange
from tests.fuzzing.decency import check_graphql, check_oauth
from tests.support.trying import examples

_OAUTH = ("token", "revoke", "introspect", "authorize", "register", "par", "")
_PAGES = (
    "sign-in",
    "sign-in/second-factor",
    "sign-in/recovery-code",
    "sign-in/continue",
    "account",
    "sign-out",
)
_WELL_KNOWN = ("oauth-authorization-server", "oauth-protected-resource", "jwks.json", "openid-configuration")
paths = st.sampled_from(
    [f"/oauth/{name}" for name in _OAUTH]
    + [f"/{name}" for name in _PAGES]
    + [f"/.well-known/{name}" for name in _WELL_KNOWN]
)

_GRANTS = (
    *("client_credentials", "authorization_code", "refresh_token", "password", "implicit", ""),
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:device_code",
)
_TYPES = (
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:jwt",
    "access_token",
)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_header_members = st.dictionaries(
    st.sampled_from(
        [
            "alg",
            "typ",
            "kid",
            "jku",
            "x5u",
            "jwk",
            "x5c",
            "crit",
            "zip",
            "enc",
            "b64",
            "p2c",
            "epk",
            "cty",
            "nonce",
        ]
    ),
    st.one_of(
        _json, st.sampled_from(("ES256", "EdDSA", "none", "HS256", "RS256", "at+jwt", "dpop+jwt", "DEF"))
    ),
    max_size=5,
)
_claims = st.dictionaries(
    st.sampled_from(
        [
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "scope",
            "client_id",
            "org",
            "roles",
            "act",
            "cnf",
            "htm",
            "htu",
            "ath",
            "nonce",
        ]
    ),
    st.one_of(_json, st.sampled_from((0, 2**63, "system", "x"))),
    max_size=8,
)


def _token(header: Any, claims: Any, signature: bytes) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(_encoded(part) for part in parts)


tokens = st.one_of(
    st.builds(_token, st.one_of(_header_members, _json), st.one_of(_claims, _json), st.binary(max_size=64)),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    st.lists(st.binary(max_size=12).map(_encoded), max_size=6).map(".".join),
)
_values = st.one_of(
    tokens,
    st.sampled_from((*_GRANTS, *_TYPES)),
    st.sampled_from(
        (
            "code",
            "token",
            "S256",
            "plain",
            "none",
            "directory:read",
            "system",
            "https://x.example/",
            "javascript:0",
        )
    ),
    st.text(max_size=20),
)
forms = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "grant_type",
                "scope",
                "client_id",
                "client_secret",
                "client_assertion",
                "client_assertion_type",
                "token",
                "token_type_hint",
                "code",
                "redirect_uri",
                "code_verifier",
                "code_challenge",
                "code_challenge_method",
                "refresh_token",
                "response_type",
                "state",
                "nonce",
                "resource",
                "audience",
                "subject_token",
                "subject_token_type",
                "actor_token",
                "actor_token_type",
                "requested_token_type",
                "request",
                "request_uri",
                "prompt",
                "response_mode",
                "dpop_jkt",
                "csrf",
                "email",
                "password",
                "otp",
                "next",
                "locale",
            ]
        ),
        _values,
    ),
    max_size=8,
)


def written(form: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={quote_plus(value, errors='replace')}" for name, value in form)


_basic = st.tuples(st.text(max_size=10), st.text(max_size=10)).map(
    lambda pair: "Basic " + base64.b64encode(":".join(pair).encode("utf-8", "surrogatepass")).decode()
)
_authorizations = st.one_of(
    st.just(""),
    _basic,
    st.builds(
        lambda scheme, token: f"{scheme} {token}",
        st.sampled_from(("Bearer", "DPoP", "Basic", "Digest")),
        tokens,
    ),
)


async def decent(target: Target, sent: Sent, said: str) -> None:
    raw = await exchange(target.host, target.port, sent.encode("localhost"))
    for answer in answers(raw):
        check_oauth(answer, said)


@examples(150)
@given(path=paths, form=forms, authorization=_authorizations, proof=st.one_of(st.just(""), tokens))
async def test_forms(
    target: Target, path: str, form: list[tuple[str, str]], authorization: str, proof: str
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers |= {name: value for name, value in (("Authorization", authorization), ("DPoP", proof)) if value}
    await decent(target, Sent("POST", path, headers, written(form).encode()), f"{form}{headers}")


@examples(80)
@given(path=paths, form=forms, method=st.sampled_from(("GET", "OPTIONS", "PUT", "DELETE")))
async def test_addresses(target: Target, path: str, form: list[tuple[str, str]], method: str) -> None:
    await decent(target, Sent(method, f"{path}?{written(form)}"), str(form))


@examples(80)
@given(
    path=paths,
    content=st.one_of(st.binary(max_size=80), forms.map(lambda form: written(form).encode())),
    content_type=st.sampled_from(
        (
            *(
                "application/x-www-form-urlencoded",
                "application/json",
                "multipart/form-data; boundary=x",
                "text/plain",
                "",
            ),
            *("application/x-www-form-urlencoded; charset=utf-16", "application/jwt", "multipart/form-data"),
        )
    ),
    cookie=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
)
async def test_bodies(target: Target, path: str, content: bytes, content_type: str, cookie: str) -> None:
    headers = {
        "Content-Type": content_type,
        "Cookie": f"__Host-session={cookie}",
        "Content-Length": str(len(content)),
    }
    await decent(target, Sent("POST", path, headers, content), str(content))


@examples(100)
@given(authorization=_authorizations, proof=st.one_of(st.just(""), tokens))
async def test_tokens_at_the_graph(target: Target, authorization: str, proof: str) -> None:
    headers = {"Content-Type": "application/json", "Authorization": authorization}
    headers |= {"DPoP": proof} if proof else {}
    raw = await exchange(
        target.host,
        target.port,
        Sent("POST", "/graphql", headers, b'{"query":"{motto}"}').encode("localhost"),
    )
    [answer] = answers(raw)

    check_graphql(answer, authorization)
    assert answer.status in (400, 401)


@examples(100)
@given(at=st.integers(0, 2000), byte=st.sampled_from("AZaz09-_.=+/ %\x7f"), cut=st.integers(0, 3))
async def test_a_good_token_with_one_place_changed(target: Target, at: int, byte: str, cut: int) -> None:
    at %= len(target.token)
    changed = target.token[:at] + byte + target.token[at + cut :]
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {changed}"}
    raw = await exchange(
        target.host,
        target.port,
        Sent("POST", "/graphql", headers, b'{"query":"{motto}"}').encode("localhost"),
    )
    target.asked.clear()
    [answer] = answers(raw)

    check_graphql(answer)
    assert answer.status in (400, 401) or changed.strip() == target.token
