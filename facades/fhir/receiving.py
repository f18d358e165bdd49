"""A referral comes in as a Bundle: Task, ServiceRequest, and who it is about and what they allow, new or known already.

The graph takes it in three writes: the client, the consent, the referral. Each has a key that is made from the Bundle's
identity, so that a Bundle that is sent again does nothing twice, and one that broke off midway goes on where it stopped. Until
the third, nothing has left the sender's own organisation; what is never sent is erased after thirty days (R23).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request

from facades.fhir import documents, intake
from facades.fhir.outcomes import Issue, checked, outcome, refused, succeeded, warning
from facades.fhir.reading import absent, is_id
from facades.fhir.refusing import check_barred
from facades.fhir.seeing import Resource
from facades.fhir.validating import validate
from vereda.facade import Ask

#: What a referral is made of; the first two have to be there.
_PARTS: Final = ("Task", "ServiceRequest", "Patient", "Consent")
#: What comes along and is known to the directory already, or is the envelope.
_KNOWN: Final = ("Organization", "HealthcareService", "MessageHeader")
MOST_ENTRIES: Final = 50


@dataclass(frozen=True, slots=True)
class Incoming:
    """The parts of a Bundle, with the full URLs that they are called by in it."""

    parts: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, frozenset[str]]
    key: str
    if_none_exist: str | None


@dataclass(slots=True)
class Made:
    """What came of each part: its kind's id and version; and what was left behind."""

    ids: dict[str, str] = field(default_factory=dict)
    version: int = 1
    existed: bool = False
    warnings: dict[str, list[Issue]] = field(default_factory=dict)


async def receive(ask: Ask, request: Request, bundle: Mapping[str, Any]) -> Made:
    """Take the referral in. Raises: RefusedError, of which nothing but what the message says was done."""
    _check_size(bundle)
    # A body of many small parts takes a while: beside the event loop, which others wait for.
    incoming = read_bundle(await asyncio.to_thread(validate, bundle, "Bundle"))
    for kind, part in incoming.parts.items():
        check_barred(part, kind)
    task, asked = incoming.parts["Task"], incoming.parts["ServiceRequest"]
    _check(task, incoming)
    made = Made()
    if incoming.if_none_exist is not None:
        given = {"placerId": incoming.if_none_exist}
        earlier = checked(await ask(documents.BY_PLACER, given, request))["referralByPlacerId"]
        if earlier is not None:
            made.ids |= {"Task": earlier["id"], "ServiceRequest": earlier["id"]}
            made.version, made.existed = earlier["version"], True
            return made
    service = await _service(ask, request, task, asked)
    sending = intake.request_of(asked, task, [one["code"] for one in service["terms"]])
    client, language = await _client(ask, request, incoming, made)
    consent = await _consent(ask, request, incoming, made, client, language, service["organization"]["id"])
    given = {**sending.input, "client": client, "consent": consent, "offer": service["offer"]}
    sent = await _write(
        ask, request, documents.SEND, "sendReferral", incoming.key, given, intake.REQUEST_PLACES
    )
    id_ = sent["referral"]["id"]
    made.ids |= {"Task": id_, "ServiceRequest": id_}
    made.version = sent["referral"]["version"]
    return made


def _check_size(bundle: Mapping[str, Any]) -> None:
    entries = bundle.get("entry")
    if isinstance(entries, list) and len(entries) > MOST_ENTRIES:
        raise refused(413, f"A Bundle has at most {MOST_ENTRIES} entries.", "Bundle.entry")


def read_bundle(bundle: Mapping[str, Any]) -> Incoming:
    """Raises: RefusedError 400, 422."""
    entries = bundle.get("entry", ())
    if bundle.get("type") not in ("transaction", "message"):
        raise refused(422, "A referral comes as a transaction or a message.", "Bundle.type")
    parts: dict[str, Mapping[str, Any]] = {}
    names: dict[str, frozenset[str]] = {}
    none_exist = None
    for at, entry in enumerate(entries):
        part, asked = entry.get("resource") or {}, entry.get("request", {})
        kind = part.get("resourceType")
        if asked.get("method", "POST") != "POST":
            raise refused(
                422, "What is new is posted; what is known is referred to.", f"Bundle.entry[{at}].request"
            )
        if kind in _PARTS:
            if kind in parts:
                raise refused(422, f"A Bundle is of one referral, with one {kind}.", f"Bundle.entry[{at}]")
            parts[kind] = part
            names[kind] = frozenset({str(entry.get("fullUrl")), f"{kind}/{part.get('id')}"})
        if kind == "Task" and asked.get("ifNoneExist"):
            none_exist = _identifier(str(asked["ifNoneExist"]), at)
    for kind in _PARTS[:2]:
        if kind not in parts:
            raise refused(422, f"A {kind} is needed.", "Bundle.entry")
    return Incoming(parts, names, _identity(bundle), none_exist)


def _identifier(query: str, at: int) -> str:
    values = parse_qs(query.lstrip("?")).get("identifier", [])
    if len(values) != 1:
        raise refused(422, "ifNoneExist takes identifier alone.", f"Bundle.entry[{at}].request.ifNoneExist")
    return values[0].rpartition("|")[2]


def _identity(bundle: Mapping[str, Any]) -> str:
    """What makes a Bundle the same one: its identifier; without one, all that it says."""
    identifier = bundle.get("identifier", {})
    said: Any = [identifier.get("system"), identifier.get("value")] if identifier.get("value") else bundle
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _check(task: Mapping[str, Any], incoming: Incoming) -> None:
    if task.get("status") != "requested":
        raise refused(422, "A referral that is sent is requested.", "Task.status")
    if task.get("focus", {}).get("reference") not in incoming.names["ServiceRequest"]:
        raise refused(422, "The Task's focus must be the ServiceRequest of the Bundle.", "Task.focus")


async def _service(
    ask: Ask, request: Request, task: Mapping[str, Any], asked: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The service of the directory that is asked, with its offer. Raises: RefusedError 422."""
    performers = [str(one.get("reference", "")) for one in asked.get("performer", ())]
    ids = [one.rpartition("HealthcareService/")[2] for one in performers if "HealthcareService/" in one]
    if len(ids) != 1 or not is_id(ids[0]):
        raise refused(
            422, "One HealthcareService of the directory is needed, by its id.", "ServiceRequest.performer"
        )
    service = checked(await ask(documents.OFFER, {"id": ids[0]}, request))["service"]
    if service is None:
        raise refused(422, "The directory has no such service.", "ServiceRequest.performer")
    owner = str(task.get("owner", {}).get("reference", "")).rpartition("Organization/")[2]
    if owner and owner != service["organization"]["id"]:
        raise refused(422, "The owner must be who provides the service.", "Task.owner")
    return dict(service)


async def _client(ask: Ask, request: Request, incoming: Incoming, made: Made) -> tuple[str, str]:
    """Whose referral it is, and their language. Raises: RefusedError."""
    patient = incoming.parts.get("Patient")
    subject = str(incoming.parts["ServiceRequest"].get("subject", {}).get("reference", ""))
    if patient is not None and subject in incoming.names["Patient"]:
        taken = intake.client_of(patient)
        made.warnings["Patient"] = taken.warnings
        key = _part_key(incoming.key, taken.input)
        recorded = await _write(
            ask, request, documents.RECORD_CLIENT, "recordClient", key, taken.input, intake.PATIENT_PLACES
        )
        made.ids["Patient"] = recorded["client"]["handle"]
        return made.ids["Patient"], taken.input["language"]
    handle = subject.rpartition("Patient/")[2]
    if not is_id(handle):
        raise refused(
            422, "The subject must be a Patient of the Bundle, or known here.", "ServiceRequest.subject"
        )
    known = checked(await ask(documents.CLIENT, {"id": handle}, request))["client"]
    if known is None:
        raise absent("Patient")
    return handle, known["language"] or "und"


async def _consent(
    ask: Ask, request: Request, incoming: Incoming, made: Made, client: str, language: str, recipient: str
) -> str:
    """Under which consent it goes: the Bundle's, or one that is known and referred to. Raises: RefusedError."""
    consent = incoming.parts.get("Consent")
    if consent is None:
        said = [str(one.get("reference", "")) for one in _supporting(incoming)]
        ids = [one.rpartition("Consent/")[2] for one in said if "Consent/" in one]
        if len(ids) != 1 or not is_id(ids[0]):
            raise refused(
                422, "A Consent is needed, in the Bundle or by its id.", "ServiceRequest.supportingInfo"
            )
        return ids[0]
    taken = intake.consent_of(consent, recipient, language)
    made.warnings["Consent"] = taken.warnings
    given = {**taken.input, "client": client}
    key = _part_key(incoming.key, given)
    recorded = await _write(
        ask, request, documents.RECORD_CONSENT, "recordConsent", key, given, intake.CONSENT_PLACES
    )
    made.ids["Consent"] = recorded["consent"]["id"]
    return made.ids["Consent"]


def _supporting(incoming: Incoming) -> Sequence[Mapping[str, Any]]:
    said: Sequence[Mapping[str, Any]] = incoming.parts["ServiceRequest"].get("supportingInfo", ())
    return said


def _part_key(bundle: str, given: Mapping[str, Any]) -> str:
    """A client or a consent that was mended after a refusal is another one; a referral never is: see `receive`."""
    content = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(bundle.encode() + content).hexdigest()


async def _write(
    ask: Ask,
    request: Request,
    document: str,
    field_: str,
    key: str,
    given: Mapping[str, Any],
    places: Mapping[str, str],
) -> Mapping[str, Any]:
    told = {name: value for name, value in given.items() if value is not None}
    answer = await ask(document, {"input": {"idempotencyKey": f"fhir:{key}", **told}}, request)
    return succeeded(checked(answer)[field_], places)


def response(bundle: Mapping[str, Any], made: Made) -> Resource:
    """The `transaction-response`: for each entry, in order, what became of it."""
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [{"response": _became(entry, made)} for entry in bundle["entry"]],
    }


def _became(entry: Mapping[str, Any], made: Made) -> dict[str, Any]:
    kind = str(entry.get("resource", {}).get("resourceType"))
    id_ = made.ids.get(kind)
    if id_ is None:
        text = (
            "The directory knows it." if kind in _KNOWN else "This is not kept: a referral does not need it."
        )
        said = outcome([] if made.existed and kind in _PARTS else [warning(text, kind)])
        return {"status": "200 OK", "outcome": said}
    found: dict[str, Any] = {
        "status": "200 OK" if made.existed else "201 Created",
        "location": f"{kind}/{id_}",
    }
    if kind in ("Task", "ServiceRequest"):
        found["location"] += f"/_history/{made.version}"
        found["etag"] = f'W/"{made.version}"'
    if made.warnings.get(kind):
        found["outcome"] = outcome(made.warnings[kind])
    return found
