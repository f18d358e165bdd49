"""The pages of signing in: nothing that another site sends changes anything, and nothing of theirs can be put to use."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from gateway.people import People
from gateway.people import routes as people_routes
from tests.attacks.target import Target
from tests.attacks.wire import Answer, Sent
from vereda.database import Database
from vereda.settings import Settings

FORM = "application/x-www-form-urlencoded"
#: How a request reaches us that a page of ours did not send, as browsers say it, and as what is no browser does.
FOREIGN = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another origin of this site": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
    "a sandboxed frame": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "an old browser of another site": {"Origin": "https://evil.example"},
    "an address that was typed": {"Sec-Fetch-Site": "none"},
    "nobody who says": {},
}


@pytest.fixture(scope="session")
def paths(target: Target, database: Database) -> dict[str, list[str]]:
    """Every path of the pages, by method."""
    people = People.of(Settings(home=target.home, port=target.port), database)
    found: dict[str, list[str]] = {"GET": [], "POST": []}
    for route in people_routes(people):
        for method in found.keys() & (route.methods or set()):
            found[method].append(route.path)
    assert len(found["POST"]) > 5
    return found


async def asked(target: Target, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
    sent = Sent(method, path, {"Accept": "text/html", "Authorization": "", **headers}, body)
    return await target.send(sent)


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
async def test_no_form_that_is_not_ours_is_taken(
    target: Target, paths: dict[str, list[str]], headers: dict[str, str]
) -> None:
    """OWASP ASVS 3.5.1. The form's own token cannot be right, and is not all that is asked for."""
    for path in paths["POST"]:
        answer = await asked(target, "POST", path, {"Content-Type": FORM, **headers}, b"csrf=x&email=a%40b.c")

        assert answer.status == 403, path
        assert "__Host-vereda-session" not in answer.header("set-cookie")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
async def test_what_is_no_form_is_not_read(target: Target, paths: dict[str, list[str]], kind: str) -> None:
    same = {"Origin": target.url, "Sec-Fetch-Site": "same-origin"}
    for path in paths["POST"]:
        answer = await asked(target, "POST", path, {"Content-Type": kind, **same}, b"csrf=x")

        assert answer.status in (400, 403, 413, 415), path


async def test_no_page_can_be_framed_or_run_what_it_did_not_bring(
    target: Target, paths: dict[str, list[str]]
) -> None:
    """OWASP ASVS 3.4.3 to 3.4.8."""
    pages = 0
    for path in paths["GET"]:
        answer = await asked(target, "GET", path, {})
        if not answer.header("content-type").startswith("text/html"):
            continue
        pages += 1
        policy = answer.header("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert answer.header("x-frame-options") == "DENY"
        assert answer.header("cross-origin-opener-policy") == "same-origin"
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("cache-control") == "no-store"
        assert b"<script>" not in answer.body
        assert b"style=" not in answer.body
    assert pages


async def test_cookies_are_of_this_host_alone_and_no_script_reads_them(target: Target) -> None:
    """OWASP ASVS 3.3.1 to 3.3.4."""
    answer = await asked(target, "GET", "/sign-in", {})

    cookies = [value for name, value in answer.headers if name == "set-cookie"]
    assert cookies
    for cookie in cookies:
        name, *attributes = (part.strip().lower() for part in cookie.split(";"))
        assert name.startswith("__host-")
        assert {"secure", "httponly", "path=/"} <= set(attributes)
        assert {"samesite=lax", "samesite=strict"} & set(attributes)
        assert not [attribute for attribute in attributes if attribute.startswith("domain")]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/%0d%0ax",
    ],
)
@pytest.mark.parametrize("parameter", ["next", "return_to", "redirect", "continue"])
async def test_no_address_leads_out_of_the_pages(target: Target, elsewhere: str, parameter: str) -> None:
    """No open redirect, at the sign-in or at the authorization endpoint (RFC 9700 §4.11)."""
    for path in ("/sign-in", "/account", "/oauth/authorize"):
        answer = await asked(target, "GET", f"{path}?{parameter}={elsewhere}&redirect_uri={elsewhere}", {})

        assert answer.status < 500
        assert urlsplit(answer.header("location")).netloc in ("", f"{target.host}:{target.port}")
        assert "evil" not in urlsplit(answer.header("location")).path
