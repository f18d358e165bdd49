"""What this service does on its own."""

from __future__ import annotations

from typing import Final

from services.partners.operations.credentials import remind
from services.partners.operations.region import snapshot
from services.partners.operations.search_index import refresh_search
from services.partners.operations.verification import remind_of_records
from services.partners.operations.workshop_changes import recheck
from vereda.audit.sealing import audit_rounds
from vereda.feed.numbering import feed_rounds
from vereda.rounds import Round
from vereda.webhooks.forgetting import webhook_rounds

ROUNDS: Final = (
    Round("credential reminders", 3600, remind),
    Round("announced workshops", 900, recheck),
    Round("record reminders", 3600, remind_of_records),
    Round("search", 20, refresh_search),
    Round("keep the month", 3600, snapshot),
    *audit_rounds("partners"),
    *feed_rounds(),
    *webhook_rounds(),
)
