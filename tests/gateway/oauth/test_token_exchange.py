"""Token exchange (RFC 8693): a partner's system acts for a worker of its own organisation."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from gateway.identity import AuthenticationError
from gateway.oauth import OAuthAuthenticator, clients
from tests.gateway.oauth.applications import Application, Worker
from tests.gateway.oauth.conftest import Partner, admitted, new_partner
from vereda.database import Database
from vereda.settings import Settings
from vereda.tokens import HEADER, Verifier

pytestmark = pytest.mark.usefixtures("quick_hashing")

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture
async def system(http: httpx.AsyncClient, database: Database, worker: Worker) -> Partner:
    return await new_system(http, database, worker)


async def new_system(http: httpx.AsyncClient, database: Database, worker: Worker, **changes: Any) -> Partner:
    """A system of the worker's organisation that may exchange tokens."""
    values = {
        "organization": worker.organization,
        "grant_types": [GRANT],
        "scopes": ["client:read", "directory:read"],
        **changes,
    }
    return await new_partner(http, database, **values)


async def exchange(system: Partner, token: str | None, **changes: str | None) -> httpx.Response:
    form: dict[str, str | None] = {
        "grant_type": GRANT,
        "subject_token": token,
        "subject_token_type": ACCESS,
        **changes,
    }
    return await system.post("/oauth/token", **{n: v for n, v in form.items() if v is not None})


def refused(answer: httpx.Response, error: str) -> bool:
    return (answer.status_code, answer.json()["error"]) == (400, error)


async def subject(application: Application, worker: Worker) -> str:
    return str((await application.tokens(worker, scope="client:read referral:send"))["access_token"])


async def test_the_result_says_who_acts_for_whom_with_the_rights_of_both(
    system: Partner,
    application: Application,
    worker: Worker,
    authenticator: OAuthAuthenticator,
    settings: Settings,
) -> None:
    """RFC 8693 §2.2.1, §4.1."""
    answer = await exchange(system, await subject(application, worker))

    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert (body["issued_token_type"], body["token_type"]) == (ACCESS, "Bearer")
    assert body["scope"] == "client:read"
    assert body["expires_in"] <= 600
    assert "refresh_token" not in body
    claims = (await system.post("/oauth/introspect", token=body["access_token"])).json()
    assert (claims["sub"], claims["client_id"]) == (str(worker.person), system.client_id)
    assert claims["act"] == {"sub": system.client_id}
    identity = await admitted(authenticator, body["access_token"])
    inside = await Verifier(settings.jwks_location("transaction")).verify(identity.headers[HEADER])
    assert (inside.subject, inside.scopes, inside.roles) == (
        str(worker.person),
        {"client:read"},
        {"case_worker"},
    )
    assert identity.client_id == system.client_id


async def test_less_may_be_asked_for_and_never_more_than_either_has(
    system: Partner, application: Application, worker: Worker
) -> None:
    token = await subject(application, worker)

    assert (await exchange(system, token, scope="client:read")).json()["scope"] == "client:read"
    for scope in ("directory:read", "referral:send", "grant:pay", "no:such", "system"):
        assert refused(await exchange(system, token, scope=scope), "invalid_scope")


async def test_the_result_does_not_outlive_the_subject_token(
    system: Partner, application: Application, worker: Worker
) -> None:
    """Nothing is prolonged by exchanging it, again and again."""
    with patch("gateway.oauth.access.time.time", return_value=time.time() - 400):
        token = await subject(application, worker)

    answer = await exchange(system, token)

    assert 0 < answer.json()["expires_in"] <= 201


async def test_what_was_exchanged_can_be_exchanged_by_another_and_names_them_all(
    http: httpx.AsyncClient, database: Database, system: Partner, application: Application, worker: Worker
) -> None:
    """RFC 8693 §4.1: prior actors are nested. Not without end."""
    token, actors = await subject(application, worker), []
    for _ in range(3):
        one = await new_system(http, database, worker)
        token = (await exchange(one, token)).json()["access_token"]
        actors.append(one.client_id)

    claims = (await one.post("/oauth/introspect", token=token)).json()
    act, named = claims["act"], []
    while act:
        named.append(act["sub"])
        act = act.get("act")
    assert named == actors[::-1]
    assert refused(await exchange(system, token), "invalid_request")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject_token": None},
        {"subject_token": "x.y.z"},
        {"subject_token": "vr_x"},
        {"subject_token_type": None},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"},
        {"actor_token": "x.y.z", "actor_token_type": ACCESS},
        {"actor_token_type": ACCESS},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:id_token"},
    ],
)
async def test_a_request_that_is_not_right_is_an_invalid_request(
    system: Partner, application: Application, worker: Worker, changes: dict[str, str | None]
) -> None:
    """RFC 8693 §2.2.2."""
    token = await subject(application, worker)

    assert refused(await exchange(system, token, **changes), "invalid_request")


async def test_only_this_resource_is_a_target(
    system: Partner, application: Application, worker: Worker, settings: Settings
) -> None:
    """RFC 8693 §2.1 `audience`, `resource`; RFC 8707 §2."""
    token, here = await subject(application, worker), f"{settings.public_url}/graphql"

    assert (await exchange(system, token, resource=here, audience=here)).status_code == 200
    for name in ("resource", "audience"):
        answer = await exchange(system, token, **{name: "https://elsewhere.example/"})
        assert refused(answer, "invalid_target")


async def test_a_token_of_a_system_is_nobodys_to_act_for(
    http: httpx.AsyncClient, database: Database, system: Partner, worker: Worker
) -> None:
    other = await new_partner(http, database, organization=worker.organization)

    assert refused(await exchange(system, await other.token()), "invalid_request")


async def test_nobody_acts_for_people_of_another_organization(
    http: httpx.AsyncClient, database: Database, application: Application, worker: Worker
) -> None:
    stranger = await new_partner(http, database, grant_types=[GRANT])

    assert refused(await exchange(stranger, await subject(application, worker)), "invalid_request")


async def test_a_client_that_may_not_exchange_does_not(
    http: httpx.AsyncClient, database: Database, application: Application, worker: Worker
) -> None:
    other = await new_partner(http, database, organization=worker.organization)

    assert refused(await exchange(other, await subject(application, worker)), "unauthorized_client")


@pytest.mark.parametrize("how", ["the token itself", "its refresh token", "its application", "its person"])
async def test_the_result_ends_with_the_token_that_it_was_exchanged_for(
    system: Partner,
    application: Application,
    worker: Worker,
    database: Database,
    authenticator: OAuthAuthenticator,
    how: str,
) -> None:
    tokens = await application.tokens(worker)
    result = (await exchange(system, tokens["access_token"])).json()["access_token"]

    if how == "its application":
        await clients.disable(database, application.client_id)
    elif how == "its person":
        await worker.end_membership()
    else:
        name = "access_token" if how == "the token itself" else "refresh_token"
        await application.post("/oauth/revoke", token=tokens[name])

    with pytest.raises(AuthenticationError):
        await admitted(authenticator, result)
    assert refused(await exchange(system, tokens["access_token"]), "invalid_request")


async def test_revoking_the_result_leaves_the_subject_token_alone(
    http: httpx.AsyncClient, database: Database, system: Partner, application: Application, worker: Worker
) -> None:
    token = await subject(application, worker)
    result = (await exchange(system, token)).json()["access_token"]
    further = (await exchange(await new_system(http, database, worker), result)).json()["access_token"]

    assert (await system.post("/oauth/revoke", token=result)).status_code == 200

    assert await application.active(token)
    assert not (await system.post("/oauth/introspect", token=further)).json()["active"]


async def test_an_application_does_not_see_who_acts_through_another(
    system: Partner, application: Application, worker: Worker
) -> None:
    result = (await exchange(system, await subject(application, worker))).json()["access_token"]

    assert not await application.active(result)
