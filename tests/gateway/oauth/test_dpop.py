"""Tokens bound to a key (RFC 9449): proofs, nonces, and no way around them, at the token endpoint and at the graph."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from gateway.identity import AuthenticationError, Identity
from gateway.oauth import OAuthAuthenticator, clients
from gateway.oauth.nonces import STEP_S, Nonces
from gateway.oauth.proofs import normalised
from tests.gateway.oauth.applications import Application, Worker, back
from tests.gateway.oauth.conftest import Clock, Partner, admitted, new_partner
from tests.gateway.oauth.proving import Prover, hash_of, request_with
from tests.gateway.oauth.signing import new_key, with_hmac
from vereda.database import Database
from vereda.settings import Settings

pytestmark = pytest.mark.usefixtures("quick_hashing")

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@pytest.fixture
def prover(settings: Settings) -> Prover:
    """At the token endpoint."""
    prover = Prover(f"{settings.public_url}/oauth/token")
    prover.nonce = Nonces.of(settings, "authorization server").current()
    return prover


@pytest.fixture
def bearer(prover: Prover, settings: Settings) -> Prover:
    """The same client at the graph, with the same key."""
    at_graph = Prover(f"{settings.public_url}/graphql")
    at_graph.key = prover.key
    at_graph.nonce = Nonces.of(settings, "resource").current()
    return at_graph


async def ask(partner: Partner, *proofs: str, **form: str) -> httpx.Response:
    return await partner.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", **form},
        headers=[("DPoP", proof) for proof in proofs],
        auth=(partner.client_id, partner.secret),
    )


def refused(answer: httpx.Response, error: str = "invalid_dpop_proof") -> bool:
    assert answer.headers["cache-control"] == "no-store"
    return (answer.status_code, answer.json()["error"]) == (400, error)


async def bound_token(partner: Partner, prover: Prover) -> str:
    answer = await ask(partner, prover.proof())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def turned_away(authenticator: OAuthAuthenticator, request: Any) -> AuthenticationError:
    with pytest.raises(AuthenticationError) as error:
        await authenticator.authenticate(request)
    return error.value


async def test_a_proof_binds_the_token_to_its_key(partner: Partner, prover: Prover) -> None:
    """§5: token_type DPoP; §6.1: cnf.jkt; §6.2: introspection."""
    answer = await ask(partner, prover.proof())

    body = answer.json()
    assert (answer.status_code, body["token_type"]) == (200, "DPoP")
    content = (await partner.post("/oauth/introspect", token=body["access_token"])).json()
    assert (content["token_type"], content["cnf"]) == ("DPoP", {"jkt": prover.jkt})
    assert answer.headers["dpop-nonce"], "§8.2: the next nonce"


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("P-256", "ES256"),
        ("P-384", "ES384"),
        ("Ed25519", "EdDSA"),
        ("Ed25519", "Ed25519"),
        ("RSA4096", "PS256"),
    ],
)
async def test_keys_of_each_kind_are_taken(
    partner: Partner, prover: Prover, kind: str, algorithm: str
) -> None:
    prover.key, prover.algorithm = new_key(kind), algorithm

    assert (await ask(partner, prover.proof())).json()["token_type"] == "DPoP"


async def test_without_a_nonce_of_ours_the_client_is_given_one_and_asks_again(
    partner: Partner, prover: Prover
) -> None:
    """§8: use_dpop_nonce, DPoP-Nonce."""
    for nonce in (None, "made-up", "", 7, prover.nonce and prover.nonce + "x"):
        prover.nonce = nonce  # type: ignore[assignment]
        first = await ask(partner, prover.proof())
        assert refused(first, "use_dpop_nonce")
        prover.heard(first)
        assert (await ask(partner, prover.proof())).status_code == 200


async def test_to_be_asked_for_a_nonce_uses_nothing_up(
    application: Application, worker: Worker, prover: Prover
) -> None:
    """The code is still good for the second try."""
    code, nonce, prover.nonce = await application.code(worker), prover.nonce, None

    first = await application.redeem(code, headers={"DPoP": prover.proof()})
    prover.nonce = nonce
    second = await application.redeem(code, headers={"DPoP": prover.proof()})

    assert refused(first, "use_dpop_nonce")
    assert second.json()["token_type"] == "DPoP"


def test_nonces_need_no_store_agree_between_replicas_and_end() -> None:
    clock = Clock(1_000_000.0)
    one, another = Nonces(b"key", "resource", now=clock), Nonces(b"key", "resource", now=clock)
    nonce = one.current()

    assert another.knows(nonce)
    assert not Nonces(b"key", "authorization server", now=clock).knows(nonce)
    assert not Nonces(b"other", "resource", now=clock).knows(nonce)
    clock.at += STEP_S
    assert another.knows(nonce)
    assert another.current() != nonce
    clock.at += STEP_S
    assert not another.knows(nonce)


def wrong(prover: Prover) -> dict[str, str]:
    """Proofs that are like a good one but for one thing (§4.3)."""
    foreign, now = new_key(), time.time()
    good = prover.proof()
    head, body, _ = good.split(".")
    jwk = prover.key.as_dict(private=False)
    deep = "[" * 900 + "]" * 900
    return {
        "no proof": "x",
        "two parts": f"{head}.{body}",
        "unsigned": f"{head}.{body}.",
        "JWE": f"{good}.x.y",
        "typ JWT": prover.proof(header={"typ": "JWT"}),
        "no typ": prover.proof(header={"typ": None}),
        "alg none": f"{prover.proof(header={'alg': 'none'}).rsplit('.', 1)[0]}.",
        "HS256 with the public key": with_hmac(good, json.dumps(jwk).encode()),
        "another key in the header": prover.proof(header={"jwk": foreign.as_dict(private=False)}),
        "the private key in the header": prover.proof(header={"jwk": prover.key.as_dict(private=True)}),
        "a symmetric key": prover.proof(header={"jwk": {"kty": "oct", "k": "c2VjcmV0"}}),
        "no key": prover.proof(header={"jwk": None}),
        "a key by URL": prover.proof(header={"jwk": None, "jku": "http://127.0.0.1:9/"}),
        "kid beside the key": prover.proof(header={"kid": "x"}),
        "unknown crit": prover.proof(header={"crit": ["x"], "x": 1}),
        "a key that is no object": prover.proof(header={"jwk": "x"}),
        "a key that is too deep": prover.proof(header={"jwk": json.loads(deep)}),
        "a key for another algorithm": prover.proof(header={"jwk": {**jwk, "alg": "ES384"}}),
        "a key for encryption": prover.proof(header={"jwk": {**jwk, "use": "enc"}}),
        "no jti": prover.proof(jti=None),
        "jti that is no text": prover.proof(jti=1),
        "jti without end": prover.proof(jti="x" * 1_000),
        "no htm": prover.proof(htm=None),
        "htm GET": prover.proof(htm="GET"),
        "htm post": prover.proof(htm="post"),
        "no htu": prover.proof(htu=None),
        "htu elsewhere": prover.proof(htu="https://elsewhere.example/oauth/token"),
        "htu another path": prover.proof(htu=prover.url + "/x"),
        "htu another port": prover.proof(htu=prover.url.replace(":4000", ":4001")),
        "htu that is none": prover.proof(htu="http://[::1"),
        "no iat": prover.proof(iat=None),
        "iat as text": prover.proof(iat="now"),
        "iat long ago": prover.proof(iat=now - 1_000),
        "iat in the future": prover.proof(iat=now + 1_000),
        "iat without end": prover.proof(iat=1e308),
        "too long": prover.proof(htu="x" * 9_000),
    }


async def test_a_proof_that_is_wrong_in_one_thing_is_refused(partner: Partner, prover: Prover) -> None:
    """§4.3, points 2 to 11; §11.1; RFC 8725."""
    answers = {what: await ask(partner, proof) for what, proof in wrong(prover).items()}

    assert {what for what, answer in answers.items() if not refused(answer)} == set()
    assert (await ask(partner, prover.proof())).status_code == 200


async def test_there_is_one_proof(partner: Partner, prover: Prover) -> None:
    """§4.3, point 1."""
    assert refused(await ask(partner, prover.proof(), prover.proof()))


async def test_a_proof_is_used_once(partner: Partner, prover: Prover) -> None:
    """§11.1."""
    proof = prover.proof()

    assert (await ask(partner, proof)).status_code == 200
    assert refused(await ask(partner, proof))
    again = prover.proof(jti="the-same")
    answers = await asyncio.gather(*(ask(partner, again) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5


async def test_two_keys_may_use_the_same_jti(partner: Partner, prover: Prover, settings: Settings) -> None:
    other = Prover(prover.url)
    other.nonce = prover.nonce

    assert (await ask(partner, prover.proof(jti="1"))).status_code == 200
    assert (await ask(partner, other.proof(jti="1"))).status_code == 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://graph.example.org/a", "HTTPS://Graph.Example.ORG:443/a"),
        ("https://graph.example.org/a", "https://graph.example.org/a?query#fragment"),
        ("https://graph.example.org/a", "https://graph.example.org/x/../%61"),
        ("https://graph.example.org/%2F", "https://graph.example.org/%2f"),
        ("http://127.0.0.1:4000/", "http://127.0.0.1:4000"),
        ("http://[::1]:4000/a/b", "http://[::1]:4000/a/./b"),
        ("http://a.example/b/", "http://a.example/b/c/.."),
        ("http://a.example/b", "http://a.example/../../b"),
    ],
)
def test_the_same_url_may_be_written_in_many_ways(one: str, other: str) -> None:
    """§4.3, point 9: RFC 3986 §6.2.2, §6.2.3."""
    assert normalised(one) == normalised(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://graph.example.org/a", "http://graph.example.org/a"),
        ("https://graph.example.org/a", "https://graph.example.org/A"),
        ("https://graph.example.org/a", "https://graph.example.org/a/"),
        ("https://graph.example.org/a", "https://graph.example.org:8443/a"),
        ("https://graph.example.org/a/b", "https://graph.example.org/a%2Fb"),
        ("https://graph.example.org/a", "https://graph.example.org.evil.example/a"),
        ("https://graph.example.org/a", "https://evil@graph.example.org/a"),
    ],
)
def test_other_urls_stay_others(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


async def test_a_client_that_must_prove_gets_no_token_without(
    http: httpx.AsyncClient, database: Database, prover: Prover
) -> None:
    """§5.2: dpop_bound_access_tokens."""
    partner = await new_partner(http, database, dpop_required=True)

    assert refused(await ask(partner))
    assert (await ask(partner, prover.proof())).json()["token_type"] == "DPoP"


async def test_a_bound_token_opens_the_graph_with_a_proof_of_its_key(
    partner: Partner, prover: Prover, bearer: Prover, authenticator: OAuthAuthenticator
) -> None:
    """§7.1."""
    token = await bound_token(partner, prover)

    async def asked(**changes: Any) -> Identity:
        return await authenticator.authenticate(
            request_with(token, bearer.proof(token=token, **changes), **changes.pop("said", {}))
        )

    first, second = await asked(), await asked()

    assert first is second, "the token is checked once in half a minute, the proof each time"
    assert first.client_id == partner.client_id
    request = request_with(token, bearer.proof("GET", token=token), method="GET", scheme="dpop")
    assert await authenticator.authenticate(request) is first


async def test_a_bound_token_without_its_proof_is_worth_nothing(
    partner: Partner, prover: Prover, bearer: Prover, authenticator: OAuthAuthenticator, settings: Settings
) -> None:
    """§7.2: no downgrade to Bearer; §4.3, point 12: the key that the token is bound to. Also while it is remembered."""
    token, thief = await bound_token(partner, prover), Prover(bearer.url)
    thief.nonce = bearer.nonce
    await authenticator.authenticate(request_with(token, bearer.proof(token=token)))

    plain = await turned_away(authenticator, request_with(token, scheme="Bearer"))
    proven = await turned_away(authenticator, request_with(token, bearer.proof(token=token), scheme="Bearer"))
    stolen = await turned_away(authenticator, request_with(token, thief.proof(token=token)))
    without = await turned_away(authenticator, request_with(token))

    assert plain.challenge.startswith('Bearer error="invalid_token", ')
    assert proven.challenge.startswith('Bearer error="invalid_token", ')
    assert stolen.challenge.startswith('DPoP error="invalid_token", ')
    assert without.challenge.startswith('DPoP error="invalid_dpop_proof", ')
    assert 'algs="ES256 ' in without.challenge
    assert "resource_metadata=" in without.challenge


async def test_a_plain_token_is_not_sent_as_a_bound_one(
    partner: Partner, bearer: Prover, authenticator: OAuthAuthenticator
) -> None:
    token = await partner.token()
    await admitted(authenticator, token)

    error = await turned_away(authenticator, request_with(token, bearer.proof(token=token)))

    assert error.challenge.startswith('DPoP error="invalid_token", ')


async def test_the_graph_asks_for_a_nonce_of_its_own(
    partner: Partner, prover: Prover, bearer: Prover, authenticator: OAuthAuthenticator
) -> None:
    """§9: a proof for the authorization server's nonce is none here."""
    token = await bound_token(partner, prover)
    for nonce in (None, prover.nonce):
        bearer.nonce = nonce
        error = await turned_away(authenticator, request_with(token, bearer.proof(token=token)))
        assert error.challenge.startswith('DPoP error="use_dpop_nonce", ')
        bearer.nonce = error.headers["DPoP-Nonce"]
        assert await authenticator.authenticate(request_with(token, bearer.proof(token=token)))


async def test_a_proof_at_the_graph_is_for_this_token_this_request_and_once(
    partner: Partner, prover: Prover, bearer: Prover, authenticator: OAuthAuthenticator
) -> None:
    """§4.3, §7.1, §11.1."""
    token = await bound_token(partner, prover)
    proof = bearer.proof(token=token)
    await authenticator.authenticate(request_with(token, proof))
    wrong_ones = {
        "used before": proof,
        "for the token endpoint": prover.proof(token=token, nonce=bearer.nonce),
        "no ath": bearer.proof(),
        "ath of another token": bearer.proof(ath=hash_of(token + "x")),
        "ath that is no text": bearer.proof(ath=1),
        "for another method": bearer.proof("GET", token=token),
        "nothing": "",
        **{what: text for what, text in wrong(bearer).items() if what != "htm GET"},
    }

    for what, text in wrong_ones.items():
        error = await turned_away(authenticator, request_with(token, text))
        assert error.challenge.startswith('DPoP error="invalid_dpop_proof", '), what
    two = request_with(token, bearer.proof(token=token), bearer.proof(token=token))
    assert "invalid_dpop_proof" in (await turned_away(authenticator, two)).challenge


async def test_replicas_take_a_proof_once_between_them(
    partner: Partner, prover: Prover, bearer: Prover, settings: Settings, database: Database
) -> None:
    token = await bound_token(partner, prover)
    proof = bearer.proof(token=token)
    replicas = [OAuthAuthenticator(settings, database) for _ in range(3)]

    async def taken(replica: OAuthAuthenticator) -> bool:
        try:
            await replica.authenticate(request_with(token, proof))
        except AuthenticationError:
            return False
        return True

    assert sum(await asyncio.gather(*(taken(replica) for replica in replicas))) == 1


async def test_a_revoked_bound_token_is_refused(
    partner: Partner, prover: Prover, bearer: Prover, settings: Settings, database: Database
) -> None:
    token = await bound_token(partner, prover)
    await partner.post("/oauth/revoke", token=token)

    error = await turned_away(
        OAuthAuthenticator(settings, database), request_with(token, bearer.proof(token=token))
    )

    assert error.challenge.startswith('DPoP error="invalid_token", ')


async def test_a_code_can_be_bound_to_a_key_from_the_beginning(
    application: Application, worker: Worker, prover: Prover
) -> None:
    """§10: dpop_jkt; the code is good with a proof of that key only."""
    thief = Prover(prover.url)
    thief.nonce = prover.nonce
    code = await application.code(worker, dpop_jkt=prover.jkt)

    assert refused(await application.redeem(code), "invalid_grant")
    assert refused(await application.redeem(code, headers={"DPoP": thief.proof()}), "invalid_grant")
    answer = await application.redeem(code, headers={"DPoP": prover.proof()})
    assert answer.json()["token_type"] == "DPoP"


async def test_a_refresh_token_that_began_with_a_key_goes_on_with_it(
    application: Application, worker: Worker, prover: Prover
) -> None:
    """§5 asks that of public clients; here it holds for all: a stolen secret and refresh token do not do without the key."""
    thief = Prover(prover.url)
    thief.nonce = prover.nonce
    code = await application.code(worker)
    body = (await application.redeem(code, headers={"DPoP": prover.proof()})).json()

    assert refused(await application.refresh(body["refresh_token"]), "invalid_grant")
    stolen = await application.refresh(body["refresh_token"], headers={"DPoP": thief.proof()})
    assert refused(stolen, "invalid_grant")
    again = await application.refresh(body["refresh_token"], headers={"DPoP": prover.proof()})
    assert again.json()["token_type"] == "DPoP"
    assert refused(await application.refresh(again.json()["refresh_token"]), "invalid_grant")


async def test_an_application_may_begin_to_prove_at_a_refresh(
    application: Application, worker: Worker, prover: Prover
) -> None:
    body = await application.tokens(worker)
    bound = await application.refresh(body["refresh_token"], headers={"DPoP": prover.proof()})

    assert bound.json()["token_type"] == "DPoP"
    assert refused(await application.refresh(bound.json()["refresh_token"]), "invalid_grant")


async def test_a_bound_token_is_exchanged_by_who_holds_its_key_only(
    http: httpx.AsyncClient, database: Database, application: Application, worker: Worker, prover: Prover
) -> None:
    """To exchange it is no way to get rid of its key."""
    grants = {"organization": worker.organization, "grant_types": [EXCHANGE], "scopes": ["client:read"]}
    system = await new_partner(http, database, **grants)
    code = await application.code(worker)
    token = (await application.redeem(code, headers={"DPoP": prover.proof()})).json()["access_token"]
    form = {
        "grant_type": EXCHANGE,
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }

    assert refused(await ask(system, **form))
    assert (await ask(system, prover.proof(), **form)).json()["token_type"] == "DPoP"


async def test_a_proof_at_other_endpoints_is_for_them(
    partner: Partner, prover: Prover, settings: Settings
) -> None:
    """A wrong proof is refused wherever it is sent."""
    answer = await partner.http.post(
        "/oauth/introspect",
        data={"token": "x"},
        headers={"DPoP": prover.proof()},
        auth=(partner.client_id, partner.secret),
    )

    assert refused(answer)


async def test_what_a_disabled_client_proves_changes_nothing(
    partner: Partner, prover: Prover, database: Database
) -> None:
    await clients.disable(database, partner.client_id)

    assert (await ask(partner, prover.proof())).status_code == 401


async def test_dpop_jkt_comes_back_in_no_answer(
    application: Application, worker: Worker, prover: Prover
) -> None:
    answer = await worker.say(await application.ask(worker, dpop_jkt=prover.jkt), "allow")

    assert set(back(answer)) == {"code", "state", "iss"}


async def test_a_proof_opens_the_one_path_that_it_is_for(
    partner: Partner,
    prover: Prover,
    bearer: Prover,
    authenticator: OAuthAuthenticator,
    settings: Settings,
) -> None:
    """§4.3: `htu` is the target of the request, without its query."""
    token = await bound_token(partner, prover)
    elsewhere = Prover(f"{settings.public_url}/hsds/3.0/services")
    elsewhere.key, elsewhere.nonce = bearer.key, bearer.nonce
    asked = {"method": "GET", "path": "/hsds/3.0/services"}

    admitted_there = await authenticator.authenticate(
        request_with(token, elsewhere.proof(method="GET", token=token), **asked)
    )
    error = await turned_away(
        authenticator, request_with(token, bearer.proof(method="GET", token=token), **asked)
    )

    assert admitted_there.authenticated
    assert "another URL" in str(error)
