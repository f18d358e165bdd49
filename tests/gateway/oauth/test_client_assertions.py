"""Clients that sign: `private_key_jwt` (RFC 7521 §4.2, RFC 7523 §2.2 and §3), as SMART Backend Services does it, too."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gateway.oauth import clients
from tests.gateway.oauth.conftest import Partner, new_partner
from tests.gateway.oauth.signing import TYPE, Key, assertion, new_key, public, signed, with_hmac
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

pytestmark = pytest.mark.usefixtures("quick_hashing")


@dataclass(frozen=True)
class At:
    """So many seconds from when it is looked at."""

    seconds: float


class Signer:
    """A registered client that authenticates with its key."""

    def __init__(self, http: httpx.AsyncClient, key: Key, client_id: str, issuer: str) -> None:
        self.http, self.key, self.client_id, self.issuer = http, key, client_id, issuer
        self.algorithm = "ES256"

    def made(self, **changes: Any) -> str:
        audience = changes.pop("aud", self.issuer)
        now = time.time()
        changes = {n: now + v.seconds if isinstance(v, At) else v for n, v in changes.items()}
        changes = {"algorithm": self.algorithm, **changes}
        return assertion(self.key, self.client_id, audience, **changes)

    async def send(self, text: str, path: str = "/oauth/token", **form: str) -> httpx.Response:
        asked = {"grant_type": "client_credentials"} if path == "/oauth/token" else {}
        return await self.http.post(
            path, data={**asked, "client_assertion_type": TYPE, "client_assertion": text, **form}
        )


async def new_signer(
    http: httpx.AsyncClient, database: Database, settings: Settings, kind: str = "P-256"
) -> Signer:
    key = new_key(kind)
    partner = await new_partner(http, database, secret=None, jwks=public(key))
    return Signer(http, key, partner.client_id, settings.public_url)


@pytest.fixture
async def signer(http: httpx.AsyncClient, database: Database, settings: Settings) -> Signer:
    return await new_signer(http, database, settings)


def refused(answer: httpx.Response, why: str = "") -> bool:
    body = answer.json()
    assert why in body["error_description"], body
    return (answer.status_code, body["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("P-256", "ES256"),
        ("P-384", "ES384"),
        ("Ed25519", "EdDSA"),
        ("Ed25519", "Ed25519"),
        ("RSA2048", "RS256"),
        ("RSA2048", "RS384"),
        ("RSA2048", "PS256"),
        ("RSA2048", "PS384"),
    ],
)
async def test_an_assertion_by_a_registered_key_opens(
    http: httpx.AsyncClient, database: Database, settings: Settings, kind: str, algorithm: str
) -> None:
    """RFC 7523 §3, point 9; RFC 7523 §5 (RS256); SMART Backend Services (RS384, ES384)."""
    signer = await new_signer(http, database, settings, kind)
    signer.algorithm = algorithm

    answer = await signer.send(signer.made(), scope="directory:read")

    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "directory:read"


async def test_the_audience_is_the_issuer_or_the_token_endpoint_and_nobody_besides(
    signer: Signer, settings: Settings
) -> None:
    """RFC 7523 §3, point 3; draft-ietf-oauth-rfc7523bis (issuer, alone); SMART (token endpoint)."""
    issuer, endpoint = settings.public_url, f"{settings.public_url}/oauth/token"

    for good in (issuer, endpoint, [issuer]):
        assert (await signer.send(signer.made(aud=good))).status_code == 200
    for bad in (
        "https://elsewhere.example",
        issuer + "/",
        f"{issuer}/graphql",
        [issuer, "https://elsewhere.example"],
        [issuer, endpoint],
        [],
        None,
        {"iss": issuer},
    ):
        assert refused(await signer.send(signer.made(aud=bad)), "aud")


async def test_an_assertion_is_good_at_every_endpoint_that_asks_for_a_client(signer: Signer) -> None:
    """RFC 7009 §2.1, RFC 7662 §2.1: as at the token endpoint. The endpoint's own URL is an audience there, too."""
    token = (await signer.send(signer.made())).json()["access_token"]

    introspected = await signer.send(signer.made(), "/oauth/introspect", token=token)
    revoked = await signer.send(
        signer.made(aud=f"{signer.issuer}/oauth/revoke"), "/oauth/revoke", token=token
    )
    elsewhere = await signer.send(signer.made(aud=f"{signer.issuer}/oauth/revoke"), token=token)

    assert (introspected.json()["active"], revoked.status_code) == (True, 200)
    assert refused(elsewhere, "aud")


async def test_an_assertion_is_used_once(signer: Signer) -> None:
    """RFC 7523 §3, point 7."""
    first = signer.made()

    assert (await signer.send(first)).status_code == 200
    assert refused(await signer.send(first), "jti")
    assert refused(await signer.send(first, "/oauth/introspect", token="x"), "jti")


async def test_of_one_assertion_that_is_sent_many_times_at_once_exactly_one_is_taken(signer: Signer) -> None:
    text = signer.made()

    answers = await asyncio.gather(*(signer.send(text) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7


async def test_two_clients_may_use_the_same_jti(
    http: httpx.AsyncClient, database: Database, settings: Settings, signer: Signer
) -> None:
    other = await new_signer(http, database, settings)

    assert (await signer.send(signer.made(jti="1"))).status_code == 200
    assert (await other.send(other.made(jti="1"))).status_code == 200


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "somebody-else"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": At(-60)}, "expired"),
        ({"exp": At(1_000), "iat": None}, "five minutes"),
        ({"exp": 1e300, "iat": None}, "five minutes"),
        ({"exp": At(1_000), "iat": At(-600)}, "expired"),
        ({"nbf": At(600)}, "not valid yet"),
        ({"iat": At(600)}, "not valid yet"),
        ({"iat": "now"}, "iat"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 600}, "jti"),
    ],
)
async def test_an_assertion_that_is_not_right_is_explained_to_whoever_signed_it(
    signer: Signer, claims: dict[str, Any], why: str
) -> None:
    """RFC 7523 §3, points 1, 4 to 7; RFC 7521 §4.2.1."""
    assert refused(await signer.send(signer.made(**claims)), why)


@pytest.mark.parametrize(
    "claims",
    [{"iat": None}, {"exp": At(3_600)}, {"nbf": At(-1)}, {"exp": At(-10)}],
)
async def test_an_assertion_counts_from_when_it_was_made_and_clocks_may_differ(
    signer: Signer, claims: dict[str, Any]
) -> None:
    """RFC 7523 §3, points 4 and 6; authlib's clients let theirs end in an hour."""
    assert (await signer.send(signer.made(**claims))).status_code == 200


@pytest.mark.parametrize("type_", ["JWT", "jwt", "client-authentication+jwt", None])
async def test_a_type_of_its_own_or_none(signer: Signer, type_: str | None) -> None:
    assert (await signer.send(signer.made(header={"typ": type_}))).status_code == 200


async def forgeries(signer: Signer, settings: Settings) -> dict[str, str]:
    """Assertions in the client's name that its key did not sign, or that say more than an assertion may."""
    foreign = new_key()
    registered = public(signer.key)["keys"][0]
    right = signer.made()
    head, body, signature = right.split(".")

    def made(key: Any, algorithm: str = "ES256", **header: Any) -> str:
        return assertion(
            key,
            signer.client_id,
            signer.issuer,
            algorithm=algorithm,
            header={"kid": signer.key.kid, **header},
        )

    return {
        "another's key": made(foreign),
        "another's key under its own kid": made(foreign, kid=foreign.kid),
        "another's key without a kid": made(foreign, kid=None),
        "the key in the header": made(foreign, kid=None, jwk=public(foreign)["keys"][0]),
        "its own key in the header": made(signer.key, jwk=registered),
        "jku of its own": made(foreign, jku="http://127.0.0.1:9/jwks.json"),
        "jku with the right key": made(signer.key, jku="http://127.0.0.1:9/jwks.json"),
        "x5u": made(signer.key, x5u="http://127.0.0.1:9/x5u.pem"),
        "x5c": made(signer.key, x5c=["MIIB"]),
        "crit": made(signer.key, crit=["urn:example"], **{"urn:example": True}),
        "b64": made(signer.key, crit=["b64"], b64=False),
        "kid that is a path": made(signer.key, kid="../../etc/passwd"),
        "kid that is an object": made(signer.key, kid={"kid": signer.key.kid}),
        "HS256 with the public JWK": with_hmac(made(signer.key), json.dumps(registered).encode()),
        "HS256 with the public PEM": with_hmac(made(signer.key), signer.key.as_pem(private=False)),
        "none": f"{made(signer.key, alg='none').rsplit('.', 1)[0]}.",
        "no signature": f"{head}.{body}.",
        "signature of something else": f"{head}.{made(signer.key).split('.')[1]}.{signature}",
        "an access token's type": made(signer.key, typ="at+jwt"),
        "a proof's type": made(signer.key, typ="dpop+jwt"),
        "JWE": f"{right}.x.y",
        "two parts": f"{head}.{body}",
        "not JSON": "x.y.z",
        "too long": made(signer.key, kid="k" * 9_000),
        "nothing": "",
    }


async def test_forged_assertions_are_refused_alike_and_nothing_is_fetched(
    signer: Signer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 8725 §3: algorithm, header, type. Who did not sign learns nothing, not even whether the client exists."""
    monkeypatch.setattr("gateway.outbound.Outbound.json", None)
    unknown = assertion(new_key(), f"nobody-{new_id()}", signer.issuer)
    answers = {"unknown client": await signer.send(unknown)}

    for what, text in (await forgeries(signer, settings)).items():
        answers[what] = await signer.send(text)

    assert {what for what, answer in answers.items() if not refused(answer)} == set()
    assert len({answer.content for answer in answers.values()}) == 1
    assert answers["JWE"].headers["www-authenticate"].startswith("Basic ")
    assert (await signer.send(signer.made())).status_code == 200


async def test_a_client_cannot_sign_for_another(
    http: httpx.AsyncClient, database: Database, settings: Settings, signer: Signer
) -> None:
    other = await new_signer(http, database, settings)

    text = assertion(signer.key, other.client_id, signer.issuer)

    assert refused(await signer.send(text))


@pytest.mark.parametrize(
    "form",
    [
        {"client_secret": "correct-horse-battery-staple-7"},
        {"client_id": "somebody-else"},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_assertion_type": ""},
    ],
)
async def test_a_client_authenticates_in_one_way_and_as_one(signer: Signer, form: dict[str, str]) -> None:
    """RFC 6749 §2.3; RFC 7521 §4.2: the client_id, where it is given, is the subject's."""
    answer = await signer.send(signer.made(), **form)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_who_signs_has_no_secret_and_who_has_a_secret_does_not_sign(
    http: httpx.AsyncClient, signer: Signer, partner: Partner
) -> None:
    guessed = Partner(http, signer.client_id, partner.organization)
    signing = Signer(http, signer.key, partner.client_id, signer.issuer)

    assert (await guessed.ask()).status_code == 401
    assert refused(await signing.send(signing.made()))


async def test_a_disabled_client_is_refused_like_a_stranger(signer: Signer, database: Database) -> None:
    await clients.disable(database, signer.client_id)

    assert refused(await signer.send(signer.made()), "unknown")


async def test_keys_are_replaced_without_a_failed_request(signer: Signer, database: Database) -> None:
    old, new = signer.key, new_key()
    token = (await signer.send(signer.made())).json()["access_token"]

    await clients.replace_keys(database, signer.client_id, jwks=public(old, new))
    assert (await signer.send(signer.made())).status_code == 200
    signer.key = new
    assert (await signer.send(signer.made())).status_code == 200
    await clients.replace_keys(database, signer.client_id, jwks=public(new))

    assert (await signer.send(signer.made(), "/oauth/introspect", token=token)).json()["active"]
    signer.key = old
    assert refused(await signer.send(signer.made()))


async def test_a_key_is_for_its_own_algorithm_alone(
    http: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    """RFC 8725 §3.1; RFC 7517 §4.4: a key that says `alg` is for that one."""
    signer = await new_signer(http, database, settings, "RSA2048")
    narrow = {"keys": [{**key, "alg": "PS256"} for key in public(signer.key)["keys"]]}
    await clients.replace_keys(database, signer.client_id, jwks=narrow)

    assert refused(await signer.send(signer.made(algorithm="RS256")))
    assert (await signer.send(signer.made(algorithm="PS256"))).status_code == 200


async def test_a_replayed_assertion_may_not_be_told_from_its_signature_part(signer: Signer) -> None:
    """An ECDSA signature has a twin that is as good: what counts is the `jti`."""
    text = signer.made()
    assert (await signer.send(text)).status_code == 200
    claims = json.loads(base64.urlsafe_b64decode(text.split(".")[1] + "=="))

    assert refused(await signer.send(signed(signer.key, claims)), "jti")
