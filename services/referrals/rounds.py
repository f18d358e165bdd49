"""What this service does on its own."""

from __future__ import annotations

from typing import Final

from services.referrals.operations import (
    attachments,
    emergencies,
    hand_offs,
    household,
    reports,
    slips,
    thread,
)
from services.referrals.operations.duplicates import index_names
from services.referrals.operations.erasing import finish_erasures
from services.referrals.operations.following import follow_workshops
from services.referrals.operations.keykeeping import rewrap, shred
from services.referrals.operations.retaining import erase_kept, forget_appointments, forget_closed
from services.referrals.operations.ringing import ring
from services.referrals.operations.waiting import move_up, promote
from vereda.audit.sealing import audit_rounds
from vereda.feed.numbering import feed_rounds
from vereda.rounds import Round
from vereda.webhooks.forgetting import webhook_rounds

ROUNDS: Final = (
    Round("referral clocks", 30, ring),
    Round("waiting places", 60, move_up),
    Round("waiting lists", 60, promote),
    Round("workshops of seats", 60, follow_workshops),
    Round("publish reports", 3600, reports.publish),
    Round("shred", 10, shred),
    Round("rewrap", 60, rewrap),
    Round("finish erasures", 60, finish_erasures),
    Round("forget closed referrals", 3600, forget_closed),
    Round("index names", 60, index_names),
    Round("forget appointments", 3600, forget_appointments),
    Round("erase clients kept long enough", 3600, erase_kept),
    Round("scan attachments", 5, attachments.scan_attachments),
    Round("let attachments go", 300, attachments.let_attachments_go),
    Round("overdue emergency reviews", 900, emergencies.tell_overdue_reviews),
    Round("let hand-offs go", 300, hand_offs.let_hand_offs_go),
    Round("let households go", 300, household.let_households_go),
    Round("let messages go", 900, thread.let_messages_go),
    Round("let slips go", 3600, slips.let_slips_go),
    *audit_rounds("referrals"),
    *feed_rounds(),
    *webhook_rounds(),
)
