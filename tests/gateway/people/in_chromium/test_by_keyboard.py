"""All of it can be done without a mouse, and without JavaScript (WCAG 2.2, 2.1.1, 2.4.3, 2.4.7)."""

from __future__ import annotations

from playwright.async_api import Page

from tests.gateway.people.conftest import give_totp
from tests.gateway.people.in_chromium.conftest import Opening, Site

#: What has the focus: how it is named, where it is, and whether one sees that it has it.
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one)
  return {
    named: one.id || one.getAttribute('name') || one.textContent.trim(),
    kind: one.tagName.toLowerCase(),
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.left >= 0
      && box.right <= innerWidth,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  }
}"""
#: Everything that can have the focus, in the order of the page.
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')]
  .filter(one => one.checkVisibility()).map(one => one.id || one.getAttribute('name') || one.textContent.trim())"""
MOST_STOPS = 60


async def stops(page: Page) -> list[str]:
    """What Tab leads to, from the begin of the page to its end; each stop can be seen."""
    await page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0) }")
    found: list[str] = []
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(FOCUSED)
        if focused["kind"] == "body":
            return found
        assert focused["seen"], focused
        assert focused["outlined"], focused
        found.append(focused["named"])
    raise AssertionError(f"there is no way out of {page.url}: {found}")


async def tab_to(page: Page, named: str) -> None:
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        if (await page.evaluate(FOCUSED))["named"] == named:
            return
    raise AssertionError(f"Tab does not lead to {named}")


async def test_from_the_sign_in_to_the_account_and_out_again(site: Site, opening: Opening) -> None:
    worker = await site.worker()
    await give_totp(site.people, worker)
    async with opening() as seen:
        page, keys = seen.page, seen.page.keyboard

        await seen.open("/sign-in")
        await tab_to(page, "email")
        await keys.type(worker.email)
        await tab_to(page, "password")
        await keys.type(worker.password)
        async with page.expect_navigation():
            await keys.press("Enter")
        assert seen.path == "/sign-in/second-factor"
        await tab_to(page, "code")
        await keys.type(worker.code())
        async with page.expect_navigation():
            await keys.press("Enter")
        assert seen.path == "/account"
        await tab_to(page, "Sign out")
        async with page.expect_navigation():
            await keys.press("Space")

        assert seen.path == "/sign-in"
        assert seen.complaints == []


async def test_every_stop_is_seen_and_in_the_order_of_the_page(site: Site, opening: Opening) -> None:
    worker = await site.worker()
    await give_totp(site.people, worker)
    async with opening(viewport={"width": 360, "height": 640}) as seen:
        await seen.open("/sign-in")
        assert await stops(seen.page) == await seen.page.evaluate(REACHABLE)
        await seen.open("/forgotten-password")
        assert await stops(seen.page) == await seen.page.evaluate(REACHABLE)
        await seen.sign_in(worker)
        for path in ("/account", "/account/password", "/account/totp", "/account/passkeys"):
            await seen.open(path)
            assert seen.path == path
            assert await stops(seen.page) == await seen.page.evaluate(REACHABLE)


async def test_one_key_leads_past_the_head_of_the_page(site: Site, opening: Opening) -> None:
    """WCAG 2.2, 2.4.1: the first stop is the way to the page itself."""
    async with opening() as seen:
        await seen.open("/sign-in")
        await seen.page.keyboard.press("Tab")
        await seen.page.keyboard.press("Enter")

        assert await seen.page.evaluate("() => document.activeElement.id") == "main"
        await seen.page.keyboard.press("Tab")
        assert (await seen.page.evaluate(FOCUSED))["named"] == "email"


async def test_what_was_wrong_has_the_focus_and_is_tied_to_its_field(site: Site, opening: Opening) -> None:
    """WCAG 2.2, 3.3.1."""
    async with opening() as seen:
        await seen.open("/sign-in")
        await seen.send("/sign-in", email="nobody@example.org", password="plum kettle")

        field = seen.page.locator("#email")
        assert (await seen.page.evaluate(FOCUSED))["named"] == "email"
        assert await field.get_attribute("aria-invalid") == "true"
        described = await field.get_attribute("aria-describedby")
        assert "wrong" in (await seen.page.inner_text(f"#{described}"))
        assert await field.input_value() == "nobody@example.org"
        assert await seen.page.locator('[role="alert"]').first.is_visible()


async def test_passwords_are_not_shown_and_may_be_pasted_and_kept_by_a_manager(
    site: Site, opening: Opening
) -> None:
    """OWASP ASVS 5 §6.2.6, §6.2.7."""
    async with opening() as seen:
        field, keys = seen.page.locator("#password"), seen.page.keyboard
        await seen.open("/sign-in")
        await seen.page.fill("#email", "plum kettle northward")
        await seen.page.focus("#email")
        for chord in ("Control+a", "Control+c", "Tab", "Control+v"):
            await keys.press(chord)

        assert await field.input_value() == "plum kettle northward"
        assert await field.get_attribute("type") == "password"
        assert await field.get_attribute("autocomplete") == "current-password"
        assert await seen.page.get_attribute("#email", "autocomplete") == "username"
        assert int(await field.get_attribute("maxlength") or 0) > 128


async def test_all_but_passkeys_works_without_javascript(site: Site, opening: Opening) -> None:
    worker = await site.worker()
    async with opening(java_script_enabled=False) as seen:
        page = seen.page
        await seen.open("/sign-in")
        assert not await page.locator('form[action="/sign-in/passkey"]').is_visible()
        await seen.send("/sign-in", email=worker.email, password=worker.password)
        assert seen.path == "/sign-in/enrol"
        worker.secret = await page.inner_text("code.secret")
        await seen.send("/sign-in/enrol/totp", code=worker.code())
        assert await page.locator("ol.codes li").count() == 10
        kept = await page.locator("ol.codes li").first.inner_text()
        await seen.send("/sign-in/continue")
        assert seen.path == "/account"
        await page.select_option("#language", "es")
        await seen.send("/account/language")
        assert await page.get_attribute("html", "lang") == "es"
        await seen.send("/sign-out")

        await seen.open("/sign-in")
        await seen.send("/sign-in", email=worker.email, password=worker.password)
        await page.locator("summary").click()
        await seen.send("/sign-in/recovery-code", recovery_code=kept)
        assert seen.path == "/account"
        await seen.send("/sign-out/everywhere")
        assert seen.path == "/sign-in"
