"""From a password to a session: what is asked, in which order, and what opens nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.people import People
from gateway.people.cookies import SESSION, VISIT
from gateway.people.signing_in import Proof, Step, is_proven, next_step
from gateway.people.totp import current_code
from tests.gateway.people.conftest import Browser, Worker, give_totp, new_worker, sign_in
from vereda.ids import new_id


@given(st.frozensets(st.sampled_from(Proof)), st.booleans(), st.integers(0, 3))
def test_no_session_opens_before_two_factors_were_shown(
    proofs: frozenset[Proof], has_factor: bool, organizations: int
) -> None:
    step = next_step(proofs, has_factor=has_factor, organizations=organizations)

    several = proofs & {Proof.PASSKEY, Proof.EXTERNAL_MULTI} or (
        proofs & {Proof.PASSWORD, Proof.EXTERNAL} and proofs & {Proof.TOTP, Proof.RECOVERY_CODE}
    )
    assert (step in (Step.OPEN, Step.ORGANIZATION, Step.NOWHERE)) == bool(several) == is_proven(proofs)
    assert (step is Step.OPEN) == bool(several and organizations == 1)


async def test_password_and_code_open_a_session(people: People, browser: Browser, worker: Worker) -> None:
    await give_totp(people, worker)

    page = await sign_in(browser, worker)

    assert page.path == "/account"
    assert worker.name in page.text
    assert browser.cookie(SESSION)
    assert browser.cookie(VISIT) is None


async def test_a_password_alone_opens_nothing(people: People, browser: Browser, worker: Worker) -> None:
    await give_totp(people, worker)
    await browser.open("/sign-in")

    page = await browser.send("/sign-in", email=worker.email, password=worker.password)

    assert page.path == "/sign-in/second-factor"
    assert browser.cookie(SESSION) is None
    assert (await browser.open("/account")).path == "/sign-in"


async def test_the_first_sign_in_adds_a_second_factor_and_shows_recovery_codes_once(
    browser: Browser, worker: Worker
) -> None:
    await browser.open("/sign-in?next=/account")

    enrolment = await browser.send("/sign-in", email=worker.email, password=worker.password)
    assert enrolment.path == "/sign-in/enrol"
    secret = re.findall(r'<code class="secret">(\w+)</code>', enrolment.text)[0]
    codes = await browser.send("/sign-in/enrol/totp", code=current_code(secret))
    assert len(re.findall(r"<code>[0-9a-z]{6}-[0-9a-z]{6}</code>", codes.text)) == 10
    account = await browser.send("/sign-in/continue")

    assert account.path == "/account"
    assert browser.cookie(SESSION)


@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    browser: Browser, worker: Worker, known: bool
) -> None:
    email = worker.email if known else f"nobody-{new_id()}@clinic.example.org"
    await browser.open("/sign-in")

    page = await browser.send("/sign-in", email=email, password="not the password at all")

    assert page.status == 422
    assert "The address or the password is wrong." in page.text


async def test_a_code_is_good_once(people: People, app: object, worker: Worker) -> None:
    await give_totp(people, worker)
    code = worker.code()
    first, second = Browser(app), Browser(app)
    for browser in (first, second):
        await browser.open("/sign-in")
        await browser.send("/sign-in", email=worker.email, password=worker.password)

    assert (await first.send("/sign-in/second-factor", code=code)).path == "/account"
    assert (await second.send("/sign-in/second-factor", code=code)).status == 422


async def test_who_works_for_two_organisations_chooses_one(people: People, browser: Browser) -> None:
    worker = await new_worker(people)
    other = await new_worker(people, email=worker.email, organization_name="Puente Firme Legal Aid")
    await give_totp(people, worker)

    page = await sign_in(browser, worker)
    assert page.path == "/sign-in/organization"
    assert "Puente Firme Legal Aid" in page.text
    page = await browser.send("/sign-in/organization", organization=str(other.organization))

    assert page.path == "/account"
    assert browser.cookie(SESSION)
    signed_in = await people.sessions.of_cookie(browser.cookie(SESSION) or "")
    assert signed_in is not None
    assert signed_in.organization == other.organization
