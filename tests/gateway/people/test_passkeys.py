"""Passkeys: added, signed in with, and everything that is none."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.people import People
from gateway.people.cookies import SESSION
from gateway.people.events import SERVER, Event
from gateway.store import SecurityEvent
from tests.gateway.people.conftest import ORIGIN, Browser, Worker, new_worker
from tests.support.authenticators import Authenticator

SIGN_IN, ENROL = "/sign-in/passkey", "/sign-in/enrol/passkey"


async def enrolled(browser: Browser, worker: Worker, **device: Any) -> Authenticator:
    """A worker whose first sign-in adds a passkey."""
    authenticator = Authenticator(ORIGIN, **device)
    await browser.open("/sign-in")
    await browser.send("/sign-in", email=worker.email, password=worker.password)
    credential = authenticator.register(await browser.options(ENROL))
    page = await browser.send(ENROL, credential=credential)
    assert page.status == 200, page.text
    return authenticator


async def test_a_passkey_alone_signs_in_because_it_is_two_factors(
    people: People, app: object, worker: Worker
) -> None:
    authenticator, browser = await enrolled(Browser(app), worker), Browser(app)

    await browser.open("/sign-in?next=/account/passkeys")
    page = await browser.send(SIGN_IN, credential=authenticator.sign_in(await browser.options(SIGN_IN)))

    assert page.path == "/account/passkeys"
    signed_in = await people.sessions.of_cookie(browser.cookie(SESSION) or "")
    assert signed_in is not None
    assert signed_in.person_id == worker.person_id
    assert "mfa" in signed_in.factors


async def test_a_passkey_is_a_second_factor_after_the_password(app: object, worker: Worker) -> None:
    authenticator, browser = await enrolled(Browser(app), worker), Browser(app)
    await browser.open("/sign-in")

    page = await browser.send("/sign-in", email=worker.email, password=worker.password)
    assert page.path == "/sign-in/second-factor"
    page = await browser.send(SIGN_IN, credential=authenticator.sign_in(await browser.options(SIGN_IN)))

    assert page.path == "/account"


async def test_a_device_that_does_not_verify_its_person_is_not_taken(app: object, worker: Worker) -> None:
    browser, authenticator = Browser(app), Authenticator(ORIGIN, verifies=False)
    await browser.open("/sign-in")
    await browser.send("/sign-in", email=worker.email, password=worker.password)

    page = await browser.send(ENROL, credential=authenticator.register(await browser.options(ENROL)))

    assert page.status == 422
    assert browser.cookie(SESSION) is None


async def refused(browser: Browser, credential: str) -> None:
    page = await browser.send(SIGN_IN, credential=credential)
    assert page.status == 422
    assert browser.cookie(SESSION) is None


@pytest.mark.parametrize(
    "changes",
    [{"rp_id": "evil.example"}, {"challenge": "AAAA"}, {"challenge": ""}, {"user_handle": bytes(16)}],
)
async def test_what_was_signed_for_something_else_is_refused(
    app: object, worker: Worker, changes: dict[str, Any]
) -> None:
    authenticator, browser = await enrolled(Browser(app), worker), Browser(app)
    await browser.open("/sign-in")

    await refused(browser, authenticator.sign_in(await browser.options(SIGN_IN), **changes))


async def test_an_answer_is_good_once_and_in_the_browser_that_was_asked(app: object, worker: Worker) -> None:
    authenticator = await enrolled(Browser(app), worker)
    first, second = Browser(app), Browser(app)
    await first.open("/sign-in")
    await second.open("/sign-in")
    credential = authenticator.sign_in(await first.options(SIGN_IN))

    await refused(second, credential)
    assert (await first.send(SIGN_IN, credential=credential)).path == "/account"
    await refused(second, credential)


async def test_a_signature_of_another_key_is_refused(app: object, worker: Worker) -> None:
    authenticator, browser = await enrolled(Browser(app), worker), Browser(app)
    forger = Authenticator(
        ORIGIN, credential_id=authenticator.credential_id, user_handle=authenticator.user_handle
    )
    await browser.open("/sign-in")

    await refused(browser, forger.sign_in(await browser.options(SIGN_IN)))


async def test_a_copied_passkey_is_noticed_and_let_in_no_more(
    people: People, app: object, worker: Worker
) -> None:
    authenticator, browser = await enrolled(Browser(app), worker, counts=True, count=5), Browser(app)
    await browser.open("/sign-in")
    authenticator.count = 3

    await refused(browser, authenticator.sign_in(await browser.options(SIGN_IN)))

    async with people.database.transaction(SERVER) as session:
        told = await session.scalar(
            select(func.count())
            .select_from(SecurityEvent)
            .where(
                SecurityEvent.subject == str(worker.person_id),
                SecurityEvent.type == Event.PASSKEY_COUNT_FELL.value,
            )
        )
    assert told == 1


async def test_a_passkey_of_one_person_cannot_be_added_to_another(
    people: People, app: object, worker: Worker
) -> None:
    authenticator = await enrolled(Browser(app), worker)
    other, browser = await new_worker(people), Browser(app)
    await browser.open("/sign-in")
    await browser.send("/sign-in", email=other.email, password=other.password)

    page = await browser.send(ENROL, credential=authenticator.register(await browser.options(ENROL)))

    assert page.status == 422


@pytest.mark.parametrize(
    "credential", ["", "{}", "null", "[]", '{"rawId": 1}', '{"rawId":"AA","response":{}}', "é"]
)
async def test_whatever_is_no_credential_is_refused(app: object, credential: str) -> None:
    browser = Browser(app)
    await browser.open("/sign-in")
    await browser.options(SIGN_IN)

    await refused(browser, credential)
