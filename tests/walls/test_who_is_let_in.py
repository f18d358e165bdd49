"""Every service answers the gateway alone: whatever is sent in place of its token, nothing of the graph is even parsed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest
import pytest_asyncio
from joserfc import jwe
from joserfc.jwk import ECKey

from gateway.accounts.app import service as accounts
from services.grants.app import SERVICE as GRANTS
from services.partners.app import SERVICE as PARTNERS
from services.referrals.app import SERVICE as REFERRALS
from tests.kernel.signing import altered, signed_with_the_public_key_as_secret, unsigned
from tests.support.databases import Databases
from tests.support.subgraph import caller_of
from vereda.keys import KeyRing
from vereda.service import create_app
from vereda.settings import Settings
from vereda.signed import mint as sign
from vereda.tokens import AUDIENCE, HEADER, ISSUER, TOKEN_TYPE, mint

SERVICES: Final = {service.name: service for service in (PARTNERS, REFERRALS, GRANTS, accounts())}


@dataclass
class Keys:
    """The gateway's ring of transaction tokens, its ring of access tokens, a service's, and a stranger's."""

    transaction: KeyRing
    access: KeyRing
    partners: KeyRing
    stranger: KeyRing

    @property
    def token(self) -> str:
        return mint(self.transaction, caller_of())

    @property
    def public(self) -> dict[str, Any]:
        return dict(self.transaction.public_jwks()["keys"][0])


def expired(keys: Keys) -> str:
    return mint(keys.transaction, caller_of(), now=time.time() - 70)


def access_token(keys: Keys) -> str:
    claims = {"iss": "http://127.0.0.1:4000", "aud": "http://127.0.0.1:4000/graphql", "sub": "demo-clinic"}
    return sign(keys.access, "at+jwt", claims, lifetime_s=600)


def encrypted(keys: Keys) -> str:
    key = ECKey.import_key({**keys.public, "use": "enc", "alg": "ECDH-ES"})
    head = {"alg": "ECDH-ES", "enc": "A128GCM", "typ": TOKEN_TYPE, "kid": key.kid}
    return jwe.encrypt_compact(head, keys.token, key, algorithms=["ECDH-ES", "A128GCM"])


def statement(keys: Keys) -> str:
    claims = {"iss": "urn:vereda:partners", "aud": AUDIENCE, "statement": {}}
    return sign(keys.partners, "service-offer+jwt", claims, lifetime_s=60)


def by_a_service(keys: Keys) -> str:
    """A transaction token made with the keys of a service that was taken over."""
    return mint(keys.partners, caller_of())


TRICKS: Final[dict[str, Callable[[Keys], str]]] = {
    "none": lambda _keys: "",
    "an access token": access_token,
    "an expired one": expired,
    "one for tomorrow": lambda keys: mint(keys.transaction, caller_of(), now=time.time() + 3600),
    "one that lives for an hour": lambda keys: altered(
        keys.transaction, keys.token, exp=int(time.time()) + 3600
    ),
    "for another audience": lambda keys: altered(keys.transaction, keys.token, aud="https://elsewhere"),
    "of another issuer": lambda keys: altered(keys.transaction, keys.token, iss=f"{ISSUER}s"),
    "of another type": lambda keys: altered(keys.transaction, keys.token, {"typ": "at+jwt"}),
    "of a stranger's key": lambda keys: mint(keys.stranger, caller_of()),
    "of a stranger's key by our key's name": lambda keys: altered(keys.stranger, keys.token),
    "of a service's key": by_a_service,
    "a service's statement": statement,
    "alg none": lambda keys: unsigned(keys.token, "none"),
    "HS256 with the public key": lambda keys: signed_with_the_public_key_as_secret(
        keys.transaction, keys.token, orjson.dumps(keys.public)
    ),
    "HS256 with the public key in PEM": lambda keys: signed_with_the_public_key_as_secret(
        keys.transaction, keys.token, keys.transaction.signing_key.as_pem(private=False)
    ),
    "jwk": lambda keys: altered(
        keys.stranger, keys.token, {"jwk": keys.stranger.public_jwks()["keys"][0], "kid": None}
    ),
    "jku": lambda keys: altered(keys.stranger, keys.token, {"jku": "http://127.0.0.1:9/keys.json"}),
    "x5u": lambda keys: altered(keys.stranger, keys.token, {"x5u": "http://127.0.0.1:9/chain.pem"}),
    "a kid that is a path": lambda keys: altered(keys.stranger, keys.token, {"kid": "../access/jwks.json"}),
    "a kid that is an injection": lambda keys: altered(keys.stranger, keys.token, {"kid": "' OR ''='"}),
    "crit": lambda keys: altered(keys.transaction, keys.token, {"crit": ["exp"], "exp": 1}),
    "a JWE": encrypted,
    "with the scope of our loaders": lambda keys: altered(keys.transaction, keys.token, scope="system"),
    "as a bearer token": lambda keys: f"Bearer {keys.token}",
    "two in one": lambda keys: f"{keys.token}, {keys.token}",
}
DOCUMENTS: Final = {
    "_service": b'{"query": "{ _service { sdl } }"}',
    "_entities": b'{"query": "{ _entities(representations: [{__typename: \\"Organization\\", id: \\"x\\"}]) { __typename } }"}',
    "introspection": b'{"query": "{ __schema { types { name } } }"}',
    "nothing that can be parsed": b'{"query": "{{{{"}',
}


@pytest_asyncio.fixture(scope="module")
async def services(databases: Databases, settings: Settings) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Every service, asked over HTTP in this process."""
    async with AsyncExitStack() as stack:
        asked = {}
        for name, service in SERVICES.items():
            app = create_app(service, settings, await databases.of(name, service.folder))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://service")
            asked[name] = await stack.enter_async_context(client)
        yield asked


@pytest.fixture(scope="module")
def keys(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Keys:
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere")
    return Keys(
        *(KeyRing(settings.keys / ring) for ring in ("transaction", "access", "partners")),
        KeyRing(elsewhere / "stranger"),
    )


async def asked(service: httpx.AsyncClient, token: str, content: bytes) -> httpx.Response:
    headers = {"content-type": "application/json", **({HEADER: token} if token else {})}
    return await service.post("/graphql", content=content, headers=headers)


@pytest.mark.parametrize("trick", TRICKS)
async def test_no_service_tells_anything_to_who_has_no_token_of_the_gateways(
    services: dict[str, httpx.AsyncClient], keys: Keys, trick: str
) -> None:
    for service in services.values():
        for content in DOCUMENTS.values():
            answer = await asked(service, TRICKS[trick](keys), content)

            assert answer.status_code == 401
            assert answer.json() == {
                "errors": [
                    {
                        "message": "A valid transaction token is needed.",
                        "extensions": {"code": "UNAUTHENTICATED"},
                    }
                ]
            }


async def test_the_same_is_told_to_who_has_one(services: dict[str, httpx.AsyncClient], keys: Keys) -> None:
    """What the other test would be worth nothing without."""
    for service in services.values():
        answer = await asked(service, keys.token, DOCUMENTS["_service"])

        assert answer.status_code == 200
        assert "type Query" in answer.json()["data"]["_service"]["sdl"]
