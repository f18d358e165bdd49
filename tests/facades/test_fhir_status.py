"""Status both ways: a Task is moved by who may move it, polled by who may know, and refused with what can be done."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from facades.fhir import codes
from facades.fhir.states import STATES_OF
from facades.fhir.validating import validate
from services.referrals.domain.lifecycle import FHIR_STATUS, LIFECYCLE, Outcome, Reason, State, Through
from tests.facades.bundles import consent, send
from tests.facades.network import Network, Partner

MOVE = """mutation($input: MoveReferralInput!) { moveReferral(input: $input) { __typename
  ... on ReferralMoved { referral { state version } } } }"""
REVOKE = """mutation($input: RevokeConsentInput!) { revokeConsent(input: $input) { __typename } }"""
SERVED = {
    "type": {"text": "outcome"},
    "valueCodeableConcept": {"coding": [{"system": codes.OUTCOMES, "code": "SERVED_FULLY"}]},
}


@pytest_asyncio.fixture
async def clinic(network: Network) -> Partner:
    return await network.member("Clinic")


@pytest_asyncio.fixture
async def pantry(network: Network) -> Partner:
    return await network.member("Pantry")


async def set_to(partner: Partner, id_: str, status: str, **more: Any) -> dict[str, Any]:
    """PUT of the Task as it is read, with another status; fails the test where that is refused."""
    task = await partner.read(f"/Task/{id_}")
    answer = await partner.fhir("PUT", f"/Task/{id_}", {**task, "status": status, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def business_status(state: str) -> dict[str, Any]:
    return {"coding": [{"system": codes.STATES, "code": state}]}


async def test_a_referral_is_worked_from_fhir_to_its_end_and_its_sender_polls_it(
    clinic: Partner, pantry: Partner
) -> None:
    id_ = await send(clinic, pantry)
    sent_at = (await clinic.read(f"/Task/{id_}"))["lastModified"]
    filler = {"type": {"coding": [{"code": "FILL"}]}, "value": "PN-2291"}

    accepted = await set_to(pantry, id_, "accepted", identifier=[filler])
    started = await set_to(pantry, id_, "in-progress")
    ended = await set_to(pantry, id_, "completed", output=[SERVED])

    assert [one["status"] for one in (accepted, started, ended)] == ["accepted", "in-progress", "completed"]
    polled = await clinic.read(f"/Task?_lastUpdated=ge{sent_at}&requester=Organization/{clinic.organization}")
    [found] = [one["resource"] for one in polled["entry"]]
    assert found["status"] == "completed"
    assert {"system": codes.BSER, "code": "7.0"} in found["businessStatus"]["coding"]
    assert found["output"][0]["valueCodeableConcept"]["text"] == "Helped with all that was needed"
    assert [one["value"] for one in found["identifier"]][-1] == "PN-2291"
    later = await clinic.read(f"/Task?_lastUpdated=ge{found['lastModified'][:3]}9{found['lastModified'][4:]}")
    assert "entry" not in later


async def test_what_is_done_in_graphql_is_seen_in_fhir_and_the_other_way_round(
    clinic: Partner, pantry: Partner
) -> None:
    id_ = await send(clinic, pantry)
    for version, move in ((2, "OPEN"), (3, "ACCEPT")):
        task = await pantry.read(f"/Task/{id_}")
        given = {"idempotencyKey": f"{id_} {version}", "id": id_, "move": move}
        done = await pantry.ask(MOVE, input={**given, "expectedVersion": int(task["meta"]["versionId"])})
        assert done["moveReferral"]["__typename"] == "ReferralMoved"

    assert (await clinic.read(f"/Task/{id_}"))["status"] == "accepted"
    cancelled = await set_to(
        clinic, id_, "cancelled", statusReason={"text": "The client is served elsewhere"}
    )

    assert cancelled["statusReason"]["coding"][0]["code"] == "CLIENT_SERVED_ELSEWHERE"
    seen = await pantry.ask("query($id: ID!) { referral(id: $id) { state reason } }", id=id_)
    assert seen["referral"] == {"state": "CANCELLED", "reason": "CLIENT_SERVED_ELSEWHERE"}


async def test_a_reason_that_has_no_code_is_kept_as_words_for_who_may_read_them(
    clinic: Partner, pantry: Partner
) -> None:
    id_ = await send(clinic, pantry)

    declined = await set_to(pantry, id_, "rejected", statusReason={"text": "Our freezer broke."})

    assert declined["statusReason"]["coding"][0]["code"] == "OTHER"
    thread = await clinic.ask(
        "query($id: ID!) { referral(id: $id) { messages(first: 5) { nodes { text } } } }", id=id_
    )
    assert thread["referral"]["messages"]["nodes"] == [{"text": "Our freezer broke."}]


async def test_a_patch_moves_a_task_and_tests_what_it_was(clinic: Partner, pantry: Partner) -> None:
    id_ = await send(clinic, pantry)

    async def patch(*operations: dict[str, Any]) -> Any:
        headers = {"Content_Type": "application/json-patch+json"}
        return await pantry.fhir("PATCH", f"/Task/{id_}", list(operations), **headers)

    tested = await patch(
        {"op": "test", "path": "/status", "value": "accepted"},
        {"op": "replace", "path": "/status", "value": "completed"},
    )
    elsewhere = await patch({"op": "replace", "path": "/for", "value": {"reference": "Patient/x"}})
    done = await patch({"op": "replace", "path": "/status", "value": "accepted"})

    assert [one.status_code for one in (tested, elsewhere, done)] == [409, 422, 200]
    assert done.json()["status"] == "accepted"


async def test_what_cannot_be_set_is_refused_with_what_can(clinic: Partner, pantry: Partner) -> None:
    id_ = await send(clinic, pantry)
    task = await pantry.read(f"/Task/{id_}")

    early = await pantry.fhir("PUT", f"/Task/{id_}", {**task, "status": "failed"})
    unknown = {"coding": [{"system": codes.REASONS, "code": "UNKNOWN"}]}
    not_ours = await pantry.fhir(
        "PUT", f"/Task/{id_}", {**task, "status": "rejected", "statusReason": unknown}
    )
    reasonless = await pantry.fhir("PUT", f"/Task/{id_}", {**task, "status": "rejected"})
    by_sender = await clinic.fhir("PUT", f"/Task/{id_}", {**task, "status": "accepted"})
    excluded = await pantry.fhir("PUT", f"/Task/{id_}", {**task, "status": "received"})
    await set_to(pantry, id_, "accepted")
    await set_to(pantry, id_, "in-progress")
    task = await pantry.read(f"/Task/{id_}")
    unsaid = await pantry.fhir("PUT", f"/Task/{id_}", {**task, "status": "completed"})

    for answer in (early, not_ours, reasonless, by_sender, excluded, unsaid):
        assert answer.status_code == 422, answer.text
        validate(answer.json(), "OperationOutcome")
    [can] = early.json()["issue"]
    assert "accepted (ACCEPTED)" in can["diagnostics"]
    assert "rejected (DECLINED) with a statusReason" in can["diagnostics"]
    assert reasonless.json()["issue"][0]["expression"] == ["Task.statusReason"]
    assert "cancelled (CANCELLED) with a statusReason" in by_sender.json()["issue"][0]["diagnostics"]
    assert unsaid.json()["issue"][0]["expression"] == ["Task.output"]


async def test_a_version_that_is_not_the_newest_changes_nothing(clinic: Partner, pantry: Partner) -> None:
    id_ = await send(clinic, pantry)
    old = await pantry.fhir("GET", f"/Task/{id_}")
    await set_to(pantry, id_, "accepted")
    stale = {**old.json(), "status": "rejected", "statusReason": {"text": "No room at the moment"}}

    matched = await pantry.fhir("PUT", f"/Task/{id_}", stale, If_Match=old.headers["etag"])
    own = await pantry.fhir("PUT", f"/Task/{id_}", stale)
    again = await pantry.fhir(
        "PUT", f"/Task/{id_}", {**old.json(), "status": "accepted"}, If_Match=old.headers["etag"]
    )
    senseless = await pantry.fhir("PUT", f"/Task/{id_}", stale, If_Match="three")

    assert [one.status_code for one in (matched, own, again, senseless)] == [412, 409, 200, 400]
    assert (await pantry.read(f"/Task/{id_}"))["status"] == "accepted"


async def test_r7_who_may_not_know_how_it_goes_sees_open_and_closed_and_can_still_cancel(
    clinic: Partner, pantry: Partner
) -> None:
    id_ = await send(clinic, pantry, Consent=consent(purposes=("REFERRAL_DELIVERY",)))
    before = await clinic.read(f"/Task/{id_}")
    await set_to(pantry, id_, "accepted")

    task = await clinic.read(f"/Task/{id_}")

    assert "status" not in task
    assert task["_status"]["extension"][0]["valueCode"] == "masked"
    assert task["businessStatus"] == {"text": "OPEN"}
    assert task["meta"]["lastUpdated"] == before["meta"]["lastUpdated"]
    assert "entry" not in await clinic.read("/Task?status=accepted,requested")
    validate(task, "Task")
    cancelled = {**task, "status": "cancelled", "statusReason": {"text": "Another reason"}}
    del cancelled["_status"]
    answer = await clinic.fhir("PUT", f"/Task/{id_}", cancelled)
    assert (answer.status_code, answer.json()["businessStatus"]["text"]) == (200, "CLOSED")


async def test_r9_what_a_revoked_consent_opened_is_masked_on_the_next_request(
    clinic: Partner, pantry: Partner
) -> None:
    id_ = await send(clinic, pantry)
    [task, request, patient, allowed] = [
        one["resource"]
        for one in (
            await pantry.read(
                f"/Task?_id={id_}&_include=Task:focus&_include=Task:patient&_include=ServiceRequest:supporting-info"
            )
        )["entry"]
    ]
    assert patient["name"] == [{"text": "Marisol Q."}]
    done = await clinic.ask(REVOKE, input={"idempotencyKey": id_, "id": allowed["id"]})
    assert done["revokeConsent"]["__typename"] == "ConsentRevoked"

    after = [
        (await pantry.fhir("GET", f"/{kind}/{one['id']}")).json()
        for kind, one in (
            ("Task", task),
            ("ServiceRequest", request),
            ("Patient", patient),
            ("Consent", allowed),
        )
    ]

    assert after[0]["status"] == "cancelled"
    assert "Marisol" not in str(after)
    assert "Works mornings" not in str(after)
    assert after[2]["name"][0]["extension"][0]["valueCode"] == "masked"
    assert after[3]["status"] == "inactive"
    for one in after:
        validate(one, one["resourceType"])


async def test_r11_what_is_disclosed_carries_its_consent_and_scope(clinic: Partner, pantry: Partner) -> None:
    id_ = await send(clinic, pantry)

    found = await pantry.read(f"/Task?_id={id_}&_include=Task:focus&_include=Task:patient")

    _task, request, patient = [one["resource"] for one in found["entry"]]
    for one in (request, patient):
        travelling = next(e for e in one["extension"] if e["url"] == codes.DISCLOSED_UNDER)
        parts = {part["url"]: part for part in travelling["extension"]}
        assert parts["consent"]["valueReference"] in request["supportingInfo"]
        assert parts["scope"]["valueString"]


async def test_polling_pages_through_both_boxes_and_misses_nothing(clinic: Partner, pantry: Partner) -> None:
    sent = {await send(clinic, pantry) for _ in range(3)}
    received = {await send(pantry, clinic) for _ in range(2)}

    url, found, pages = "/Task?_count=2&_lastUpdated=ge2020-01-01", [], 0
    while url:
        page = await clinic.read(url)
        validate(page, "Bundle")
        found += [one["resource"]["id"] for one in page.get("entry", ())]
        url = next((one["url"] for one in page["link"] if one["relation"] == "next"), "")
        pages += 1

    assert sorted(found) == sorted(sent | received)
    assert pages == 3
    mine = await clinic.read(f"/Task?owner=Organization/{clinic.organization}")
    assert {one["resource"]["id"] for one in mine["entry"]} == received


@pytest.mark.parametrize(
    "query",
    [
        "code=x",
        "_lastUpdated=2020",
        "_lastUpdated=le2020-01-01",
        "status=ready",
        "_count=0",
        "_include=Task:code",
        "_page=x",
        "owner=me",
        "_sort=-status",
    ],
)
async def test_a_search_that_is_not_understood_is_refused_rather_than_widened(
    clinic: Partner, query: str
) -> None:
    answer = await clinic.fhir("GET", f"/Task?{query}")

    assert answer.status_code == 400
    validate(answer.json(), "OperationOutcome")


def test_task_status_stands_for_the_states_of_the_one_table() -> None:
    read = {state: status for status, states in STATES_OF.items() for state in states}

    assert read == {state.value: status for state, status in FHIR_STATUS.items()}


def test_every_state_that_a_move_leads_to_can_be_set_from_fhir_by_somebody() -> None:
    through = {move.name for move in LIFECYCLE if move.through is Through.MOVE_REFERRAL}
    offered = {move for way in codes.WAYS for move in way.moves} | {
        move for moves in codes.BY_STATE.values() for move in moves
    }
    # What a FHIR Task has no word for: talk between the two sides that changes no status, and another provider.
    unsaid = {"REQUEST_CONSENT", "OFFER_REDIRECT", "AGREE_REDIRECT", "REVALIDATE", "RESCHEDULE", "HEARTBEAT"}

    assert through - offered == unsaid
    assert offered <= through
    assert all(way.to in STATES_OF[way.status] for way in codes.WAYS)
    assert {move.to for move in LIFECYCLE if move.name in offered} >= {State(way.to) for way in codes.WAYS}


def test_every_reason_and_outcome_has_words() -> None:
    assert set(codes.REASON_TEXT) == {one.value for one in Reason}
    assert set(codes.OUTCOME_TEXT) == {one.value for one in Outcome}
    assert len(set(codes.REASON_TEXT.values())) == len(Reason)
