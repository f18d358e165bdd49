"""Public keys are read again often enough for a rotation, seldom enough for whoever invents key ids, and never in vain."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.subgraph import caller_of
from vereda import published
from vereda.caller import Scope
from vereda.keys import KeyRing
from vereda.signed import TokenRefusedError
from vereda.tokens import Verifier, mint

URL = "https://gateway.example/keys"


class Gateway:
    """A ring of keys, published in its file and at a URL; a verifier of each kind; and the verifiers' clock."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ring = KeyRing(folder / "transaction")
        self.jwks = folder / "transaction" / "jwks.json"
        self.near, self.far = Verifier(str(self.jwks)), Verifier(URL)
        self.caller = caller_of(None, Scope.DIRECTORY_READ)
        self.now = 1000.0
        self.reads = 0
        read = published._read

        def counted(_location: str) -> bytes:
            self.reads += 1
            return read(str(self.jwks))

        monkeypatch.setattr(published, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(published, "_read", counted)
        monkeypatch.setattr(published, "_fetched", counted)

    @property
    def token(self) -> str:
        return mint(self.ring, self.caller)

    async def believed(self, verifier: Verifier, token: str) -> bool:
        try:
            return await verifier.verify(token) == self.caller
        except TokenRefusedError:
            return False
        finally:
            while verifier._signed._keys._reading is not None:  # what is read behind the request
                await asyncio.sleep(0)


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    return Gateway(tmp_path, monkeypatch)


@pytest.fixture
def stranger(tmp_path: Path, gateway: Gateway) -> str:
    return mint(KeyRing(tmp_path / "stranger"), gateway.caller)


async def test_a_file_is_looked_at_once_a_second_at_most(gateway: Gateway, stranger: str) -> None:
    for _ in range(5):
        assert await gateway.believed(gateway.near, gateway.token)
        assert not await gateway.believed(gateway.near, stranger)
    assert gateway.reads == 1
    gateway.now += 1.1

    for _ in range(5):
        assert await gateway.believed(gateway.near, gateway.token)
        assert not await gateway.believed(gateway.near, stranger)

    assert gateway.reads == 2


async def test_a_url_is_asked_once_a_minute_while_all_keys_are_known(gateway: Gateway) -> None:
    for _ in range(600):
        assert await gateway.believed(gateway.far, gateway.token)
        gateway.now += 1

    assert gateway.reads == 10


async def test_unknown_keys_make_it_ask_a_url_every_ten_seconds_at_most(
    gateway: Gateway, stranger: str
) -> None:
    assert await gateway.believed(gateway.far, gateway.token)
    for _ in range(50):
        assert not await gateway.believed(gateway.far, stranger)
    assert gateway.reads == 1
    gateway.now += 10.1
    for _ in range(50):
        assert not await gateway.believed(gateway.far, stranger)

    assert gateway.reads == 2
    assert await gateway.believed(gateway.far, gateway.token)


@pytest.mark.parametrize("where", ["near", "far"])
async def test_a_new_key_is_picked_up_and_the_old_one_goes_on_verifying(gateway: Gateway, where: str) -> None:
    verifier, old = getattr(gateway, where), gateway.token
    assert await gateway.believed(verifier, old)
    gateway.now += 11

    gateway.ring.rotate(after_s=0)

    assert await gateway.believed(verifier, gateway.token)
    assert await gateway.believed(verifier, old)


async def test_an_announced_key_is_known_before_it_signs_whatever_strangers_do_meanwhile(
    gateway: Gateway, stranger: str
) -> None:
    assert await gateway.believed(gateway.far, gateway.token)
    announced = gateway.ring.rotate()
    for _ in range(120):
        assert await gateway.believed(gateway.far, gateway.token)
        assert not await gateway.believed(gateway.far, stranger)
        gateway.now += 1

    gateway.ring._now = lambda: announced.signs_from

    assert await gateway.believed(gateway.far, gateway.token)


@pytest.mark.parametrize(("where", "after_s"), [("near", 1.1), ("far", 301)])
async def test_a_key_that_was_taken_away_is_believed_no_longer(
    gateway: Gateway, where: str, after_s: float
) -> None:
    verifier, old = getattr(gateway, where), gateway.token
    assert await gateway.believed(verifier, old)

    gateway.ring.give_up_others(gateway.ring.rotate(after_s=0, compromised=True))
    gateway.now += after_s

    assert not await gateway.believed(verifier, old)
    assert await gateway.believed(verifier, gateway.token)


async def test_requests_that_come_first_and_together_wait_for_the_same_keys(gateway: Gateway) -> None:
    token = gateway.token

    for verifier in (gateway.near, gateway.far):
        assert all(await asyncio.gather(*(gateway.believed(verifier, token) for _ in range(8))))

    assert gateway.reads == 2


@pytest.mark.parametrize("where", ["near", "far"])
async def test_while_the_keys_cannot_be_read_nothing_is_believed_and_then_all_is_well(
    gateway: Gateway, where: str
) -> None:
    verifier, content = getattr(gateway, where), gateway.jwks.read_bytes()
    for broken in (None, b"", b"{}", b'{"keys": 7}', b"<html>", b'{"keys": [7, {}, {"kty": "EC"}]}'):
        gateway.jwks.unlink(missing_ok=True)
        if broken is not None:
            gateway.jwks.write_bytes(broken)
        assert not await gateway.believed(verifier, gateway.token)
        gateway.now += 1.1

    gateway.jwks.write_bytes(content)

    assert await gateway.believed(verifier, gateway.token)


@pytest.mark.parametrize("where", ["near", "far"])
async def test_known_keys_go_on_serving_while_their_source_is_away(
    gateway: Gateway, stranger: str, where: str
) -> None:
    verifier = getattr(gateway, where)
    assert await gateway.believed(verifier, gateway.token)
    gateway.jwks.unlink()

    for later_s in (11, 61, 301, 3600):
        gateway.now += later_s
        assert not await gateway.believed(verifier, stranger)
        assert await gateway.believed(verifier, gateway.token)
