"""From the graph's objects to FHIR R4 resources: what the graph showed, where the SDOH Clinical Care guide puts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facades.fhir import codes
from facades.fhir.building import (
    codings,
    concept,
    instant,
    kept,
    language_concept,
    made,
    masked,
    reference,
    travelling,
)
from facades.fhir.seeing import Node, Resource, Seen


def task(node: Node, seen: Seen) -> Resource:
    """Where a referral stands (Task for Referral Management). A sender who may not know has a status that is masked, and
    learns from `businessStatus` whether it is open or closed (R7)."""
    status, reason, outcome = node["fhirStatus"], node["reason"], node["outcome"]
    built = made(
        "Task",
        node["id"],
        meta=_meta(node, "SDOHCC-TaskForReferralManagement"),
        identifier=_identifiers(node),
        partOf=[reference("Task", node["parent"]["id"])] if node["parent"] else None,
        status=status,
        _status=None if status else masked(),
        statusReason=concept(codes.REASONS, reason, codes.REASON_TEXT.get(reason or "", reason)),
        businessStatus=_business_status(node),
        intent="order",
        priority=codes.PRIORITY[node["urgency"]],
        code=concept(codes.TASK_CODES, "fulfill"),
        focus=reference("ServiceRequest", node["id"]),
        for_=reference("Patient", node["client"] and node["client"]["handle"]),
        authoredOn=node["sentAt"] and instant(node["sentAt"]),
        lastModified=instant(node["changedAt"]),
        requester=_organization(node, "sender"),
        owner=_organization(node, "recipient"),
        restriction={"period": {"end": instant(node["dueAt"])}} if node["dueAt"] else None,
    )
    if outcome:
        said = concept(codes.OUTCOMES, outcome, codes.OUTCOME_TEXT.get(outcome, outcome))
        built["output"] = [{"type": {"text": "outcome"}, "valueCodeableConcept": said}]
    return built


def _business_status(node: Node) -> dict[str, Any]:
    """BSeR's code where there is one, our own state, and whether both sides agree on the end; in words the state."""
    found = []
    if node["bserStatus"]:
        found.append({"system": codes.BSER, "code": node["bserStatus"]})
    if node["state"]:
        found.append({"system": codes.STATES, "code": node["state"]})
    if node["loop"]:
        found.append({"system": codes.LOOP, "code": node["loop"]})
    return kept({"coding": found, "text": node["subState"] or node["state"] or node["status"]})


def _identifiers(node: Node) -> list[dict[str, Any]]:
    """Placer's and filler's, each where the graph shows it (HL7 v2-0203)."""
    return [
        {"type": concept(codes.IDENTIFIER_TYPES, kind), "value": node[field]}
        for kind, field in (("PLAC", "placerId"), ("FILL", "fillerId"))
        if node[field]
    ]


def _organization(node: Node, field: str) -> dict[str, str] | None:
    return reference("Organization", node[field] and node[field]["id"])


def _meta(node: Node, profile: str) -> dict[str, Any]:
    return {
        "versionId": str(node["version"]),
        "lastUpdated": instant(node["changedAt"]),
        "profile": [f"{codes.SDOH}/{profile}"],
    }


def service_request(node: Node, seen: Seen) -> Resource:
    """What is asked for. The kind of help is told as exactly as the reader may know it (R13), the narrative as a note, and
    only where a consent opens it."""
    needs = node["needs"] or []
    service = node["service"]
    hidden = seen.masks("needs") or seen.masks("narrative")
    return made(
        "ServiceRequest",
        node["id"],
        meta=_meta(node, "SDOHCC-ServiceRequest"),
        extension=travelling(seen),
        identifier=_identifiers(node),
        status=_request_status(node),
        intent="order",
        category=[concept(codes.TAXONOMY, node["serviceDomain"])] if node["serviceDomain"] else None,
        priority=codes.PRIORITY[node["urgency"]],
        code=concept(codes.TAXONOMY, needs[0] if needs else node["serviceCategory"]),
        subject=reference("Patient", node["client"] and node["client"]["handle"]) or {"display": "not shown"},
        authoredOn=node["sentAt"] and instant(node["sentAt"]),
        requester=_organization(node, "sender"),
        performer=[
            one
            for one in (
                reference("HealthcareService", service and service["id"]),
                _organization(node, "recipient"),
            )
            if one
        ],
        reasonCode=[concept(codes.TAXONOMY, code) for code in needs],
        supportingInfo=[reference("Consent", node["consent"]["id"])] if node["consent"] else None,
        note=[{"text": node["narrative"]}] if node["narrative"] else [masked_note()] if hidden else None,
    )


def masked_note() -> dict[str, Any]:
    """A note has to have a text: one that is withheld has a text that is absent."""
    return {"_text": masked()}


def _request_status(node: Node) -> str:
    """`unknown` where its sender may not know (R4: the authoring system does not know which applies)."""
    status = node["fhirStatus"]
    if status is None:
        return "active" if node["status"] == "OPEN" else "unknown"
    return codes.REQUEST_STATUS.get(status, "on-hold" if status == "on-hold" else "active")


def patient(node: Node, seen: Seen) -> Resource:
    """As little of a person as the graph holds, and of that what a consent opens: never a birth date or a number of the
    state's (R1, R3). How they may be reached is no detail: whoever does not understand it must not use the rest."""
    county, name = node["county"], node["displayName"]
    mode = node["contactMode"]
    address = kept(
        {"district": county and county["name"], "postalCode": node["zip3"], "state": county and "CA"}
    )
    if county:
        address["extension"] = [{"url": codes.COUNTY, "valueCode": county["fips"]}]
    return made(
        "Patient",
        node["handle"],
        extension=[
            *travelling(seen),
            *([{"url": codes.AGE_BAND, "valueCode": node["ageBand"]}] if node["ageBand"] else ()),
        ],
        modifierExtension=_reached(mode, node["safeHours"]) if mode not in (None, "ANY") else None,
        name=[{"text": name}] if name else [masked()] if seen.masks("displayName") else None,
        telecom=[
            {"system": codes.TELECOM[one["system"]], "value": one["value"]} for one in node["contacts"] or ()
        ]
        or ([masked()] if seen.masks("contacts") else None),
        address=[address] if address else None,
        communication=[{"language": language_concept(node["language"]), "preferred": True}]
        if node["language"]
        else None,
    )


def _reached(mode: str, hours: str | None) -> list[dict[str, Any]]:
    parts = [{"url": "mode", "valueCode": mode}, *([{"url": "hours", "valueString": hours}] if hours else ())]
    return [{"url": codes.CONTACT_MODE, "extension": parts}]


def consent(node: Node, seen: Seen, client: str | None = None) -> Resource:
    """What the client allows: recipients, classes, purposes, time (the guide's Consent). `client`: their handle, where the
    graph's answer tells whose it is."""
    return made(
        "Consent",
        node["id"],
        meta={"profile": [f"{codes.SDOH}/SDOHCC-Consent"]},
        extension=[{"url": codes.METHOD, "valueCode": node["method"]}],
        status="active" if node["active"] else "inactive",
        scope=concept(codes.CONSENT_SCOPES, "patient-privacy"),
        category=[concept(codes.ACT_CODES, "IDSCL")],
        patient=reference("Patient", client),
        dateTime=instant(node["validFrom"]),
        policyRule={"text": node["scopeSentence"]},
        provision=kept(
            {
                "type": "permit",
                "period": {
                    "start": instant(node["validFrom"]),
                    "end": instant(node["revokedAt"] or node["expiresAt"]),
                },
                "actor": [
                    {
                        "role": concept(codes.PARTICIPATIONS, "IRCP"),
                        "reference": reference("Organization", one["id"]),
                    }
                    for one in node["recipients"]
                    if one
                ],
                "action": [concept(codes.CONSENT_ACTIONS, "disclose")],
                "purpose": codings(codes.PURPOSES, node["purposes"]),
                "class": codings(codes.DATA_CLASSES, node["dataClasses"]),
            }
        ),
    )


def organization(node: Node, seen: Seen) -> Resource:
    return made(
        "Organization",
        node["id"],
        active=node["status"] == "ACTIVE",
        type=[{"text": node["kind"]}],
        name=node["name"],
        alias=[node["alternateName"]] if node["alternateName"] else None,
        telecom=_telecom(url=node["website"], email=node["email"]),
    )


def healthcare_service(node: Node, seen: Seen) -> Resource:
    """A service of the directory, with what it can take on just now, while that is not too old to be believed."""
    capacity: Mapping[str, Any] | None = node["capacity"]
    return made(
        "HealthcareService",
        node["id"],
        meta={"profile": [f"{codes.SDOH}/SDOHCC-HealthcareService"]},
        extension=[_capacity(capacity)] if capacity and capacity["status"] in codes.CAPACITY_CODES else None,
        active=node["status"] == "ACTIVE",
        providedBy=reference("Organization", node["organization"]["id"]),
        type=[concept(codes.TAXONOMY, one["code"], one["name"]) for one in node["terms"]],
        name=node["name"],
        comment=node["description"],
        telecom=_telecom(email=node["email"]),
    )


def _capacity(capacity: Mapping[str, Any]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"url": "status", "valueCode": codes.CAPACITY_CODES[capacity["status"]]},
        {"url": "until", "valueDateTime": instant(capacity["expiresAt"])},
    ]
    if capacity["available"] is not None:
        parts.append({"url": "available", "valueUnsignedInt": capacity["available"]})
    return {"url": codes.CAPACITY, "extension": parts}


def _telecom(**said: str | None) -> list[dict[str, str]]:
    return [{"system": system, "value": value} for system, value in said.items() if value]
