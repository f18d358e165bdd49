"""passkeys.js against a browser's own Web Authentication: the device is Chromium's virtual one (CDP domain WebAuthn)."""

from __future__ import annotations

from typing import Any

from playwright.async_api import CDPSession

from tests.gateway.people.conftest import Worker, give_totp
from tests.gateway.people.in_chromium.conftest import Opening, Seen, Site

ADD = 'form[data-passkey="register"]'
SIGN_IN = 'form[data-passkey="sign-in"]'
#: A phone or a laptop: it holds its keys itself, and asks its person for a finger.
BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """The device of the window `seen`."""

    def __init__(self, session: CDPSession, device_id: str) -> None:
        self._session = session
        self._id = device_id

    @classmethod
    async def of(cls, seen: Seen, **unlike: Any) -> Device:
        session = await seen.page.context.new_cdp_session(seen.page)
        await session.send("WebAuthn.enable")
        return await cls._added(session, unlike)

    @classmethod
    async def _added(cls, session: CDPSession, unlike: dict[str, Any]) -> Device:
        added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": {**BUILT_IN, **unlike}})
        return cls(session, added["authenticatorId"])

    async def exchanged(self, **unlike: Any) -> Device:
        """Another one in its place."""
        await self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
        return await self._added(self._session, unlike)

    async def keys(self) -> list[dict[str, Any]]:
        held = await self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(held["credentials"])

    async def forget(self) -> None:
        await self._session.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})

    async def knows_its_person(self, does: bool) -> None:
        await self._session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": does}
        )


async def press(seen: Seen, form: str) -> None:
    """Press the form's button, and wait for the page that follows."""
    async with seen.page.expect_navigation():
        await seen.page.locator(form).locator("button").click()


async def fails(seen: Seen, form: str) -> None:
    """Press the form's button; the page stays, and says that the device gave nothing."""
    await seen.page.locator(form).locator("button").click()
    await seen.page.locator(form).locator("[data-failed]").wait_for(state="visible")


async def enrolled(seen: Seen, worker: Worker) -> None:
    """By password, with a passkey as the second proof, to the account."""
    await seen.open("/sign-in")
    await seen.send("/sign-in", email=worker.email, password=worker.password)
    assert seen.path == "/sign-in/enrol"
    await press(seen, ADD)
    await seen.send("/sign-in/continue")
    assert seen.path == "/account"


async def test_a_passkey_is_added_and_signs_in_alone_or_after_a_password(
    site: Site, opening: Opening
) -> None:
    worker = await site.worker()
    async with opening() as seen:
        device = await Device.of(seen)
        await enrolled(seen, worker)
        [key] = await device.keys()
        await seen.send("/sign-out")
        await press(seen, SIGN_IN)
        assert seen.path == "/account"
        assert worker.name in await seen.page.inner_text("main")
        await seen.send("/sign-out")
        await seen.send("/sign-in", email=worker.email, password=worker.password)
        assert seen.path == "/sign-in/second-factor"
        await press(seen, SIGN_IN)

        assert seen.path == "/account"
        assert key["isResidentCredential"]
        assert key["rpId"] == "localhost"
        assert seen.complaints == []


async def test_a_device_has_one_passkey_and_a_person_may_have_several_devices(
    site: Site, opening: Opening
) -> None:
    worker = await site.worker()
    async with opening() as seen:
        device = await Device.of(seen)
        await enrolled(seen, worker)
        await seen.open("/account/passkeys")
        await fails(seen, ADD)
        await device.exchanged()
        await seen.page.fill("#name", "My phone")
        await press(seen, ADD)

        assert seen.path == "/account/passkeys"
        assert await seen.page.locator("main li").count() == 2
        assert "My phone" in await seen.page.inner_text("main")


async def test_a_device_that_does_not_know_its_person_lets_nobody_in(site: Site, opening: Opening) -> None:
    worker = await site.worker()
    async with opening() as seen:
        device = await Device.of(seen)
        await enrolled(seen, worker)
        await seen.send("/sign-out")
        await device.knows_its_person(False)
        await fails(seen, SIGN_IN)
        assert seen.path == "/sign-in"
        await device.knows_its_person(True)
        await press(seen, SIGN_IN)

        assert seen.path == "/account"


async def test_a_passkey_that_was_removed_here_is_not_known(site: Site, opening: Opening) -> None:
    worker = await site.worker()
    await give_totp(site.people, worker)
    async with opening() as seen:
        await Device.of(seen)
        await seen.sign_in(worker)
        await seen.open("/account/passkeys")
        await press(seen, ADD)
        async with seen.page.expect_navigation():
            await seen.page.click('form[action="/account/passkeys/remove"] button')
        assert await seen.page.locator("main li").count() == 0
        await seen.open("/account")
        await seen.send("/sign-out")
        await press(seen, SIGN_IN)

        assert seen.path == "/sign-in/passkey"
        assert "not known" in await seen.page.inner_text('[role="alert"]')


async def test_at_an_address_passkeys_are_not_offered(site: Site, opening: Opening) -> None:
    """Web Authentication §5.1.3: keys belong to a domain, which an address is not."""
    async with opening(f"http://127.0.0.1:{site.port}") as seen:
        await seen.open("/sign-in")
        assert not await seen.page.locator(SIGN_IN).is_visible()
        await seen.page.goto(f"{site.url}/sign-in")

        assert await seen.page.locator(SIGN_IN).is_visible()
