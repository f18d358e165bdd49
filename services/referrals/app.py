"""People and hand-offs as an application."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from services.referrals.loaders import Loaders
from services.referrals.operations import attachments, reports, thread
from services.referrals.operations.keykeeping import rewrap, shred
from services.referrals.schema import schema
from vereda.audit.sealing import audit_rounds
from vereda.rounds import Round
from vereda.service import Service, create_app

ROUNDS: Final = (
    Round("publish reports", 3600, reports.publish),
    Round("shred", 10, shred),
    Round("rewrap", 60, rewrap),
    Round("scan attachments", 5, attachments.scan_attachments),
    Round("let attachments go", 300, attachments.let_attachments_go),
    Round("let messages go", 900, thread.let_messages_go),
    *audit_rounds("referrals"),
)
SERVICE = Service("referrals", Path(__file__).parent, schema, Loaders, rounds=ROUNDS, sealed=True)


def create() -> Starlette:
    return create_app(SERVICE)
