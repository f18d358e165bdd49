"""Forms and queries of any content from whoever is let in: every answer is one that its RFC knows."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.oauth.applications import REDIRECT, Application, Worker, new_application
from tests.gateway.oauth.conftest import SECRET
from tests.support.trying import examples
from vereda.database import Database

pytestmark = pytest.mark.usefixtures("quick_hashing")

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANTS = ("client_credentials", "authorization_code", "refresh_token", EXCHANGE)
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
NAMES = (
    *(
        "grant_type",
        "scope",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "resource",
        "audience",
    ),
    *(
        "subject_token",
        "subject_token_type",
        "actor_token",
        "requested_token_type",
        "token",
        "token_type_hint",
    ),
    *("client_id", "client_secret", "client_assertion", "client_assertion_type", "unheard_of"),
)
ASKED = (
    *(
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    ),
    *("prompt", "max_age", "dpop_jkt", "resource", "response_mode", "request", "nonce", "signed_in_since"),
)

words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *GRANTS,
            ACCESS,
            "client:read",
            "S256",
            "plain",
            "code",
            "token",
            "none",
            "login",
            "consent",
            "0",
            REDIRECT,
        ]
    ),
    st.binary(max_size=8).map(lambda raw: raw.decode("latin-1")),
)


@pytest.fixture
async def everything(http: httpx.AsyncClient, database: Database, worker: Worker) -> Application:
    """A client of every grant, whose people need not be asked."""
    return await new_application(http, database, worker.organization, grant_types=GRANTS, first_party=True)


@examples(150)
@given(
    st.sampled_from(["/oauth/token", "/oauth/revoke", "/oauth/introspect"]),
    st.sampled_from(GRANTS),
    st.dictionaries(st.sampled_from(NAMES), words, max_size=6),
    st.dictionaries(st.sampled_from(["DPoP", "Accept", "X-Request-Id"]), words, max_size=2),
    st.booleans(),
)
async def test_a_form_of_any_content(
    everything: Application,
    path: str,
    grant: str,
    form: dict[str, str],
    headers: dict[str, str],
    genuine: bool,
) -> None:
    given = {"grant_type": grant, **form}
    if genuine:
        given |= {
            "subject_token_type": ACCESS,
            "subject_token": "vr_x",
            "code": "vc_x",
            "refresh_token": "vr_x",
        }
    sent = {name: value.encode("latin-1", "replace") for name, value in headers.items()}

    answer = await everything.http.post(
        path,
        content=urlencode(given, errors="surrogatepass"),
        headers=[*sent.items(), ("Content-Type", "application/x-www-form-urlencoded")],  # type: ignore[arg-type]
        auth=(everything.client_id, SECRET),
    )

    said = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.status_code in (200, 400, 401)
    if answer.status_code != 200:
        assert said.keys() == {"error", "error_description"}
    elif path == "/oauth/token":
        assert (grant, said["token_type"]) == ("client_credentials", "Bearer")


@examples(50)
@given(
    st.dictionaries(st.sampled_from(ASKED), words, max_size=3), st.lists(st.tuples(words, words), max_size=3)
)
async def test_a_pushed_request_of_any_content(
    everything: Application, worker: Worker, changes: dict[str, str], more: list[tuple[str, str]]
) -> None:
    pushed = await everything.http.post(
        "/oauth/par",
        content=urlencode([*everything.request(**changes).items(), *more], errors="surrogatepass"),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=(everything.client_id, SECRET),
    )

    assert pushed.status_code in (201, 400)
    if pushed.status_code == 201:
        reference = {"client_id": everything.client_id, "request_uri": pushed.json()["request_uri"]}
        assert (await worker.http.get("/oauth/authorize", params=reference)).status_code in (200, 303)


@examples(150)
@given(
    st.dictionaries(st.sampled_from(ASKED), words, max_size=5), st.lists(st.tuples(words, words), max_size=2)
)
async def test_an_authorization_request_of_any_content(
    everything: Application, worker: Worker, changes: dict[str, str], more: list[tuple[str, str]]
) -> None:
    query = urlencode([*everything.request(**changes).items(), *more], errors="surrogatepass")

    answer = await worker.http.get(f"/oauth/authorize?{query}")

    assert answer.status_code in (200, 303, 400), answer.text
    if answer.status_code == 303 and not answer.headers["location"].startswith("/sign-in?"):
        location: Any = urlsplit(answer.headers["location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT.partition("?")[0]
        back = parse_qs(location.query)
        assert ("code" in back) != ("error" in back)
        assert back["iss"] == [str(worker.http.base_url).rstrip("/")]


@examples(60)
@given(st.binary(max_size=200), st.sampled_from(["GET", "POST"]))
async def test_bytes_that_are_no_request(worker: Worker, raw: bytes, method: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = (
        await worker.http.get("/oauth/authorize", params=raw.decode("latin-1"))
        if method == "GET"
        else await worker.http.post("/oauth/authorize", content=raw, headers=form)
    )

    assert answer.status_code in (400, 403)
    assert "location" not in answer.headers
