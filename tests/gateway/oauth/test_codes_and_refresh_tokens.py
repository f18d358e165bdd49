"""What comes of a code (RFC 6749 §4.1.3, RFC 7636 §4.5), and of refresh tokens (RFC 6749 §6, RFC 9700 §4.14.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from gateway.identity import AuthenticationError
from gateway.oauth import OAuthAuthenticator, clients
from gateway.oauth.families import Families, digest_of
from gateway.people import Sessions, register
from gateway.store import AuthorizationCode, RefreshToken, Role, SecurityEvent, TokenFamily
from tests.gateway.oauth.applications import Application, Worker, new_application, new_worker
from tests.gateway.oauth.conftest import admitted
from vereda.caller import system_caller
from vereda.database import Database
from vereda.settings import Settings
from vereda.tokens import HEADER, Verifier

pytestmark = pytest.mark.usefixtures("quick_hashing")


def refused(answer: httpx.Response, error: str = "invalid_grant") -> bool:
    assert answer.headers["cache-control"] == "no-store"
    return (answer.status_code, answer.json()["error"]) == (400, error)


async def aged(database: Database, table: Any, interval: str, text_: str) -> None:
    """Move the end of what `text_` is (a code or refresh token) into the past."""
    async with database.transaction(clients.SERVER) as session:
        await session.execute(
            update(table)
            .where(table.digest == digest_of(text_))
            .values(expires_at=text(f"now() - interval '{interval}'"))
        )


async def test_a_code_gives_a_token_of_the_person_and_a_refresh_token(
    application: Application, worker: Worker, authenticator: OAuthAuthenticator, settings: Settings
) -> None:
    """RFC 6749 §4.1.4; RFC 9068 §2.2: `sub` is the person, `client_id` the application."""
    answer = await application.redeem(await application.code(worker))

    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "client:read")
    assert body["refresh_token"].startswith("vr_")
    identity = await admitted(authenticator, body["access_token"])
    inside = await Verifier(settings.jwks_location("transaction")).verify(identity.headers[HEADER])
    assert (inside.subject, inside.organization) == (str(worker.person), worker.organization)
    assert (inside.scopes, inside.roles) == ({"client:read"}, {"case_worker"})
    assert inside.authenticated_at is not None, "RFC 9068 §2.2.1: auth_time"
    assert (identity.client_id, identity.policies) == (application.client_id, {"role:case_worker"})


async def test_an_application_that_may_not_refresh_gets_no_refresh_token(
    http: httpx.AsyncClient, worker: Worker, database: Database
) -> None:
    application = await new_application(
        http, database, worker.organization, grant_types=["authorization_code"]
    )

    body = await application.tokens(worker)

    assert "refresh_token" not in body
    assert refused(await application.refresh("vr_x"), "unauthorized_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": "é" * 43}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": "https://app.example.org/callback"}, "invalid_grant"),
        ({"redirect_uri": "https://evil.example.org/"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"code": "vc_unknown"}, "invalid_grant"),
        ({"code": "x" * 1_000}, "invalid_grant"),
        ({"code": "vc_\x00"}, "invalid_grant"),
        ({"resource": "https://elsewhere.example/"}, "invalid_target"),
    ],
)
async def test_a_code_alone_opens_nothing_and_a_failed_try_does_not_use_it_up(
    application: Application, worker: Worker, changes: dict[str, str | None], error: str
) -> None:
    """RFC 6749 §4.1.3: redirect_uri MUST be identical; RFC 7636 §4.6: MUST fail when the verifier is another."""
    code = await application.code(worker)

    assert refused(await application.redeem(code, **changes), error)
    assert (await application.redeem(code)).status_code == 200


async def test_the_challenge_is_no_verifier(application: Application, worker: Worker) -> None:
    """RFC 9700 §4.8.2: no downgrade to `plain`."""
    code = await application.code(worker)

    assert refused(await application.redeem(code, code_verifier=application.challenge))


async def test_a_code_of_another_application_is_none(
    http: httpx.AsyncClient, application: Application, worker: Worker, database: Database
) -> None:
    """RFC 6749 §4.1.3: issued to the client that presents it."""
    other = await new_application(http, database, worker.organization)
    code = await application.code(worker)
    other.verifier = application.verifier

    assert refused(await other.redeem(code))
    assert (await application.redeem(code)).status_code == 200


async def test_a_code_lasts_a_minute(application: Application, worker: Worker, database: Database) -> None:
    """RFC 6749 §4.1.2."""
    code = await application.code(worker)
    await aged(database, AuthorizationCode, "1 second", code)

    assert refused(await application.redeem(code))


async def test_a_code_used_twice_ends_all_that_it_gave(
    application: Application, worker: Worker, database: Database, authenticator: OAuthAuthenticator
) -> None:
    """RFC 6749 §4.1.2: MUST deny, SHOULD revoke. Auditors of the organisation are told."""
    code = await application.code(worker)
    body = (await application.redeem(code)).json()

    assert refused(await application.redeem(code))

    assert not await application.active(body["access_token"])
    assert not await application.active(body["refresh_token"])
    assert refused(await application.refresh(body["refresh_token"]))
    with pytest.raises(AuthenticationError):
        await admitted(authenticator, body["access_token"])
    async with database.transaction(clients.SERVER) as session:
        reason = await session.scalar(
            select(TokenFamily.reason).where(TokenFamily.client_id == application.client_id)
        )
        events = list(
            await session.scalars(
                select(SecurityEvent.type).where(
                    SecurityEvent.subject == application.client_id,
                    SecurityEvent.organization_id == worker.organization,
                )
            )
        )
    assert reason == "code_reused"
    assert "token.family_revoked" in events


async def test_a_code_used_again_by_another_client_ends_it_too(
    http: httpx.AsyncClient, application: Application, worker: Worker, database: Database
) -> None:
    other = await new_application(http, database, worker.organization)
    code = await application.code(worker)
    body = (await application.redeem(code)).json()

    assert refused(await other.redeem(code))
    assert not await application.active(body["access_token"])


async def test_of_many_uses_of_one_code_at_once_exactly_one_is_answered(
    application: Application, worker: Worker
) -> None:
    code = await application.code(worker)

    answers = await asyncio.gather(*(application.redeem(code) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    [given] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not await application.active(given["access_token"])


async def test_a_refresh_token_is_replaced_at_each_use(application: Application, worker: Worker) -> None:
    """RFC 9700 §4.14.2."""
    first = await application.tokens(worker)

    second = (await application.refresh(first["refresh_token"])).json()
    third = (await application.refresh(second["refresh_token"])).json()

    tokens = {one["refresh_token"] for one in (first, second, third)}
    assert len(tokens) == 3
    assert await application.active(third["refresh_token"])
    assert await application.active(third["access_token"])
    assert await application.active(first["access_token"]), "it ends by itself"


async def test_a_refresh_token_used_twice_ends_its_family(
    application: Application, worker: Worker, database: Database
) -> None:
    """RFC 9700 §4.14.2: thief and owner lose it, because they cannot be told apart."""
    other_family = await application.tokens(worker)
    first = await application.tokens(worker)
    second = (await application.refresh(first["refresh_token"])).json()

    assert refused(await application.refresh(first["refresh_token"]))

    assert refused(await application.refresh(second["refresh_token"]))
    for token in (first["access_token"], second["access_token"], second["refresh_token"]):
        assert not await application.active(token)
    assert await application.active(other_family["access_token"])
    async with database.transaction(clients.SERVER) as session:
        reasons = set(
            await session.scalars(
                select(TokenFamily.reason).where(TokenFamily.client_id == application.client_id)
            )
        )
    assert reasons == {None, "refresh_token_reused"}


async def test_of_many_uses_of_one_refresh_token_at_once_exactly_one_is_answered(
    application: Application, worker: Worker
) -> None:
    first = await application.tokens(worker)

    answers = await asyncio.gather(*(application.refresh(first["refresh_token"]) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    [given] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not await application.active(given["refresh_token"])


async def test_a_refresh_token_is_its_clients_alone(
    http: httpx.AsyncClient, application: Application, worker: Worker, database: Database
) -> None:
    """RFC 6749 §6, §10.4: bound to the client that it was given to."""
    other = await new_application(http, database, worker.organization)
    first = await application.tokens(worker)

    assert refused(await other.refresh(first["refresh_token"]))
    assert (await application.refresh(first["refresh_token"])).status_code == 200


async def test_scopes_can_be_narrowed_for_one_token_and_not_widened(
    application: Application, worker: Worker
) -> None:
    """RFC 6749 §6: MUST NOT include any scope not originally granted; the refresh token keeps its own."""
    first = await application.tokens(worker, scope="client:read referral:send")

    narrow = (await application.refresh(first["refresh_token"], scope="client:read")).json()
    assert narrow["scope"] == "client:read"
    assert refused(await application.refresh(narrow["refresh_token"], scope="grant:pay"), "invalid_scope")
    whole = (await application.refresh(narrow["refresh_token"])).json()
    assert whole["scope"] == "client:read referral:send"


@pytest.mark.parametrize("token", [None, "vr_unknown", "vr_\x00", "vc_x", "x" * 1_000, "a.b.c"])
async def test_what_is_no_refresh_token_gives_nothing(
    application: Application, worker: Worker, token: str | None
) -> None:
    answer = await application.post("/oauth/token", grant_type="refresh_token", refresh_token=token)

    assert refused(answer, "invalid_grant" if token else "invalid_request")


async def test_a_refresh_token_ends_when_it_was_not_used_and_when_its_family_is_old(
    application: Application, worker: Worker, settings: Settings, database: Database
) -> None:
    """RFC 9700 §4.14.2: idle and absolute limits."""
    idle = await application.tokens(worker)
    await aged(database, RefreshToken, "1 second", idle["refresh_token"])
    first = await application.tokens(worker)
    async with database.transaction(clients.SERVER) as session:
        await session.execute(
            update(TokenFamily)
            .where(TokenFamily.client_id == application.client_id)
            .values(created_at=text(f"now() - interval '{settings.refresh_absolute_s - 60} seconds'"))
        )

    second = (await application.refresh(first["refresh_token"])).json()

    assert refused(await application.refresh(idle["refresh_token"]))
    content = (await application.post("/oauth/introspect", token=second["refresh_token"])).json()
    access = (await application.post("/oauth/introspect", token=second["access_token"])).json()
    assert content["exp"] - access["iat"] == pytest.approx(60, abs=5)


Ending = Callable[[Worker, Settings, Database], Awaitable[None]]


async def _disabled(worker: Worker, _settings: Settings, database: Database) -> None:
    await register.disable(database, worker.person, by="operator")


async def _left(worker: Worker, _settings: Settings, database: Database) -> None:
    await register.end_membership(database, worker.person, worker.organization, by="operator")


async def _other_role(worker: Worker, _settings: Settings, database: Database) -> None:
    await register.set_role(database, worker.person, worker.organization, Role.SUPERVISOR, by="operator")


async def _signed_out(worker: Worker, settings: Settings, database: Database) -> None:
    await Sessions(settings, database).end_everywhere(worker.person)


@pytest.mark.parametrize("ending", [_disabled, _left, _other_role, _signed_out])
async def test_when_a_person_may_no_more_their_applications_may_no_more(
    application: Application,
    worker: Worker,
    settings: Settings,
    database: Database,
    authenticator: OAuthAuthenticator,
    ending: Ending,
) -> None:
    body, code = await application.tokens(worker), await application.code(worker)

    await ending(worker, settings, database)

    assert refused(await application.redeem(code))
    assert refused(await application.refresh(body["refresh_token"]))
    assert not await application.active(body["access_token"])
    with pytest.raises(AuthenticationError):
        await admitted(authenticator, body["access_token"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people SET disabled_at = now() WHERE id = :person",
        "UPDATE memberships SET ended_at = now() WHERE person_id = :person",
        "UPDATE memberships SET role = 'auditor' WHERE person_id = :person",
        "DELETE FROM memberships WHERE person_id = :person",
        "UPDATE oauth_clients SET disabled_at = now() WHERE client_id = :client",
        "UPDATE oauth_clients SET scopes = '{}' WHERE client_id = :client",
        "UPDATE token_families SET revoked_at = now() WHERE client_id = :client",
    ],
)
async def test_a_token_is_worth_what_its_person_and_client_are_at_this_moment(
    application: Application,
    worker: Worker,
    database: Database,
    authenticator: OAuthAuthenticator,
    statement: str,
) -> None:
    """Whatever ended them, and whether or not it thought of tokens."""
    body = await application.tokens(worker)
    async with database.transaction(system_caller(worker.organization)) as session:
        values = {"person": worker.person, "client": application.client_id}
        await session.execute(
            text(statement), {name: value for name, value in values.items() if f":{name}" in statement}
        )

    with pytest.raises(AuthenticationError):
        await admitted(authenticator, body["access_token"])


async def test_a_code_of_a_session_that_ended_meanwhile_is_none(
    application: Application, worker: Worker, database: Database
) -> None:
    code = await application.code(worker)
    async with database.transaction(clients.SERVER) as session:
        await session.execute(
            text("UPDATE sessions SET ended_at = now() WHERE person_id = :person"), {"person": worker.person}
        )

    assert refused(await application.redeem(code))


async def test_a_disabled_application_loses_all_that_it_had(
    application: Application, worker: Worker, database: Database
) -> None:
    body = await application.tokens(worker)
    await clients.disable(database, application.client_id)
    await clients.enable(database, application.client_id)

    assert refused(await application.refresh(body["refresh_token"]))
    assert not await application.active(body["access_token"])


async def test_revoking_a_refresh_token_ends_its_family(application: Application, worker: Worker) -> None:
    """RFC 7009 §2.1: SHOULD also invalidate all access tokens based on the same authorization grant."""
    first = await application.tokens(worker)
    second = (await application.refresh(first["refresh_token"])).json()

    for hint in ("refresh_token", "access_token"):
        answer = await application.post("/oauth/revoke", token=second["refresh_token"], token_type_hint=hint)
        assert (answer.status_code, answer.json()) == (200, {})

    for token in (first["access_token"], second["access_token"], second["refresh_token"]):
        assert not await application.active(token)
    assert refused(await application.refresh(second["refresh_token"]))


async def test_an_application_reads_and_ends_its_own_refresh_tokens_only(
    http: httpx.AsyncClient, application: Application, worker: Worker, database: Database, settings: Settings
) -> None:
    """RFC 7662 §2.2."""
    other = await new_application(http, database, worker.organization)
    body = await application.tokens(worker)

    assert not await other.active(body["refresh_token"])
    assert refused(await other.post("/oauth/revoke", token=body["refresh_token"]))
    content = (await application.post("/oauth/introspect", token=body["refresh_token"])).json()
    assert content.pop("exp") > 0
    assert content == {
        "active": True,
        "client_id": application.client_id,
        "scope": "client:read",
        "sub": str(worker.person),
        "org": str(worker.organization),
        "iss": settings.public_url,
    }


async def test_no_code_and_no_refresh_token_is_stored(
    application: Application, worker: Worker, database: Database
) -> None:
    code = await application.code(worker)
    body = (await application.redeem(code)).json()

    async with database.transaction(clients.SERVER) as session:
        dump = "".join(
            [
                str(await session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t")))
                for table in ("authorization_codes", "refresh_tokens", "token_families", "access_tokens")
            ]
        )
    for secret in (code, body["refresh_token"], body["access_token"].split(".")[2]):
        assert secret not in dump
        assert secret.encode().hex() not in dump


async def test_what_is_long_over_goes_and_what_a_second_use_would_show_stays(
    application: Application, worker: Worker, settings: Settings, database: Database
) -> None:
    old, kept = await application.tokens(worker), await application.tokens(worker)
    absolute = settings.refresh_absolute_s
    await aged(database, RefreshToken, f"{absolute + 60} seconds", old["refresh_token"])
    await aged(database, RefreshToken, f"{absolute - 60} seconds", kept["refresh_token"])

    await application.tokens(worker)

    families = Families(settings, database)
    assert await families.refresh(old["refresh_token"]) is None
    assert await families.refresh(kept["refresh_token"]) is not None


async def test_families_of_which_nothing_is_left_go(
    application: Application, worker: Worker, settings: Settings, database: Database
) -> None:
    await application.tokens(worker)
    long_ago = f"interval '{settings.refresh_absolute_s + 4 * 86_400} seconds'"
    async with database.transaction(clients.SERVER) as session:
        for statement in (
            f"UPDATE token_families SET created_at = now() - {long_ago} WHERE client_id = :id",
            f"UPDATE refresh_tokens SET expires_at = now() - {long_ago} FROM token_families f"
            " WHERE f.id = family_id AND f.client_id = :id",
            f"UPDATE authorization_codes SET expires_at = now() - {long_ago} WHERE client_id = :id",
            f"UPDATE access_tokens SET expires_at = now() - {long_ago} WHERE client_id = :id",
        ):
            await session.execute(text(statement), {"id": application.client_id})

    await application.tokens(worker)
    await application.tokens(worker)

    async with database.transaction(clients.SERVER) as session:
        left = await session.scalar(
            text(
                "SELECT count(*) FROM token_families WHERE client_id = :id AND created_at < now() - interval '1 day'"
            ),
            {"id": application.client_id},
        )
    assert left == 0


async def test_a_token_that_cannot_be_stored_is_not_given_and_uses_nothing_up(
    application: Application, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await application.code(worker)
    with monkeypatch.context() as patch:

        async def away(*_args: Any) -> None:
            raise OSError("database away")

        patch.setattr("gateway.oauth.access.AccessTokens.record", away)
        answer = await application.redeem(code)

    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert (await application.redeem(code)).status_code == 200


async def test_two_people_of_one_application_have_nothing_in_common(
    app: Any, application: Application, worker: Worker, settings: Settings, database: Database
) -> None:
    colleague = await new_worker(app, settings, database, organization=worker.organization)
    mine, theirs = await application.tokens(worker), await application.tokens(colleague)

    await application.post("/oauth/revoke", token=mine["refresh_token"])

    assert await application.active(theirs["access_token"])
