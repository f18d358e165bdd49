"""The authorization endpoint (RFC 6749 §4.1.1, §4.1.2; RFC 7636 §4.3; RFC 9207; RFC 9700 §2.1, §4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import func, select, update
from starlette.applications import Starlette

from gateway.oauth import clients
from gateway.people import People, Sessions
from gateway.people import routes as people_routes
from gateway.store import AuthorizationCode, ClientGrant, Role, SecurityEvent, Session
from tests.gateway.oauth.applications import (
    REDIRECT,
    Application,
    Worker,
    back,
    new_application,
    new_worker,
    sign_in,
)
from vereda.caller import Scope
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

pytestmark = pytest.mark.usefixtures("quick_hashing")


def page(answer: httpx.Response) -> bool:
    """Whether the person is told, and nobody else: a page, and no redirect."""
    return answer.status_code == 400 and "location" not in answer.headers and "<html" in answer.text


async def codes(database: Database, application: Application) -> int:
    async with database.transaction(clients.SERVER) as session:
        found = select(func.count()).select_from(AuthorizationCode)
        return await session.scalar(found.where(AuthorizationCode.client_id == application.client_id)) or 0


async def test_a_person_allows_an_application_to_act_in_their_name(
    application: Application, worker: Worker, settings: Settings, database: Database
) -> None:
    """RFC 6749 §4.1.2: the code and the exact state; RFC 9207 §2: who answers."""
    asked = await application.ask(worker)
    assert (asked.status_code, await codes(database, application)) == (200, 0)
    assert "Case Notes" in asked.text

    answer = await worker.say(asked, "allow")

    brought = back(answer)
    assert brought.pop("code").startswith("vc_")
    assert brought == {"state": "af0ifj sldkj&=", "iss": settings.public_url}
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )


async def test_a_code_is_kept_by_its_digest_alone(
    application: Application, worker: Worker, database: Database
) -> None:
    code = await application.code(worker)

    async with database.transaction(clients.SERVER) as session:
        row = await session.scalar(
            select(AuthorizationCode).where(AuthorizationCode.client_id == application.client_id)
        )
    assert row is not None
    assert code.encode() not in row.digest
    assert (row.expires_at - row.issued_at).total_seconds() == pytest.approx(60, abs=5)


async def test_a_person_who_does_not_allow_it_gives_nothing(
    application: Application, worker: Worker, database: Database
) -> None:
    """RFC 6749 §4.1.2.1."""
    answer = await worker.say(await application.ask(worker), "deny")

    assert back(answer)["error"] == "access_denied"
    assert await codes(database, application) == 0


async def test_what_was_allowed_once_is_not_asked_again_until_more_is_wanted(
    application: Application, worker: Worker, database: Database
) -> None:
    await application.code(worker)

    assert "code" in back(await application.ask(worker))
    assert (await application.ask(worker, prompt="consent")).status_code == 200
    more = await application.ask(worker, scope="client:read referral:send")
    assert more.status_code == 200
    await worker.say(more, "allow")
    assert "code" in back(await application.ask(worker, scope="referral:send"))

    async with database.transaction(clients.SERVER) as session:
        grants = list(
            await session.scalars(
                select(ClientGrant.scopes).where(ClientGrant.client_id == application.client_id)
            )
        )
        events = list(
            await session.scalars(
                select(SecurityEvent.actor).where(
                    SecurityEvent.type == "client.allowed", SecurityEvent.subject == application.client_id
                )
            )
        )
    assert grants == [["client:read", "referral:send"]]
    assert events == [str(worker.person)] * 2


async def test_the_networks_own_application_asks_nobody(
    http: httpx.AsyncClient, worker: Worker, database: Database
) -> None:
    application = await new_application(http, database, new_id(), first_party=True)

    assert "code" in back(await application.ask(worker))
    assert (await application.ask(worker, prompt="consent")).status_code == 200


@pytest.mark.parametrize("first_party", [False, True])
async def test_an_application_of_one_organization_is_for_its_own_people(
    http: httpx.AsyncClient, worker: Worker, database: Database, first_party: bool
) -> None:
    """Nobody is talked into letting somebody else's application at the data of their own organisation."""
    application = await new_application(http, database, new_id(), first_party=first_party)

    assert ("code" in back(await application.ask(worker))) is first_party


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "nobody-here"},
        {"client_id": "\x00"},
        {"client_id": "' OR 1=1"},
        {"redirect_uri": "https://evil.example.org/"},
        {"redirect_uri": REDIRECT + "&x=1"},
        {"redirect_uri": REDIRECT.removesuffix("?kept=1")},
        {"redirect_uri": REDIRECT.replace("https", "http")},
        {"redirect_uri": REDIRECT.replace("app.", "APP.")},
        {"redirect_uri": REDIRECT.replace("/callback", "/callback/../callback")},
        {"redirect_uri": REDIRECT.replace("example.org", "example.org@evil.example.org")},
        {"redirect_uri": REDIRECT + "#fragment"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "//evil.example.org"},
    ],
)
@pytest.mark.parametrize("also", [{}, {"response_type": "token"}, {"code_challenge": None}])
async def test_where_the_answer_may_go_is_not_certain_so_it_goes_nowhere(
    application: Application, worker: Worker, changes: dict[str, str | None], also: dict[str, str | None]
) -> None:
    """RFC 6749 §3.1.2.4, §4.1.2.1: MUST NOT redirect; RFC 9700 §2.1, §4.1.3: exact comparison; §4.11: no open redirect."""
    answer = await application.ask(worker, **changes, **also)

    assert page(answer)
    assert "//evil" not in answer.text


async def test_redirect_uri_and_client_id_are_said_once(application: Application, worker: Worker) -> None:
    """RFC 6749 §3.1: MUST NOT be included more than once. Twice the same is twice, too."""
    for twice in ("client_id", "redirect_uri"):
        pairs = [*application.request().items(), (twice, application.request()[twice])]
        assert page(await worker.http.get("/oauth/authorize", params=pairs))


async def test_a_disabled_application_gets_nowhere(
    application: Application, worker: Worker, database: Database
) -> None:
    await clients.disable(database, application.client_id)

    assert page(await application.ask(worker))


async def test_the_only_redirect_uri_need_not_be_said(application: Application, worker: Worker) -> None:
    """RFC 6749 §3.1.2.3; §4.1.3: then it is not said with the code either."""
    code = await application.code(worker, redirect_uri=None)

    assert (await application.redeem(code, redirect_uri=None)).status_code == 200


async def test_of_several_redirect_uris_one_must_be_said(
    http: httpx.AsyncClient, worker: Worker, database: Database
) -> None:
    """RFC 6749 §3.1.2.3."""
    uris = [REDIRECT, "https://app.example.org/other"]
    application = await new_application(http, database, worker.organization, redirect_uris=uris)

    assert page(await application.ask(worker, redirect_uri=None))
    assert (await application.ask(worker)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"scope": "no:such"}, "invalid_scope"),
        ({"scope": "system"}, "invalid_scope"),
        ({"scope": "client:read admin:network"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example/"}, "invalid_target"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "http://127.0.0.1:9/"}, "request_uri_not_supported"),
        ({"prompt": "create"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
    ],
)
async def test_what_is_wrong_is_told_to_the_application_with_state_and_issuer(
    application: Application,
    worker: Worker,
    settings: Settings,
    changes: dict[str, str | None],
    error: str,
) -> None:
    """RFC 6749 §4.1.2.1; RFC 7636 §4.4.1; RFC 8707 §2; RFC 9207 §2: errors, too, say who answers."""
    brought = back(await application.ask(worker, **changes))

    assert brought.pop("error_description")
    assert brought == {"error": error, "state": "af0ifj sldkj&=", "iss": settings.public_url}


@pytest.mark.parametrize("name", ["scope", "state", "code_challenge", "response_type", "unheard_of"])
async def test_a_parameter_that_is_there_twice_is_refused(
    application: Application, worker: Worker, name: str
) -> None:
    """RFC 6749 §3.1."""
    pairs = [*application.request(unheard_of="1").items(), (name, "x")]

    assert back(await worker.http.get("/oauth/authorize", params=pairs))["error"] == "invalid_request"


@pytest.mark.parametrize("state", ["é", "\n", "x" * 2_049])
async def test_a_state_that_cannot_be_repeated_exactly_is_refused(
    application: Application, worker: Worker, state: str
) -> None:
    brought = back(await application.ask(worker, state=state))

    assert brought["error"] == "invalid_request"
    assert "state" not in brought


async def test_what_is_not_understood_is_ignored_and_what_is_empty_was_left_out(
    application: Application, worker: Worker
) -> None:
    """RFC 6749 §3.1."""
    assert (await application.ask(worker, unheard_of="x", nonce="n", dpop_jkt="")).status_code == 200
    assert back(await application.ask(worker, code_challenge=""))["error"] == "invalid_request"


async def test_the_resource_may_be_said_more_than_once(
    application: Application, worker: Worker, settings: Settings
) -> None:
    """RFC 8707 §2."""
    here = ("resource", f"{settings.public_url}/graphql")
    pairs = [*application.request().items(), here, here]

    assert (await worker.http.get("/oauth/authorize", params=pairs)).status_code == 200


async def test_a_client_without_the_grant_may_not_ask(
    http: httpx.AsyncClient, worker: Worker, database: Database
) -> None:
    partner = await new_application(
        http, database, worker.organization, grant_types=["client_credentials"], redirect_uris=[]
    )

    assert page(await partner.ask(worker)), "it has no redirect URI to be told anything at"


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.CASE_WORKER, {"client:read", "referral:send"}),
        (Role.ORGANIZATION_ADMINISTRATOR, {"grant:pay"}),
        (Role.AUDITOR, set()),
    ],
)
async def test_scopes_are_those_of_request_application_and_role_alike(
    app: Any, http: httpx.AsyncClient, settings: Settings, database: Database, role: Role, scopes: set[str]
) -> None:
    worker = await new_worker(app, settings, database, role=role)
    application = await new_application(http, database, worker.organization)

    answer = await application.ask(worker, scope=None)

    if not scopes:
        assert back(answer)["error"] == "access_denied"
        return
    code = back(await worker.say(answer, "allow"))["code"]
    assert set((await application.redeem(code)).json()["scope"].split()) == scopes


async def test_who_is_not_signed_in_signs_in_and_comes_back_to_the_same_request(
    application: Application, worker: Worker
) -> None:
    del worker.http.headers["Cookie"]
    answer = await application.ask(worker)

    location = urlsplit(answer.headers["location"])
    assert (answer.status_code, location.netloc, location.path) == (303, "", "/sign-in")
    [next_path] = parse_qs(location.query)["next"]
    again = parse_qs(urlsplit(next_path).query)
    assert {name: again[name] for name in application.request()} == {
        name: [value] for name, value in application.request().items()
    }


async def test_a_request_that_the_sign_in_cannot_keep_is_refused(
    application: Application, worker: Worker
) -> None:
    """Nobody signs in to find themselves somewhere else."""
    del worker.http.headers["Cookie"]

    assert back(await application.ask(worker, nonce="x" * 4_000))["error"] == "invalid_request"


async def test_signing_out_everywhere_takes_back_what_was_allowed(
    application: Application, worker: Worker, settings: Settings, database: Database
) -> None:
    """As the consent page says."""
    await application.code(worker)

    await Sessions(settings, database).end_everywhere(worker.person)
    await sign_in(worker, settings)

    assert (await application.ask(worker)).status_code == 200


async def test_what_is_wrong_is_said_before_anybody_signs_in(
    application: Application, worker: Worker
) -> None:
    del worker.http.headers["Cookie"]

    assert back(await application.ask(worker, scope="no:such"))["error"] == "invalid_scope"


async def test_with_prompt_none_nobody_is_asked_anything(application: Application, worker: Worker) -> None:
    """OpenID Connect Core §3.1.2.6."""
    consent = await application.ask(worker, prompt="none")
    await application.code(worker)
    silent = await application.ask(worker, prompt="none")
    old = await application.ask(worker, prompt="none", max_age="0")
    del worker.http.headers["Cookie"]
    nobody = await application.ask(worker, prompt="none")

    assert back(consent)["error"] == "consent_required"
    assert "code" in back(silent)
    assert [back(answer)["error"] for answer in (old, nobody)] == ["login_required"] * 2


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "60"}])
async def test_an_application_may_ask_for_a_fresh_sign_in(
    application: Application, worker: Worker, settings: Settings, database: Database, asked: dict[str, str]
) -> None:
    """OpenID Connect Core §3.1.2.1. Coming back without having signed in again leads to the sign-in again."""
    await application.code(worker)
    async with database.transaction(clients.SERVER) as session:
        await session.execute(
            update(Session)
            .where(Session.person_id == worker.person)
            .values(authenticated_at=datetime.now(UTC) - timedelta(minutes=2))
        )

    sent = await application.ask(worker, **asked)
    [next_path] = parse_qs(urlsplit(sent.headers["location"]).query)["next"]
    too_early = await worker.open(next_path)
    await sign_in(worker, settings)
    done = await worker.open(next_path)

    assert urlsplit(sent.headers["location"]).path == "/sign-in"
    assert urlsplit(too_early.headers["location"]).path == "/sign-in"
    assert "code" in back(done)


async def test_prompt_login_and_consent_are_both_done(
    application: Application, worker: Worker, settings: Settings
) -> None:
    await application.code(worker)
    sent = await application.ask(worker, prompt="login consent")
    [next_path] = parse_qs(urlsplit(sent.headers["location"]).query)["next"]

    assert (await worker.open(next_path)).status_code == 200, "within the difference of clocks"


async def test_a_recent_sign_in_is_good_enough_for_max_age(application: Application, worker: Worker) -> None:
    await application.code(worker)

    assert "code" in back(await application.ask(worker, max_age="3600"))


async def test_nobody_else_can_decide_for_the_person(
    application: Application, worker: Worker, database: Database
) -> None:
    """RFC 9700 §4.7, §4.16: no other site, and no other browser's form, can press the button."""
    asked = await application.ask(worker)

    forged = [
        await worker.say(asked, "allow", csrf_token="forged"),
        await worker.http.post("/oauth/authorize", data={**application.request(), "decision": "allow"}),
        await worker.http.post("/oauth/authorize", data=application.request()),
        await worker.http.post("/oauth/authorize", content=b"\xff", headers={"content-type": "text/plain"}),
    ]

    assert [answer.status_code for answer in forged] == [403, 403, 403, 400]
    assert await codes(database, application) == 0


async def test_what_the_page_sends_back_is_checked_anew(application: Application, worker: Worker) -> None:
    asked = await application.ask(worker)

    assert back(await worker.say(asked, "allow", scope="admin:network"))["error"] == "invalid_scope"
    assert page(await worker.say(asked, "allow", redirect_uri="https://evil.example.org/"))
    wider = await worker.say(asked, "allow", scope="referral:send")
    assert "code" in back(wider), "it is the person's own browser that says so"


async def test_the_consent_page_cannot_be_framed_and_leads_to_the_application_only(
    application: Application, worker: Worker
) -> None:
    """RFC 9700 §4.16."""
    policy = (await application.ask(worker)).headers["content-security-policy"]

    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.example.org;" in policy


async def test_when_the_database_does_not_answer_the_application_is_told(
    application: Application, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6749 §4.1.2.1 `temporarily_unavailable`; without a client, the person is told."""

    async def away(*_args: Any, **_options: Any) -> None:
        raise OSError("canary")

    monkeypatch.setattr("gateway.people.sessions.Sessions.of", away)
    assert back(await application.ask(worker))["error"] == "temporarily_unavailable"
    monkeypatch.setattr("gateway.oauth.authorize.find", away)
    answer = await application.ask(worker)
    assert (answer.status_code, "canary" in answer.text) == (503, False)


async def test_other_methods_are_not_answered(http: httpx.AsyncClient) -> None:
    assert (await http.put("/oauth/authorize")).status_code == 405


async def test_every_scope_has_words_that_people_understand(
    app: Any, http: httpx.AsyncClient, settings: Settings, database: Database
) -> None:
    worker = await new_worker(app, settings, database, role=Role.SUPERVISOR)
    application = await new_application(http, database, worker.organization, scopes=list(Scope))

    asked = await application.ask(worker, scope=None)

    assert asked.status_code == 200
    assert "client:read" not in asked.text.replace('value="client:read', "")


async def test_the_pages_lead_through_the_sign_in_and_back(
    settings: Settings, database: Database, app: Any, application: Application, worker: Worker
) -> None:
    """With the real sign-in page: whoever signed in before `since` signs in again, whoever did after goes on."""
    pages = Starlette(routes=people_routes(People.of(settings, database)))
    transport = httpx.ASGITransport(app=pages)
    async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as browser:
        browser.headers["Cookie"] = worker.http.headers["Cookie"]
        now = int(datetime.now(UTC).timestamp())

        onward = await browser.get(
            "/sign-in", params={"next": "/oauth/authorize?a=b", "since": str(now - 60)}
        )
        again = await browser.get("/sign-in", params={"next": "/oauth/authorize?a=b", "since": str(now + 60)})

    assert "/oauth/authorize?a=b" in onward.text
    assert 'name="password"' not in onward.text
    assert 'name="password"' in again.text
