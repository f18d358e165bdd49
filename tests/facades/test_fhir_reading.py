"""What is read over FHIR: valid R4, no more than the graph shows, and every refusal an OperationOutcome."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from facades.fhir import codes
from facades.fhir.reading import READINGS
from facades.fhir.searching import INCLUDES
from facades.fhir.speaking import MOST_BYTES, MOST_PARTS
from facades.fhir.validating import validate
from tests.facades.bundles import ALL_CLASSES, bundle, consent, referral, send
from tests.facades.network import BASE, FHIR, Network, Partner
from vereda.caller import Scope
from vereda.ids import new_id

ALL = "&".join(f"_include={one}" for one in INCLUDES)


@pytest_asyncio.fixture
async def clinic(network: Network) -> Partner:
    return await network.member("Clinic")


@pytest_asyncio.fixture
async def pantry(network: Network) -> Partner:
    return await network.member("Pantry")


async def test_all_that_belongs_to_a_referral_is_valid_r4(clinic: Partner, pantry: Partner) -> None:
    id_ = await send(clinic, pantry)

    for reader in (clinic, pantry):
        found = await reader.read(f"/Task?_id={id_}&{ALL}")
        validate(found, "Bundle")
        kinds = [one["resource"]["resourceType"] for one in found["entry"]]
        assert kinds == ["Task", "ServiceRequest", "Patient", "Consent", "Organization", "Organization"]
        for one in found["entry"]:
            resource = one["resource"]
            validate(resource, resource["resourceType"])
            alone = await reader.read(one["fullUrl"].removeprefix(BASE))
            assert alone["id"] == resource["id"]
    service = await clinic.read(f"/HealthcareService/{pantry.service}")
    validate(service, "HealthcareService")
    assert service["type"] == [{"coding": [{"system": codes.TAXONOMY, "code": "basic.food"}], "text": "Food"}]
    assert {one["resource"]["resourceType"] for one in found["entry"]} | {"HealthcareService"} == set(
        READINGS
    )


async def test_r19_each_side_knows_the_client_by_a_handle_of_its_own(
    clinic: Partner, pantry: Partner
) -> None:
    id_ = await send(clinic, pantry)

    theirs = (await clinic.read(f"/Task/{id_}"))["for"], (await pantry.read(f"/Task/{id_}"))["for"]

    assert theirs[0] != theirs[1]


async def test_r12_a_class_that_was_not_consented_to_is_masked_and_not_missing(
    clinic: Partner, pantry: Partner
) -> None:
    id_ = await send(clinic, pantry, Consent=consent(("IDENTITY", "NEED")))

    patient = (await pantry.read(f"/Task?_id={id_}&_include=Task:patient"))["entry"][1]["resource"]

    assert patient["name"] == [{"text": "Marisol Q."}]
    assert patient["telecom"][0]["extension"][0]["valueCode"] == "masked"
    assert "communication" not in patient


async def test_r14_a_legal_recipient_reads_no_need_before_its_conflict_check(
    clinic: Partner, network: Network
) -> None:
    legal = await network.member("Legal aid", terms=("legal.housing",))
    id_ = await send(clinic, legal)

    before = await legal.read(f"/ServiceRequest/{id_}")

    assert "Works mornings" not in str(before)
    assert "masked" in str(before["note"])
    task = await legal.read(f"/Task/{id_}")
    for state in ("CONFLICT_CHECK", "IN_REVIEW"):
        task["businessStatus"] = {"coding": [{"system": codes.STATES, "code": state}]}
        answer = await legal.fhir("PUT", f"/Task/{id_}", {**task, "meta": {}})
        assert answer.status_code == 200, answer.text
    assert (await legal.read(f"/ServiceRequest/{id_}"))["note"] == [
        {"text": "A food box each week\nWorks mornings."}
    ]
    # To its sender a conflict check looked like any other wait.
    assert (await clinic.read(f"/Task/{id_}"))["status"] == "requested"


async def test_r16_nothing_tells_a_colleague_or_a_stranger_where_a_survivor_went(
    network: Network, clinic: Partner, pantry: Partner
) -> None:
    shelter = await network.member("Casa Segura", terms=("basic.shelter",))
    id_ = await send(clinic, shelter, Consent=consent((*ALL_CLASSES, "SURVIVOR")))
    colleague = clinic.colleague()
    known = {
        one["resource"]["resourceType"]: one["resource"]["id"]
        for one in (await clinic.read(f"/Task?_id={id_}&{ALL}"))["entry"]
        if one["resource"]["resourceType"] not in ("Organization", "HealthcareService")
    }
    paths = [
        f"/Task?{ALL}",
        f"/Task?_id={id_}&{ALL}",
        "/Task?status=requested",
        "/Task?_lastUpdated=ge2020-01-01",
        *(f"/{kind}/{one}" for kind, one in known.items()),
    ]

    told = [(await colleague.fhir("GET", path)).text for path in paths]
    by_owner = await colleague.read(f"/Task?owner=Organization/{shelter.organization}")

    secrets = (str(shelter.organization), str(shelter.service), "Casa Segura", "basic.shelter")
    assert [
        (path, one) for path, text in zip(paths, told, strict=True) for one in secrets if one in text
    ] == []
    assert "entry" not in by_owner
    assert id_ in told[0]
    for kind, one in known.items():
        there = await pantry.fhir("GET", f"/{kind}/{one}")
        nowhere = await pantry.fhir("GET", f"/{kind}/{new_id()}")
        assert (there.status_code, there.text) == (404, nowhere.text)


async def test_r26_there_is_no_list_of_patients(clinic: Partner) -> None:
    for path in ("/Patient", "/Patient?name=Marisol", "/ServiceRequest", "/Consent", "/Patient/$everything"):
        answer = await clinic.fhir("GET", path)
        assert answer.status_code == 404
        validate(answer.json(), "OperationOutcome")


async def test_a_system_that_may_only_receive_sees_its_inbox_alone(clinic: Partner, pantry: Partner) -> None:
    received = await send(clinic, pantry)
    await send(pantry, clinic)
    scopes = (Scope.REFERRAL_RECEIVE, Scope.DIRECTORY_READ, Scope.CLIENT_READ)

    found = await pantry.colleague(*scopes).read("/Task")
    neither = await pantry.colleague(Scope.DIRECTORY_READ).fhir("GET", "/Task")

    assert [one["resource"]["id"] for one in found["entry"]] == [received]
    assert (neither.status_code, neither.json()["issue"][0]["code"]) == (403, "forbidden")


async def test_r18_a_purpose_that_needs_less_is_shown_less(clinic: Partner, pantry: Partner) -> None:
    id_ = await send(clinic, pantry)

    answer = await pantry.fhir("GET", f"/ServiceRequest/{id_}", Vereda_Purpose="STATUS_BACK")
    unknown = await pantry.fhir("GET", f"/ServiceRequest/{id_}", Vereda_Purpose="no purpose")

    assert "Works mornings" not in answer.text
    assert unknown.status_code == 400


async def test_what_the_server_can_do_is_public_and_true(network: Network) -> None:
    answer = await network.http.get(f"{BASE}/metadata")
    smart = await network.http.get(f"{BASE}/.well-known/smart-configuration")

    statement = answer.json()
    validate(statement, "CapabilityStatement")
    assert (statement["fhirVersion"], statement["implementation"]["url"]) == ("4.0.1", BASE)
    for one in statement["rest"][0]["resource"]:
        assert (await network.http.get(f"{BASE}/{one['type']}/{new_id()}")).status_code == 401
    assert smart.json()["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


def get(path: str, **headers: str) -> tuple[str, str, Any, dict[str, str]]:
    return "GET", path, None, headers


REFUSED: dict[int, list[tuple[str, str, Any, dict[str, str]]]] = {
    404: [get(f"/Task/{new_id()}"), get("/Task/x"), get("/Nothing/x"), get("/Task/x/y"), get("//")],
    405: [("DELETE", f"/Task/{new_id()}", None, {}), get(""), ("POST", "/Task", {}, {}), ("PUT", "", {}, {})],
    406: [get("/Task", Accept="application/fhir+xml"), get("/Task?_format=xml")],
    415: [
        ("POST", "", {}, {"Content_Type": "application/xml"}),
        ("PATCH", f"/Task/{new_id()}", {}, {}),
        ("POST", "", {}, {"Content_Encoding": "gzip"}),
    ],
    413: [
        ("POST", "", {"resourceType": "Bundle", "x": "a" * MOST_BYTES}, {}),
        ("POST", "", {"resourceType": "Bundle", "x": [1] * (MOST_PARTS + 1)}, {}),
    ],
    400: [
        ("POST", "", {"resourceType": "Patient"}, {}),
        ("POST", "", [], {}),
        ("PUT", f"/Task/{new_id()}", {"resourceType": "Task", "status": "accepted", "intent": "order"}, {}),
        ("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": "all"}, {}),
    ],
}


@pytest.mark.parametrize("status", REFUSED)
async def test_every_refusal_is_an_outcome(clinic: Partner, status: int) -> None:
    for method, path, body, headers in REFUSED[status]:
        answer = await clinic.fhir(method, path, body, **headers)

        assert answer.status_code == status, (method, path, answer.text)
        assert answer.headers["content-type"].startswith(FHIR)
        assert answer.headers["cache-control"] == "no-store"
        validate(answer.json(), "OperationOutcome")


async def test_nobody_is_told_to_sign_in_before_anything_is_read(network: Network, pantry: Partner) -> None:
    for method, path in (("GET", "/Task"), ("POST", ""), ("PUT", "/Task/x"), ("PATCH", "/Task/x")):
        answer = await network.http.request(
            method, f"{BASE}{path}", content=b"{", headers={"Content-Type": "text/plain"}
        )
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        validate(answer.json(), "OperationOutcome")
    sent = bundle(referral(pantry))
    with_cookie = await network.http.post(
        BASE, json=sent, headers={"Cookie": "__Host-session=x", "Content-Type": FHIR}
    )
    assert with_cookie.status_code == 401


async def test_a_body_that_is_nested_without_end_is_not_followed(clinic: Partner, network: Network) -> None:
    body = b'{"resourceType":"Bundle","x":' + b"[" * 900 + b"]" * 900 + b"}"
    answer = await network.http.post(BASE, content=body, headers=clinic.headers({"Content-Type": FHIR}))

    assert answer.status_code == 400
