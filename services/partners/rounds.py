"""What this service does on its own."""

from __future__ import annotations

from typing import Final

from services.partners.operations.credentials import remind
from vereda.audit.sealing import audit_rounds
from vereda.rounds import Round

ROUNDS: Final = (Round("credential reminders", 3600, remind), *audit_rounds("partners"))
