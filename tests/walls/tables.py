"""What every table of every database shows, and to whom: the whole list. A new table has to be entered here.

Nobody ever writes a row of another organisation; what is allowed beyond that is said here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from sqlalchemy import MetaData

from gateway.store import FOLDER as GATEWAY
from gateway.store import Base as GatewayBase
from services.grants.app import SERVICE as GRANTS
from services.grants.models import Base as GrantsBase
from services.partners.app import SERVICE as PARTNERS
from services.partners.models import Base as PartnersBase
from services.referrals.app import SERVICE as REFERRALS
from services.referrals.models import Base as ReferralsBase


class Readers(Enum):
    """Who sees a row, besides our own loaders and the authorization server."""

    OWNER = "the organisation that it belongs to"
    MEMBERS = "every member of the network"
    COORDINATORS = "the network's coordinator"
    OWNER_AND_COORDINATORS = "the organisation that it belongs to, and the network's coordinator"
    NONE = "nobody"


@dataclass(frozen=True)
class Store:
    """A database: where its migrations are, its models, and who reads which table."""

    folder: Path
    metadata: MetaData
    readers: dict[str, Readers]
    #: Tables in which the network's coordinator (`admin:network`) makes rows of others.
    coordinators: frozenset[str] = frozenset()


_KERNEL: Final = {
    "outbox_events": Readers.OWNER,
    "feed_queue": Readers.NONE,
    "feed_entries": Readers.OWNER,
    "feed_heads": Readers.OWNER,
    "webhook_endpoints": Readers.OWNER,
    "webhook_deliveries": Readers.OWNER,
    "idempotency_records": Readers.OWNER,
    "audit_entries": Readers.OWNER,
    "audit_queue": Readers.NONE,
    "audit_leaves": Readers.MEMBERS,
    "audit_checkpoints": Readers.MEMBERS,
}

STORES: Final = {
    "partners": Store(
        PARTNERS.folder,
        PartnersBase.metadata,
        {
            **_KERNEL,
            "organizations": Readers.MEMBERS,
            "programs": Readers.MEMBERS,
            "locations": Readers.MEMBERS,
            "addresses": Readers.OWNER,  # of a confidential location; of others, members (R17)
            "services": Readers.MEMBERS,
            "services_at_locations": Readers.MEMBERS,
            "contacts": Readers.MEMBERS,
            "phones": Readers.MEMBERS,
            "schedules": Readers.MEMBERS,
            "service_areas": Readers.MEMBERS,
            "language_offers": Readers.MEMBERS,
            "taxonomies": Readers.MEMBERS,
            "taxonomy_terms": Readers.MEMBERS,
            "capacity_reports": Readers.MEMBERS,
            "practitioners": Readers.MEMBERS,
            "recognitions": Readers.MEMBERS,
            "accreditations": Readers.MEMBERS,
            "workshops": Readers.MEMBERS,
            "population_figures": Readers.MEMBERS,
            "workshop_shifts": Readers.MEMBERS,
            "volunteers": Readers.MEMBERS,
            "volunteer_requests": Readers.OWNER,  # and who is asked
            "eligibility_rules": Readers.MEMBERS,
            "service_standings": Readers.MEMBERS,  # no count in them, and no rate of a few (R31)
            "unmet_needs": Readers.NONE,  # shown suppressed alone (R31)
            "ra_applications": Readers.OWNER_AND_COORDINATORS,
            "ra_checklist_items": Readers.OWNER_AND_COORDINATORS,
            "credential_reminders": Readers.NONE,
            "service_documents": Readers.NONE,  # read by search, as the system
            "search_words": Readers.NONE,
            "search_synonyms": Readers.MEMBERS,
            "region_snapshots": Readers.MEMBERS,  # of what members read; unmet needs suppressed (R31)
            "region_targets": Readers.MEMBERS,
            "record_sources": Readers.MEMBERS,  # of a place that is kept back, its owner alone (R17)
            "change_proposals": Readers.OWNER,  # and whose record it is about
            "record_reminders": Readers.NONE,
            "trusted_partners": Readers.OWNER,  # and the one that is trusted
        },
        frozenset({"organizations"}),
    ),
    "referrals": Store(
        REFERRALS.folder,
        ReferralsBase.metadata,
        {
            **_KERNEL,
            "clients": Readers.OWNER,
            "client_handles": Readers.OWNER,
            "data_keys": Readers.OWNER,
            "consents": Readers.OWNER,
            "referrals": Readers.OWNER,
            "referral_events": Readers.OWNER,
            "contact_attempts": Readers.OWNER,
            "attachments": Readers.OWNER,
            "attachment_parts": Readers.OWNER,
            "assignments": Readers.OWNER,
            "hand_offs": Readers.OWNER,
            "household_members": Readers.OWNER,
            "messages": Readers.OWNER,
            "message_reads": Readers.OWNER,
            "disclosures": Readers.OWNER,
            "erasures": Readers.OWNER,
            "client_links": Readers.OWNER,
            "legal_holds": Readers.OWNER,
            "held_rows": Readers.NONE,
            "legal_demands": Readers.OWNER,
            "tally_reports": Readers.OWNER,
            "tally_lines": Readers.OWNER,
            "published_reports": Readers.MEMBERS,  # the network's, suppressed (R31)
            "consent_scripts": Readers.MEMBERS,
            "destruction_confirmations": Readers.OWNER,
            "referral_offers": Readers.OWNER,
            "appointments": Readers.OWNER,
            "workshop_seats": Readers.OWNER,
            "check_in_tries": Readers.OWNER,
            "workshop_closings": Readers.OWNER,
            "workshop_tallies": Readers.OWNER,
            "published_bookings": Readers.MEMBERS,
            "tasks": Readers.OWNER,
            "escalations": Readers.COORDINATORS,
            "response_limits": Readers.MEMBERS,
            "holidays": Readers.MEMBERS,
            "compartment_keys": Readers.OWNER,
            "privileged_notes": Readers.OWNER,
            "conflict_sets": Readers.OWNER,
            "conflict_checks": Readers.OWNER,
            "conflict_settings": Readers.MEMBERS,
            "referral_slips": Readers.OWNER,
            "slip_tries": Readers.OWNER,
            "emergency_accesses": Readers.OWNER,
            "emergency_reviews": Readers.OWNER,
        },
    ),
    "grants": Store(
        GRANTS.folder,
        GrantsBase.metadata,
        {
            **_KERNEL,
            "training_programs": Readers.MEMBERS,
            "cohorts": Readers.MEMBERS,
            "participants": Readers.OWNER,
            "certificates": Readers.MEMBERS,  # a digest, a course and a day: nobody
            "training_sessions": Readers.MEMBERS,
            "attendance_marks": Readers.OWNER,
            "assistance_contacts": Readers.OWNER,
            "milestones": Readers.OWNER,
            "follow_ups": Readers.OWNER,
            "published_funnels": Readers.MEMBERS,  # suppressed (R31)
            "ventures": Readers.OWNER,
            "selection_rubrics": Readers.MEMBERS,
            "cohort_applications": Readers.OWNER,
            "selection_reviews": Readers.OWNER,
            "funding_programs": Readers.MEMBERS,
            "funding_tiers": Readers.MEMBERS,
            "eligibility_questionnaires": Readers.MEMBERS,
            "funding_rounds": Readers.MEMBERS,
            "grant_applications": Readers.OWNER,
            "application_events": Readers.OWNER,
            "published_outcomes": Readers.MEMBERS,  # the same
            "published_grants": Readers.MEMBERS,  # the network's, suppressed (R31)
            "funding_sources": Readers.OWNER,
            "source_draws": Readers.OWNER,
            "sub_awards": Readers.OWNER,
            "sub_award_amendments": Readers.OWNER,
            "deliverables": Readers.OWNER,
            "rubric_criteria": Readers.MEMBERS,
            "grant_reviews": Readers.OWNER,
            "grant_documents": Readers.OWNER,
            "grant_document_parts": Readers.OWNER,
            "funding_tranches": Readers.MEMBERS,
            "awards": Readers.OWNER,
            "disbursements": Readers.OWNER,
            "receipts": Readers.OWNER,
            "award_returns": Readers.OWNER,
            "ledger_entries": Readers.OWNER,
        },
    ),
    "gateway": Store(
        GATEWAY,
        GatewayBase.metadata,
        {
            "oauth_clients": Readers.OWNER,
            "token_families": Readers.OWNER,
            "access_tokens": Readers.OWNER,
            "authorization_codes": Readers.NONE,
            "refresh_tokens": Readers.NONE,
            "seen_tokens": Readers.NONE,
            "pushed_requests": Readers.NONE,
            "client_grants": Readers.OWNER,
            "people": Readers.NONE,
            "memberships": Readers.OWNER,
            "passkeys": Readers.NONE,
            "passkey_challenges": Readers.NONE,
            "recovery_codes": Readers.NONE,
            "sessions": Readers.OWNER,
            "sign_ins": Readers.NONE,
            "invitations": Readers.NONE,
            "letters": Readers.NONE,
            "sign_in_failures": Readers.NONE,
            "security_events": Readers.OWNER,
            "organization_names": Readers.OWNER,
            "trusted_documents": Readers.OWNER,
            "rate_buckets": Readers.NONE,
        },
    ),
}
