"""A facade asks the graph by the way of everybody: the same checks, limits and refusals, and none of its own."""

from __future__ import annotations

import pytest
import pytest_asyncio

from facades.fhir.validating import validate
from gateway.app import create_app
from gateway.identity import NoAuthentication
from gateway.policies import Policies
from gateway.settings import GatewaySettings
from tests.facades.bundles import send
from tests.facades.network import BASE, ROOT, URL, Network, Partner
from vereda.errors import OperatorError
from vereda.facade import facade
from vereda.supervisor import FACADES


@pytest_asyncio.fixture
async def clinic(network: Network) -> Partner:
    return await network.member("Clinic")


@pytest_asyncio.fixture
async def pantry(network: Network) -> Partner:
    return await network.member("Pantry")


async def test_who_asks_is_found_out_once_however_much_is_asked_for_them(
    network: Network, clinic: Partner, pantry: Partner
) -> None:
    """A proof of possession (RFC 9449) is good for one request; a Task that is set asks the graph four times."""
    id_ = await send(clinic, pantry)
    task = await pantry.read(f"/Task/{id_}")
    before = network.named.asked

    answer = await pantry.fhir("PUT", f"/Task/{id_}", {**task, "status": "accepted"})

    assert answer.status_code == 200
    assert network.named.asked == before + 1


async def test_a_cookie_is_no_credential_here(network: Network, clinic: Partner) -> None:
    headers = clinic.headers({"Cookie": "__Host-session=stolen"})

    with_token = await network.http.get(f"{BASE}/Task", headers=headers)
    alone = await network.http.get(f"{BASE}/Task", headers={"Cookie": headers["Cookie"]})

    assert (with_token.status_code, alone.status_code) == (200, 401)


async def test_who_may_run_registered_documents_only_may_speak_fhir_whose_documents_are_ours(
    network: Network, clinic: Partner
) -> None:
    network.named.policies[clinic.name] = {"trusted_documents_only": True}

    own = {"query": "{ myOrganization { id } }"}
    graphql = await network.http.post(f"{URL}/graphql", json=own, headers=clinic.headers({}))
    fhir = await clinic.fhir("GET", "/Task")

    assert graphql.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    assert fhir.status_code == 200


async def test_what_fhir_asks_for_is_counted_as_what_graphql_asks_for(
    network: Network, clinic: Partner
) -> None:
    network.named.policies[clinic.name] = {"cost_per_minute": 1}

    first = await clinic.fhir("GET", "/Task")
    second = await clinic.fhir("GET", "/Task")

    refused = next(one for one in (first, second) if one.status_code == 429)
    assert int(refused.headers["retry-after"]) > 0
    validate(refused.json(), "OperationOutcome")
    assert refused.json()["issue"][0]["code"] == "throttled"


async def test_a_service_that_does_not_answer_is_an_outcome_too(clinic: Partner) -> None:
    """Grants is not there in this network; nor is anything behind the port of a service that fell over."""
    settings = GatewaySettings(
        ROOT / "schema" / "supergraph.graphql",
        subgraph_urls=dict.fromkeys(
            ("partners", "referrals", "grants", "accounts"), "http://127.0.0.1:9/graphql"
        ),
        policies=Policies(facades=(FACADES,)),
    )
    app = create_app(settings, clinic.network.named, public_url=URL)
    away = Network(app, clinic.network.directory, clinic.network.named)

    answer = await away.http.get(f"{BASE}/Task", headers=clinic.headers({}))

    assert answer.status_code == 503
    validate(answer.json(), "OperationOutcome")
    await away.close()


@pytest.mark.parametrize(
    "path", ["facades.fhir", "facades.nothing:routes", "facades.fhir:nothing", "os;x:y", ""]
)
def test_a_facade_that_cannot_be_found_is_said_at_start(path: str) -> None:
    with pytest.raises(OperatorError, match="facade"):
        facade(path)
    settings = GatewaySettings(ROOT / "schema" / "supergraph.graphql", policies=Policies(facades=(path,)))
    with pytest.raises(OperatorError, match="facade"):
        create_app(settings, NoAuthentication())


async def test_without_the_setting_there_is_none(network: Network) -> None:
    app = create_app(GatewaySettings(ROOT / "schema" / "supergraph.graphql"), network.named)
    bare = Network(app, network.directory, network.named)

    assert (await bare.http.get(f"{BASE}/metadata")).status_code == 404
    await bare.close()
