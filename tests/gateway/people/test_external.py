"""Signing in through an external provider: whom it lets in, as what, and which answers are believed."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from joserfc.jwk import ECKey
from pydantic import SecretStr
from starlette.applications import Starlette

from gateway.people import People, register, routes
from gateway.people.cookies import SESSION
from gateway.people.external import CALLBACK, read_rules
from gateway.store import Role
from tests.gateway.people.conftest import Browser, new_worker
from tests.gateway.people.oidc_provider import CLIENT_ID, SECRET, ExternalProvider, serving
from tests.support.forms import Page
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.telemetry import RequestLog


@dataclass
class Sites:
    """The network and the provider, and a browser that goes between them."""

    provider: ExternalProvider
    people: People
    app: Any
    organization: UUID

    async def sent(self, browser: Browser) -> dict[str, str]:
        """The browser goes to the provider, and its person signs in there; what they come back with."""
        await browser.open("/sign-in?next=/account")
        page = await browser.send("/sign-in/external")
        [url] = re.findall(r'content="0;url=([^"]+)"', page.text)
        return self.provider.let_in(html.unescape(url))

    async def back(self, browser: Browser, answer: dict[str, str]) -> Page:
        answered = await browser.http.get(CALLBACK, params=answer)
        while answered.is_redirect:
            answered = await browser.http.get(answered.headers["location"])
        return browser._shown(answered)

    async def sign_in(self, browser: Browser | None = None) -> tuple[Browser, Page]:
        browser = browser or Browser(self.app)
        return browser, await self.back(browser, await self.sent(browser))

    async def roles(self) -> dict[str, Role]:
        listed = await register.members(self.people.database, self.organization)
        return {one.email: one.role for one in listed}


@pytest_asyncio.fixture
async def sites(people: People, tmp_path: Path) -> AsyncIterator[Sites]:
    organization = new_id()
    rules = [
        {"claim": "groups", "value": "leads", "role": "supervisor"},
        {"claim": "groups", "value": "staff", "role": "case_worker", "name": "Valle Claro Health Clinic"},
    ]
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps([{**rule, "organization": str(organization)} for rule in rules]))
    async with serving(ExternalProvider()) as provider:
        provider.claims = {
            "sub": f"subject-{new_id()}",
            "email": f"ext-{new_id()}@clinic.example.org",
            "email_verified": True,
            "name": "Elena Prado",
            "groups": ["staff"],
            "amr": ["pwd", "mfa"],
        }
        settings = people.settings.model_copy(
            update={
                "oidc_issuer": provider.url,
                "oidc_client_id": CLIENT_ID,
                "oidc_client_secret": SecretStr(SECRET),
                "oidc_mapping": mapping,
            }
        )
        there = People.of(settings, people.database)
        yield Sites(provider, there, RequestLog(Starlette(routes=routes(there))), organization)


async def test_whom_the_provider_vouches_for_is_let_in_with_the_role_of_the_mapping(sites: Sites) -> None:
    browser, page = await sites.sign_in()

    assert page.path == "/account"
    assert "Elena Prado" in page.text
    assert "Valle Claro Health Clinic" in page.text
    assert await sites.roles() == {sites.provider.claims["email"]: Role.CASE_WORKER}
    assert browser.cookie(SESSION)


async def test_the_second_time_it_is_the_same_person_with_what_fits_now(sites: Sites) -> None:
    await sites.sign_in()
    sites.provider.claims["groups"] = ["staff", "leads"]

    _, page = await sites.sign_in()

    assert page.path == "/account"
    assert await sites.roles() == {sites.provider.claims["email"]: Role.SUPERVISOR}
    assert sites.provider.asked.count("discovery") == sites.provider.asked.count("keys") == 1


async def test_who_belongs_to_nothing_any_more_gets_nowhere(sites: Sites) -> None:
    browser, _ = await sites.sign_in()
    sites.provider.claims["groups"] = []

    _, page = await sites.sign_in()

    assert page.status == 403
    assert await sites.roles() == {}
    assert (await browser.open("/account")).path == "/sign-in"


async def test_where_the_provider_asked_for_one_factor_the_second_is_asked_here(sites: Sites) -> None:
    sites.provider.claims["amr"] = ["pwd"]

    browser, page = await sites.sign_in()

    assert page.path == "/sign-in/enrol"
    assert browser.cookie(SESSION) is None


@pytest.mark.parametrize(
    "change", [{"groups": ["others"]}, {"email_verified": False}, {"email": "no address"}]
)
async def test_a_stranger_is_not_let_in(sites: Sites, change: dict[str, Any]) -> None:
    sites.provider.claims |= change

    browser, page = await sites.sign_in()

    assert page.status == 403
    assert await sites.roles() == {}
    assert browser.cookie(SESSION) is None


async def test_an_account_that_is_in_use_is_not_taken_over(sites: Sites) -> None:
    worker = await new_worker(sites.people)
    sites.provider.claims["email"] = worker.email

    browser, page = await sites.sign_in()

    assert page.status == 403
    assert browser.cookie(SESSION) is None


async def test_who_was_invited_and_has_not_joined_may_come_through_the_provider(sites: Sites) -> None:
    await register.add_person(
        sites.people.database,
        email=sites.provider.claims["email"],
        display_name="As invited",
        organization=sites.organization,
        role=Role.AUDITOR,
        by="operator",
    )

    _, page = await sites.sign_in()

    assert page.path == "/account"
    assert "As invited" in page.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another"], "azp": None},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": timedelta(seconds=-100)},
        {"exp": None},
        {"iat": timedelta(seconds=-5_000)},
        {"iat": timedelta(seconds=500)},
        {"sub": None},
        {"sub": 7},
    ],
)
async def test_an_id_token_that_is_not_for_this_question_is_not_believed(
    sites: Sites, wrong: dict[str, Any]
) -> None:
    """Times are counted from now: the suite may have begun long ago."""
    now = int(time.time())
    sites.provider.wrong = {
        claim: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for claim, value in wrong.items()
    }

    browser, page = await sites.sign_in()

    assert page.status == 502
    assert browser.cookie(SESSION) is None


async def test_an_id_token_signed_by_another_key_is_not_believed(sites: Sites) -> None:
    sites.provider.signs_with = ECKey.generate_key("P-256", {"kid": str(sites.provider.key.kid)})

    browser, page = await sites.sign_in()

    assert page.status == 502
    assert browser.cookie(SESSION) is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"state": "another"}, 502),
        ({"state": ""}, 502),
        ({"iss": "https://evil.example"}, 502),
        ({"code": "invented"}, 502),
        ({"code": ""}, 502),
    ],
)
async def test_an_answer_to_another_question_is_refused(
    sites: Sites, change: dict[str, str], status: int
) -> None:
    browser = Browser(sites.app)
    answer = await sites.sent(browser)

    page = await sites.back(browser, {**answer, **change})

    assert page.status == status
    assert browser.cookie(SESSION) is None


async def test_an_answer_is_good_once_and_in_the_browser_that_asked(sites: Sites) -> None:
    browser, other = Browser(sites.app), Browser(sites.app)
    answer = await sites.sent(browser)
    await sites.sent(other)

    assert (
        await sites.back(other, answer)
    ).status == 502  # login CSRF: an attacker's answer in a victim's browser
    assert (await sites.back(browser, answer)).path == "/account"
    assert (await sites.back(browser, answer)).status == 403


async def test_a_provider_that_calls_itself_something_else_is_not_asked(sites: Sites) -> None:
    sites.provider.metadata = {"issuer": "https://evil.example"}
    browser = Browser(sites.app)
    await browser.open("/sign-in")

    assert (await browser.send("/sign-in/external")).status == 502


@pytest.mark.parametrize(
    "rules",
    [
        '{"a": 1}',
        '[{"claim": "groups"}]',
        "[1]",
        "not json",
        '[{"claim":"a","value":"b","organization":"c","role":"d"}]',
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_at_start(tmp_path: Path, rules: str) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(rules)

    with pytest.raises(OperatorError, match="VEREDA_OIDC_MAPPING"):
        read_rules(path)


def test_a_provider_without_its_other_settings_is_refused_at_start(people: People) -> None:
    settings = people.settings.model_copy(update={"oidc_issuer": "https://provider.example"})

    with pytest.raises(OperatorError, match="VEREDA_OIDC_CLIENT_ID"):
        People.of(settings, people.database)
