"""Tokens that are like a genuine one but for one thing: none of them is admitted (RFC 8725 §3, RFC 9068 §5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.identity import AuthenticationError
from gateway.oauth import OAuthAuthenticator
from tests.gateway.oauth.conftest import Partner, admitted
from tests.support.forging import Forger, forgeries
from vereda.database import Database
from vereda.keys import KeyRing
from vereda.settings import Settings
from vereda.signed import mint

pytestmark = pytest.mark.usefixtures("quick_hashing")


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
