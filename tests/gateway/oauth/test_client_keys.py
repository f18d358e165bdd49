"""Keys that clients register, or publish at a URL (RFC 7517 §5, RFC 7591 §2 `jwks`, `jwks_uri`)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.jose import JwtRefusedError
from gateway.oauth import clients
from gateway.oauth.client import Client
from gateway.oauth.client_keys import ClientKeys, checked_jwks, usable_keys
from gateway.outbound import FetchError, Outbound
from tests.gateway.oauth.conftest import Clock
from tests.gateway.oauth.signing import Key, new_key, public
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id

URL = "https://clinic.example.org/jwks.json"


class Published(Outbound):
    """What a client publishes at `URL`, and how often it was read."""

    def __init__(self, *keys: Key) -> None:
        super().__init__()
        self.document: Any = public(*keys)
        self.read = 0

    async def json(self, url: str) -> Any:
        assert url == URL
        self.read += 1
        await asyncio.sleep(0)
        if self.document is None:
            raise FetchError("It cannot be fetched.")
        return self.document


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
async def client(database: Database) -> Client:
    registration = clients.Registration(
        client_id=f"ehr-{new_id()}", organization=new_id(), name="An EHR", scopes=(), jwks_uri=URL
    )
    return await clients.register(database, registration)


def header(key: Key, algorithm: str = "ES256") -> dict[str, Any]:
    return {"kid": key.kid, "alg": algorithm}


async def finds(keys: ClientKeys, client: Client, key: Key) -> bool:
    try:
        return (await keys.find(client, header(key))).kid == key.kid
    except JwtRefusedError:
        return False


async def test_keys_are_read_once_and_again_when_they_are_old(client: Client, clock: Clock) -> None:
    key = new_key()
    published = Published(key)
    keys = ClientKeys(published, now=clock)

    for _ in range(5):
        assert await finds(keys, client, key)
    assert published.read == 1
    clock.at += 301
    assert await finds(keys, client, key)
    assert published.read == 2


async def test_requests_that_come_at_once_share_one_reading(client: Client, clock: Clock) -> None:
    key = new_key()
    published = Published(key)
    keys = ClientKeys(published, now=clock)

    assert all(await asyncio.gather(*(finds(keys, client, key) for _ in range(10))))
    assert published.read == 1


async def test_an_unknown_kid_is_looked_for_again_but_not_at_every_request(
    client: Client, clock: Clock
) -> None:
    old, new = new_key(), new_key()
    published = Published(old)
    keys = ClientKeys(published, now=clock)
    assert await finds(keys, client, old)

    for _ in range(20):
        assert not await finds(keys, client, new)
    assert published.read == 1
    published.document = public(old, new)
    clock.at += 10
    assert await finds(keys, client, new)
    for _ in range(20):
        assert not await finds(keys, client, new_key())
    assert published.read == 2


async def test_while_they_cannot_be_read_keys_serve_on_for_an_hour(client: Client, clock: Clock) -> None:
    key = new_key()
    published = Published(key)
    keys = ClientKeys(published, now=clock)
    assert await finds(keys, client, key)

    published.document = None
    clock.at += 3_000
    assert await finds(keys, client, key)
    clock.at += 601
    assert not await finds(keys, client, key)


async def test_a_key_that_was_taken_away_is_soon_believed_no_more(client: Client, clock: Clock) -> None:
    key, other = new_key(), new_key()
    published = Published(key)
    keys = ClientKeys(published, now=clock)
    assert await finds(keys, client, key)

    published.document = public(other)
    clock.at += 301
    assert not await finds(keys, client, key)
    assert await finds(keys, client, other)


@pytest.mark.parametrize("document", [None, [], {}, {"keys": {}}, {"keys": ["x", 1, None]}, "x"])
async def test_what_is_no_key_set_opens_nothing(client: Client, clock: Clock, document: Any) -> None:
    published = Published()
    published.document = document

    assert not await finds(ClientKeys(published, now=clock), client, new_key())


async def test_without_a_kid_there_must_be_one_key_only(client: Client, clock: Clock) -> None:
    one, another = new_key(), new_key()

    alone = await ClientKeys(Published(one, new_key("RSA")), now=clock).find(client, {"alg": "ES256"})
    assert alone.thumbprint == one.thumbprint()
    with pytest.raises(JwtRefusedError):
        await ClientKeys(Published(one, another), now=clock).find(client, {"alg": "ES256"})


def test_of_a_set_only_what_signs_is_used() -> None:
    """RFC 7517 §5: what is not understood is ignored."""
    good = new_key()
    [members] = public(good)["keys"]
    document = {
        "keys": [
            {**members, "use": "enc"},
            {**members, "key_ops": ["encrypt"]},
            {**members, "alg": "HS256"},
            {**members, "x": "AA"},
            {"kty": "oct", "k": "c2VjcmV0"},
            {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"},
            {"kty": "unknown"},
            *public(new_key("RSA1024"))["keys"],
            {**members, "key_ops": ["verify"], "use": "sig", "alg": "ES256"},
        ]
    }

    assert [key.thumbprint for key in usable_keys(document)] == [good.thumbprint()]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"keys": []}, "1 to 20"),
        ({}, "1 to 20"),
        ([], "1 to 20"),
        ({"keys": [new_key().as_dict(private=False)] * 21}, "1 to 20"),
        ({"keys": [new_key().as_dict(private=True)]}, "private key"),
        ({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "private key"),
        ({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}, "no key of use"),
    ],
)
def test_a_set_that_cannot_be_registered_is_explained(document: Any, said: str) -> None:
    with pytest.raises(OperatorError, match=said) as error:
        checked_jwks(document)

    assert "c2VjcmV0" not in str(error.value)
