"""What a signed-in person changes, and what becomes of sessions by it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from gateway.people import People
from gateway.people.cookies import SESSION
from gateway.people.events import SERVER
from gateway.people.totp import current_code
from gateway.store import Session
from tests.gateway.people.conftest import ORIGIN, Browser, Worker, give_totp, new_worker, sign_in
from tests.support.authenticators import Authenticator

NEW_PASSWORD = "gravel anthem tortoise 91"


async def again(people: People, app: object, worker: Worker) -> Browser:
    """The worker signed in in another browser: their app's code of now was used, so they get a new app."""
    await give_totp(people, worker)
    browser = Browser(app)
    page = await sign_in(browser, worker)
    assert page.path == "/account", page.text
    return browser


async def age(people: People, worker: Worker, by: timedelta) -> None:
    """The worker proved who they are so long ago."""
    async with people.database.transaction(SERVER) as session:
        at = datetime.now(UTC) - by
        await session.execute(
            update(Session).where(Session.person_id == worker.person_id).values(authenticated_at=at)
        )


async def test_a_new_password_ends_all_other_sessions_and_renames_this_one(
    people: People, app: object, browser: Browser, signed_in: Worker
) -> None:
    other, before = await again(people, app, signed_in), browser.cookie(SESSION)

    await browser.open("/account/password")
    page = await browser.send("/account/password", password=NEW_PASSWORD)

    assert page.path == "/account"
    assert browser.cookie(SESSION) != before
    assert (await other.open("/account")).path == "/sign-in"
    assert await people.sessions.of_cookie(before or "") is None
    fresh = Browser(app)
    await fresh.open("/sign-in")
    assert (await fresh.send("/sign-in", email=signed_in.email, password=signed_in.password)).status == 422
    page = await fresh.send("/sign-in", email=signed_in.email, password=NEW_PASSWORD)
    assert page.path == "/sign-in/second-factor"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "too short"),
        ("x" * 129, "too long"),
        ("password1234", "used most"),
        ("MarisolQuintero", "has your name"),
        ("qwertyuiopas", "easy to guess|used most"),
    ],
)
async def test_a_weak_password_is_refused_and_the_page_says_why(
    browser: Browser, signed_in: Worker, password: str, why: str
) -> None:
    await browser.open("/account/password")

    page = await browser.send("/account/password", password=password)

    assert page.status == 422
    assert re.search(why, page.text)
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize("path", ["/account/password", "/account/totp", "/account/passkeys"])
async def test_what_is_sensitive_asks_for_a_recent_sign_in(
    people: People, browser: Browser, signed_in: Worker, path: str
) -> None:
    await age(people, signed_in, timedelta(minutes=6))

    page = await browser.open(path)

    assert page.path == "/sign-in"
    assert page.form("/sign-in").fields["next"] == path
    assert (await browser.open("/account")).path == "/account"


async def test_the_last_second_factor_stays(browser: Browser, signed_in: Worker) -> None:
    await browser.open("/account/totp")

    page = await browser.send("/account/totp/remove")

    assert page.status == 422
    assert "last second proof" in page.text


async def test_an_app_is_replaced_by_a_passkey(browser: Browser, signed_in: Worker) -> None:
    authenticator = Authenticator(ORIGIN)
    await browser.open("/account/passkeys")
    options = await browser.options("/account/passkeys/add")
    page = await browser.send(
        "/account/passkeys/add", credential=authenticator.register(options), name="My <phone>"
    )
    assert "My &lt;phone&gt;" in page.text

    await browser.open("/account/totp")
    page = await browser.send("/account/totp/remove")

    assert page.path == "/account"
    assert "not set up" in page.text


async def test_a_new_app_takes_the_place_of_the_old_one(browser: Browser, signed_in: Worker) -> None:
    page = await browser.open("/account/totp")
    secret = re.findall(r'<code class="secret">(\w+)</code>', page.text)[0]

    wrong = await browser.send("/account/totp", code="000000")
    assert wrong.status == 422
    assert secret in wrong.text
    page = await browser.send("/account/totp", code=current_code(secret))

    assert page.path == "/account"


async def test_an_offer_made_to_somebody_else_is_none(
    people: People, browser: Browser, signed_in: Worker
) -> None:
    other = await new_worker(people)
    offer = people.totp.offer(other.person_id, other.email)
    await browser.open("/account/totp")

    page = await browser.send("/account/totp", offer=offer.sealed, code=current_code(offer.secret))

    assert page.status == 422


async def test_recovery_codes_are_good_once_each_and_new_ones_end_the_old(
    people: People, app: object, browser: Browser, signed_in: Worker
) -> None:
    await browser.open("/account")
    page = await browser.send("/account/recovery-codes")
    codes = re.findall(r"<code>([0-9a-z]{6}-[0-9a-z]{6})</code>", page.text)

    async def recover(code: str) -> str:
        fresh = Browser(app)
        await fresh.open("/sign-in")
        await fresh.send("/sign-in", email=signed_in.email, password=signed_in.password)
        return (await fresh.send("/sign-in/recovery-code", recovery_code=code)).path

    assert await recover(codes[0].upper().replace("-", " ")) == "/account"
    assert await recover(codes[0]) == "/sign-in/recovery-code"
    await browser.open("/account")
    await browser.send("/account/recovery-codes")
    assert await recover(codes[1]) == "/sign-in/recovery-code"


async def test_signing_out_everywhere_ends_all_sessions(
    people: People, app: object, browser: Browser, signed_in: Worker
) -> None:
    other = await again(people, app, signed_in)
    await browser.open("/account")

    page = await browser.send("/sign-out/everywhere")

    assert page.path == "/sign-in"
    assert browser.cookie(SESSION) is None
    assert (await other.open("/account")).path == "/sign-in"


async def test_one_other_session_can_be_ended_and_nobody_elses(
    people: People, app: object, browser: Browser, signed_in: Worker
) -> None:
    other = await again(people, app, signed_in)
    stranger = await new_worker(people)
    strangers = await again(people, app, stranger)
    session = await people.sessions.of_cookie(strangers.cookie(SESSION) or "")
    assert session is not None

    await browser.open("/account")
    await browser.send("/account/sessions/end", session=str(session.session_id))
    assert (await strangers.open("/account")).path == "/account"
    await browser.open("/account")
    await browser.send("/account/sessions/end")

    assert (await other.open("/account")).path == "/sign-in"
    assert (await browser.open("/account")).path == "/account"


async def test_the_language_that_is_chosen_stays_with_the_person(
    people: People, app: object, browser: Browser, signed_in: Worker
) -> None:
    await browser.open("/account")

    page = await browser.send("/account/language", language="es")
    assert '<html lang="es">' in page.text

    other = await again(people, app, signed_in)
    assert '<html lang="es">' in (await other.open("/account")).text


async def test_another_organisation_is_another_session(people: People, browser: Browser) -> None:
    worker = await new_worker(people)
    other = await new_worker(people, email=worker.email)
    stranger = await new_worker(people)
    await give_totp(people, worker)
    await sign_in(browser, worker)
    await browser.send("/sign-in/organization", organization=str(worker.organization))
    before = browser.cookie(SESSION)

    await browser.send("/account/organization", organization=str(stranger.organization))
    assert browser.cookie(SESSION) == before
    await browser.open("/account")
    await browser.send("/account/organization", organization=str(other.organization))

    now = await people.sessions.of_cookie(browser.cookie(SESSION) or "")
    assert now is not None
    assert now.organization == other.organization
    assert await people.sessions.of_cookie(before or "") is None


@pytest.mark.parametrize(
    ("column", "ago"),
    [("last_seen_at", timedelta(minutes=31)), ("expires_at", timedelta(seconds=1))],
)
async def test_a_session_ends_when_it_is_left_alone_and_in_any_case(
    people: People, browser: Browser, signed_in: Worker, column: str, ago: timedelta
) -> None:
    async with people.database.transaction(SERVER) as session:
        at = datetime.now(UTC) - ago
        await session.execute(
            update(Session).where(Session.person_id == signed_in.person_id).values({column: at})
        )

    assert (await browser.open("/account")).path == "/sign-in"
