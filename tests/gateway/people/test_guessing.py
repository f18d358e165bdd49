"""Guessing: how soon it is slowed, and whom that keeps out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.backoff import Backoff
from gateway.people import People
from gateway.people.guessing import Guessing
from tests.gateway.people.conftest import PASSWORD, Browser, Worker, give_totp
from vereda.ids import new_id


async def wrong(browser: Browser, email: str) -> int:
    await browser.open("/sign-in")
    return (await browser.send("/sign-in", email=email, password="wrong wrong wrong")).status


@pytest.mark.parametrize("known", [True, False])
async def test_the_sixth_wrong_password_waits_whether_there_is_an_account_or_not(
    app: object, worker: Worker, known: bool
) -> None:
    email = worker.email if known else f"nobody-{new_id()}@clinic.example.org"
    browser = Browser(app, address=f"2001:db8:{new_id().hex[-4:]}::1")

    statuses = [await wrong(browser, email) for _ in range(6)]

    assert statuses == [422] * 5 + [429]
    assert int(browser.page.headers["retry-after"]) >= 1
    assert "passkey works at once" in browser.page.text


async def test_who_guesses_from_elsewhere_does_not_keep_the_person_out(
    people: People, app: object, worker: Worker
) -> None:
    await give_totp(people, worker)
    attacker = Browser(app, address="198.51.100.7")
    for _ in range(8):
        await wrong(attacker, worker.email)

    browser = Browser(app, address="192.0.2.55")
    await browser.open("/sign-in")
    page = await browser.send("/sign-in", email=worker.email, password=PASSWORD)

    assert page.path == "/sign-in/second-factor"


async def test_a_hundred_guesses_at_once_are_not_all_looked_at(people: People) -> None:
    at = datetime.now(UTC)
    backoff = Backoff(people.database, b"a key of this test", now=lambda: at)
    guessing, email = Guessing(backoff), f"{new_id()}@example.org"

    guesses = await asyncio.gather(*(guessing.password(email, "198.51.100.9") for _ in range(100)))

    assert sum(guess.wait_s == 0 for guess in guesses) == 5


async def test_what_was_not_counted_is_not_tried_however_slow_we_are(people: People) -> None:
    """Its time may come between our counting and our saying how long to wait."""
    clock = [datetime.now(UTC)]
    backoff = Backoff(
        people.database, b"a key of this test", now=lambda: clock.pop() if len(clock) > 1 else clock[0]
    )
    tried = str(new_id())
    for _ in range(5):
        await backoff.reserve("person", tried)
    clock[:] = [clock[0] + timedelta(minutes=1), clock[0]]  # read from its end

    assert (await backoff.reserve("person", tried)).wait_s > 0


async def test_an_account_is_guarded_from_many_networks_at_once(people: People) -> None:
    guessing, email = Guessing(Backoff.of(people.settings, people.database)), f"{new_id()}@example.org"

    guesses = [await guessing.password(email, f"198.51.{n}.1") for n in range(30)]

    assert [guess.wait_s == 0 for guess in guesses] == [True] * 20 + [False] * 10


async def test_codes_of_an_account_whose_password_is_known_cannot_be_tried_in_a_row(
    people: People, app: object, worker: Worker
) -> None:
    await give_totp(people, worker)
    statuses = []
    for n in range(6):  # each in a sign-in and from a network of its own
        browser = Browser(app, address=f"198.51.100.{n + 20}")
        await browser.open("/sign-in")
        await browser.send("/sign-in", email=worker.email, password=PASSWORD)
        statuses.append((await browser.send("/sign-in/second-factor", code="000000")).status)

    assert statuses == [422] * 5 + [429]
    assert (await browser.send("/sign-in/recovery-code", recovery_code="aaaaaa-bbbbbb")).status == 429


async def test_what_was_right_is_forgotten(people: People) -> None:
    guessing, email = Guessing(Backoff.of(people.settings, people.database)), f"{new_id()}@example.org"

    for _ in range(12):
        guess = await guessing.password(email, "198.51.100.10")
        assert guess.wait_s == 0
        await guess.was_right()
