"""What protects a browser: cookies, form tokens, headers, and where it may be sent."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.people.cookies import SESSION
from gateway.people.paths import ACCOUNT, safe_next
from tests.gateway.people.conftest import ORIGIN, Browser, Worker

OURS = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}


@given(st.text(alphabet=st.sampled_from("/\\:@?#.%\t\n\r ahttps") | st.characters(), max_size=30))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https://evil.example")
@example("javascript:alert(1)")
@example("/x\r\nSet-Cookie: a=b")
def test_next_never_leads_to_another_site(path: str) -> None:
    safe = safe_next(path)
    # As browsers read it: tabs and newlines are left out, a backslash is a slash.
    as_read = safe.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")

    assert urlsplit(urljoin(f"{ORIGIN}/sign-in", as_read))[:2] == urlsplit(ORIGIN)[:2]
    assert safe.isascii()
    assert safe.isprintable()


@pytest.mark.parametrize("path", ["/account", "/", "/oauth/authorize?client_id=a&state=%2F%2F", "/a//b"])
def test_paths_of_our_own_are_kept(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize("path", [None, "", "account", "/" + "a" * 5000])
def test_anything_else_leads_to_the_account(path: str | None) -> None:
    assert safe_next(path) == ACCOUNT


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten-password", "/invitation?token=x", "/account"])
async def test_every_page_has_strict_headers(browser: Browser, path: str) -> None:
    page = await browser.open(path)

    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert not any(mark in page.text for mark in ("<style", " style=", "onclick", "<script>", "javascript:"))


async def test_the_session_cookie_is_locked_to_this_host(browser: Browser, signed_in: Worker) -> None:
    await browser.open("/account")
    answer = await browser.post("/account/language", {**browser.page.form("/sign-out").fields}, **OURS)
    assert answer.status_code == 303
    [cookie] = [one for one in browser.http.cookies.jar if one.name == SESSION]

    assert cookie.secure
    assert cookie.path == "/"
    assert not cookie.domain_specified
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://other.example.org", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {},
    ],
)
async def test_a_form_sent_by_another_site_changes_nothing(
    browser: Browser, signed_in: Worker, headers: dict[str, str]
) -> None:
    await browser.open("/account")

    answer = await browser.post("/sign-out", browser.page.form("/sign-out").fields, **headers)

    assert answer.status_code == 403
    assert (await browser.open("/account")).path == "/account"


@pytest.mark.parametrize("token", ["", "x", "é"])
async def test_a_form_without_our_token_changes_nothing(
    browser: Browser, signed_in: Worker, token: str
) -> None:
    answer = await browser.post("/sign-out", {"csrf_token": token}, **OURS)

    assert answer.status_code == 403
    assert (await browser.open("/account")).path == "/account"


async def test_another_browsers_token_changes_nothing(
    app: object, browser: Browser, signed_in: Worker
) -> None:
    other = Browser(app)
    theirs = (await other.open("/sign-in")).form("/sign-in").fields["csrf_token"]

    answer = await browser.post("/sign-out", {"csrf_token": theirs}, **OURS)

    assert answer.status_code == 403


async def test_a_session_is_never_the_one_that_was_there_before(browser: Browser, worker: Worker) -> None:
    """Session fixation: an identifier that somebody planted is not taken up."""
    browser.http.cookies.set(SESSION, "p" * 43, domain="graph.example.org")
    await browser.open("/sign-in")
    await browser.send("/sign-in", email=worker.email, password=worker.password)

    assert browser.cookie(SESSION) == "p" * 43
    assert (await browser.open("/account")).path == "/sign-in"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("fr;q=1,es;q=0.5,en;q=0.4", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("hmn", "en"),
        ("es;q=0", "en"),
        ("es;q=x,;;,", "en"),
        ("", "en"),
    ],
)
async def test_pages_speak_the_readers_language(browser: Browser, header: str, language: str) -> None:
    page = await browser.open("/sign-in", **{"Accept-Language": header})

    assert f'<html lang="{language}">' in page.text


async def test_a_language_that_was_chosen_is_kept(browser: Browser) -> None:
    await browser.open("/sign-in?next=/account&lang=es")

    page = await browser.open("/sign-in", **{"Accept-Language": "en"})

    assert '<html lang="es">' in page.text
