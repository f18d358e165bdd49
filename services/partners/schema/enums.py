"""Closed sets of the domain, named for the graph."""

from __future__ import annotations

from typing import Final

import strawberry

from services.partners.domain.capacity import CapacitySource, CapacityStatus
from services.partners.domain.terms import (
    AccreditationLevel,
    CredentialStatus,
    LanguageModality,
    LanguageVia,
    LocationType,
    OrganizationKind,
    OrganizationStatus,
    PractitionerRole,
    Sensitivity,
    ServiceStatus,
    Visibility,
    WorkshopStatus,
)

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
    CapacityStatus: "Whether there is room; UNKNOWN where nothing was reported or the report has expired.",
    CapacitySource: "How a capacity came to be known.",
}
for _kind, _description in _ENUMS.items():
    strawberry.enum(_kind, description=_description)
