"""The directory's tables, with the names of HSDS 3.x (Open Referral) where it has one.

Every row belongs to the organisation in `organization_id`, which alone may change it; policies.sql says who reads.
"""

from __future__ import annotations

from services.partners.models.applications import CredentialReminder, RaApplication, RaChecklistItem
from services.partners.models.directory import (
    Address,
    CapacityReport,
    Contact,
    LanguageOffer,
    Location,
    Organization,
    Phone,
    Program,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from services.partners.models.matching import EligibilityRule, ServiceStanding, UnmetNeed
from services.partners.models.practice import (
    Accreditation,
    PopulationFigure,
    Practitioner,
    Recognition,
    Workshop,
)
from services.partners.models.records import ChangeProposal, RecordReminder, RecordSource
from services.partners.models.region import RegionSnapshot, RegionTarget
from services.partners.models.search import SearchSynonym, SearchWord, ServiceDocument
from services.partners.models.tables import (
    Attached,
    Base,
    FeedEntry,
    FeedHead,
    FeedQueue,
    IdempotencyRecord,
    OutboxEvent,
    Owned,
    Sourced,
    WebhookDelivery,
    WebhookEndpoint,
)
from services.partners.models.trust import TrustedPartner
from services.partners.models.volunteering import Volunteer, VolunteerRequest, WorkshopShift

__all__ = [
    "Accreditation",
    "Address",
    "Attached",
    "Base",
    "CapacityReport",
    "ChangeProposal",
    "Contact",
    "CredentialReminder",
    "EligibilityRule",
    "FeedEntry",
    "FeedHead",
    "FeedQueue",
    "IdempotencyRecord",
    "LanguageOffer",
    "Location",
    "Organization",
    "OutboxEvent",
    "Owned",
    "Phone",
    "PopulationFigure",
    "Practitioner",
    "Program",
    "RaApplication",
    "RaChecklistItem",
    "Recognition",
    "RecordReminder",
    "RecordSource",
    "RegionSnapshot",
    "RegionTarget",
    "Schedule",
    "SearchSynonym",
    "SearchWord",
    "Service",
    "ServiceArea",
    "ServiceAtLocation",
    "ServiceDocument",
    "ServiceStanding",
    "Sourced",
    "Taxonomy",
    "TaxonomyTerm",
    "TrustedPartner",
    "UnmetNeed",
    "Volunteer",
    "VolunteerRequest",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Workshop",
    "WorkshopShift",
]
