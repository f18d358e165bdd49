"""What stands for what: the graph's codes and those of HL7 FHIR R4, the SDOH Clinical Care guide and BSeR.

Tables alone. The graph itself says `fhirStatus` and `bserStatus` of a referral; what is here leads the other way, and
gives the graph's own codes a place in FHIR, under systems of our own beside the published ones, so that nothing is lost
on the way. `docs/exchange.md` is printed from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Our own code systems and extensions (RFC 8141 names: nobody has to be asked what they mean but these docs).
OURS: Final = "urn:vereda:fhir"
STATES: Final = f"{OURS}:referral-state"
REASONS: Final = f"{OURS}:referral-reason"
OUTCOMES: Final = f"{OURS}:referral-outcome"
LOOP: Final = f"{OURS}:referral-loop"
DATA_CLASSES: Final = f"{OURS}:data-class"
PURPOSES: Final = f"{OURS}:purpose"
TAXONOMY: Final = f"{OURS}:taxonomy"
SCRIPTS: Final = f"{OURS}:consent-script"
#: Extensions: under which consent something was disclosed (R11), how consent was given (R8), what room there is.
DISCLOSED_UNDER: Final = f"{OURS}:disclosed-under"
METHOD: Final = f"{OURS}:consent-method"
PRESENT: Final = f"{OURS}:consent-present"
CAPACITY: Final = f"{OURS}:capacity"
AGE_BAND: Final = f"{OURS}:age-band"
CONTACT_MODE: Final = f"{OURS}:contact-mode"
COUNTY: Final = f"{OURS}:county"

BSER: Final = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"
TASK_CODES: Final = "http://hl7.org/fhir/CodeSystem/task-code"
IDENTIFIER_TYPES: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
ACT_CODES: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONSENT_SCOPES: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
PARTICIPATIONS: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
CONSENT_ACTIONS: Final = "http://terminology.hl7.org/CodeSystem/consentaction"
ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
SDOH: Final = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition"
LANGUAGES: Final = "urn:ietf:bcp:47"

#: ServiceRequest.priority. `stat` has no urgency: an emergency is not a referral.
PRIORITY: Final[Mapping[str, str]] = {"ROUTINE": "routine", "SOON": "urgent", "URGENT": "asap"}
URGENCY: Final = {priority: urgency for urgency, priority in PRIORITY.items()}

#: Patient.telecom.system. Somebody else through whom to reach the client is no system of FHIR's.
TELECOM: Final[Mapping[str, str]] = {
    "PHONE": "phone",
    "SMS": "sms",
    "EMAIL": "email",
    "THROUGH_PERSON": "other",
}
CONTACT: Final = {"phone": "PHONE", "sms": "SMS", "email": "EMAIL"}

#: ServiceRequest.status, by Task.status (SDOH Clinical Care, referral workflow).
REQUEST_STATUS: Final[Mapping[str, str]] = {
    "draft": "draft",
    "rejected": "revoked",
    "cancelled": "revoked",
    "failed": "revoked",
    "completed": "completed",
    "entered-in-error": "entered-in-error",
}

#: HealthcareService's capacity in the guide's words.
CAPACITY_CODES: Final[Mapping[str, str]] = {
    "CAPACITY": "capacity",
    "NO_CAPACITY": "no-capacity",
    "WAITLIST": "waitlist",
    "ASSESSMENT_REQUIRED": "additional-assessment-required",
}

#: Reasons in words, since the guide wants `statusReason.text` wherever there is a reason.
REASON_TEXT: Final[Mapping[str, str]] = {
    "NO_CAPACITY": "No room at the moment",
    "NOT_ELIGIBLE": "Not eligible for this service",
    "OUT_OF_AREA": "Outside of the area that is served",
    "LANGUAGE_UNAVAILABLE": "The client's language is not available",
    "CONFLICT": "Conflict of interest",
    "DUPLICATE": "Already referred",
    "SERVICE_ENDED": "The service has ended",
    "NOT_AUTHORISED_PRACTICE": "Not authorised to help with this",
    "CLIENT_DECLINED": "The client does not want it",
    "CLIENT_SERVED_ELSEWHERE": "The client is served elsewhere",
    "UNSAFE_TO_CONTACT": "Contact would not be safe",
    "NO_RESPONSE": "Nobody answered",
    "OTHER": "Another reason",
    "UNAVAILABLE": "The service is not available",
}

OUTCOME_TEXT: Final[Mapping[str, str]] = {
    "SERVED_FULLY": "Helped with all that was needed",
    "SERVED_PARTLY": "Helped in part",
    "ADVICE_ONLY": "Given advice",
    "ON_WAITLIST_ELSEWHERE": "Waits elsewhere",
    "NOT_ELIGIBLE_AFTER_INTAKE": "Not eligible, as intake showed",
    "CLIENT_WITHDREW": "The client withdrew",
    "NO_SHOW_FINAL": "The client did not come",
}


@dataclass(frozen=True, slots=True)
class Way:
    """By which moves somebody who sets a Task to `status` gets from where the referral stands to `to`.

    `moves` are tried from the one that is allowed now on: who accepts what they have not opened yet opens it first."""

    status: str
    to: str
    moves: tuple[str, ...]


#: In the order in which they are tried. The recipient's and the sender's moves are told apart by the graph, which allows
#: each side its own (SDOH Clinical Care, Task: the requester sets draft, requested, cancelled and entered-in-error, the
#: owner the others, and either may cancel).
WAYS: Final = (
    Way("accepted", "ACCEPTED", ("OPEN", "ACCEPT")),
    Way("accepted", "ACCEPTED", ("REOPEN_CONTACT",)),
    Way("rejected", "DECLINED", ("DECLINE",)),
    Way("in-progress", "IN_SERVICE", ("RESUME",)),
    Way("in-progress", "IN_SERVICE", ("REOPEN_SERVICE",)),
    Way("in-progress", "IN_SERVICE", ("START",)),
    Way("on-hold", "ON_HOLD", ("HOLD",)),
    Way("on-hold", "WAITLISTED", ("OPEN", "WAITLIST")),
    Way("completed", "COMPLETED", ("START", "COMPLETE")),
    Way("failed", "NOT_COMPLETED", ("NOT_COMPLETE",)),
    Way("failed", "UNREACHABLE", ("GIVE_UP",)),
    Way("cancelled", "CANCELLED", ("CANCEL",)),
    Way("cancelled", "CANCELLED", ("CLIENT_CANCELS",)),
    Way("entered-in-error", "VOID", ("VOID",)),
    Way("requested", "IN_REVIEW", ("UNACCEPT",)),
    Way("requested", "IN_REVIEW", ("GIVE_INFORMATION",)),
    Way("requested", "IN_REVIEW", ("REFUSE_REDIRECT",)),
)

#: What Task.status alone does not say: `businessStatus` names the state, with a code of ours.
BY_STATE: Final[Mapping[str, tuple[str, ...]]] = {
    "IN_REVIEW": ("OPEN", "CLEAR_CONFLICT", "UNACCEPT", "GIVE_INFORMATION", "REFUSE_REDIRECT"),
    "CONFLICT_CHECK": ("START_CONFLICT_CHECK",),
    "INFO_REQUESTED": ("REQUEST_INFORMATION",),
    "SCHEDULED": ("SCHEDULE",),
    "IN_SERVICE": ("START", "RESUME"),
    "WAITLISTED": ("WAITLIST",),
    "ON_HOLD": ("HOLD",),
    "UNREACHABLE": ("GIVE_UP",),
    "NOT_COMPLETED": ("NOT_COMPLETE",),
}
#: And in BSeR's codes, where they say it.
BY_BSER: Final[Mapping[str, str]] = {"5.1.1": "SCHEDULED"}
