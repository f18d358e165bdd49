"""Every page, in each language and colour scheme: readable by whoever reads, on whatever they have.

By axe (WCAG 2.2, levels A and AA, contrast among them), and at widths and letter sizes that axe does not try.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page

from gateway.oauth import clients
from gateway.people.events import SERVER
from gateway.people.invitations import Purpose, invite
from gateway.people.languages import CATALOGUES
from gateway.people.roles import scopes_of
from gateway.store import Role
from tests.clients.node import HERE as CLIENTS
from tests.gateway.people.conftest import Worker, give_totp, new_worker
from tests.gateway.people.in_chromium.conftest import Opening, Seen, Site
from vereda.ids import new_id

AXE: Final = CLIENTS / "node_modules" / "axe-core" / "axe.min.js"
ASKED: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],
}
#: What axe finds, as rule and element. What it cannot decide about contrast counts as found: our colours are plain.
FOUND = """async (asked) => {
  const {violations, incomplete} = await axe.run(document, asked)
  const undecided = incomplete.filter(one => one.id === 'color-contrast')
  return [...violations, ...undecided].flatMap(one => one.nodes.map(node => `${one.id}: ${node.html}`))
}"""
#: Elements that reach out of the window, or whose text does not fit into them.
OVERFLOWING = """() => {
  const root = document.scrollingElement, found = []
  if (root.scrollWidth > root.clientWidth) found.push(`the page: ${root.scrollWidth} of ${root.clientWidth}`)
  for (const one of document.querySelectorAll('body *:not(.skip):not(svg *)')) {
    const box = one.getBoundingClientRect()
    if (box.width && (box.right > innerWidth + 1 || box.left < -1)) found.push(one.outerHTML.slice(0, 120))
    if (one.matches('button, label, a, select, p, li') && one.scrollWidth > one.clientWidth + 1
      && getComputedStyle(one).display !== 'inline') found.push('cut: ' + one.outerHTML.slice(0, 120))
  }
  return found
}"""
#: Width in pixels, size of letters in per cent: a laptop at 400 % (WCAG 2.2, 1.4.10), narrower than phones are; one at
#: 200 % (1.4.4); and a phone whose letters alone are twice as large.
WIDTHS: Final = ((320, 100), (640, 100), (360, 200))
#: What looks as our keys do.
KEY: Final = re.compile(r"\b[a-z_]+(?:\.[a-z_]+)+\b")
WEAK: Final = "password"
#: Colours do not depend on the language, nor words on the colours.
SHOWN: Final = (("en", "light"), ("es", "dark"))


async def shown(site: Site, seen: Seen, language: str) -> AsyncIterator[str]:
    """Leads through all pages, each with what may stand on it: what it is called, while it is shown."""
    worker = await new_worker(site.people, locale=language, display_name="María-Guadalupe Xochitl Quintero")
    async with site.people.database.transaction(SERVER) as session:
        join = await invite(session, worker.person_id, Purpose.JOIN)

    await seen.open("/sign-in")
    yield "sign-in"
    await seen.send("/sign-in", email=worker.email, password="wrong")
    yield "sign-in, refused"
    await seen.open("/forgotten-password")
    yield "forgotten password"
    await seen.send("/forgotten-password", email="nobody@example.org")
    yield "a link is sent"
    await seen.open("/invitation?token=none")
    yield "a link that is over"
    await seen.open(f"/invitation?token={join}")
    yield "invitation"
    await seen.send("/invitation", password=WEAK)
    yield "invitation, refused"

    await seen.open("/sign-in")
    await seen.send("/sign-in", email=worker.email, password=worker.password)
    yield "adding a second proof"
    worker.secret = await seen.page.inner_text("code.secret")
    await seen.send("/sign-in/enrol/totp", code="000000")
    yield "adding a second proof, refused"
    await seen.send("/sign-in/enrol/totp", code=worker.code())
    yield "recovery codes"
    await seen.send("/sign-in/continue")
    yield "account"
    for path in ("/account/password", "/account/totp", "/account/passkeys"):
        await seen.open(path)
        yield path
    await seen.open(await application_of(site, worker))
    yield "consent"
    await seen.open("/account/password")
    await seen.send("/account/password", password=WEAK)
    yield "password, refused"
    await seen.open("/account/totp")
    await seen.send("/account/totp/remove")
    yield "the last second proof"
    await seen.open("/account")
    await seen.send("/account/recovery-codes")
    yield "new recovery codes"
    await seen.open("/account")
    await seen.page.context.clear_cookies()
    await seen.send("/sign-out")
    yield "a form that is out of date"

    other = await new_worker(site.people, locale=language, email=worker.email, organization=new_id())
    await give_totp(site.people, other)
    await seen.open("/sign-in")
    await seen.send("/sign-in", email=other.email, password=other.password)
    yield "second proof"
    await seen.page.locator("summary").click()
    yield "second proof, recovery codes opened"
    await seen.send("/sign-in/second-factor", code="000000")
    yield "second proof, refused"
    await seen.send("/sign-in/second-factor", code=other.code())
    yield "choice of an organisation"
    await seen.page.locator("input[type=radio]").first.check()
    await seen.send("/sign-in/organization")
    yield "account of two organisations"


async def application_of(site: Site, worker: Worker) -> str:
    """Where an application of the worker's organisation sends them."""
    client_id, back = f"app-{new_id()}", "https://app.example.org/callback"
    await clients.register(
        site.people.database,
        clients.Registration(
            client_id=client_id,
            secret=new_id().hex,
            organization=worker.organization,
            name="Case Notes for Legal Teams of the Valley",
            scopes=sorted(scopes_of(Role.CASE_WORKER)),
            grant_types=["authorization_code"],
            redirect_uris=[back],
        ),
    )
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "code_challenge": "A" * 43,
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(asked)}"


async def problems(page: Page, language: str) -> list[str]:
    found: list[str] = await page.evaluate(FOUND, ASKED)
    window = page.viewport_size
    assert window is not None
    for width, letters in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 700})
        await page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{letters}%")
        found += [f"{width} px, {letters} %: {one}" for one in await page.evaluate(OVERFLOWING)]
    await page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    await page.set_viewport_size(window)
    return found + await untranslated(page, language)


async def untranslated(page: Page, language: str) -> list[str]:
    """Keys and gaps that are shown as they are, and words of another language."""
    text = " ".join([await page.title(), await page.inner_text("body")])
    others = {
        message
        for code, messages in CATALOGUES.items()
        if code != language
        for message in messages.values()
        if len(message) > 12 and "{" not in message and message in text
    }
    said = await page.get_attribute("html", "lang")
    keys = [key for key in KEY.findall(text) if key in CATALOGUES[language]]
    return [*keys, *others, *re.findall(r"\{\w*\}", text), *([] if said == language else [f"lang={said}"])]


@pytest.mark.skipif(not AXE.exists(), reason="axe is not installed: `make clients`")
@pytest.mark.parametrize(("language", "scheme"), SHOWN)
async def test_whoever_reads_it_can(site: Site, opening: Opening, language: str, scheme: str) -> None:
    like: dict[str, Any] = {"locale": language, "color_scheme": scheme}
    found: dict[str, list[str]] = {}
    seen_pages = 0
    async with opening(**like) as seen:
        async for name in shown(site, seen, language):
            seen_pages += 1
            await seen.page.evaluate(AXE.read_text())
            if wrong := await problems(seen.page, language):
                found[name] = wrong
        found |= {"the console": seen.complaints} if seen.complaints else {}

    assert found == {}
    assert seen_pages > 20


def test_every_language_is_tried() -> None:
    assert {language for language, _scheme in SHOWN} == set(CATALOGUES)
