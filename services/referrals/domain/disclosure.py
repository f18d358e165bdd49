"""Who reads which field about a client, under what: the one table (DOMAIN 4.4; R7, R12-R16, R18).

Code asks it by a field's name in the graph, `docs/disclosure.md` is printed from it, and tests hold every field of
the types in it against the schema. A field that is not in it is shown to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from services.referrals.domain.consent import DataClass, Purpose


class Reader(StrEnum):
    """In what part somebody reads a referral and its client."""

    AUTHOR = "AUTHOR"
    SENDER = "SENDER"
    RECIPIENT = "RECIPIENT"
    COORDINATOR = "COORDINATOR"
    FUNDER = "FUNDER"


class Rung(IntEnum):
    """How exactly the kind of help is told: the ladder of R13. More is more exact."""

    HIDDEN = 0
    DOMAIN = 1
    CATEGORY = 2
    EXACT = 3


#: How exactly each reader learns the kind of help (R13). Coordinators and funders are shown no referral at all: theirs
#: is what reports tell of many together.
LADDER: Final[Mapping[Reader, Rung]] = {
    Reader.RECIPIENT: Rung.EXACT,
    Reader.AUTHOR: Rung.EXACT,
    Reader.SENDER: Rung.DOMAIN,
    Reader.COORDINATOR: Rung.DOMAIN,
    Reader.FUNDER: Rung.HIDDEN,
}


def rung(reader: Reader, *, survivor: bool) -> Rung:
    """How exactly `reader` learns the kind of help; of a survivor's, nobody but the recipient more than the domain."""
    usual = LADDER[reader]
    return min(usual, Rung.DOMAIN) if survivor and reader is not Reader.RECIPIENT else usual


class Rule(StrEnum):
    """Under what a field is shown to who may know of its object at all, which row-level security decides."""

    SHOWN = "SHOWN"
    CONSENTED = "CONSENTED"
    STATUS = "STATUS"
    OUTCOME = "OUTCOME"
    LADDER = "LADDER"
    CAPTURER = "CAPTURER"
    OWN_PART = "OWN_PART"
    AUTHORED = "AUTHORED"
    RECIPROCAL = "RECIPROCAL"
    GIVEN = "GIVEN"
    OWN_STAFF = "OWN_STAFF"
    CHECKED = "CHECKED"
    CHECKER = "CHECKER"
    OWN = "OWN"
    STATED = "STATED"


#: What each rule says, for people.
RULES: Final[Mapping[Rule, str]] = {
    Rule.SHOWN: "to whoever may know of the object",
    Rule.CONSENTED: "to the home organisation; to others under a consent in force that names them, the class and the"
    " purpose, through a referral that opens it (R6, R12, R14)",
    Rule.STATUS: "to the recipient; to the sender while a consent in force has STATUS_BACK (R7)",
    Rule.OUTCOME: "as STATUS, and to the sender if the consent has the class OUTCOME as well",
    Rule.LADDER: "to the recipient and to who wrote the referral; to others of the sender's staff as exactly as the ladder"
    " says (R13)",
    Rule.CAPTURER: "to the organisation that recorded it",
    Rule.OWN_PART: "whole to the organisation that recorded it, to a recipient its own part; where it names a survivor's"
    " recipients, of the recording staff to who recorded it alone",
    Rule.AUTHORED: "as SHOWN; of a survivor's, to the recipient and to who wrote the referral (R13, R16)",
    Rule.GIVEN: "to the side whose worker wrote it, of the sender's staff to who wrote it and to the referral's author (R13); of what the sender gave, to the recipient as CONSENTED; of what the recipient gave,"
    " to the sender while a consent in force has STATUS_BACK (R7); what is privileged never to the other side (R15)",
    Rule.OWN_STAFF: "to the organisation whose worker it names",
    Rule.CHECKED: "to who wrote the referral, until it is sent; to a legal recipient as CONSENTED, as names or blind as its"
    " own setting says (R14)",
    Rule.CHECKER: "to the recipient whose check it is",
    Rule.OWN: "to the organisation whose it is, and to no other",
    Rule.STATED: "to the client's home organisation, and for the hour to the person who stated it (R29)",
    Rule.RECIPROCAL: "to the sender; to the recipient while a consent in force has STATUS_BACK",
}

_ALL_BUT_SEALED: Final = frozenset(DataClass) - {DataClass.LEGAL_PRIVILEGED}
#: The most that each purpose needs: a request that names one reads no more, its own organisation's data included (R18).
PURPOSE_CLASSES: Final[Mapping[Purpose, frozenset[DataClass]]] = {
    Purpose.REFERRAL_DELIVERY: _ALL_BUT_SEALED - {DataClass.PROGRAM, DataClass.FINANCIAL},
    Purpose.STATUS_BACK: frozenset({DataClass.OUTCOME, DataClass.SERVICE_DETAIL}),
    Purpose.APPOINTMENT: frozenset(
        {
            DataClass.IDENTITY,
            DataClass.CONTACT,
            DataClass.LANGUAGE,
            DataClass.SERVICE_DETAIL,
            DataClass.OUTCOME,
        }
    ),
    Purpose.PROGRAM_ENROLMENT: frozenset(
        {DataClass.IDENTITY, DataClass.CONTACT, DataClass.LANGUAGE, DataClass.PROGRAM}
    ),
    Purpose.GRANT_APPLICATION: frozenset(
        {DataClass.IDENTITY, DataClass.CONTACT, DataClass.LANGUAGE, DataClass.PROGRAM, DataClass.FINANCIAL}
    ),
    Purpose.FOLLOW_UP: frozenset(
        {
            DataClass.IDENTITY,
            DataClass.CONTACT,
            DataClass.LANGUAGE,
            DataClass.OUTCOME,
            DataClass.SERVICE_DETAIL,
        }
    ),
    Purpose.AGGREGATE: frozenset(),
    Purpose.RESEARCH: frozenset(),
}


def purpose_of(declared: str | None) -> Purpose | None:
    """The purpose that a request names; REFERRAL_DELIVERY where it names none, None where it names no purpose of ours,
    which opens nothing."""
    if declared is None:
        return Purpose.REFERRAL_DELIVERY
    return Purpose(declared) if declared in Purpose.__members__ else None


def needed_for(declared: str | None, data_class: DataClass) -> bool:
    """Whether the purpose that a request names, if any, needs the class (R18)."""
    if declared is None:
        return True
    purpose = purpose_of(declared)
    return purpose is not None and data_class in PURPOSE_CLASSES[purpose]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the graph. `conflict_set`: a conflict check needs it, so it is shown before one is cleared (R14)."""

    name: str
    rule: Rule
    data_class: DataClass | None = None
    conflict_set: bool = False


def _of(type_: str, rule: Rule, *names: str, data_class: DataClass | None = None) -> tuple[Field, ...]:
    return tuple(Field(f"{type_}.{name}", rule, data_class) for name in names)


_D = DataClass
#: A new field of these types is one more name here.
FIELDS: Final[tuple[Field, ...]] = (
    *_of("Client", Rule.SHOWN, "handle", "keyState", "assurance", "consents", "referrals"),
    Field("Client.displayName", Rule.CONSENTED, _D.IDENTITY, conflict_set=True),
    *_of("Client", Rule.CONSENTED, "ageBand", "county", "zip3", data_class=_D.IDENTITY),
    *_of("Client", Rule.CONSENTED, "contacts", "contactMode", "safeHours", data_class=_D.CONTACT),
    *_of("Client", Rule.CONSENTED, "language", "languageModality", data_class=_D.LANGUAGE),
    *_of(
        "Referral",
        Rule.SHOWN,
        "id",
        "version",
        "urgency",
        "sentAt",
        "changedAt",
        "sender",
        "client",
        "consent",
        "parent",
        "children",
        "status",
    ),
    *_of("Referral", Rule.CAPTURER, "offers", "consentReadingAt", "interpreterLanguage"),
    *_of("Referral", Rule.RECIPROCAL, "placerId", data_class=_D.OUTCOME),
    *_of("Referral", Rule.AUTHORED, "recipient", data_class=_D.SERVICE_DETAIL),
    *_of("Referral", Rule.LADDER, "service", data_class=_D.SERVICE_DETAIL),
    *_of("Referral", Rule.LADDER, "suggestedService", "suggestedOrganization", data_class=_D.SERVICE_DETAIL),
    *_of("Referral", Rule.LADDER, "serviceCategory", "serviceDomain", data_class=_D.SERVICE_DETAIL),
    *_of("Referral", Rule.CONSENTED, "needs", "narrative", data_class=_D.NEED),
    *_of(
        "Referral",
        Rule.STATUS,
        "state",
        "fillerId",
        "fhirStatus",
        "bserStatus",
        "subState",
        "waitingPlace",
        "resumeOn",
        "firstContactAt",
        "loop",
        "reason",
        "dueAt",
        "timeline",
        "allowedMoves",
        data_class=_D.OUTCOME,
    ),
    *_of("Referral", Rule.OUTCOME, "outcome", data_class=_D.OUTCOME),
    *_of("Referral", Rule.STATUS, "appointments", data_class=_D.OUTCOME),
    *_of(
        "Appointment",
        Rule.SHOWN,
        "id",
        "startsAt",
        "endsAt",
        "mode",
        "interpreterLanguage",
        "status",
        "proposedBy",
        "version",
        "referral",
        "checkInCode",
    ),
    *_of("Appointment", Rule.LADDER, "workshop", data_class=_D.SERVICE_DETAIL),
    *_of("AllowedMove", Rule.SHOWN, "move", "through", "needsOutcome", "needsOffer", "reasons", "forbidden"),
    *_of("SentOffer", Rule.SHOWN, "offeredAt"),
    *_of("SentOffer", Rule.STATUS, "state", data_class=_D.OUTCOME),
    *_of("SentOffer", Rule.AUTHORED, "organization", data_class=_D.SERVICE_DETAIL),
    *_of("SentOffer", Rule.LADDER, "service", data_class=_D.SERVICE_DETAIL),
    *_of("Referral", Rule.SHOWN, "messages"),
    *_of("Referral", Rule.GIVEN, "unreadMessages", data_class=_D.NEED),
    *_of("Message", Rule.SHOWN, "id", "writtenAt", "expiresAt", "privileged", "unread"),
    *_of("Message", Rule.AUTHORED, "author", data_class=_D.SERVICE_DETAIL),
    *_of("Message", Rule.OWN_STAFF, "writtenBy"),
    *_of("Message", Rule.GIVEN, "text", data_class=_D.NEED),
    *_of("Client", Rule.SHOWN, "version"),
    *_of("Client", Rule.OWN_PART, "disclosures"),
    *_of("ClientDisclosure", Rule.OWN_PART, "at", "how", "dataClasses", "purpose", "consent", "recipient"),
    *_of("Client", Rule.CONSENTED, "household", data_class=_D.IDENTITY),
    *_of("HouseholdMember", Rule.CONSENTED, "relation", "ageBand", "name", data_class=_D.IDENTITY),
    *_of("HouseholdMember", Rule.CONSENTED, "language", data_class=_D.LANGUAGE),
    Field("Referral.conflictSet", Rule.CHECKED, _D.IDENTITY, conflict_set=True),
    *_of("ConflictSet", Rule.SHOWN, "alsoKnownAs", "opposingParties"),
    *_of("Referral", Rule.CHECKER, "conflictChecks"),
    *_of(
        "ConflictCheck",
        Rule.SHOWN,
        "requestedAt",
        "requestedBy",
        "result",
        "concludedAt",
        "concludedBy",
        "namesAsked",
    ),
    *_of("Referral", Rule.OWN_STAFF, "assignee"),
    *_of("Referral", Rule.GIVEN, "handOffs", data_class=_D.NEED),
    *_of("HandOff", Rule.SHOWN, "id", "channel", "arrangedFor", "steps"),
    *_of("HandOff", Rule.AUTHORED, "arrangedBy", data_class=_D.SERVICE_DETAIL),
    *_of("HandOff", Rule.GIVEN, "senderWorker", "recipientWorker", data_class=_D.NEED),
    *_of("HandOff", Rule.OWN_STAFF, "yourWorker"),
    *_of("HandOffStep", Rule.SHOWN, "fact", "at"),
    # Each attachment is of a class of its own, NEED if nothing else was said: those of others are not listed.
    *_of("Referral", Rule.GIVEN, "attachments", data_class=_D.NEED),
    *_of(
        "Attachment",
        Rule.SHOWN,
        "id",
        "dataClass",
        "kind",
        "state",
        "scan",
        "startedAt",
        "bytes",
        "parts",
        "mediaType",
    ),
    *_of("Attachment", Rule.AUTHORED, "author", data_class=_D.SERVICE_DETAIL),
    *_of("Attachment", Rule.GIVEN, "name", "part", data_class=_D.NEED),
    *_of(
        "ReferralEvent",
        Rule.SHOWN,
        "sequence",
        "move",
        "fromState",
        "toState",
        "party",
        "reason",
        "occurredAt",
    ),
    *_of("ReferralEvent", Rule.OUTCOME, "outcome", data_class=_D.OUTCOME),
    *_of("ReferralEvent", Rule.AUTHORED, "actor", data_class=_D.SERVICE_DETAIL),
    *_of(
        "Consent",
        Rule.SHOWN,
        "id",
        "active",
        "grantor",
        "method",
        "oneReferral",
        "partial",
        "serviceDomains",
        "revokedHow",
        "destructions",
        "purposes",
        "dataClasses",
        "scopeSentence",
        "validFrom",
        "expiresAt",
        "revokedAt",
    ),
    *_of("Consent", Rule.OWN_PART, "recipients"),
    # An emergency access is known to whose person opened it and to the client's home; the client is read by its own rows.
    *_of(
        "EmergencyAccess",
        Rule.SHOWN,
        "id",
        "danger",
        "openedAt",
        "expiresAt",
        "clientToldAt",
        "client",
        "organization",
        "reviews",
        "reviewsDueAt",
        "overdue",
    ),
    *_of("EmergencyAccess", Rule.OWN_STAFF, "openedBy"),
    *_of("EmergencyAccess", Rule.STATED, "statement", data_class=_D.IDENTITY),
    *_of("EmergencyReview", Rule.SHOWN, "organization", "justified", "reviewedAt"),
    *_of("PrivilegedNote", Rule.OWN, "id", "author", "thumbprint", "sealed", "writtenAt"),
    *_of("PossibleDuplicate", Rule.OWN, "handle", "score", "likenesses"),
    *_of("ClientLink", Rule.OWN, "id", "other", "evidence", "linkedAt", "unlinkedAt"),
    *_of(
        "LegalHold",
        Rule.OWN,
        "id",
        "clientHandle",
        "reason",
        "state",
        "proposedAt",
        "placedAt",
        "liftedAt",
    ),
    *_of(
        "LegalDemand",
        Rule.OWN,
        "id",
        "kind",
        "servedOn",
        "dueOn",
        "servedBy",
        "scope",
        "counsel",
        "clientHandles",
        "state",
        "decidedAt",
        "exportedAt",
    ),
    *_of("ReferralTask", Rule.OWN, "id", "kind", "openedAt", "referral"),
    # Made to one candidate, without anybody in it; the language where the client consented to telling it.
    *_of(
        "OpenOffer",
        Rule.OWN,
        "id",
        "domain",
        "urgency",
        "language",
        "state",
        "offeredAt",
        "answerBy",
        "service",
        "sender",
    ),
    *_of(
        "Consent",
        Rule.CAPTURER,
        "language",
        "scriptVersion",
        "scriptHash",
        "receiptHash",
        "supersedes",
        "present",
        "receipt",
    ),
)
BY_FIELD: Final[Mapping[str, Field]] = {field.name: field for field in FIELDS}
