"""Closed sets of the domain, under the names that they have in the graph."""

from __future__ import annotations

from typing import Final

import strawberry

from services.grants.domain import (
    applications,
    attendance,
    cohorts,
    follow_ups,
    money,
    progress,
    reviewing,
    scheduling,
    selection,
    sources,
)

_ENUMS: Final = (
    (cohorts.Season, "CohortSeason", "When in the year a cohort runs."),
    (cohorts.ParticipantStatus, "ParticipantStatus", "How it goes with a participant."),
    (scheduling.SessionMode, "SessionMode", "How a session is held."),
    (scheduling.SessionStatus, "SessionStatus", "Whether a session is still to come."),
    (selection.SelectionState, "CohortApplicationState", "Where an application to a cohort stands."),
    (selection.SelectionMoveName, "CohortApplicationMove", "What can be done with one."),
    (progress.MilestoneKind, "MilestoneKind", "What a participant reaches on the way to a business."),
    (progress.MilestoneStage, "MilestoneStage", "How far it is."),
    (progress.AssistanceTopic, "AssistanceTopic", "What help was about."),
    (progress.AssistanceMode, "AssistanceMode", "How help was given."),
    (progress.VentureSector, "VentureSector", "What a venture does."),
    (progress.VentureStage, "VentureStage", "How far a venture is."),
    (progress.FunnelStage, "FunnelStage", "How far participants came, the first first."),
    (follow_ups.FollowUpOutcome, "FollowUpOutcome", "What a participant answers long after the course."),
    (attendance.Mark, "AttendanceMarkCode", "How somebody attended a session."),
    (attendance.Risk, "AttendanceRisk", "Why somebody may be about to be lost."),
    (applications.Side, "GrantApplicationSide", "Who acts on an application."),
    (money.Account, "LedgerAccount", "Where a round's money is."),
    (money.EntryKind, "LedgerEntryKind", "Why money moved."),
    (money.ReceiptStatus, "ReceiptStatus", "Whether a receipt counts."),
    (money.Spending, "GrantSpending", "What a grant was spent on."),
    (sources.DeliverableState, "DeliverableState", "How far something owed is."),
    (sources.DeliverableMoveName, "DeliverableMove", "What can be done with something owed."),
    (reviewing.ReviewState, "GrantReviewState", "How far a review is."),
    (applications.Decision, "GrantDecisionReason", "Why an application was denied or an award rescinded."),
)
for _kind, _name, _description in _ENUMS:
    strawberry.enum(_kind, name=_name, description=_description)
