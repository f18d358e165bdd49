"""Authorization requests that applications push (RFC 9126): the browser carries a reference, and nothing to be read or
changed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, update

from gateway.oauth import clients
from gateway.store import PushedRequest
from tests.gateway.oauth.applications import Application, Worker, back, new_application
from tests.gateway.oauth.proving import Prover
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

pytestmark = pytest.mark.usefixtures("quick_hashing")

PATH = "/oauth/par"


async def pushed(application: Application, **changes: str | None) -> str:
    answer = await application.post(PATH, **application.request(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request_uri"])


async def refer(worker: Worker, client_id: str, reference: str, **more: str) -> httpx.Response:
    return await worker.open("/oauth/authorize", client_id=client_id, request_uri=reference, **more)


def unanswerable(answer: httpx.Response) -> bool:
    return answer.status_code == 400 and "location" not in answer.headers


async def test_a_pushed_request_is_granted_by_its_reference(
    application: Application, worker: Worker, settings: Settings
) -> None:
    answer = await application.post(PATH, **application.request())
    said = answer.json()
    asked = await refer(worker, application.client_id, said["request_uri"])
    brought = back(await worker.say(asked, "allow"))

    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert said["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert said["expires_in"] == 600
    assert "Case Notes" in asked.text
    assert application.challenge not in asked.text
    assert (brought["state"], brought["iss"]) == ("af0ifj sldkj&=", settings.public_url)
    assert (await application.redeem(brought["code"])).status_code == 200


async def test_a_reference_is_good_once_whatever_was_decided(
    application: Application, worker: Worker
) -> None:
    for decision in ("allow", "deny"):
        reference = await pushed(application, prompt="consent")
        asked = await refer(worker, application.client_id, reference)
        await worker.say(asked, decision)

        assert unanswerable(await refer(worker, application.client_id, reference))
        assert unanswerable(await worker.say(asked, "allow"))


async def test_of_many_who_decide_at_once_one_gets_a_code(application: Application, worker: Worker) -> None:
    asked = await refer(worker, application.client_id, await pushed(application))

    answers = await asyncio.gather(*(worker.say(asked, "allow") for _ in range(6)))

    assert sum("code=" in answer.headers.get("location", "") for answer in answers) == 1


async def test_what_stands_beside_the_reference_counts_for_nothing(
    application: Application, worker: Worker
) -> None:
    """RFC 9126 §4: whoever has the browser cannot ask for more, or for another place to answer."""
    reference = await pushed(application, scope="client:read")
    asked = await refer(
        worker,
        application.client_id,
        reference,
        scope="grant:pay referral:send",
        state="another",
        redirect_uri="https://evil.example/",
        code_challenge="A" * 43,
    )
    brought = back(await worker.say(asked, "allow"))
    body = (await application.redeem(brought["code"])).json()

    assert brought["state"] == "af0ifj sldkj&="
    assert body["scope"] == "client:read"


async def test_a_reference_of_another_application_is_none(
    application: Application, worker: Worker, http: httpx.AsyncClient, database: Database
) -> None:
    other = await new_application(http, database, worker.organization)
    reference = await pushed(application)

    assert unanswerable(await refer(worker, other.client_id, reference))
    assert unanswerable(await worker.open("/oauth/authorize", request_uri=reference))
    assert (await refer(worker, application.client_id, reference)).status_code == 200


@pytest.mark.parametrize("reference", ["", "x" * 43, "\ud800"])
async def test_a_reference_that_was_never_given_is_none(
    application: Application, worker: Worker, reference: str
) -> None:
    made_up = f"urn:ietf:params:oauth:request_uri:{reference}".encode(errors="surrogatepass").decode(
        "latin-1"
    )

    assert unanswerable(await refer(worker, application.client_id, made_up))


async def test_no_other_address_of_a_request_is_asked(application: Application, worker: Worker) -> None:
    """RFC 9101 is not for us: no request is fetched from where somebody says that it is."""
    answer = await refer(worker, application.client_id, "https://app.example.org/request.jwt")

    assert back(answer)["error"] == "request_uri_not_supported"


async def test_a_reference_ends_with_its_time_and_goes(
    application: Application, worker: Worker, database: Database
) -> None:
    reference = await pushed(application)
    async with database.transaction(clients.SERVER) as session:
        of_mine = PushedRequest.client_id == application.client_id
        await session.execute(
            update(PushedRequest).where(of_mine).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        )
    assert unanswerable(await refer(worker, application.client_id, reference))

    await pushed(application)

    async with database.transaction(clients.SERVER) as session:
        left = list(await session.scalars(select(PushedRequest.digest).where(of_mine)))
    assert len(left) == 1
    assert reference.encode() not in left[0]


async def test_who_has_to_sign_in_first_comes_back_to_the_same_reference(
    application: Application, worker: Worker
) -> None:
    """`prompt=login` is asked once; the reference, and nothing of the request, goes through the sign-in page."""
    reference = await pushed(application, prompt="login")

    answer = await refer(worker, application.client_id, reference)

    location = answer.headers["location"]
    assert location.startswith("/sign-in?next=/oauth/authorize")
    assert "request_uri" in location
    assert not any(word in location for word in ("redirect_uri", "scope", "state", application.challenge))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/callback"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "no:such"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"resource": "https://other.example/"}, "invalid_target"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"client_id": "another"}, "invalid_request"),
    ],
)
async def test_what_could_never_be_granted_is_refused_at_once(
    application: Application, changes: dict[str, str | None], error: str
) -> None:
    """RFC 9126 §2.3: before a person is bothered."""
    answer = await application.post(PATH, **application.request(**changes))

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert "evil" not in answer.text


async def test_a_proof_binds_the_code_to_its_key(
    application: Application, worker: Worker, settings: Settings
) -> None:
    """RFC 9449 §10.1."""
    prover = Prover(f"{settings.public_url}{PATH}")
    wanted = await application.post(PATH, {"DPoP": prover.proof()}, **application.request())
    prover.heard(wanted)
    other = await application.post(
        PATH, {"DPoP": prover.proof()}, **application.request(dpop_jkt=Prover(prover.url).jkt)
    )
    answer = await application.post(PATH, {"DPoP": prover.proof()}, **application.request())
    asked = await refer(worker, application.client_id, answer.json()["request_uri"])
    code = back(await worker.say(asked, "allow"))["code"]
    prover.url = f"{settings.public_url}/oauth/token"

    assert wanted.json()["error"] == "use_dpop_nonce"
    assert other.json()["error"] == "invalid_dpop_proof"
    assert (await application.redeem(code)).json()["error"] == "invalid_grant"
    bound = await application.redeem(code, headers={"DPoP": prover.proof()})
    assert bound.json()["token_type"] == "DPoP"


@pytest.mark.parametrize("secret", [None, "battery-staple-correct-horse-7"])
async def test_who_does_not_authenticate_pushes_nothing(
    application: Application, http: httpx.AsyncClient, secret: str | None
) -> None:
    auth = None if secret is None else (application.client_id, secret)
    answer = await http.post(PATH, data=application.request(), auth=auth)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_system_that_acts_for_nobody_pushes_nothing(
    http: httpx.AsyncClient, database: Database
) -> None:
    system = await new_application(
        http, database, new_id(), grant_types=["client_credentials"], redirect_uris=[]
    )

    assert (await system.post(PATH, **system.request())).status_code == 400


async def test_the_secret_is_no_part_of_what_is_kept(application: Application, database: Database) -> None:
    form = {**application.request(), "client_secret": "correct-horse-battery-staple-7"}
    answer = await application.http.post(PATH, data=form)
    async with database.transaction(clients.SERVER) as session:
        [kept] = await session.scalars(
            select(PushedRequest.parameters).where(PushedRequest.client_id == application.client_id)
        )

    assert answer.status_code == 201
    assert "client_secret" not in dict(kept)
    assert "staple" not in str(kept)
