"""A partner's system that signs in with a key of its own (SMART Backend Services) and speaks FHIR, the whole way over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from tests.e2e.test_first_day import system
from tests.facades.bundles import bundle, consent, patient, referral
from tests.facades.network import FHIR
from tests.gateway.oauth.signing import TYPE, assertion, new_key, public
from tests.support.running import RunningNetwork
from vereda.demo.caller import PartnerSystem
from vereda.demo.network import CLINIC, SCHOOL, build
from vereda.ids import new_id

pytestmark = pytest.mark.processes

SCOPES = ("directory:read", "referral:send", "referral:receive", "consent:manage", "client:read")
SERVICE = """query($id: ID!) { organization(id: $id) { services(first: 1) { nodes { id offer } } } }"""
MOVE = """mutation($input: MoveReferralInput!) { moveReferral(input: $input) { __typename
  ... on ReferralMoved { referral { state version } } } }"""
RECORD = """mutation($client: RecordClientInput!) { recordClient(input: $client) {
  ... on ClientRecorded { client { handle } } } }"""
ALLOW = """mutation($consent: RecordConsentInput!) { recordConsent(input: $consent) {
  ... on ConsentRecorded { consent { id } } } }"""
SEND = """mutation($input: SendReferralInput!) { sendReferral(input: $input) { __typename
  ... on ReferralSent { referral { id } } } }"""


class Ehr:
    """An organisation's system: its key, its token, and FHIR."""

    def __init__(self, network: RunningNetwork, organization: UUID) -> None:
        self.network = network
        self.organization = organization
        self.client_id = f"ehr-{new_id()}"
        self.key = new_key("P-384", alg="ES384")
        self.http = httpx.AsyncClient(base_url=f"{network.url}/fhir/R4", timeout=30)

    async def register(self) -> None:
        file = self.network.home / f"{self.client_id}.jwks"
        file.write_text(json.dumps(public(self.key)))
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        status, output = await self.network.run(
            *("oauth", "client", "add", self.client_id, "--organization", str(self.organization)),
            *("--name", "EHR", "--jwks", str(file), *scopes),
        )
        assert status == 0, output

    async def sign_in(self) -> None:
        """SMART App Launch 2.2 §backend services, from its configuration on."""
        told = (await self.http.get("/.well-known/smart-configuration")).json()
        answer = await self.http.post(
            told["token_endpoint"],
            data={
                "grant_type": "client_credentials",
                "scope": " ".join(SCOPES),
                "client_assertion_type": TYPE,
                "client_assertion": assertion(
                    self.key, self.client_id, told["token_endpoint"], algorithm="ES384"
                ),
            },
        )
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def asked(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.http.request(method, path, json=body, headers={"Content-Type": FHIR})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest_asyncio.fixture
async def ehr(network: RunningNetwork) -> AsyncIterator[Ehr]:
    made = Ehr(network, build().by_slug(CLINIC).id)
    await made.register()
    await made.sign_in()
    yield made
    await made.http.aclose()


async def service_of(asker: PartnerSystem, organization: UUID) -> dict[str, str]:
    found = await asker.ask(SERVICE, {"id": str(organization)})
    return dict(found["data"]["organization"]["services"]["nodes"][0])


async def test_a_referral_sent_by_fhir_is_accepted_over_graphql_and_its_status_polled(
    network: RunningNetwork, ehr: Ehr
) -> None:
    school, organization = system(network, "demo-school"), build().by_slug(SCHOOL).id
    service = (await service_of(school, organization))["id"]
    to = type("To", (), {"organization": organization, "service": service})()
    sent = bundle(referral(to, Patient=patient(), Consent=consent()))

    location = (await ehr.asked("POST", "", sent))["entry"][0]["response"]["location"]
    _kind, id_, _history, version = location.split("/")
    for move in ("OPEN", "ACCEPT"):
        given = {"idempotencyKey": str(new_id()), "id": id_, "expectedVersion": int(version), "move": move}
        moved = (await school.ask(MOVE, {"input": given}))["data"]["moveReferral"]
        assert moved["__typename"] == "ReferralMoved", moved
        version = moved["referral"]["version"]

    polled = await ehr.asked(
        "GET", f"/Task?_lastUpdated=ge2026-01-01&requester=Organization/{ehr.organization}"
    )
    mine = {one["resource"]["id"]: one["resource"] for one in polled["entry"]}
    assert mine[id_]["status"] == "accepted"


async def test_a_referral_sent_over_graphql_is_accepted_and_completed_by_fhir(
    network: RunningNetwork, ehr: Ehr
) -> None:
    school = system(network, "demo-school")
    service = await service_of(school, ehr.organization)
    client = {"idempotencyKey": str(new_id()), "displayName": "Rosa", "language": "spa", "zip3": "937"}
    handle = (await school.ask(RECORD, {"client": client}))["data"]["recordClient"]["client"]["handle"]
    allowed = {
        "idempotencyKey": str(new_id()),
        "client": handle,
        "recipients": [str(ehr.organization)],
        "purposes": ["REFERRAL_DELIVERY", "STATUS_BACK"],
        "dataClasses": ["IDENTITY", "NEED", "OUTCOME"],
        "method": "WRITTEN",
        "language": "spa",
        "scriptVersion": "network-1",
    }
    under = (await school.ask(ALLOW, {"consent": allowed}))["data"]["recordConsent"]["consent"]["id"]
    given = {"idempotencyKey": str(new_id()), "client": handle, "consent": under, "offer": service["offer"]}
    sent = await school.ask(SEND, {"input": {**given, "needs": ["health.primary"]}})
    id_ = sent["data"]["sendReferral"]["referral"]["id"]

    [task] = [one["resource"] for one in (await ehr.asked("GET", f"/Task?_id={id_}"))["entry"]]
    done = {
        "type": {"text": "outcome"},
        "valueCodeableConcept": {
            "coding": [{"system": "urn:vereda:fhir:referral-outcome", "code": "SERVED_FULLY"}]
        },
    }
    for status, more in (("accepted", {}), ("completed", {"output": [done]})):
        task = await ehr.asked("PUT", f"/Task/{id_}", {**task, "status": status, **more})

    seen = await school.ask("query($id: ID!) { referral(id: $id) { state outcome loop } }", {"id": id_})
    assert seen["data"]["referral"] == {"state": "COMPLETED", "outcome": "SERVED_FULLY", "loop": "REPORTED"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's examples are for curl")
async def test_the_examples_of_the_page_work_when_pasted(network: RunningNetwork, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text()
    (tmp_path / "referral.json").write_text(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    command = f'vereda() {{ "{sys.executable}" -m vereda.cli "$@"; }}\ncd "{tmp_path}"\n'
    script = command.join(["set -euo pipefail\n", "\n".join(blocks)])
    script = script.replace("http://127.0.0.1:4000", network.url).replace(
        "vereda token", f'cd "{Path.cwd()}"; vereda token'
    )

    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", script),
        env=network.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()

    assert process.returncode == 0, output.decode()
    assert len(blocks) == 6
    assert output.decode().count('"status":"completed"') == 2
