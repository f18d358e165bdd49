"""Second factors by OWASP ASVS 5 §6.5 and §6.7: what they are made of, how long they are good, and who is told of them."""

from __future__ import annotations

import json
from pathlib import Path

import pyotp
import pytest

from gateway.people import People
from gateway.people.events import SERVER
from gateway.people.recovery import RecoveryCodes
from gateway.people.totp import Totp, current_code
from tests.gateway.people.conftest import ORIGIN, Browser, Worker
from tests.gateway.people.test_links import mails_to
from tests.support.authenticators import Authenticator, decoded
from vereda.sealing import LocalKeyProvider
from vereda.secrets import Secrets

STEP_S = 30


@pytest.mark.parametrize(("steps", "good"), [(-3, False), (-2, False), (-1, True), (1, True), (2, False)])
async def test_a_code_is_good_for_its_step_and_one_beside_it(
    people: People, worker: Worker, steps: int, good: bool
) -> None:
    """§6.5.5, §6.5.8, RFC 6238 §5.2: by our clock, and one step off for theirs."""
    at = 1_900_000_000.0
    keys = LocalKeyProvider(Secrets(people.settings.home / "secrets"), "people-master-key")
    totp, secret = Totp(people.database, keys, now=lambda: at), pyotp.random_base32()
    await totp.install(worker.person_id, secret)

    code = pyotp.TOTP(secret).at(int(at) + steps * STEP_S)

    assert await totp.accept(worker.person_id, code) is good


async def test_recovery_codes_are_too_many_to_try_and_their_digests_are_keyed(
    people: People, worker: Worker, tmp_path: Path
) -> None:
    """§6.5.2 to §6.5.4: twelve characters of thirty-two, 60 bits; who has the database alone cannot try any."""
    (tmp_path / "secrets").mkdir()
    other = LocalKeyProvider(Secrets(tmp_path / "secrets"), "people-master-key")
    async with people.database.transaction(SERVER) as session:
        codes = await people.recovery.renew(session, worker.person_id)

    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 12 for code in codes)
    assert len(set("".join(codes))) > 20
    assert not await RecoveryCodes(people.database, other).use(worker.person_id, codes[0])
    assert await people.recovery.use(worker.person_id, codes[0].upper().replace("-", " "))
    assert not await people.recovery.use(worker.person_id, codes[0])


async def test_a_device_is_asked_something_that_was_never_asked_before(
    people: People, worker: Worker
) -> None:
    """§6.7.2: at least 64 bits."""
    asked = [
        decoded(
            json.loads(await people.passkeys.sign_in_options(f"browser-{n}", worker.person_id))["challenge"]
        )
        for n in range(20)
    ]

    assert len(set(asked)) == 20
    assert min(map(len, asked)) >= 16


@pytest.mark.parametrize("change", ["password", "app", "passkey", "codes"])
async def test_who_signs_in_otherwise_from_now_on_is_told_by_mail(
    people: People, browser: Browser, signed_in: Worker, change: str
) -> None:
    """§6.3.7. What it was is not in the mail."""
    assert mails_to(people, signed_in.email) == []

    if change == "password":
        await browser.open("/account/password")
        await browser.send("/account/password", password="gravel anthem tortoise 91")
    elif change == "app":
        page = await browser.open("/account/totp")
        secret = page.text.partition('<code class="secret">')[2].partition("<")[0]
        await browser.send("/account/totp", code=current_code(secret))
    elif change == "passkey":
        await browser.open("/account/passkeys")
        credential = Authenticator(ORIGIN).register(await browser.options("/account/passkeys/add"))
        await browser.send("/account/passkeys/add", credential=credential, name="phone")
    else:
        await browser.open("/account")
        await browser.send("/account/recovery-codes")

    [mail] = mails_to(people, signed_in.email)
    assert mail["Subject"] == "How you sign in was changed"
    assert f"{ORIGIN}/account" in mail.get_content().split()
