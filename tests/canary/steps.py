"""Every mutation of the graph, in an order in which each can be done, with who does it and what its answer teaches.

Inputs come from the schema; here stands only what a value has to fit: ids of what was made before, and moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.support.inputs import LEFT_OUT
from vereda.ids import new_id
from vereda.periods import newest


@dataclass(frozen=True)
class Learnt:
    """A value that an earlier answer taught."""

    name: str


@dataclass(frozen=True)
class Step:
    """`given`: values by input type and field. `learns`: by name, the path in the success member of the payload."""

    mutation: str
    by: str
    given: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    learns: Mapping[str, str] = field(default_factory=dict)


_NEVER: Final = LEFT_OUT
_QUARTER: Final = newest(
    datetime.now(UTC) + timedelta(days=92), yearly=False, settled_after=timedelta(0)
).name
_SOON: Final = (datetime.now(UTC) + timedelta(days=1)).isoformat()
_PERSON: Final = str(new_id())
_AGO: Final = (datetime.now(UTC) - timedelta(days=1)).isoformat()

_DAYS_AGO: Final = (datetime.now(UTC) - timedelta(days=5)).date().isoformat()


def _changed(input_type: str, name: str, **more: Any) -> dict[tuple[str, str], Any]:
    """What a change of something made before takes: its id and its version."""
    return {
        (input_type, "id"): Learnt(name),
        (input_type, "expectedVersion"): Learnt(f"{name}.version"),
        **{(input_type, key): value for key, value in more.items()},
    }


def _system(input_type: str, **more: Any) -> dict[tuple[str, str], Any]:
    """What an act on a system takes: an id that could be one, and no keys, grants and addresses that could be none."""
    left_out = ("organization", "grants", "redirectUris", "jwks", "jwksUri")
    given = {**dict.fromkeys(left_out, _NEVER), "clientId": "records-of-the-clinic", **more}
    return {(input_type, key): value for key, value in given.items()}


def _made(name: str, path: str) -> dict[str, str]:
    return {name: f"{path}.id", f"{name}.version": f"{path}.version"}


def _webhooks(service: str) -> tuple[Step, ...]:
    """The same six of each service: an endpoint is registered, changed, tried, replayed and removed."""
    name, made = service.capitalize(), f"{service}_webhook"

    def of(input_type: str, **more: Any) -> dict[tuple[str, str], Any]:
        given = {"secret": _NEVER, "after": _NEVER, "types": ["org.vereda."], **more}
        return {(input_type, key): value for key, value in given.items()}

    own = {"id": Learnt(made)}

    return (
        Step(
            f"register{name}Webhook",
            "clinic",
            of("RegisterWebhookInput"),
            _made(made, "webhook") | {f"{service}_webhook_secret": "secret"},
        ),
        Step(
            f"change{name}Webhook",
            "clinic",
            of("ChangeWebhookInput", **own, expectedVersion=Learnt(f"{made}.version")),
        ),
        Step(
            f"rotate{name}WebhookSecret",
            "clinic",
            of("RotateWebhookSecretInput", **own),
            {f"{service}_rotated_secret": "secret"},
        ),
        Step(f"test{name}Webhook", "clinic", of("TestWebhookInput", **own)),
        Step(f"replay{name}Webhook", "clinic", of("ReplayWebhookInput", **own)),
        Step(f"remove{name}Webhook", "clinic", of("RemoveWebhookInput", **own)),
    )


STEPS: Final = (
    Step("registerOrganization", "coordinator", learns={"organization": "organization.id"}),
    Step(
        "setTarget",
        "coordinator",
        {
            ("SetTargetInput", "measure"): "services.workshops",
            ("SetTargetInput", "year"): datetime.now(UTC).year,
            ("SetTargetInput", "value"): 120.0,
            ("SetTargetInput", "county"): _NEVER,
            ("SetTargetInput", "expectedVersion"): _NEVER,
        },
    ),
    Step(
        "updateOrganization",
        "provider",
        _changed("UpdateOrganizationInput", "provider"),
    ),
    Step("createLocation", "provider", learns=_made("location", "location")),
    Step(
        "updateLocation",
        "provider",
        _changed("UpdateLocationInput", "location"),
        _made("location", "location"),
    ),
    Step("setTrustedPartners", "provider", {("SetTrustedPartnersInput", "partners"): [Learnt("clinic")]}),
    Step(
        "createService",
        "provider",
        {("ServiceInput", "locations"): [Learnt("location")]},
        _made("service", "service"),
    ),
    Step(
        "verifyRecord",
        "provider",
        _changed("VerifyRecordInput", "service", kind="SERVICE", fields=_NEVER),
        _made("service", "service"),
    ),
    *(
        Step(
            "proposeChange",
            "clinic",
            _changed("ProposeChangeInput", "service", kind="SERVICE")
            | {("FieldChangeInput", "field"): "description"},
            _made("proposal", "proposal"),
        )
        if again
        else Step("withdrawChange", "clinic", _changed("WithdrawChangeInput", "proposal"))
        for again in (True, False, True)
    ),
    Step(
        "decideChange",
        "provider",
        _changed("DecideChangeInput", "proposal", accept=[], refuse=["description"]),
    ),
    Step("setSynonym", "coordinator", {("SetSynonymInput", "phrase"): "ride share"}),
    Step(
        "updateService",
        "provider",
        _changed("UpdateServiceInput", "service") | {("ServiceInput", "locations"): [Learnt("location")]},
        {"offer": "service.offer", "service.version": "service.version"},
    ),
    Step(
        "reportCapacity",
        "provider",
        {
            ("ReportCapacityInput", "service"): Learnt("service"),
            ("ReportCapacityInput", "available"): 9,
            ("ReportCapacityInput", "maximum"): 9,
        },
        {"offer": "service.offer"},
    ),
    Step(
        "setEligibilityRules",
        "provider",
        {
            ("SetEligibilityRulesInput", "service"): Learnt("service"),
            ("SetEligibilityRulesInput", "expectedVersion"): Learnt("service.version"),
            ("EligibilityRuleInput", "kind"): "ATTESTATION",
        },
        {"standing": "service.standing"},
    ),
    Step("fileStandings", "clinic", {("FileStandingsInput", "standings"): [Learnt("standing")]}),
    Step(
        "planWorkshop",
        "provider",
        {
            ("PlanWorkshopInput", "location"): Learnt("location"),
            ("PlanWorkshopInput", "practitioners"): [],
        },
        _made("workshop", "workshop"),
    ),
    Step("publishWorkshop", "provider", _changed("PublishWorkshopInput", "workshop")),
    Step(
        "moveWorkshop",
        "provider",
        _changed("MoveWorkshopInput", "workshop") | {("MoveWorkshopInput", "location"): Learnt("location")},
        _made("workshop", "workshop"),
    ),
    Step(
        "setPopulation",
        "coordinator",
        {("SetPopulationInput", "immigrants"): 90_000, ("SetPopulationInput", "year"): 2020},
    ),
    Step(
        "addPractitioner",
        "provider",
        {("PractitionerInput", "endedOn"): _NEVER, ("PractitionerInput", "startedOn"): _NEVER},
        _made("practitioner", "practitioner"),
    ),
    Step(
        "changePractitioner",
        "provider",
        _changed("ChangePractitionerInput", "practitioner"),
    ),
    Step(
        "recordCredential",
        "provider",
        {
            ("RecordCredentialInput", "grantedOn"): _DAYS_AGO,
            ("RecordCredentialInput", "practitioner"): Learnt("practitioner"),
        },
        {"credential": "credential.id"},
    ),
    Step(
        "confirmCredential",
        "coordinator",
        {
            ("ConfirmCredentialInput", "id"): Learnt("credential"),
            ("ConfirmCredentialInput", "kind"): "ACCREDITATION",
        },
    ),
    Step(
        "endCredential",
        "provider",
        {
            ("EndCredentialInput", "id"): Learnt("credential"),
            ("EndCredentialInput", "kind"): "ACCREDITATION",
            ("EndCredentialInput", "status"): "WITHDRAWN",
            ("EndCredentialInput", "endedOn"): _DAYS_AGO,
        },
    ),
    Step(
        "addWorkshopShift",
        "provider",
        {
            ("AddWorkshopShiftInput", "workshop"): Learnt("workshop"),
            ("AddWorkshopShiftInput", "role"): "GREETER",
            ("AddWorkshopShiftInput", "wanted"): 5,
            ("AddWorkshopShiftInput", "language"): _NEVER,
            ("AddWorkshopShiftInput", "startsAt"): _NEVER,
            ("AddWorkshopShiftInput", "endsAt"): _NEVER,
        },
        _made("shift", "shift"),
    ),
    Step("changeWorkshopShift", "provider", _changed("ChangeWorkshopShiftInput", "shift", wanted=6)),
    Step(
        "requestVolunteers",
        "provider",
        {
            ("RequestVolunteersInput", "shift"): Learnt("shift"),
            ("RequestVolunteersInput", "partners"): [Learnt("organization")],
        },
        {"request": "requests.0.id"},
    ),
    Step(
        "answerVolunteerRequest",
        "provider",
        {
            ("AnswerVolunteerRequestInput", "id"): Learnt("request"),
            ("AnswerVolunteerRequestInput", "answer"): "WITHDRAW",
            ("AnswerVolunteerRequestInput", "practitioners"): [],
        },
    ),
    Step(
        "offerVolunteers",
        "clinic",
        {
            ("OfferVolunteersInput", "shift"): Learnt("shift"),
            ("OfferVolunteersInput", "practitioners"): [],
            ("OfferVolunteersInput", "people"): 1,
        },
        {"volunteer": "shift.volunteers.0.id"},
    ),
    Step(
        "withdrawVolunteer",
        "clinic",
        {("WithdrawVolunteerInput", "id"): Learnt("volunteer")},
    ),
    Step("holdWorkshop", "provider", _changed("HoldWorkshopInput", "workshop")),
    Step("cancelWorkshop", "provider", _changed("CancelWorkshopInput", "workshop")),
    Step(
        "startRaApplication",
        "provider",
        {
            ("StartRaApplicationInput", "practitioner"): _NEVER,
            ("StartRaApplicationInput", "location"): _NEVER,
        },
        _made("recognition", "application"),
    ),
    Step(
        "setChecklistItem",
        "provider",
        _changed("SetChecklistItemInput", "recognition", doneOn=_DAYS_AGO),
        _made("recognition", "application"),
    ),
    Step(
        "fileApplication",
        "provider",
        _changed("FileApplicationInput", "recognition", filedOn=_DAYS_AGO, servedUscisOn=_DAYS_AGO),
    ),
    Step(
        "recordDecision",
        "provider",
        _changed(
            "RecordDecisionInput", "recognition", decision="WITHDRAW", decidedOn=_DAYS_AGO, expiresOn=_NEVER
        ),
    ),
    Step("createTrainingProgram", "provider", learns={"course": "trainingProgram.id"}),
    Step(
        "openCohort",
        "provider",
        {("OpenCohortInput", "program"): Learnt("course"), ("OpenCohortInput", "startsOn"): _DAYS_AGO},
        {"cohort": "cohort.id"},
    ),
    Step(
        "scheduleSessions",
        "provider",
        {
            ("ScheduleSessionsInput", "cohort"): Learnt("cohort"),
            ("ScheduleSessionsInput", "rule"): "FREQ=DAILY",
            ("ScheduleSessionsInput", "without"): [],
        },
        {
            **_made("session", "sessions.0"),
            **_made("later", "sessions.20"),
        },
    ),
    Step(
        "rescheduleSession",
        "provider",
        _changed("RescheduleSessionInput", "later"),
        _made("later", "session"),
    ),
    Step("cancelSession", "provider", _changed("CancelSessionInput", "later")),
    Step(
        "openCohort",
        "provider",
        {("OpenCohortInput", "program"): Learnt("course")},
        _made("next cohort", "cohort"),
    ),
    Step(
        "rollWaitingList",
        "provider",
        {
            ("RollWaitingListInput", "fromCohort"): Learnt("cohort"),
            ("RollWaitingListInput", "toCohort"): Learnt("next cohort"),
        },
    ),
    Step("moveCohort", "provider", _changed("MoveCohortInput", "next cohort", move="CANCEL")),
    Step(
        "publishRubric",
        "provider",
        {
            ("PublishRubricInput", "cohort"): Learnt("cohort"),
            ("CriterionInput", "code"): "BUSINESS_IDEA",
            ("CriterionInput", "maximum"): 5,
        },
    ),
    Step(
        "createFundingProgram",
        "provider",
        {("TrancheInput", "percent"): 100, ("TrancheInput", "receiptsPercent"): 0},
        learns={**_made("funding", "fundingProgram"), "tier": "fundingProgram.tiers.0.id"},
    ),
    Step(
        "publishEligibility",
        "provider",
        _changed("PublishEligibilityInput", "funding") | {("EligibilityStatementInput", "code"): "RULE"},
    ),
    Step(
        "openFundingRound",
        "provider",
        {
            ("OpenFundingRoundInput", "program"): Learnt("funding"),
            ("OpenFundingRoundInput", "opensAt"): _AGO,
        },
        {"round": "fundingRound.id"},
    ),
    Step("recordClient", "clinic", learns={"client": "client.handle"}),
    Step(
        "setHousehold",
        "clinic",
        {
            ("SetHouseholdInput", "client"): Learnt("client"),
            ("SetHouseholdInput", "expectedVersion"): 1,
            ("HouseholdMemberInput", "language"): "spa",
        },
    ),
    Step(
        "recordConsent",
        "clinic",
        {
            ("RecordConsentInput", "client"): Learnt("client"),
            ("RecordConsentInput", "script"): _NEVER,
            ("RecordConsentInput", "supersedes"): _NEVER,
            ("RecordConsentInput", "serviceDomains"): [],
            ("RecordConsentInput", "standing"): True,
            ("RecordConsentInput", "recipients"): [Learnt("provider")],
            ("RecordConsentInput", "purposes"): [
                "REFERRAL_DELIVERY",
                "STATUS_BACK",
                "PROGRAM_ENROLMENT",
                "GRANT_APPLICATION",
            ],
            ("RecordConsentInput", "dataClasses"): [
                "IDENTITY",
                "CONTACT",
                "NEED",
                "OUTCOME",
                "PROGRAM",
                "FINANCIAL",
            ],
        },
        {"consent": "consent.id"},
    ),
    Step(
        "sendReferral",
        "clinic",
        {
            ("SendReferralInput", "client"): Learnt("client"),
            ("SendReferralInput", "consent"): Learnt("consent"),
            ("SendReferralInput", "offer"): Learnt("offer"),
            ("SendReferralInput", "openTo"): _NEVER,
            ("SendReferralInput", "conflictSet"): _NEVER,  # for a legal service alone
        },
        _made("referral", "referral"),
    ),
    Step(
        "saveDraft",
        "clinic",
        {
            ("SaveDraftInput", "id"): _NEVER,
            ("SaveDraftInput", "expectedVersion"): _NEVER,
            ("SaveDraftInput", "client"): Learnt("client"),
            ("SaveDraftInput", "offer"): Learnt("offer"),
        },
        _made("draft", "referral"),
    ),
    Step(
        "sendDraft",
        "clinic",
        _changed("SendDraftInput", "draft", consent=Learnt("consent"), offer=Learnt("offer"), openTo=_NEVER),
    ),
    Step("claimReferral", "provider"),
    Step(
        "bookAppointment",
        "provider",
        {("BookAppointmentInput", "referral"): Learnt("referral"), ("BookAppointmentInput", "slot"): _NEVER},
    ),
    Step("changeAppointment", "provider", {("ChangeAppointmentInput", "change"): "CANCEL"}),
    Step("checkIn", "provider"),
    Step("closeWorkshop", "provider"),
    Step(
        "setResponseLimits",
        "provider",
        {
            **{
                ("SetResponseLimitsInput", name): _NEVER
                for name in (
                    "service",
                    "informationBusinessDays",
                    "expireBusinessDays",
                    "heartbeatDays",
                    "revalidateDays",
                    "opens",
                    "closes",
                )
            },
        },
    ),
    Step("setHolidays", "provider", {("SetHolidaysInput", "days"): ["2027-03-31"]}),
    Step("passOffer", "provider"),
    Step(
        "rematchReferral",
        "clinic",
        {
            ("RematchReferralInput", "id"): Learnt("referral"),
            ("RematchReferralInput", "offer"): Learnt("offer"),
            ("RematchReferralInput", "openTo"): _NEVER,
            ("RematchReferralInput", "consent"): _NEVER,
        },
    ),
    Step(
        "splitReferral",
        "clinic",
        _changed("SplitReferralInput", "referral") | {("ReferralPartInput", "offer"): Learnt("offer")},
    ),
    Step("proposeReopening", "clinic", {("ProposeReopeningInput", "id"): Learnt("referral")}),
    Step(
        "moveReferral",
        "provider",
        _changed(
            "MoveReferralInput",
            "referral",
            move="START_CONFLICT_CHECK",
            reason=_NEVER,
            outcome=_NEVER,
            offer=_NEVER,
            consent=_NEVER,
            resumeOn=_NEVER,
            readingAt=_NEVER,
            interpreterLanguage=_NEVER,
        ),
        _made("referral", "referral"),
    ),
    Step(
        "moveReferrals",
        "provider",
        _changed(
            "MoveReferralInput",
            "referral",
            move="CLEAR_CONFLICT",
            reason=_NEVER,
            outcome=_NEVER,
            offer=_NEVER,
            consent=_NEVER,
            resumeOn=_NEVER,
            readingAt=_NEVER,
            interpreterLanguage=_NEVER,
        ),
        _made("referral", "results.0.referral"),
    ),
    Step(
        "issueSlip",
        "clinic",
        {
            ("IssueSlipInput", "referral"): Learnt("referral"),
            ("IssueSlipInput", "paperLanguage"): "ENG",
            ("IssueSlipInput", "whereToGo"): _NEVER,  # of legal help it would tell what kind it is
        },
        {"slip": "code"},
    ),
    Step("claimByCode", "provider", {("ClaimByCodeInput", "code"): Learnt("slip")}),
    Step(
        "assignReferral",
        "clinic",
        {
            ("AssignReferralInput", "referral"): Learnt("referral"),
            ("AssignReferralInput", "assignee"): _PERSON,
        },
    ),
    Step(
        "arrangeHandOff",
        "clinic",
        {
            ("ArrangeHandOffInput", "referral"): Learnt("referral"),
            ("ArrangeHandOffInput", "arrangedFor"): _SOON,
            ("HandOffWorkerInput", "person"): _PERSON,
        },
        {"hand-off": "handOff.id"},
    ),
    Step(
        "joinHandOff",
        "provider",
        {("JoinHandOffInput", "handOff"): Learnt("hand-off"), ("HandOffWorkerInput", "person"): _PERSON},
    ),
    Step("reportHandOff", "provider", {("ReportHandOffInput", "handOff"): Learnt("hand-off")}),
    Step(
        "startAttachment",
        "clinic",
        {
            ("StartAttachmentInput", "referral"): Learnt("referral"),
            ("StartAttachmentInput", "kind"): "TEXT",
            ("StartAttachmentInput", "bytes"): 5,
            ("StartAttachmentInput", "dataClass"): "NEED",
        },
        {"attachment": "attachment.id"},
    ),
    Step(
        "sendAttachmentPart",
        "clinic",
        {
            ("SendAttachmentPartInput", "attachment"): Learnt("attachment"),
            ("SendAttachmentPartInput", "number"): 0,
            ("SendAttachmentPartInput", "content"): "aGVsbG8=",
        },
    ),
    Step(
        "postMessage",
        "clinic",
        {("PostMessageInput", "referral"): Learnt("referral")},
        {"message": "posted.id"},
    ),
    Step(
        "markMessagesRead",
        "provider",
        {
            ("MarkMessagesReadInput", "referral"): Learnt("referral"),
            ("MarkMessagesReadInput", "messages"): [Learnt("message")],
        },
    ),
    Step("settleLoop", "clinic", _changed("SettleLoopInput", "referral")),
    Step(
        "recordContactAttempt",
        "provider",
        {("RecordContactAttemptInput", "referral"): Learnt("referral")},
    ),
    Step(
        "proveConsent",
        "clinic",
        {
            ("ProveConsentInput", "client"): Learnt("client"),
            ("ProveConsentInput", "consent"): Learnt("consent"),
            ("ProveConsentInput", "recipient"): Learnt("provider"),
            ("ProveConsentInput", "purpose"): "PROGRAM_ENROLMENT",
        },
        {"proof": "proof"},
    ),
    Step(
        "applyToCohort",
        "clinic",
        {
            ("ApplyToCohortInput", "cohort"): Learnt("cohort"),
            ("ApplyToCohortInput", "proof"): Learnt("proof"),
        },
        _made("cohort application", "application"),
    ),
    Step(
        "reviewCohortApplication",
        "provider",
        {
            ("ReviewCohortApplicationInput", "application"): Learnt("cohort application"),
            ("ScoreInput", "criterion"): "BUSINESS_IDEA",
        },
    ),
    Step(
        "moveCohortApplication",
        "clinic",
        _changed("MoveCohortApplicationInput", "cohort application", move="WITHDRAW"),
    ),
    Step(
        "enrolParticipant",
        "clinic",
        {
            ("EnrolParticipantInput", "cohort"): Learnt("cohort"),
            ("EnrolParticipantInput", "proof"): Learnt("proof"),
        },
        _made("participant", "participant"),
    ),
    Step(
        "changeParticipant",
        "provider",
        _changed("ChangeParticipantInput", "participant", status="ACTIVE"),
    ),
    Step(
        "logAssistance",
        "provider",
        {
            ("LogAssistanceInput", "participant"): Learnt("participant"),
            ("LogAssistanceInput", "on"): _DAYS_AGO,
        },
    ),
    Step(
        "recordMilestone",
        "provider",
        {
            ("RecordMilestoneInput", "participant"): Learnt("participant"),
            ("RecordMilestoneInput", "on"): _DAYS_AGO,
            ("RecordMilestoneInput", "evidence"): "CITY-114",
        },
    ),
    Step(
        "setVenture",
        "provider",
        {
            ("SetVentureInput", "participant"): Learnt("participant"),
            ("SetVentureInput", "expectedVersion"): _NEVER,
        },
    ),
    Step("answerFollowUp", "provider"),
    Step(
        "recordAttendance",
        "provider",
        {
            ("RecordAttendanceInput", "session"): Learnt("session"),
            ("RecordAttendanceInput", "expectedVersion"): Learnt("session.version"),
            ("AttendanceMarkInput", "participant"): Learnt("participant"),
        },
    ),
    Step(
        "proveConsent",
        "clinic",
        {
            ("ProveConsentInput", "client"): Learnt("client"),
            ("ProveConsentInput", "consent"): Learnt("consent"),
            ("ProveConsentInput", "recipient"): Learnt("provider"),
            ("ProveConsentInput", "purpose"): "GRANT_APPLICATION",
        },
        {"proof": "proof"},
    ),
    Step(
        "applyForGrant",
        "clinic",
        {
            ("ApplyForGrantInput", "round"): Learnt("round"),
            ("ApplyForGrantInput", "tier"): Learnt("tier"),
            ("ApplyForGrantInput", "proof"): Learnt("proof"),
            ("ApplyForGrantInput", "attestationVersion"): 2,
        },
        _made("application", "application"),
    ),
    Step(
        "startGrantDocument",
        "clinic",
        {
            ("StartGrantDocumentInput", "application"): Learnt("application"),
            ("StartGrantDocumentInput", "receipt"): _NEVER,
            ("StartGrantDocumentInput", "kind"): "TEXT",
            ("StartGrantDocumentInput", "bytes"): 5,
        },
        {"grant document": "document.id"},
    ),
    Step(
        "sendGrantDocumentPart",
        "clinic",
        {
            ("SendGrantDocumentPartInput", "document"): Learnt("grant document"),
            ("SendGrantDocumentPartInput", "number"): 0,
            ("SendGrantDocumentPartInput", "content"): "aGVsbG8=",
        },
    ),
    Step(
        "moveGrantApplication",
        "clinic",
        _changed("MoveGrantApplicationInput", "application", move="SUBMIT", decision=_NEVER),
    ),
    Step("createFundingSource", "provider", learns={"source": "source.id"}),
    Step(
        "drawOnSource",
        "provider",
        {("DrawOnSourceInput", "source"): Learnt("source"), ("DrawOnSourceInput", "round"): Learnt("round")},
    ),
    Step("recordSubAward", "provider"),
    Step("amendSubAward", "provider"),
    Step("moveDeliverable", "provider"),
    Step("assignReviewer", "provider", {("AssignReviewerInput", "application"): Learnt("application")}),
    Step("submitReview", "provider"),
    Step("recuseFromReview", "provider"),
    # No award comes of it here: the canary is in what was sent.
    Step("disburse", "provider"),
    Step("recordReceipt", "clinic"),
    Step("decideReceipt", "provider"),
    Step("recordReturn", "provider"),
    Step("settleAward", "provider"),
    Step(
        "submitTally",
        "clinic",
        {
            ("SubmitTallyInput", "form"): "CDSS_DACA",
            ("SubmitTallyInput", "period"): _QUARTER,
            ("SubmitTallyInput", "expectedVersion"): _NEVER,
            ("TallyLineInput", "line"): "FEE_HELP",
            ("TallyLineInput", "county"): "06019",
            ("TallyLineInput", "count"): 12,
        },
    ),
    Step(
        "giveAccount",
        "clinic",
        {
            ("GiveAccountInput", "client"): Learnt("client"),
            ("RecipientNameInput", "organization"): Learnt("provider"),
        },
    ),
    Step(
        "revokeConsent",
        "clinic",
        {("RevokeConsentInput", "id"): Learnt("consent"), ("RevokeConsentInput", "how"): "BY_PHONE"},
    ),
    Step("confirmDestruction", "provider", {("ConfirmDestructionInput", "consent"): Learnt("consent")}),
    Step("publishConsentScript", "clinic"),
    Step("setConflictNames", "provider", {("SetConflictNamesInput", "names"): "CLEAR"}),
    Step("checkConflict", "provider", {("CheckConflictInput", "referral"): Learnt("referral")}),
    Step("registerCompartmentKey", "clinic"),
    Step("writePrivilegedNote", "clinic", {("WritePrivilegedNoteInput", "referral"): Learnt("referral")}),
    Step("openInEmergency", "provider", {("OpenInEmergencyInput", "client"): Learnt("client")}),
    Step("reviewEmergency", "clinic", {("ReviewEmergencyInput", "id"): Learnt("referral")}),
    Step("recordClientTold", "clinic", {("RecordClientToldInput", "id"): Learnt("referral")}),
    Step(
        "recordLegalDemand",
        "clinic",
        {
            ("RecordLegalDemandInput", "kind"): "SUBPOENA",
            ("RecordLegalDemandInput", "servedOn"): "2026-01-05",
            ("RecordLegalDemandInput", "clients"): [Learnt("client")],
        },
        {"demand": "demand.id"},
    ),
    Step("placeLegalHold", "clinic", {("PlaceLegalHoldInput", "client"): Learnt("client")}),
    Step("confirmLegalHold", "clinic"),
    Step("liftLegalHold", "clinic"),
    Step("decideLegalDemand", "clinic", {("DecideLegalDemandInput", "id"): Learnt("demand")}),
    Step("exportForLegalDemand", "clinic", {("ExportForLegalDemandInput", "id"): Learnt("demand")}),
    Step("linkClients", "clinic", {("LinkClientsInput", "client"): Learnt("client")}),
    Step("unlinkClients", "clinic"),
    Step(
        "eraseClient",
        "clinic",
        {
            ("EraseClientInput", "client"): Learnt("client"),
            ("EraseClientInput", "basis"): "CLIENT_REQUEST",
        },
    ),
    Step(
        "inviteMember",
        "clinic",
        {("InviteMemberInput", "organization"): _NEVER, ("InviteMemberInput", "role"): "CASE_WORKER"},
        {"person": "member.personId"},
    ),
    *(
        Step(
            mutation,
            "clinic",
            {
                (kind, "personId"): Learnt("person"),
                (kind, "organization"): _NEVER,
                (kind, "role"): "AUDITOR",
            },
        )
        for mutation, kind in (
            ("changeMemberRole", "ChangeMemberRoleInput"),
            ("resetSignIn", "ResetSignInInput"),
            ("endMemberSessions", "MemberInput"),
            ("disablePerson", "MemberInput"),
            ("enablePerson", "MemberInput"),
            ("endMembership", "MemberInput"),
        )
    ),
    Step(
        "registerApiClient",
        "clinic",
        _system("RegisterApiClientInput", scopes=["DIRECTORY_READ"]),
        {"secret": "secret"},
    ),
    Step("changeApiClient", "clinic", _system("ChangeApiClientInput", scopes=["REPORT_READ"])),
    Step(
        "rotateApiClientSecret", "clinic", _system("RotateApiClientSecretInput"), {"newer secret": "secret"}
    ),
    Step(
        "registerTrustedDocuments",
        "clinic",
        _system("RegisterTrustedDocumentsInput", documents=["{ counties { name } }"]),
    ),
    *(
        Step(mutation, "clinic", _system("ApiClientInput"))
        for mutation in ("revokeApiClientTokens", "disableApiClient", "enableApiClient")
    ),
    Step(
        "replaceApiClientKeys",
        "clinic",
        _system("ReplaceApiClientKeysInput", jwksUri="https://clinic.example.org/jwks.json"),
    ),
    *_webhooks("partners"),
    *_webhooks("referrals"),
    *_webhooks("grants"),
)

#: Systems agree to nothing legal.
_LEGAL: Final = frozenset(
    {
        "placeLegalHold",
        "confirmLegalHold",
        "liftLegalHold",
        "decideLegalDemand",
        "exportForLegalDemand",
    }
)
#: Steps that the rules refuse to these callers; their input went all the way nonetheless.
REFUSED: Final = frozenset(
    {
        "linkClients",
        "unlinkClients",
        "publishWorkshop",
        "holdWorkshop",
        "fileApplication",
        "settleLoop",
        "resetSignIn",
        "claimReferral",
        "passOffer",
        "answerFollowUp",  # asked half a year after a course
        "rematchReferral",
        "splitReferral",
        "proposeReopening",
        "openInEmergency",
        "checkConflict",
        "registerCompartmentKey",
        "writePrivilegedNote",
        "reviewEmergency",
        "recordClientTold",
        "bookAppointment",
        "changeAppointment",
        "checkIn",
        "closeWorkshop",
        "recordSubAward",
        "amendSubAward",
        "moveDeliverable",
        "assignReviewer",
        "submitReview",
        "recuseFromReview",
        "disburse",
        "recordReceipt",
        "decideReceipt",
        "recordReturn",
        "settleAward",
    }
    | _LEGAL
)
