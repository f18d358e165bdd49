"""Guessing: what an attacker without a secret can find out, and how fast."""

from __future__ import annotations

import asyncio
from unittest.mock import patch

import httpx

from gateway.hashing import matches
from gateway.oauth import clients
from tests.gateway.oauth.conftest import SECRET, Clock, Partner, new_partner
from vereda.database import Database


async def test_nobody_can_tell_an_unknown_client_from_a_wrong_secret_or_a_disabled_client(
    http: httpx.AsyncClient, database: Database
) -> None:
    known, disabled = await new_partner(http, database), await new_partner(http, database)
    await clients.disable(database, disabled.client_id)
    known.secret = "wrong-" + SECRET
    unknown = Partner(http, "nobody-of-this-name", known.organization)

    with patch("gateway.oauth.authentication.matches", wraps=matches) as checks:
        answers = [await partner.ask() for partner in (unknown, known, disabled)]

    costs = [call.args[0].rsplit("$", 2)[0] for call in checks.call_args_list]
    assert costs == ["$argon2id$v=19$m=19456,t=2,p=1"] * 6
    assert {(a.status_code, a.content, a.headers["www-authenticate"]) for a in answers} == {
        (401, answers[0].content, 'Basic realm="oauth", charset="UTF-8"')
    }
    assert answers[0].json()["error"] == "invalid_client"
    assert answers[0].headers["cache-control"] == "no-store"


async def test_guessing_is_slowed_down_more_and_more(partner: Partner, clock: Clock) -> None:
    right, partner.secret = partner.secret, "a-guess-that-is-wrong"
    for _ in range(5):
        assert (await partner.ask()).status_code == 401

    first = await partner.ask()
    clock.at += 1
    assert (await partner.ask()).status_code == 401
    second = await partner.ask()
    partner.secret = right
    even_if_right = await partner.ask()
    clock.at += 2
    after_the_wait = await partner.ask()

    assert [(a.status_code, a.headers["retry-after"]) for a in (first, second)] == [(429, "1"), (429, "2")]
    assert (even_if_right.status_code, after_the_wait.status_code) == (429, 200)


async def test_guesses_sent_all_at_once_are_slowed_down_too(partner: Partner) -> None:
    partner.secret = "a-guess-that-is-wrong"

    answers = await asyncio.gather(*(partner.ask() for _ in range(30)))

    # Those that hold one of the eight slots when the fifth one fails are let in, nobody after them.
    assert sum(a.status_code == 429 for a in answers) >= 15


async def test_unknown_clients_are_slowed_down_like_known_ones(
    http: httpx.AsyncClient, partner: Partner
) -> None:
    partner.secret = "a-guess-that-is-wrong"
    unknown = Partner(http, "nobody-slowed-down", partner.organization)

    async def history(who: Partner) -> list[int]:
        return [(await who.ask()).status_code for _ in range(7)]

    assert await history(unknown) == await history(partner)
