"""From what a FHIR client sends to inputs of the graph: a Patient, a Consent, a ServiceRequest with its Task.

Nothing is guessed about a person or about what they allow. What cannot be read is refused with the element that it is
about; what is left behind is said in a warning; codes that are not ours go on as words.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from facades.fhir import codes
from facades.fhir.building import iso_639_3
from facades.fhir.outcomes import Issue, RefusedError, refused, warning
from facades.fhir.refusing import left_out

Given = Mapping[str, Any]
#: FHIR elements that fields of the graph's inputs come from, for what the graph says about them.
PATIENT_PLACES: Final = {
    "displayName": "Patient.name",
    "contacts": "Patient.telecom",
    "language": "Patient.communication.language",
    "county": "Patient.address.extension",
    "zip3": "Patient.address.postalCode",
    "contactMode": "Patient.modifierExtension",
    "safeHours": "Patient.modifierExtension",
}
CONSENT_PLACES: Final = {
    "recipients": "Consent.provision.actor",
    "purposes": "Consent.provision.purpose",
    "dataClasses": "Consent.provision.class",
    "language": "Consent.language",
    "scriptVersion": "Consent.policyRule",
    "scriptText": "Consent.policyRule",
    "present": "Consent.extension",
    "expiresAt": "Consent.provision.period.end",
}
REQUEST_PLACES: Final = {
    "narrative": "ServiceRequest.note",
    "needs": "ServiceRequest.reasonCode",
    "placerId": "Task.identifier",
    "offer": "ServiceRequest.performer",
}
#: The language of somebody of whom it was not said (ISO 639-3, undetermined).
_UNSAID: Final = "und"
_LONGEST_VERSION: Final = 40
#: Characters of a date that is more than a year or a month.
_WHOLE_DAY: Final = len("2026-01-31")


@dataclass(slots=True)
class Taken:
    """An input of the graph, with what was left behind on the way."""

    input: dict[str, Any]
    warnings: list[Issue] = field(default_factory=list)


def client_of(patient: Given) -> Taken:
    """A RecordClientInput, without its key. Raises: RefusedError 422."""
    taken = Taken({}, left_out(patient))
    for at, one in enumerate(patient.get("modifierExtension", ())):
        if one.get("url") != codes.CONTACT_MODE:
            raise refused(422, "What this changes is not understood.", f"Patient.modifierExtension[{at}]")
        parts = {part.get("url"): part for part in one.get("extension", ())}
        taken.input["contactMode"] = parts.get("mode", {}).get("valueCode")
        taken.input["safeHours"] = parts.get("hours", {}).get("valueString")
    for at, one in enumerate(patient.get("extension", ())):
        if one.get("url") == codes.AGE_BAND:
            taken.input["ageBand"] = one.get("valueCode")
        elif one.get("url") != codes.DISCLOSED_UNDER:
            taken.warnings.append(warning("This is not kept.", f"Patient.extension[{at}]"))
    taken.input["displayName"] = _name(patient.get("name", ()))
    taken.input["contacts"] = list(_contacts(patient.get("telecom", ()), taken.warnings))
    taken.input["language"] = _language(patient, taken.warnings)
    _place(patient.get("address", ()), taken)
    return taken


def _name(names: Sequence[Given]) -> str:
    by_use = {one.get("use", ""): one for one in reversed(names)}
    chosen = by_use.get("usual") or by_use.get("official") or (names[0] if names else {})
    said = chosen.get("text") or " ".join([*chosen.get("given", ()), chosen.get("family", "")]).strip()
    if not said:
        raise refused(422, "A name is needed; an alias will do.", "Patient.name")
    return str(said)


def _contacts(telecom: Sequence[Given], warnings: list[Issue]) -> Iterator[dict[str, str]]:
    for at, one in enumerate(telecom):
        system = codes.CONTACT.get(str(one.get("system")))
        if system is None or not one.get("value"):
            warnings.append(warning("Phones, SMS and e-mail are kept.", f"Patient.telecom[{at}]"))
        else:
            yield {"system": system, "value": str(one["value"])}


def _language(patient: Given, warnings: list[Issue]) -> str:
    spoken = sorted(patient.get("communication", ()), key=lambda one: not one.get("preferred", False))
    for one in spoken:
        for coding in one.get("language", {}).get("coding", ()):
            found = iso_639_3(str(coding.get("code", "")))
            if found is not None:
                return found
    warnings.append(warning("The language is not known: say it when you know it.", "Patient.communication"))
    return _UNSAID


def _place(addresses: Sequence[Given], taken: Taken) -> None:
    """A county, and the first three digits of a ZIP code: where exactly somebody lives is not taken (R3)."""
    for at, address in enumerate(addresses):
        for one in address.get("extension", ()):
            if one.get("url") == codes.COUNTY:
                taken.input["county"] = one.get("valueCode")
        digits = str(address.get("postalCode", ""))[:3]
        if len(digits) == 3 and digits.isascii() and digits.isdecimal():
            taken.input["zip3"] = digits
        if address.keys() & {"line", "city", "text"}:
            text = "Of an address three digits of the ZIP code are kept, and its county."
            taken.warnings.append(warning(text, f"Patient.address[{at}]"))


def consent_of(consent: Given, recipient: str, language: str) -> Taken:
    """A RecordConsentInput, without key and client. `recipient`: to whom the referral goes, where the Consent names
    nobody; `language`: the client's, where it names none.

    A consent that names no classes of data or no purposes is none (R6): the guide's own example is refused so.
    Raises: RefusedError 422.
    """
    taken = Taken({})
    provision = consent.get("provision", {})
    issues = [
        Issue("business-rule", text, f"Consent.{at}")
        for wrong, text, at in (
            (consent.get("status") != "active", "A consent must be active.", "status"),
            (
                provision.get("type", "permit") != "permit",
                "What is not allowed is not recorded.",
                "provision.type",
            ),
            (
                "provision" in provision,
                "Exceptions are not understood: say what is allowed.",
                "provision.provision",
            ),
            ("modifierExtension" in consent, "What this changes is not understood.", "modifierExtension"),
            (
                not _ours(provision.get("class"), codes.DATA_CLASSES),
                _needed(codes.DATA_CLASSES),
                "provision.class",
            ),
            (
                not _ours(provision.get("purpose"), codes.PURPOSES),
                _needed(codes.PURPOSES),
                "provision.purpose",
            ),
        )
        if wrong
    ]
    if issues:
        raise RefusedError(422, issues)
    actors = [str(one.get("reference", {}).get("reference", "")) for one in provision.get("actor", ())]
    named = [one.rpartition("Organization/")[2] for one in actors if "Organization/" in one]
    taken.input |= {
        "recipients": named or [recipient],
        "dataClasses": _ours(provision["class"], codes.DATA_CLASSES),
        "purposes": _ours(provision["purpose"], codes.PURPOSES),
        "method": _method(consent),
        "language": _consent_language(consent) or language,
        "present": list(_present(consent)),
    }
    end = provision.get("period", {}).get("end")
    if end is not None:
        if len(end) < _WHOLE_DAY:
            raise refused(422, "A consent ends on a day.", "Consent.provision.period.end")
        taken.input["expiresAt"] = end if "T" in end else f"{end}T00:00:00Z"
    taken.input |= _script(consent)
    if consent.get("sourceAttachment", {}).get("data"):
        text = "The document is not kept, but the SHA-256 of it."
        taken.warnings.append(warning(text, "Consent.sourceAttachment"))
    return taken


def _needed(system: str) -> str:
    return f"A consent names them, by codes of {system}: there is none to everything (R6)."


def _ours(said: Any, system: str) -> list[str]:
    return [str(one.get("code")) for one in said or () if one.get("system") == system]


def _method(consent: Given) -> str:
    for one in consent.get("extension", ()):
        if one.get("url") == codes.METHOD:
            return str(one.get("valueCode"))
    if consent.keys() & {"sourceAttachment", "sourceReference"}:
        return "WRITTEN"
    raise refused(422, f"How it was given must be said: an extension {codes.METHOD}.", "Consent.extension")


def _consent_language(consent: Given) -> str | None:
    said = consent.get("language") or consent.get("sourceAttachment", {}).get("language")
    return iso_639_3(str(said)) if said else None


def _present(consent: Given) -> Iterator[dict[str, str]]:
    for one in consent.get("extension", ()):
        if one.get("url") == codes.PRESENT:
            parts = {part.get("url"): part for part in one.get("extension", ())}
            yield {
                "role": str(parts.get("role", {}).get("valueCode")),
                "name": str(parts.get("name", {}).get("valueString")),
            }


def _script(consent: Given) -> dict[str, str]:
    """What was read to the client: the network's script of a version, other words, or a document by its hash."""
    rule = consent.get("policyRule", {})
    coding = (rule.get("coding") or [{}])[0]
    version = str(coding.get("code") or "")[:_LONGEST_VERSION]
    if coding.get("system") == codes.SCRIPTS and version:
        return {"scriptVersion": version}
    data = consent.get("sourceAttachment", {}).get("data")
    if data:
        try:
            digest = hashlib.sha256(base64.b64decode(data, validate=True)).hexdigest()
        except (binascii.Error, ValueError):
            raise refused(422, "This is not base64.", "Consent.sourceAttachment.data") from None
        return {"scriptVersion": version or "document", "scriptText": digest}
    if rule.get("text"):
        return {"scriptVersion": version or "words", "scriptText": str(rule["text"])}
    text = f"What was read to the client must be said: a code of {codes.SCRIPTS}, words, or a document."
    raise refused(422, text, "Consent.policyRule")


def request_of(request: Given, task: Given, terms: Sequence[str]) -> Taken:
    """A SendReferralInput, without key, client, consent and offer. `terms`: what the service itself is for, which is what
    is needed where nothing is said in codes of ours. Raises: RefusedError 422."""
    priority = request.get("priority") or task.get("priority") or "routine"
    if priority not in codes.URGENCY:
        raise refused(422, "An emergency is not a referral: call 911 or 988.", "ServiceRequest.priority")
    concepts = [
        *request.get("reasonCode", ()),
        *([request["code"]] if "code" in request else ()),
        *request.get("orderDetail", ()),
    ]
    needs = [code for one in concepts for code in _ours(one.get("coding"), codes.TAXONOMY)]
    words = [_words(one) for one in concepts if not _ours(one.get("coding"), codes.TAXONOMY)]
    notes = [str(one["text"]) for one in request.get("note", ()) if one.get("text")]
    narrative = "\n".join(dict.fromkeys([one for one in words if one] + notes))
    return Taken(
        {
            "needs": list(dict.fromkeys(needs)) or list(terms),
            "narrative": narrative or None,
            "urgency": codes.URGENCY[priority],
            "placerId": placer_of(task) or placer_of(request),
        }
    )


def _words(concept: Given) -> str:
    displays = [one.get("display") or one.get("code") for one in concept.get("coding", ())]
    return str(concept.get("text") or next((one for one in displays if one), ""))


def placer_of(resource: Given) -> str | None:
    """The sender's own identifier: the one of type PLAC, else the first."""
    identifiers: Sequence[Given] = resource.get("identifier", ())
    of_type = [
        one
        for one in identifiers
        if any(coding.get("code") == "PLAC" for coding in one.get("type", {}).get("coding", ()))
    ]
    found = [one["value"] for one in (*of_type, *identifiers) if one.get("value")]
    return str(found[0]) if found else None
