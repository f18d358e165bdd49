"""A referral as a partner's system would send it in FHIR, with good defaults."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from facades.fhir import codes
from facades.fhir.seeing import Resource
from tests.facades.network import Partner

ALL_CLASSES = ("IDENTITY", "CONTACT", "LANGUAGE", "NEED", "OUTCOME")


def patient(**more: Any) -> Resource:
    return {
        "resourceType": "Patient",
        "name": [{"given": ["Marisol"], "family": "Q."}],
        "telecom": [{"system": "phone", "value": "559-555-0101"}],
        "communication": [{"language": {"coding": [{"system": codes.LANGUAGES, "code": "es"}]}}],
        "address": [{"postalCode": "93721"}],
        **more,
    }


def consent(
    classes: tuple[str, ...] = ALL_CLASSES,
    purposes: tuple[str, ...] = ("REFERRAL_DELIVERY", "STATUS_BACK"),
    **more: Any,
) -> Resource:
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": codes.CONSENT_SCOPES, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": codes.ACT_CODES, "code": "IDSCL"}]}],
        "language": "es",
        "extension": [{"url": codes.METHOD, "valueCode": "WRITTEN"}],
        "policyRule": {"coding": [{"system": codes.SCRIPTS, "code": "network-1"}]},
        "provision": {
            "type": "permit",
            "class": [{"system": codes.DATA_CLASSES, "code": one} for one in classes],
            "purpose": [{"system": codes.PURPOSES, "code": one} for one in purposes],
        },
        **more,
    }


def referral(to: Partner, **more: Any) -> dict[str, Resource]:
    """The four resources, by kind; `more` replaces or, where it is None, leaves out."""
    made: dict[str, Any] = {
        "Task": {
            "resourceType": "Task",
            "status": "requested",
            "intent": "order",
            "identifier": [{"system": "https://ehr.example", "value": f"VC-{uuid4().hex[:8]}"}],
            "focus": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000002"},
            "for": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000003"},
            "owner": {"reference": f"Organization/{to.organization}"},
        },
        "ServiceRequest": {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "code": {"text": "A food box each week"},
            "subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000003"},
            "performer": [{"reference": f"HealthcareService/{to.service}"}],
            "note": [{"text": "Works mornings."}],
        },
        "Patient": patient(),
        "Consent": consent(),
    }
    return {kind: one for kind, one in {**made, **more}.items() if one is not None}


def bundle(parts: dict[str, Resource], identifier: str | None = None, type_: str = "transaction") -> Resource:
    entries = [
        {
            "fullUrl": f"urn:uuid:00000000-0000-4000-8000-{at:012d}",
            "resource": one,
            "request": {"method": "POST", "url": kind},
        }
        for at, (kind, one) in enumerate(parts.items(), 1)
    ]
    if type_ == "message":
        for entry in entries:
            del entry["request"]
    value = identifier or str(uuid4())
    return {
        "resourceType": "Bundle",
        "type": type_,
        "identifier": {"system": "https://ehr.example/bundles", "value": value},
        "entry": entries,
    }


async def send(sender: Partner, to: Partner, **more: Any) -> str:
    """The id of a referral that was sent by FHIR."""
    answer = await sender.fhir("POST", "", bundle(referral(to, **more)))
    assert answer.status_code == 200, answer.text
    location: str = answer.json()["entry"][0]["response"]["location"]
    return location.split("/")[1]
