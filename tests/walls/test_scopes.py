"""The services' wall: which scope opens which operation, for every one that there is, asked past the gateway.

Generated from the schemas. An operation that is new fails here until the table below says what opens it.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType, GraphQLUnionType

from gateway.accounts.app import service as accounts
from services.grants.app import SERVICE as GRANTS
from services.partners.app import SERVICE as PARTNERS
from services.referrals.app import SERVICE as REFERRALS
from tests.support.databases import Databases
from tests.support.inputs import Inputs, call, least
from tests.support.subgraph import Subgraph
from tests.walls.rows import Rows, write
from tests.walls.tables import STORES
from vereda.caller import Caller, Scope, system_caller
from vereda.ids import new_id
from vereda.settings import Settings

S = Scope
SERVICES: Final = {service.name: service for service in (PARTNERS, REFERRALS, GRANTS, accounts())}
AUDIT: Final = frozenset({S.DIRECTORY_READ, S.AUDIT_VERIFY})
DIRECTORY: Final = frozenset({S.DIRECTORY_READ})
CLIENTS: Final = frozenset({S.CLIENT_READ})
READING: Final = frozenset({S.CLIENT_READ, S.REFERRAL_SEND, S.REFERRAL_RECEIVE, S.CONSENT_MANAGE})
SEATS: Final = frozenset({S.CLIENT_READ, S.COHORT_WRITE})
APPLICATIONS: Final = frozenset({S.CLIENT_READ, S.GRANT_APPLY, S.GRANT_REVIEW})
MONEY: Final = frozenset({S.GRANT_APPLY, S.GRANT_REVIEW, S.GRANT_PAY})
KNOWING: Final = READING | SEATS | APPLICATIONS
LEGAL: Final = frozenset({S.LEGAL_COUNSEL, S.LEGAL_DIRECT})
ADMINISTRATORS: Final = frozenset({S.ADMIN_ORGANIZATION, S.ADMIN_NETWORK})
#: Open to every caller of the network: a constant, or nothing but the key that was sent.
OPEN: Final = frozenset(Scope)


def webhook_mutations_of(name: str) -> list[str]:
    """The same six of each service that has a feed."""
    acts = ("register{}Webhook", "change{}Webhook", "rotate{}WebhookSecret")
    acts += ("test{}Webhook", "replay{}Webhook", "remove{}Webhook")
    return [act.format(name.capitalize()) for act in acts]


#: Any one of these opens it. Of operations for two sides: the side of the row that is tried, the first named.
NEEDS: Final[dict[tuple[str, str], frozenset[Scope]]] = {
    **{
        (name, f"Mutation.{operation}"): frozenset({S.ADMIN_ORGANIZATION})
        for name in ("partners", "referrals", "grants")
        for operation in webhook_mutations_of(name)
    },
    **{
        (name, f"Query.{name}Webhooks"): frozenset({S.ADMIN_ORGANIZATION, S.AUDIT_VERIFY})
        for name in ("partners", "referrals", "grants")
    },
    ("partners", "Query.partnersAudit"): AUDIT,
    ("partners", "Query.partnersFeed"): DIRECTORY,
    ("referrals", "Query.referralsFeed"): CLIENTS,
    ("grants", "Query.grantsFeed"): SEATS | APPLICATIONS | MONEY,
    ("partners", "Query.myOrganization"): OPEN,  # one's own
    ("partners", "Query.organization"): DIRECTORY,
    ("partners", "Query.organizations"): DIRECTORY,
    ("partners", "Query.service"): DIRECTORY,
    ("partners", "Query.services"): DIRECTORY,
    ("partners", "Query.location"): DIRECTORY,
    ("partners", "Query.workshop"): DIRECTORY,
    ("partners", "Query.workshops"): DIRECTORY,
    ("partners", "Query.workshopSeason"): DIRECTORY,
    ("partners", "Query.matchServices"): DIRECTORY,
    ("partners", "Query.unmetNeeds"): frozenset({S.REPORT_READ}),
    ("partners", "Query.counties"): OPEN,  # a constant
    ("partners", "Query.county"): OPEN,  # a constant
    ("partners", "Query.regionalDashboard"): frozenset({S.REPORT_READ}),
    ("partners", "Query.regionalSeries"): frozenset({S.REPORT_READ}),
    ("partners", "Mutation.setTarget"): frozenset({S.ADMIN_NETWORK}),
    ("partners", "Query.taxonomyTerms"): DIRECTORY,
    ("partners", "Mutation.registerOrganization"): frozenset({S.ADMIN_NETWORK}),
    ("partners", "Mutation.updateOrganization"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.createService"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.updateService"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.createLocation"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.updateLocation"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.setTrustedPartners"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Query.changeProposals"): DIRECTORY,
    ("partners", "Query.unverifiedRecords"): DIRECTORY,
    ("partners", "Query.memberCounts"): DIRECTORY,
    ("partners", "Query.coverageGaps"): DIRECTORY,
    ("partners", "Query.searchSynonyms"): DIRECTORY,
    ("partners", "Mutation.proposeChange"): DIRECTORY,
    ("partners", "Mutation.withdrawChange"): DIRECTORY,
    ("partners", "Mutation.decideChange"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.verifyRecord"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.setSynonym"): frozenset({S.ADMIN_NETWORK}),
    ("partners", "_Entity.ChangeProposal"): DIRECTORY,
    ("partners", "Mutation.reportCapacity"): frozenset({S.CAPACITY_WRITE}),
    ("partners", "Mutation.setEligibilityRules"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.fileStandings"): frozenset({S.REFERRAL_SEND, S.ADMIN_NETWORK}),
    ("partners", "Query.raApplications"): frozenset({S.DIRECTORY_WRITE, S.ADMIN_NETWORK}),
    ("partners", "Query.raCalendar"): frozenset({S.DIRECTORY_WRITE, S.ADMIN_NETWORK}),
    ("partners", "Query.credentialsExpiring"): DIRECTORY,
    ("partners", "Mutation.startRaApplication"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.setChecklistItem"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.fileApplication"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.recordDecision"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.planWorkshop"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.publishWorkshop"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.moveWorkshop"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.cancelWorkshop"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.holdWorkshop"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Query.legalCapacity"): DIRECTORY,
    ("partners", "Query.legalCapacityIf"): DIRECTORY,
    ("partners", "Query.legalDeserts"): DIRECTORY,
    ("partners", "Mutation.setPopulation"): frozenset({S.ADMIN_NETWORK}),
    ("partners", "Mutation.addPractitioner"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.changePractitioner"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.recordCredential"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.endCredential"): frozenset({S.DIRECTORY_WRITE}),
    ("partners", "Mutation.confirmCredential"): frozenset({S.ADMIN_NETWORK}),
    ("partners", "Query.unfilledShifts"): DIRECTORY,
    ("partners", "Query.volunteerRequests"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.addWorkshopShift"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.changeWorkshopShift"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.requestVolunteers"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.answerVolunteerRequest"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.offerVolunteers"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "Mutation.withdrawVolunteer"): frozenset({S.WORKSHOP_PLAN}),
    ("partners", "_Entity.County"): OPEN,  # a constant
    ("partners", "_Entity.DirectoryProgram"): DIRECTORY,
    ("partners", "_Entity.Location"): DIRECTORY,
    ("partners", "_Entity.Organization"): DIRECTORY,
    ("partners", "_Entity.Practitioner"): DIRECTORY,
    ("partners", "_Entity.Service"): DIRECTORY,
    ("partners", "_Entity.ServiceAtLocation"): DIRECTORY,
    ("partners", "_Entity.TaxonomyTerm"): DIRECTORY,
    ("partners", "_Entity.Workshop"): DIRECTORY,
    ("referrals", "Query.referralsAudit"): AUDIT,
    ("referrals", "Query.client"): CLIENTS,
    ("referrals", "Query.clients"): CLIENTS,
    ("referrals", "Query.consent"): CLIENTS,
    ("referrals", "Query.referral"): CLIENTS,
    ("referrals", "Query.referralByPlacerId"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Query.referralByFillerId"): frozenset({S.REFERRAL_RECEIVE}),
    ("referrals", "Query.emergencyAccesses"): frozenset(
        {S.ADMIN_ORGANIZATION, S.AUDIT_VERIFY, S.CONSENT_MANAGE}
    ),
    ("referrals", "Mutation.openInEmergency"): CLIENTS,
    ("referrals", "Mutation.reviewEmergency"): frozenset({S.ADMIN_ORGANIZATION, S.AUDIT_VERIFY}),
    ("referrals", "Mutation.recordClientTold"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Query.privilegedNotes"): CLIENTS,
    ("referrals", "Query.compartmentKeys"): CLIENTS | {S.ADMIN_ORGANIZATION},
    ("referrals", "Mutation.checkConflict"): CLIENTS,
    ("referrals", "Mutation.setConflictNames"): frozenset({S.DIRECTORY_WRITE}),
    ("referrals", "Query.conflictNames"): frozenset({S.REFERRAL_RECEIVE, S.DIRECTORY_WRITE}),
    ("referrals", "Mutation.registerCompartmentKey"): frozenset({S.ADMIN_ORGANIZATION}),
    ("referrals", "Mutation.writePrivilegedNote"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Query.consentScripts"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Query.networkConsentScripts"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Query.inbox"): frozenset({S.REFERRAL_RECEIVE}),
    ("referrals", "Query.outbox"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.recordClient"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.giveAccount"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Mutation.recordConsent"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Mutation.revokeConsent"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Mutation.confirmDestruction"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Mutation.publishConsentScript"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Mutation.proveConsent"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Mutation.sendReferral"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Query.referralTasks"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Query.blackHole"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Query.networkBlackHole"): frozenset({S.ADMIN_NETWORK}),
    ("referrals", "Query.responseLimits"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.bookAppointment"): frozenset({S.BOOKING_WRITE}),
    ("referrals", "Mutation.changeAppointment"): frozenset({S.BOOKING_WRITE}),
    ("referrals", "Mutation.checkIn"): frozenset({S.BOOKING_WRITE}),
    ("referrals", "Mutation.closeWorkshop"): frozenset({S.BOOKING_WRITE}),
    ("referrals", "Query.workshopTurnout"): frozenset({S.BOOKING_WRITE, S.TALLY_SUBMIT}),
    ("referrals", "Query.tallyOfWorkshops"): frozenset({S.TALLY_SUBMIT}),
    ("referrals", "Mutation.setResponseLimits"): frozenset({S.DIRECTORY_WRITE}),
    ("referrals", "Mutation.setHolidays"): frozenset({S.DIRECTORY_WRITE}),
    ("referrals", "_Entity.Workshop"): OPEN,
    ("referrals", "Query.openOffers"): frozenset({S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.saveDraft"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.sendDraft"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.claimReferral"): frozenset({S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.passOffer"): frozenset({S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.rematchReferral"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.splitReferral"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.proposeReopening"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.moveReferral"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.settleLoop"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.recordContactAttempt"): frozenset({S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.submitTally"): frozenset({S.TALLY_SUBMIT}),
    ("referrals", "Query.tallyForms"): frozenset({S.TALLY_SUBMIT, S.REPORT_READ}),
    ("referrals", "Query.tallyReports"): frozenset({S.TALLY_SUBMIT}),
    ("referrals", "Query.publishedReport"): frozenset({S.REPORT_READ}),
    ("referrals", "Mutation.startAttachment"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.sendAttachmentPart"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.assignReferral"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.moveReferrals"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.arrangeHandOff"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.joinHandOff"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.reportHandOff"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.setHousehold"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.postMessage"): frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    ("referrals", "Mutation.markMessagesRead"): CLIENTS,
    ("referrals", "Mutation.issueSlip"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.claimByCode"): frozenset({S.REFERRAL_RECEIVE}),
    ("referrals", "Query.legalHolds"): LEGAL,
    ("referrals", "Query.legalDemands"): LEGAL,
    ("referrals", "Query.possibleDuplicates"): CLIENTS,
    ("referrals", "Query.clientLinks"): CLIENTS,
    ("referrals", "Mutation.linkClients"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.unlinkClients"): frozenset({S.REFERRAL_SEND}),
    ("referrals", "Mutation.eraseClient"): frozenset({S.CONSENT_MANAGE}),
    ("referrals", "Mutation.placeLegalHold"): LEGAL,
    ("referrals", "Mutation.confirmLegalHold"): LEGAL,
    ("referrals", "Mutation.liftLegalHold"): LEGAL,
    ("referrals", "Mutation.recordLegalDemand"): LEGAL,
    ("referrals", "Mutation.decideLegalDemand"): LEGAL,
    ("referrals", "Mutation.exportForLegalDemand"): LEGAL,
    ("referrals", "_Entity.Client"): KNOWING,
    ("referrals", "_Entity.Consent"): READING,
    ("referrals", "_Entity.County"): OPEN,
    ("referrals", "Query.county"): OPEN,  # a constant
    ("referrals", "Query.regionalDashboard"): frozenset({S.REPORT_READ}),
    ("referrals", "Query.regionalSeries"): frozenset({S.REPORT_READ}),
    ("referrals", "Query.filledForm"): frozenset({S.REPORT_READ}),
    ("grants", "_Entity.County"): OPEN,
    ("grants", "Query.county"): OPEN,  # a constant
    ("grants", "Query.regionalDashboard"): frozenset({S.REPORT_READ}),
    ("grants", "Query.regionalSeries"): frozenset({S.REPORT_READ}),
    ("referrals", "_Entity.Organization"): OPEN,
    ("referrals", "_Entity.Referral"): READING,
    ("referrals", "_Entity.Service"): OPEN,
    ("grants", "Query.grantsAudit"): AUDIT,
    ("grants", "Query.trainingPrograms"): DIRECTORY,
    ("grants", "Query.cohorts"): DIRECTORY,
    ("grants", "Query.cohort"): DIRECTORY,
    ("grants", "Query.certificate"): DIRECTORY,
    ("grants", "Query.seasonFunnels"): SEATS,
    ("grants", "Query.participant"): SEATS,
    ("grants", "Query.attendance"): SEATS,
    ("grants", "Query.caseload"): SEATS,
    ("grants", "Query.followUps"): SEATS,
    ("grants", "Query.cohortApplication"): SEATS,
    ("grants", "Query.fundingPrograms"): DIRECTORY,
    ("grants", "Query.fundingRound"): DIRECTORY,
    ("grants", "Query.grantApplication"): APPLICATIONS,
    ("grants", "Query.grantApplications"): APPLICATIONS,
    ("grants", "Mutation.createTrainingProgram"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.openCohort"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.moveCohort"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.enrolParticipant"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.changeParticipant"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.scheduleSessions"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.rescheduleSession"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.cancelSession"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.recordAttendance"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.publishRubric"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.applyToCohort"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.reviewCohortApplication"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.moveCohortApplication"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.rollWaitingList"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.logAssistance"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.recordMilestone"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.answerFollowUp"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.setVenture"): frozenset({S.COHORT_WRITE}),
    ("grants", "Mutation.createFundingProgram"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.publishEligibility"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.openFundingRound"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.applyForGrant"): frozenset({S.GRANT_APPLY}),
    ("grants", "Mutation.moveGrantApplication"): frozenset({S.GRANT_APPLY}),
    ("grants", "Query.award"): MONEY,
    ("grants", "Query.awards"): MONEY,
    ("grants", "Query.publishedGrants"): frozenset({S.REPORT_READ}),
    ("grants", "Query.publishedOutcomes"): frozenset({S.REPORT_READ}),
    ("grants", "Query.fundingSources"): frozenset({S.GRANT_PAY}),
    ("grants", "Query.subAwards"): MONEY,
    ("grants", "Query.deliverablesDue"): MONEY,
    ("grants", "Mutation.createFundingSource"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.drawOnSource"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.recordSubAward"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.amendSubAward"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.moveDeliverable"): frozenset({S.GRANT_APPLY, S.GRANT_PAY}),
    ("grants", "Query.myReviews"): frozenset({S.GRANT_REVIEW}),
    ("grants", "Mutation.assignReviewer"): frozenset({S.GRANT_REVIEW}),
    ("grants", "Mutation.submitReview"): frozenset({S.GRANT_REVIEW}),
    ("grants", "Mutation.recuseFromReview"): frozenset({S.GRANT_REVIEW}),
    ("grants", "Mutation.disburse"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.startGrantDocument"): frozenset({S.GRANT_APPLY}),
    ("grants", "Mutation.sendGrantDocumentPart"): frozenset({S.GRANT_APPLY}),
    ("grants", "Mutation.recordReceipt"): frozenset({S.GRANT_APPLY}),
    ("grants", "Mutation.decideReceipt"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.recordReturn"): frozenset({S.GRANT_PAY}),
    ("grants", "Mutation.settleAward"): frozenset({S.GRANT_PAY}),
    ("grants", "_Entity.Award"): MONEY,
    ("grants", "_Entity.Client"): OPEN,
    ("grants", "_Entity.Cohort"): DIRECTORY,
    ("grants", "_Entity.CohortApplication"): SEATS,
    ("grants", "_Entity.FundingProgram"): DIRECTORY,
    ("grants", "_Entity.FundingRound"): DIRECTORY,
    ("grants", "_Entity.GrantApplication"): APPLICATIONS,
    ("grants", "_Entity.Organization"): OPEN,
    ("grants", "_Entity.Participant"): SEATS,
    ("grants", "_Entity.TrainingProgram"): DIRECTORY,
    ("accounts", "Query.viewer"): OPEN,  # oneself
    ("accounts", "Query.members"): ADMINISTRATORS,
    ("accounts", "Query.securityEvents"): ADMINISTRATORS | {S.AUDIT_VERIFY},
    ("accounts", "Mutation.inviteMember"): ADMINISTRATORS,
    ("accounts", "Mutation.changeMemberRole"): ADMINISTRATORS,
    ("accounts", "Mutation.endMembership"): ADMINISTRATORS,
    ("accounts", "Mutation.endMemberSessions"): ADMINISTRATORS,
    ("accounts", "Mutation.disablePerson"): ADMINISTRATORS,
    ("accounts", "Mutation.enablePerson"): ADMINISTRATORS,
    ("accounts", "Mutation.resetSignIn"): ADMINISTRATORS,
    ("accounts", "Query.apiClient"): ADMINISTRATORS,
    ("accounts", "Query.apiClients"): ADMINISTRATORS,
    ("accounts", "Mutation.registerApiClient"): ADMINISTRATORS,
    ("accounts", "Mutation.changeApiClient"): ADMINISTRATORS,
    ("accounts", "Mutation.rotateApiClientSecret"): ADMINISTRATORS,
    ("accounts", "Mutation.replaceApiClientKeys"): ADMINISTRATORS,
    ("accounts", "Mutation.disableApiClient"): ADMINISTRATORS,
    ("accounts", "Mutation.enableApiClient"): ADMINISTRATORS,
    ("accounts", "Mutation.revokeApiClientTokens"): ADMINISTRATORS,
    ("accounts", "Mutation.registerTrustedDocuments"): ADMINISTRATORS,
    ("accounts", "_Entity.Organization"): OPEN,
}

#: Rows that operations are tried on, so that nothing is null for want of it: by what takes their id.
ROWS: Final[dict[str, tuple[str, str]]] = {
    "Query.organization": ("organizations", "id"),
    "Query.service": ("services", "id"),
    "Query.location": ("locations", "id"),
    "Query.workshop": ("workshops", "id"),
    "Query.client": ("client_handles", "handle"),
    "Query.consent": ("consents", "id"),
    "Query.referral": ("referrals", "id"),
    "Query.cohort": ("cohorts", "id"),
    "Query.cohortApplication": ("cohort_applications", "id"),
    "Query.participant": ("participants", "id"),
    "Query.fundingRound": ("funding_rounds", "id"),
    "Query.award": ("awards", "id"),
    "Query.grantApplication": ("grant_applications", "id"),
    "MoveReferralInput": ("referrals", "id"),
    "ProposeReopeningInput": ("referrals", "id"),
    "MoveGrantApplicationInput": ("grant_applications", "id"),
    "DirectoryProgram": ("programs", "id"),
    "Location": ("locations", "id"),
    "Organization": ("organizations", "id"),
    "Practitioner": ("practitioners", "id"),
    "Service": ("services", "id"),
    "ServiceAtLocation": ("services_at_locations", "id"),
    "TaxonomyTerm": ("taxonomy_terms", "code"),
    "Workshop": ("workshops", "id"),
    "Client": ("client_handles", "handle"),
    "Consent": ("consents", "id"),
    "Referral": ("referrals", "id"),
    "Cohort": ("cohorts", "id"),
    "CohortApplication": ("cohort_applications", "id"),
    "FundingProgram": ("funding_programs", "id"),
    "FundingRound": ("funding_rounds", "id"),
    "Award": ("awards", "id"),
    "GrantApplication": ("grant_applications", "id"),
    "Participant": ("participants", "id"),
    "TrainingProgram": ("training_programs", "id"),
}
OWNER: Final = new_id()


def operations(name: str) -> set[str]:
    """Every operation of a service's schema: its root fields, and the entities that it resolves."""
    schema = SERVICES[name].schema._schema
    entities = schema.type_map["_Entity"]
    assert isinstance(entities, GraphQLUnionType)
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    return {
        *(f"Query.{field}" for field in schema.query_type.fields if not field.startswith("_")),
        *(f"Mutation.{field}" for field in schema.mutation_type.fields),
        *(f"_Entity.{kind.name}" for kind in entities.types),
    }


class Wall:
    """One service, with a row of `OWNER` in every table, asked past the gateway in the name of its callers."""

    def __init__(self, subgraph: Subgraph, rows: Rows) -> None:
        self.subgraph = subgraph
        self.schema = subgraph.service.schema._schema
        self.rows = rows

    async def codes(self, operation: str, *scopes: Scope) -> set[str]:
        """The codes of the errors that a caller of `OWNER` with these scopes gets."""
        system = self.rows.values.get("oauth_clients", {"client_id": "worker"})["client_id"]
        caller = Caller(system, OWNER, frozenset(scope.value for scope in scopes))
        root, _, name = operation.partition(".")
        if root == "_Entity":
            return _codes(await self.entity(caller, name, "__typename"))
        kind = self.schema.query_type if root == "Query" else self.schema.mutation_type
        assert kind is not None
        field = kind.fields[name]
        arguments = Inputs(self._known(operation, name)).arguments(name, field)
        return _codes(
            await self.subgraph.answer(caller, call(root.lower(), name, field, arguments), **arguments)
        )

    async def entity(self, caller: Caller, kind: str, selection: str) -> dict[str, Any]:
        document = (
            f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {kind} {{ {selection} }} }} }}"
        )
        return await self.subgraph.answer(caller, document, r=[self._representation(kind)])

    def _known(self, operation: str, field: str) -> dict[tuple[str, str], str]:
        return {
            (field if place == operation else place, argument): str(self.rows.values[table][column])
            for place, (table, column) in ROWS.items()
            if table in self.rows.values
            for argument in ("id", "handle")
        }

    def _representation(self, kind: str) -> dict[str, str]:
        key = {"County": "fips", "TaxonomyTerm": "code", "Client": "handle"}.get(kind, "id")
        table, column = ROWS.get(kind, ("", ""))
        held = self.rows.values.get(table)
        value = "06019" if kind == "County" else OWNER if held is None else held[column]
        return {"__typename": kind, key: str(value)}


def _codes(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer["errors"]}


@pytest_asyncio.fixture(scope="module")
async def walls(databases: Databases, settings: Settings) -> dict[str, Wall]:
    made = {}
    for name, service in SERVICES.items():
        store = STORES[service.database or name]
        database, rows = await databases.migrated(name, service.folder), Rows(store.metadata, OWNER)
        async with database.transaction(system_caller(OWNER)) as session:
            await write(session, rows)
        made[name] = Wall(Subgraph(service, database, settings), rows)
    return made


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_is_in_the_table(name: str) -> None:
    assert {operation for service, operation in NEEDS if service == name} == operations(name)


@pytest.mark.parametrize(("name", "operation"), NEEDS)
async def test_an_operation_opens_to_its_scopes_and_to_no_others(
    walls: dict[str, Wall], name: str, operation: str
) -> None:
    wall, needed = walls[name], NEEDS[name, operation]
    without = [scope for scope in Scope if scope not in needed]

    refused = {"FORBIDDEN"} if needed != OPEN else set()
    assert await wall.codes(operation) & {"FORBIDDEN"} == refused
    assert await wall.codes(operation, *without) & {"FORBIDDEN"} == refused
    for scope in needed:
        assert "FORBIDDEN" not in await wall.codes(operation, scope), scope


STUBS: Final = [
    ("referrals", "Organization"),
    ("referrals", "Service"),
    ("referrals", "Workshop"),
    ("grants", "Organization"),
    ("grants", "Client"),
]


def test_what_is_open_is_a_constant_or_a_key_that_others_added_to() -> None:
    entities = {(name, what.partition(".")[2]) for (name, what), needed in NEEDS.items() if needed == OPEN}

    assert entities == {
        *STUBS,
        ("partners", "County"),
        ("referrals", "County"),
        ("grants", "County"),
        ("partners", "county"),
        ("referrals", "county"),
        ("grants", "county"),
        ("accounts", "Organization"),
        ("partners", "myOrganization"),
        ("partners", "counties"),
        ("accounts", "viewer"),
    }


@pytest.mark.parametrize(("name", "kind"), STUBS)
async def test_what_a_service_adds_to_anothers_entity_asks_for_scopes_by_itself(
    walls: dict[str, Wall], name: str, kind: str
) -> None:
    """Each of its fields but the key, asked without a scope: refused, and open to who has them all."""
    wall = walls[name]
    declared = wall.schema.type_map[kind]
    assert isinstance(declared, GraphQLObjectType)
    everybody = Caller("worker", OWNER, frozenset(scope.value for scope in Scope))
    added = {one: field for one, field in declared.fields.items() if one not in ("id", "handle", "assurance")}

    assert added
    for one, field in added.items():
        selection = f"{one}{least(field.type)}"
        refused = await wall.entity(Caller("worker", OWNER), kind, selection)
        assert _codes(refused) == {"FORBIDDEN"}, one
        assert refused["data"]["_entities"][0] in (None, {one: None}), one
        assert _codes(await wall.entity(everybody, kind, selection)) == set(), one
