"""A referral that comes in as a FHIR Bundle: taken once, whole, and nothing of what is not recorded with it."""

from __future__ import annotations

import pytest_asyncio

from tests.facades.bundles import bundle, referral
from tests.facades.network import Network, Partner

SEEN = """query($id: ID!) { referral(id: $id) { state needs narrative urgency placerId
  client { displayName language zip3 contacts { system value } } consent { dataClasses purposes } } }"""


@pytest_asyncio.fixture
async def clinic(network: Network) -> Partner:
    return await network.member("Clinic")


@pytest_asyncio.fixture
async def pantry(network: Network) -> Partner:
    return await network.member("Pantry")


async def test_a_referral_is_taken_in_and_its_recipient_reads_it_over_graphql(
    clinic: Partner, pantry: Partner
) -> None:
    parts = referral(pantry)

    answer = await clinic.fhir("POST", "", bundle(parts))

    assert answer.status_code == 200, answer.text
    task, request, patient, consent = [one["response"] for one in answer.json()["entry"]]
    assert all(one["status"] == "201 Created" for one in (task, request, patient, consent))
    id_ = task["location"].split("/")[1]
    seen = (await pantry.ask(SEEN, id=id_))["referral"]
    assert seen["state"] == "SENT"
    assert (seen["needs"], seen["narrative"]) == (["basic.food"], "A food box each week\nWorks mornings.")
    assert seen["placerId"] == parts["Task"]["identifier"][0]["value"]
    assert seen["client"] == {
        "displayName": "Marisol Q.",
        "language": "spa",
        "zip3": "937",
        "contacts": [{"system": "PHONE", "value": "559-555-0101"}],
    }
