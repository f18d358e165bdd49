"""Closed sets of the domain, named for the graph."""

from __future__ import annotations

from typing import Final

import strawberry

from services.partners.domain.capacity import CapacitySource, CapacityStatus, CapacityUnit
from services.partners.domain.matching import Factor, Filter
from services.partners.domain.terms import (
    AccreditationLevel,
    AgeBand,
    CredentialStatus,
    LanguageModality,
    LanguageVia,
    LocationType,
    OrganizationKind,
    OrganizationStatus,
    PractitionerRole,
    RuleKind,
    Sensitivity,
    ServiceStatus,
    Urgency,
    Visibility,
    WorkshopStatus,
)
from services.partners.domain.volunteering import RequestAnswer, RequestState, ShiftRole, VolunteerState
from services.partners.domain.workshops import ClashKind

_ENUMS: Final = {
    LanguageModality: "How a language is used.",
    LanguageVia: "Who speaks it: a staff member is not a phone line.",
    AccreditationLevel: "PARTIAL: before DHS only. FULL: before DHS and the immigration courts.",
    CredentialStatus: "Standing on the DOJ roster.",
    OrganizationKind: "What sort of organisation it is.",
    OrganizationStatus: "Its standing in the network.",
    ServiceStatus: "Whether the service is offered (HSDS `service.status`).",
    Sensitivity: "How much the mere kind of the service tells about its client.",
    LocationType: "HSDS `location.location_type`.",
    Visibility: "Who may see a place's address.",
    PractitionerRole: "What a practitioner does.",
    WorkshopStatus: "How far a workshop is.",
    ClashKind: "How two workshops within two days of each other are in each other's way: the same help in one county or within 25"
    " miles, or one team for a language other than English and Spanish.",
    ShiftRole: "What somebody does at a workshop. The first two are for the authorised alone.",
    RequestState: "How far a request for volunteers is.",
    RequestAnswer: "What is said to a request: the partner accepts or declines, the host withdraws.",
    VolunteerState: "Whether somebody comes.",
    CapacityStatus: "Whether there is room; UNKNOWN where nothing was reported or the report has expired.",
    CapacitySource: "How a capacity came to be known.",
    CapacityUnit: "What is counted: cases, seats of a workshop, beds of a shelter.",
    RuleKind: "What a rule of eligibility asks for.",
    AgeBand: "An age, no closer than this.",
    Urgency: "An emergency is not a referral: call 911 or 988.",
    Factor: "What a match is given points for; for SHARE they are taken.",
    Filter: "Why a service is not offered at all.",
}
#: Enums that the graph calls otherwise.
_NAMES: Final = {
    Factor: "MatchFactor",
    Filter: "MatchFilter",
    Urgency: "ReferralUrgency",
    RuleKind: "EligibilityKind",
    RequestState: "VolunteerRequestState",
    RequestAnswer: "VolunteerAnswer",
}
for _kind, _description in _ENUMS.items():
    strawberry.enum(_kind, name=_NAMES.get(_kind), description=_description)
