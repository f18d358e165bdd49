"""Closed sets of the domain, under the names that they have in the graph."""

from __future__ import annotations

from typing import Final

import strawberry

from services.referrals.domain import (
    appointments,
    clients,
    clocks,
    conflicts,
    consent,
    emergencies,
    erasing,
    hand_off,
    holding,
    household,
    lifecycle,
    offers,
    receipt_words,
    tasks,
)
from vereda.attaching import kinds

_ENUMS: Final = (
    (kinds.AttachmentKind, "AttachmentKind", "What kind of document it is."),
    (kinds.AttachmentState, "AttachmentState", "How far an attachment is."),
    (kinds.AttachmentScan, "AttachmentScan", "What was done to find malware in it."),
    (
        conflicts.ConflictNames,
        "ConflictNames",
        "How an organisation has the names that it checks conflicts with.",
    ),
    (conflicts.ConflictResult, "ConflictResult", "What came of a conflict check."),
    (hand_off.HandOffChannel, "HandOffChannel", "How two workers and a client meet."),
    (hand_off.HandOffFact, "HandOffFact", "What has become of a hand-off."),
    (household.Relation, "HouseholdRelation", "What somebody is to the client."),
    (clients.AgeBand, "AgeBand", "An age, no closer than this."),
    (clients.ContactMode, "ContactMode", "How a client may be contacted."),
    (clients.Modality, "ClientLanguageModality", "How the client uses their language."),
    (clients.ContactSystem, "ContactSystem", "By what a client can be reached."),
    (clients.ContactResult, "ContactResult", "How one try to reach a client went."),
    (clocks.Urgency, "ReferralUrgency", "An emergency is not a referral: call 911 or 988."),
    (consent.Purpose, "ConsentPurpose", "What data may be used for."),
    (consent.Method, "ConsentMethod", "How consent was given."),
    (emergencies.Danger, "EmergencyDanger", "The danger to life that is stated; there is no other ground."),
    (receipt_words.ReceiptLanguage, "ReceiptLanguage", "In what a receipt can be printed."),
    (consent.Presence, "ConsentPresenceRole", "In what part somebody was there when consent was given."),
    (
        consent.RevokedHow,
        "ConsentRevokedHow",
        "How a consent was taken back. SUPERSEDED and ERASED are never said, but follow.",
    ),
    (consent.Grantor, "ConsentGrantor", "Who gave it."),
    (erasing.Basis, "ErasureBasis", "On what occasion a client is erased (R22)."),
    (erasing.KeyState, "ClientKeyState", "Whether a client's data can still be read."),
    (holding.HoldReason, "LegalHoldReason", "Why nothing of a client may be destroyed."),
    (holding.HoldState, "LegalHoldState", "Two people place a hold, two lift it (R24)."),
    (holding.DemandState, "LegalDemandState", "What was decided about a demand."),
    (lifecycle.Party, "ReferralParty", "In what part somebody acts on a referral."),
    (lifecycle.Reason, "ReferralReason", "Why a referral ended as it did."),
    (lifecycle.Outcome, "ReferralOutcome", "What came of a referral."),
    (lifecycle.SubState, "ReferralSubState", "Within SCHEDULED: what became of the newest appointment."),
    (offers.OfferState, "OpenOfferState", "Where an open offer to one organisation stands."),
    (tasks.TaskKind, "ReferralTaskKind", "What an organisation still has to do about a referral."),
    (appointments.AppointmentStatus, "AppointmentStatus", "Where an appointment stands."),
    (appointments.AppointmentMode, "AppointmentMode", "How people meet."),
    (lifecycle.Loop, "ReferralLoop", "Whether both sides agree on how it ended."),
)


for _kind, _name, _description in _ENUMS:
    strawberry.enum(_kind, name=_name, description=_description)
