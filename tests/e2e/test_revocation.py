"""A revoked consent is felt in every service, on the next request (R9)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.e2e.test_first_day import system
from tests.support.running import RunningNetwork
from vereda.demo import documents
from vereda.demo.caller import PartnerSystem
from vereda.demo.network import SCHOOL, build
from vereda.ids import new_id

pytestmark = pytest.mark.processes

REVOKE = """mutation($input: RevokeConsentInput!) { revokeConsent(input: $input) {
  ... on ConsentRevoked { consent { active } } } }"""
SEATS = "query($h: ID!) { client(handle: $h) { displayName participations { status } } }"


async def done(asker: PartnerSystem, document: str, **variables: Any) -> dict[str, Any]:
    answer = await asker.ask(document, variables)
    assert "errors" not in answer, answer["errors"]
    return dict(answer["data"])


async def test_a_seat_that_was_taken_under_a_consent_is_shown_only_while_it_holds(
    network: RunningNetwork,
) -> None:
    clinic, school = system(network, "demo-clinic"), str(build().by_slug(SCHOOL).id)

    def key() -> dict[str, str]:
        return {"idempotencyKey": str(new_id())}

    person = {"displayName": "Rosa", "language": "spa", "zip3": "937", **key()}
    client = (await done(clinic, documents.RECORD_CLIENT, input=person))["recordClient"]["client"]["handle"]
    allowed = {
        **key(),
        "client": client,
        "recipients": [school],
        "purposes": ["PROGRAM_ENROLMENT"],
        "dataClasses": ["PROGRAM"],
        "method": "WRITTEN",
        "language": "spa",
        "scriptVersion": "1",
        "scriptText": "May we enrol you?",
    }
    consent = (await done(clinic, documents.RECORD_CONSENT, input=allowed))["recordConsent"]["consent"]["id"]
    asked = {"client": client, "consent": consent, "purpose": "PROGRAM_ENROLMENT", "recipient": school}
    proof = (await done(clinic, documents.PROVE, input=asked))["proveConsent"]["proof"]
    headers = {"Authorization": f"Bearer {clinic.token}", "Vereda-Purpose": "AGGREGATE"}
    async with httpx.AsyncClient(base_url=clinic.gateway_url) as http:
        body = {"query": "query($h: ID!) { client(handle: $h) { displayName } }", "variables": {"h": client}}
        counted = (await http.post("/graphql", json=body, headers=headers)).json()
    cohort = (await done(clinic, documents.COHORTS))["cohorts"]["nodes"][0]["id"]
    await done(clinic, documents.ENROL, input={"cohort": cohort, "proof": proof, **key()})

    before = await done(clinic, SEATS, h=client)
    await done(clinic, REVOKE, input={"id": consent, **key()})
    after = await clinic.ask(SEATS, {"h": client})

    assert counted["data"] == {"client": {"displayName": None}}  # R18: of its own client, too
    assert counted["extensions"]["redactions"][0]["reason"] == "NOT_FOR_PURPOSE"
    assert len(before["client"]["participations"]) == 1
    assert after["data"]["client"] == {"displayName": "Rosa", "participations": []}
    assert after["extensions"]["redactions"] == [
        {"path": ["client", "participations"], "dataClass": "PROGRAM", "reason": "NO_CONSENT"}
    ]


async def test_what_the_services_tell_each_other_is_not_in_the_public_schema(network: RunningNetwork) -> None:
    answer = await system(network, "demo-clinic").ask(
        "query($h: ID!) { client(handle: $h) { assurance } }", {"h": "x"}
    )

    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
