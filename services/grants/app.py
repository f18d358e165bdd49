"""Programmes and money as an application."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from services.grants.loaders import Loaders
from services.grants.operations import documents
from services.grants.operations.follow_ups import open_follow_ups
from services.grants.operations.funnels import publish_funnels
from services.grants.operations.numbers import publish
from services.grants.operations.outcomes import publish_outcomes
from services.grants.operations.retaining import unlink
from services.grants.operations.webhooks import WEBHOOKS
from services.grants.schema import schema
from vereda.audit.sealing import audit_rounds
from vereda.feed.numbering import feed_rounds
from vereda.rounds import Round
from vereda.service import Service, create_app
from vereda.webhooks.forgetting import webhook_rounds

ROUNDS: Final = (
    *audit_rounds("grants"),
    *feed_rounds(),
    Round("scan grants' documents", 5, documents.scan_documents),
    Round("let grants' documents go", 300, documents.let_documents_go),
    Round("shred grants", 10, documents.shred),
    Round("rewrap grants", 60, documents.rewrap),
    *webhook_rounds(),
    Round("unlink finished programmes", 3600, unlink),
    Round("open follow-ups", 3600, open_follow_ups),
    Round("publish grants", 3600, publish),
    Round("publish outcomes", 3600, publish_outcomes),
    Round("publish funnels", 3600, publish_funnels),
)
SERVICE = Service(
    "grants", Path(__file__).parent, schema, Loaders, rounds=ROUNDS, sealed=True, webhooks=WEBHOOKS
)


def create() -> Starlette:
    return create_app(SERVICE)
