"""A referral that comes in as a FHIR Bundle: taken once, whole, and nothing of what is not recorded with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from facades.fhir import codes
from facades.fhir.validating import validate
from tests.facades.bundles import bundle, consent, patient, referral
from tests.facades.network import BASE, FHIR, Network, Partner

STRUCTURES = "http://hl7.org/fhir/StructureDefinition"
METHOD_WRITTEN = {"url": codes.METHOD, "valueCode": "WRITTEN"}

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


async def test_a_bundle_that_is_sent_again_does_nothing_twice(clinic: Partner, pantry: Partner) -> None:
    sent = bundle(referral(pantry))

    first, again = [await clinic.fhir("POST", "", sent) for _ in range(2)]

    assert first.json() == again.json()
    found = await clinic.read("/Task")
    assert [one["resource"]["id"] for one in found["entry"]] == [_id(first)]


async def test_the_same_bundle_with_another_referral_in_it_is_refused(
    clinic: Partner, pantry: Partner
) -> None:
    parts = referral(pantry)
    await clinic.fhir("POST", "", bundle(parts, "b-1"))
    other = {**parts, "ServiceRequest": {**parts["ServiceRequest"], "note": [{"text": "Something else."}]}}

    answer = await clinic.fhir("POST", "", bundle(other, "b-1"))

    assert (answer.status_code, issue(answer)["code"]) == (409, "duplicate")


async def test_what_broke_off_midway_goes_on_where_it_stopped(clinic: Partner, pantry: Partner) -> None:
    """The client is recorded, the consent refused and mended: nobody is recorded twice."""
    parts = referral(pantry)
    broken = {**parts, "Consent": consent(purposes=("RESEARCH",))}

    refused = await clinic.fhir("POST", "", bundle(broken, "b-2"))
    mended = await clinic.fhir("POST", "", bundle(parts, "b-2"))

    assert (refused.status_code, issue(refused)["expression"]) == (422, ["Consent.provision.purpose"])
    assert mended.status_code == 200
    people = await clinic.ask("{ clients(first: 10) { nodes { handle } } }")
    assert len(people["clients"]["nodes"]) == 1


async def test_if_none_exist_finds_what_was_sent_before(clinic: Partner, pantry: Partner) -> None:
    sent = bundle(referral(pantry))
    value = sent["entry"][0]["resource"]["identifier"][0]["value"]
    first = await clinic.fhir("POST", "", sent)
    other = bundle(referral(pantry))
    other["entry"][0]["request"]["ifNoneExist"] = f"identifier=https://ehr.example|{value}"

    found = await clinic.fhir("POST", "", other)

    assert (_id(found), found.json()["entry"][0]["response"]["status"]) == (_id(first), "200 OK")
    assert len((await clinic.read("/Task"))["entry"]) == 1


async def test_a_patient_and_a_consent_that_are_known_are_referred_to(
    clinic: Partner, pantry: Partner
) -> None:
    first = await clinic.fhir(
        "POST", "", bundle(referral(pantry, Consent=consent(extension=[METHOD_WRITTEN])))
    )
    handle = first.json()["entry"][2]["response"]["location"].removeprefix("Patient/")
    again = referral(pantry, Patient=None)
    again["ServiceRequest"]["subject"] = again["Task"]["for"] = {"reference": f"Patient/{handle}"}

    answer = await clinic.fhir("POST", "", bundle(again))

    assert answer.status_code == 200, answer.text
    seen = await clinic.ask(SEEN, id=_id(answer))
    assert seen["referral"]["client"]["displayName"] == "Marisol Q."


async def test_r6_a_consent_that_names_no_classes_or_purposes_is_none(
    clinic: Partner, pantry: Partner
) -> None:
    blanket = {**consent(), "provision": {"type": "permit"}}

    answer = await clinic.fhir("POST", "", bundle(referral(pantry, Consent=blanket)))

    assert answer.status_code == 422
    named = [one["expression"][0] for one in answer.json()["issue"]]
    assert named == ["Consent.provision.class", "Consent.provision.purpose"]


async def test_r6_a_consent_that_does_not_cover_the_need_sends_nothing(
    clinic: Partner, pantry: Partner
) -> None:
    answer = await clinic.fhir("POST", "", bundle(referral(pantry, Consent=consent(("IDENTITY",)))))

    assert (answer.status_code, issue(answer)["code"]) == (422, "suppressed")
    assert "Missing: NEED" in issue(answer)["diagnostics"]
    assert "entry" not in await pantry.read("/Task")


BARRED = (
    ("Patient.identifier[0]", {"identifier": [{"type": {"coding": [{"code": "SS"}]}, "value": "x"}]}),
    ("Patient.identifier[0]", {"identifier": [{"type": {"coding": [{"code": "NNMEX"}]}, "value": "x"}]}),
    ("Patient.identifier[0]", {"identifier": [{"system": "urn:oid:2.16.840.1.113883.4.330.484"}]}),
    (
        "Patient.identifier[1]",
        {
            "identifier": [
                {"system": "https://ehr.example", "value": "1"},
                {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "x"},
            ]
        },
    ),
    (
        "Patient.contact[0].name.extension[0]",
        {
            "contact": [
                {"name": {"extension": [{"url": f"{STRUCTURES}/patient-citizenship", "valueCode": "x"}]}}
            ]
        },
    ),
    (
        "Patient.extension[0]",
        {"extension": [{"url": f"{STRUCTURES}/patient-birthPlace", "valueString": "x"}]},
    ),
)


@pytest.mark.parametrize(("at", "told"), BARRED)
async def test_r1_numbers_of_authorities_and_origin_are_refused_with_the_element_and_no_value(
    clinic: Partner, pantry: Partner, at: str, told: dict[str, Any]
) -> None:
    answer = await clinic.fhir("POST", "", bundle(referral(pantry, Patient=patient(**told))))

    assert (answer.status_code, issue(answer)["expression"]) == (422, [at])
    assert (await clinic.ask("{ clients(first: 5) { nodes { handle } } }"))["clients"]["nodes"] == []


async def test_r2_what_tells_of_a_status_is_refused_with_its_element(
    clinic: Partner, pantry: Partner
) -> None:
    parts = referral(pantry)
    parts["ServiceRequest"]["note"] = [{"text": "She is undocumented."}]

    answer = await clinic.fhir("POST", "", bundle(parts))

    assert (answer.status_code, issue(answer)["expression"]) == (422, ["ServiceRequest.note"])
    assert "undocumented" not in answer.text


async def test_r3_a_birth_date_and_an_address_are_left_out_with_a_warning(
    clinic: Partner, pantry: Partner
) -> None:
    rich = patient(
        birthDate="1987-02-20",
        gender="female",
        identifier=[{"system": "https://ehr.example/mrn", "value": "1032702"}],
        address=[{"line": ["183 Mountain View St"], "city": "Fresno", "postalCode": "93721"}],
    )

    answer = await clinic.fhir("POST", "", bundle(referral(pantry, Patient=rich)))

    response = answer.json()["entry"][2]["response"]
    warned = [one["expression"][0] for one in response["outcome"]["issue"] if one["severity"] == "warning"]
    assert sorted(warned) == [
        "Patient.address[0]",
        "Patient.birthDate",
        "Patient.gender",
        "Patient.identifier",
    ]
    handle = response["location"].removeprefix("Patient/")
    read = (await clinic.fhir("GET", f"/Patient/{handle}")).text
    assert not [one for one in ("1987", "Mountain", "1032702", "female", "93721") if one in read]


async def test_a_contact_that_is_not_safe_is_never_lost(clinic: Partner, pantry: Partner) -> None:
    safe = {
        "url": codes.CONTACT_MODE,
        "extension": [
            {"url": "mode", "valueCode": "SAFE_HOURS"},
            {"url": "hours", "valueString": "after 17:00"},
        ],
    }
    unknown = {"url": "https://ehr.example/never-call", "valueBoolean": True}

    taken = await clinic.fhir("POST", "", bundle(referral(pantry, Patient=patient(modifierExtension=[safe]))))
    refused = await clinic.fhir(
        "POST", "", bundle(referral(pantry, Patient=patient(modifierExtension=[unknown])))
    )

    handle = taken.json()["entry"][2]["response"]["location"].removeprefix("Patient/")
    assert (await clinic.read(f"/Patient/{handle}"))["modifierExtension"] == [safe]
    assert (refused.status_code, issue(refused)["expression"]) == (422, ["Patient.modifierExtension[0]"])


async def test_an_emergency_is_no_referral(clinic: Partner, pantry: Partner) -> None:
    parts = referral(pantry)
    parts["ServiceRequest"]["priority"] = "stat"

    answer = await clinic.fhir("POST", "", bundle(parts))

    assert answer.status_code == 422
    assert "911" in issue(answer)["diagnostics"]


async def test_a_message_is_answered_by_a_message(clinic: Partner, pantry: Partner) -> None:
    header = {
        "resourceType": "MessageHeader",
        "id": "m-1",
        "eventCoding": {"system": "http://hl7.org/fhir/us/bser/CodeSystem/BSeR", "code": "request"},
        "source": {"endpoint": "https://ehr.example"},
    }
    sent = bundle(referral(pantry), type_="message")
    sent["entry"].insert(0, {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000009", "resource": header})

    answer = await clinic.fhir("POST", "/$process-message", sent)

    assert answer.status_code == 200, answer.text
    validate(answer.json(), "Bundle")
    answering = answer.json()["entry"][0]["resource"]
    assert answering["response"] == {"identifier": "m-1", "code": "ok"}
    assert (await pantry.read(answering["focus"][0]["reference"].removeprefix(BASE)))["status"] == "requested"


WRONG = {
    "no ServiceRequest": (lambda b: b["entry"].pop(1), 422),
    "two Tasks": (lambda b: b["entry"].append(b["entry"][0]), 422),
    "a batch": (lambda b: b.update(type="batch"), 422),
    "a Task that is accepted already": (lambda b: b["entry"][0]["resource"].update(status="accepted"), 422),
    "a focus elsewhere": (
        lambda b: b["entry"][0]["resource"].update(focus={"reference": "ServiceRequest/x"}),
        422,
    ),
    "a service that is not there": (
        lambda b: b["entry"][1]["resource"].update(
            performer=[{"reference": "HealthcareService/00000000-0000-7000-8000-000000000000"}]
        ),
        422,
    ),
    "an element that FHIR does not know": (
        lambda b: b["entry"][1]["resource"].update(ssn="123-45-6789"),
        400,
    ),
    "a kind of resource that there is not": (
        lambda b: b["entry"][2]["resource"].update(resourceType="Nothing"),
        400,
    ),
    "a date that is none": (lambda b: b["entry"][2]["resource"].update(birthDate="123-45-6789"), 400),
    "something that is updated": (lambda b: b["entry"][2]["request"].update(method="PUT"), 422),
    "too many entries": (lambda b: b["entry"].extend([{"resource": patient()}] * 60), 413),
    "a consent of exceptions": (
        lambda b: b["entry"][3]["resource"]["provision"].update(provision=[{"type": "deny"}]),
        422,
    ),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_cannot_be_a_referral_is_refused_with_an_outcome_and_no_value(
    clinic: Partner, pantry: Partner, what: str
) -> None:
    sent, (spoil, status) = bundle(referral(pantry)), WRONG[what]
    spoil(sent)

    answer = await clinic.fhir("POST", "", sent)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith(FHIR)
    validate(answer.json(), "OperationOutcome")
    assert "123-45-6789" not in answer.text


EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "fhir-sdohcc"


def example(name: str) -> dict[str, Any]:
    return dict(json.loads((EXAMPLES / f"{name}.json").read_text()))


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the SDOH Clinical Care examples are not at hand")
async def test_the_guides_own_examples_are_taken_in_once_the_consent_names_what_it_allows(
    clinic: Partner, pantry: Partner
) -> None:
    task = example("Task-SDOHCC-TaskReferralManagementOrderFulfillmentAcceptedExample")
    request = example("ServiceRequest-SDOHCC-ServiceRequestActiveFoodPantryApplicationAssistExample")
    task["status"], task["owner"] = "requested", {"reference": f"Organization/{pantry.organization}"}
    request["performer"] = [{"reference": f"HealthcareService/{pantry.service}"}]
    parts = {
        "Task": task,
        "ServiceRequest": request,
        "Patient": example("Patient-pat-53234"),
        "Consent": example("Consent-SDOHCC-ConsentInformationDisclosureExample"),
        "Condition": example("Condition-SDOHCC-ConditionFoodInsecurityExample"),
    }

    blanket = await clinic.fhir("POST", "", bundle(parts))
    parts["Consent"]["provision"] = consent()["provision"]
    taken = await clinic.fhir("POST", "", bundle(parts))

    assert (blanket.status_code, issue(blanket)["expression"]) == (422, ["Consent.provision.class"])
    assert taken.status_code == 200, taken.text
    seen = (await pantry.ask(SEEN, id=_id(taken)))["referral"]
    assert seen["client"]["displayName"] == "COLIN V. ABBAS"
    assert (seen["client"]["language"], seen["client"]["zip3"]) == ("und", "740")
    assert seen["narrative"] == "Assistance with application for food pantry program"
    assert [one["response"]["status"] for one in taken.json()["entry"]][-1] == "200 OK"


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the SDOH Clinical Care examples are not at hand")
@pytest.mark.parametrize(
    "kind", ["Task", "ServiceRequest", "Patient", "Consent", "Organization", "HealthcareService"]
)
def test_the_guides_examples_of_r4_are_valid_by_the_library_that_checks_what_comes_in(kind: str) -> None:
    found = sorted(EXAMPLES.glob(f"{kind}-*.json"))

    for path in found:
        validate(json.loads(path.read_text()), kind)
    assert found


def _id(answer: httpx.Response) -> str:
    return str(answer.json()["entry"][0]["response"]["location"]).split("/")[1]


def issue(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["issue"][0]
    return found
