"""`vereda keys rotate --compromised`: what the stolen key signed is refused soon, and no request fails for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette

from gateway.identity import Admissions, AuthenticationError, Identity
from gateway.oauth import OAuthAuthenticator, routes
from tests.gateway.oauth.conftest import Clock, admitted, new_partner
from tests.support.subgraph import caller_of
from vereda import published
from vereda.database import Database
from vereda.keylife import HURRIED_S, UNDER_WAY_S
from vereda.keys import KeyRing, key_ring
from vereda.rotating import rotate
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.tokens import HEADER, Verifier, mint

URL = "https://gateway.example/keys"
STEP_S = 0.25
#: A request that takes so long carries a token that was signed so long ago.
LONG_REQUEST_S = 6.0


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """An installation whose keys are nobody else's."""
    return Settings(home=tmp_path)


class Network:
    """A gateway that signs, and a service that checks, on one clock; `location` is where the service reads the keys."""

    def __init__(self, settings: Settings, clock: Clock, location: str) -> None:
        self.clock = clock
        self.ring = KeyRing(settings.keys / "transaction", now=clock)
        self.caller = caller_of()
        self.admissions = Admissions(clock, lambda: self.ring.state)
        self.service = Verifier(location)

    async def token(self) -> str:
        """What the gateway sends along for a caller whom it has known for long."""

        async def check() -> tuple[Identity, float]:
            return Identity("k", headers={HEADER: mint(self.ring, self.caller)}), self.clock() + 30

        return (await self.admissions.admit("access token", check)).headers[HEADER]

    async def believes(self, token: str) -> bool:
        try:
            return await self.service.verify(token) == self.caller
        except TokenRefusedError:
            return False
        finally:
            while self.service._signed._keys._reading is not None:  # what is read behind the request
                await asyncio.sleep(0)


@pytest.fixture(params=["a file", "a URL"])
def network(request: pytest.FixtureRequest, home: Settings, monkeypatch: pytest.MonkeyPatch) -> Network:
    clock, file = Clock(time.time()), home.keys / "transaction" / "jwks.json"
    monkeypatch.setattr(published, "time", SimpleNamespace(monotonic=clock))
    monkeypatch.setattr(published, "_fetched", lambda _url: file.read_bytes())
    monkeypatch.setattr(
        "vereda.rotating.key_ring", lambda settings, name: KeyRing(settings.keys / name, now=clock)
    )
    return Network(home, clock, str(file) if request.param == "a file" else URL)


async def test_no_request_fails_while_the_key_is_replaced(network: Network, home: Settings) -> None:
    """Requests come one after the other all the time, and each tenth takes long."""
    under_way: list[tuple[float, str]] = []
    failed: list[float] = []
    began = network.clock()

    async def work(for_s: float) -> None:
        for _ in range(int(for_s / STEP_S)):
            token = await network.token()
            under_way.append((network.clock() + LONG_REQUEST_S, token))
            answered = [one for at, one in under_way if at <= network.clock()]
            under_way[:] = [(at, one) for at, one in under_way if at > network.clock()]
            if not all([await network.believes(one) for one in (token, *answered)]):
                failed.append(network.clock() - began)
            network.clock.at += STEP_S

    await work(62)  # whoever reads from a URL has just done so
    stolen = await network.token()
    steps = rotate(home, "transaction", None, compromised=True, wait=lambda _s: None)
    next(steps)
    said = next(steps)
    await work(HURRIED_S + UNDER_WAY_S)
    assert f"{HURRIED_S + UNDER_WAY_S:.0f} s" in said
    assert "refused" in next(steps)
    await work(70)

    assert failed == []
    assert not await network.believes(stolen)
    assert len(network.ring.keys) == 1


async def test_a_verifier_that_reads_from_a_url_can_know_the_new_key_before_it_signs() -> None:
    assert published._REMOTE.unknown_s < HURRIED_S
    assert UNDER_WAY_S > LONG_REQUEST_S


@pytest.mark.usefixtures("quick_hashing")
async def test_who_was_let_in_by_what_a_stolen_key_signed_is_let_in_no_more(
    home: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the check of their token would have held for half a minute. That they sign in anew is the point of it."""
    look_always(monkeypatch)
    app = Starlette(routes=routes(home, database))
    authenticator = OAuthAuthenticator(home, database)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=home.public_url) as http:
        partner = await new_partner(http, database)
        token = await partner.token()
        await admitted(authenticator, token)

        list(rotate(home, "access", 0, compromised=True))

        with pytest.raises(AuthenticationError):
            await admitted(authenticator, token)
        await admitted(authenticator, await partner.token())


def look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are looked at each time, not each second."""
    monkeypatch.setattr("vereda.keys._LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(published, "_FILE", published._Patience(-1, -1, -1))


def test_an_interrupted_rotation_is_gone_on_with_by_the_next(home: Settings) -> None:
    ring = key_ring(home, "transaction")
    stolen = ring.current.kid

    def interrupted(_s: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(rotate(home, "transaction", None, compromised=True, wait=interrupted))
    between = {key.kid for key in key_ring(home, "transaction").keys}
    list(rotate(home, "transaction", None, compromised=True, wait=lambda _s: None))
    after = {key.kid for key in key_ring(home, "transaction").keys}

    assert stolen in between
    assert len(after) == 1
    assert not after & between


def test_with_no_time_to_lose_the_others_are_gone_at_once(home: Settings) -> None:
    rings: dict[str, KeyRing] = {name: key_ring(home, name) for name in ("access", "transaction")}
    old = {name: ring.current.kid for name, ring in rings.items()}
    never: Callable[[float], None] = pytest.fail

    said = list(rotate(home, None, 0, compromised=True, wait=never))

    assert len(said) == len(rings) + 1
    for name in rings:
        [left] = key_ring(home, name).keys
        assert left.kid != old[name]
