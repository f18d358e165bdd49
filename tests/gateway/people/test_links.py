"""Links that let a person set a password: who gets one, what it opens, and what nobody learns by asking."""

from __future__ import annotations

import email
import re
from email.policy import default
from pathlib import Path
from typing import Any

from gateway.people import People, register
from gateway.people.cookies import SESSION
from gateway.people.events import SERVER
from gateway.people.invitations import Purpose, invite
from gateway.store import Role
from tests.gateway.people.conftest import PASSWORD, Browser, Worker, give_totp, new_worker, sign_in
from vereda.ids import new_id

NEW_PASSWORD = "gravel anthem tortoise 91"
FORGOTTEN = "/forgotten-password"


def mails_to(people: People, address: str) -> list[Any]:
    folder: Path = people.settings.home / "outbox"
    mails = [
        email.message_from_bytes(path.read_bytes(), policy=default) for path in sorted(folder.glob("*.eml"))
    ]
    return [mail for mail in mails if mail["To"] == address]


def link_in(mail: Any) -> str:
    return re.findall(r"https://graph\.example\.org(/invitation\?token=\S+)", mail.get_content())[0]


async def ask(browser: Browser, address: str) -> Any:
    await browser.open(FORGOTTEN)
    return await browser.send(FORGOTTEN, email=address)


async def test_an_invited_person_sets_a_password_and_adds_a_factor(people: People, browser: Browser) -> None:
    address = f"new-{new_id()}@clinic.example.org"
    invitee = await register.add_person(
        people.database,
        email=address,
        display_name="Ana Duarte",
        organization=new_id(),
        role=Role.SUPERVISOR,
        by="operator",
        locale="es",
    )
    assert invitee.token is not None
    await people.letters.join(invitee.person_id, invitee.token)

    [mail] = mails_to(people, address)
    page = await browser.open(link_in(mail))
    assert "Ana Duarte" in page.text
    action = page.forms[0].action
    page = await browser.send(action, password=NEW_PASSWORD)

    assert page.path == "/sign-in/enrol"
    assert browser.cookie(SESSION) is None
    assert mail["Subject"] == "Tiene una invitación"


async def test_a_link_is_good_once(people: People, app: object, worker: Worker) -> None:
    async with people.database.transaction(SERVER) as session:
        token = await invite(session, worker.person_id, Purpose.RESET)
    path, first, second = f"/invitation?token={token}", Browser(app), Browser(app)
    await first.open(path)
    await second.open(path)

    assert (await first.send(path, password=NEW_PASSWORD)).path == "/sign-in/enrol"
    assert (await second.send(path, password="another password of mine 3")).status == 410
    assert (await second.open(path)).status == 410


async def test_a_newer_link_ends_the_older_one(people: People, browser: Browser, worker: Worker) -> None:
    async with people.database.transaction(SERVER) as session:
        older = await invite(session, worker.person_id, Purpose.RESET)
        await invite(session, worker.person_id, Purpose.RESET)

    assert (await browser.open(f"/invitation?token={older}")).status == 410


async def test_a_forgotten_password_is_replaced_and_the_second_factor_is_still_asked(
    people: People, app: object, browser: Browser, signed_in: Worker
) -> None:
    fresh = Browser(app)
    assert (await ask(fresh, signed_in.email.upper())).status == 200

    path = link_in(mails_to(people, signed_in.email)[0])
    await fresh.open(path)
    page = await fresh.send(path, password=NEW_PASSWORD)

    assert page.path == "/sign-in/second-factor"
    assert fresh.cookie(SESSION) is None
    assert (await browser.open("/account")).path == "/sign-in"  # what the old password opened has ended
    assert len(mails_to(people, signed_in.email)) == 2  # the link, and that something was changed


async def test_asking_again_and_again_sends_one_mail(people: People, app: object, worker: Worker) -> None:
    for _ in range(3):
        await ask(Browser(app), worker.email)

    assert len(mails_to(people, worker.email)) == 1


async def test_nobody_learns_by_asking_whether_an_account_exists(
    people: People, app: object, worker: Worker
) -> None:
    nobody = f"nobody-{new_id()}@clinic.example.org"
    disabled = await new_worker(people)
    await register.disable(people.database, disabled.person_id, by="operator")

    answers = [await ask(Browser(app), address) for address in (worker.email, nobody, disabled.email)]

    shown = {(answer.status, re.sub(r'value="[\w-]+"', "", answer.text)) for answer in answers}
    assert len(shown) == 1
    assert mails_to(people, nobody) == mails_to(people, disabled.email) == []


async def test_a_password_still_opens_nothing_after_a_weak_one_was_refused(
    people: People, browser: Browser, worker: Worker
) -> None:
    async with people.database.transaction(SERVER) as session:
        token = await invite(session, worker.person_id, Purpose.RESET)
    path = f"/invitation?token={token}"
    await browser.open(path)

    page = await browser.send(path, password="password1234")
    assert page.status == 422
    page = await browser.send(path, password=NEW_PASSWORD)

    assert page.path == "/sign-in/enrol"


async def test_a_disabled_person_is_let_in_by_nothing(people: People, app: object, worker: Worker) -> None:
    await give_totp(people, worker)
    browser = Browser(app)
    await browser.open("/sign-in")
    await browser.send("/sign-in", email=worker.email, password=PASSWORD)
    await register.disable(people.database, worker.person_id, by="operator")

    page = await browser.send("/sign-in/second-factor", code=worker.code())
    assert page.path == "/sign-in"
    await register.enable(people.database, worker.person_id, by="operator")
    assert (await sign_in(Browser(app), worker)).path == "/account"
